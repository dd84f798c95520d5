import Stripe from "stripe";

/** A decimal as the SDK types it: text on the wire, compared by its digits. */
export function decimal(digits: string | number): Stripe.Decimal {
  return Stripe.Decimal.from(digits);
}

/** For `JSON.parse`: members that are decimals become so again. */
export function reviveDecimals(name: string, value: unknown): unknown {
  return name.endsWith("_decimal") && typeof value === "string" ? decimal(value) : value;
}
