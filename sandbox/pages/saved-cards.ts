import { html } from "hono/html";
import type Stripe from "stripe";
import { idOf } from "../state/reference.ts";
import type { World } from "../state/world.ts";
import type { Html } from "./document.ts";
import { flag } from "./pieces.ts";

/** A customer's saved cards, newest first. */
export function savedCards(world: World, customer: string): Stripe.PaymentMethod[] {
  return world
    .all("payment_method")
    .filter((method) => idOf(method.customer) === customer)
    .toReversed();
}

export function cardWords({ card }: Stripe.PaymentMethod): string {
  if (!card) return "A payment method";
  const brand = (card.display_brand ?? card.brand).replaceAll("_", " ");
  const year = String(card.exp_year % 100).padStart(2, "0");
  return `${brand.charAt(0).toUpperCase()}${brand.slice(1)} •••• ${card.last4}, ${card.exp_month}/${year}`;
}

/** Which card to use: one of the saved ones, or a new one whose fields follow. */
export function cardChoice(
  cards: readonly Stripe.PaymentMethod[],
  chosen: string,
  fields: Html,
): Html {
  if (cards.length === 0) return fields;
  return html`<fieldset class="stack">
    <legend>Card</legend>
    ${cards.map(
      (method) =>
        html`<label class="choice">
          <input type="radio" name="method" value="${method.id}" ${flag("checked", chosen === method.id)} />
          <span>${cardWords(method)}</span>
        </label>`,
    )}
    <label class="choice">
      <input type="radio" name="method" value="new" ${flag("checked", chosen === "new")} />
      <span>A new card</span>
    </label>
    <div class="new-card stack">${fields}</div>
  </fieldset>`;
}
