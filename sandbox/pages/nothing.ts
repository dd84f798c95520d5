import type { Context } from "hono";
import { html } from "hono/html";
import { page } from "./document.ts";

/** A page for an address that leads to nothing, which says why and where to go on. */
export function nothingHere(context: Context, why: string): Promise<Response> {
  context.status(404);
  return page(
    context,
    { title: "Nothing here", shape: "narrow" },
    html`<div class="stack">
      <h1>Nothing here</h1>
      <p>${why} The sandbox may have been reset since.</p>
      <p><a href="/_sandbox">Go to the control page</a></p>
    </div>`,
  );
}
