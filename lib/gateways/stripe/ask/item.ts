import type Stripe from "stripe";
import { AppError } from "#lib/errors.ts";
import type { ChangeAsked } from "../../asking.ts";

/**
 * What an item is to become. Another price without a quantity would be one of it; and a price that was
 * archived is refused even where it is in use, so that it is not named when only the seats change.
 */
export function itemAsked(
  { itemRef, to }: ChangeAsked,
  { items }: Stripe.Subscription,
  { active }: Stripe.Price,
): { id: string; price?: string; quantity: number } {
  if (active) return { id: itemRef, price: to.priceRef, quantity: to.quantity };
  const isHeld = items.data.some(({ id, price }) => id === itemRef && price.id === to.priceRef);
  if (isHeld) return { id: itemRef, quantity: to.quantity };
  throw new AppError("gateway_refused", "This price is not sold any more.");
}
