import { html } from "hono/html";
import type { Box } from "../box.ts";
import { createParams } from "../checkout/params.ts";
import { createSession } from "../checkout/session.ts";
import type { Html } from "./document.ts";
import type { Sent } from "./form.ts";
import { field } from "./pieces.ts";
import { priceWords } from "./plan-words.ts";

/** Opens a checkout page for a price without writing a line of code; empty while nothing is on sale. */
export function sale({ world }: Box): Html {
  const prices = world.all("price").filter(({ active }) => active);
  if (prices.length === 0) return html``;
  return html`<section class="card stack" aria-labelledby="sale">
    <h2 id="sale">Begin a checkout</h2>
    <form class="row end" method="post" action="/_sandbox/do/sell">
      <div class="field">
        <label for="price">Price</label>
        <select id="price" name="price">
          ${prices.map((price) => html`<option value="${price.id}">${priceWords(world, price)}</option>`)}
        </select>
      </div>
      ${field({ name: "reference", label: "For whom (client_reference_id)", placeholder: "org_…" })}
      <button>Open its page</button>
    </form>
  </section>`;
}

/** Does what that form asks for. */
export function sell({ price = "", reference = "" }: Sent, { world, origin }: Box): void {
  const mode = world.get("price", price)?.type === "recurring" ? "subscription" : "payment";
  const given = createParams.parse({
    mode,
    line_items: [{ price, quantity: "1" }],
    success_url: `${origin()}/_sandbox`,
    ...(reference.trim() === "" ? {} : { client_reference_id: reference.trim() }),
  });
  createSession(world, given, origin());
}
