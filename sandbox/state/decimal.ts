import type Stripe from "stripe";

/**
 * A decimal as the wire carries it: text. Only the SDK's client makes a `Decimal` of it, which is what
 * the SDK's types say of every object.
 */
export function decimal(text: string | number): Stripe.Decimal;
export function decimal(text: string | number): unknown {
  return String(text);
}
