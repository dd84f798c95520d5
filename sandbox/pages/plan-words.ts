import type Stripe from "stripe";
import { idOf } from "../state/reference.ts";
import type { World } from "../state/world.ts";
import { every, money } from "./words.ts";

/** The plan of a subscription in words, such as `Pro, $20.00 per month`. */
export function planWords(world: World, subscription: Stripe.Subscription): string {
  return subscription.items.data
    .map((item) => priceWords(world, item.price, item.quantity ?? 1))
    .join(" and ");
}

export function priceWords(world: World, price: Stripe.Price, quantity = 1): string {
  const name = world.get("product", idOf(price.product) ?? "")?.name ?? price.nickname ?? price.id;
  const amount = money(price.unit_amount ?? 0, price.currency);
  const times = quantity === 1 ? "" : `${quantity} × `;
  return `${name}, ${times}${amount} ${every(price.recurring)}`;
}
