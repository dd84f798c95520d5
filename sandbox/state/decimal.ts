import Stripe from "stripe";

/** A decimal as the SDK types it: text on the wire, compared by its digits. */
export function decimal(digits: string | number): Stripe.Decimal {
  return Stripe.Decimal.from(digits);
}
