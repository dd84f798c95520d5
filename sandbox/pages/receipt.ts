import { Hono } from "hono";
import { html } from "hono/html";
import type { Box } from "../box.ts";
import { page } from "./document.ts";
import { nothingHere } from "./nothing.ts";
import { moment, money } from "./words.ts";

/** What `receipt_url` of a charge shows. */
export function receiptPages({ world }: Box): Hono {
  const app = new Hono();
  app.get("/:id", (context) => {
    const charge = world.get("charge", context.req.param("id"));
    if (!charge) return nothingHere(context, "There is no such payment.");
    const card = charge.payment_method_details?.card;
    return page(
      context,
      { title: "Receipt", shape: "narrow" },
      html`<div class="card stack">
        <h1>Receipt</h1>
        <dl class="facts">
          <dt>Paid</dt>
          <dd class="money">${money(charge.amount, charge.currency)}</dd>
          ${
            charge.amount_refunded > 0
              ? html`<dt>Refunded</dt>
                  <dd class="money">${money(charge.amount_refunded, charge.currency)}</dd>`
              : ""
          }
          <dt>On</dt>
          <dd>${moment(charge.created)}</dd>
          ${card ? html`<dt>With</dt><dd>${card.brand} •••• ${card.last4}</dd>` : ""}
          <dt>Payment</dt>
          <dd><code>${charge.id}</code></dd>
        </dl>
      </div>`,
    );
  });
  return app;
}
