import type Stripe from "stripe";
import type { World } from "../state/world.ts";

/** How calls name a discount. */
export type DiscountGiven = {
  readonly coupon?: string | undefined;
  readonly promotion_code?: string | undefined;
  readonly discount?: string | undefined;
};

/** Whose discount it is. */
export type DiscountOwner = {
  readonly customer: string | null;
  readonly subscription?: string;
  readonly subscriptionItem?: string;
  readonly invoice?: string;
  readonly invoiceItem?: string;
  readonly checkoutSession?: string;
};

declare function soon(): never;

/**
 * Discounts for what a call gives, redeemed: ids, in order. A `discount` that is there already is taken as
 * it is. Refuses coupons and codes that are unknown, used up, run out, or not for this customer.
 */
export function discountsFrom(
  _world: World,
  _given: readonly DiscountGiven[],
  _owner: DiscountOwner,
): readonly string[] {
  return soon();
}
/** Those that still count now: not ended and, where they are for one invoice, not used. */
export function activeDiscounts(
  _world: World,
  _ids: readonly string[],
): readonly Stripe.Discount[] {
  return soon();
}
/** An amount after discounts, as a line of it alone on an invoice would be; for prorations and totals. */
export function netOf(
  _world: World,
  _gross: {
    amount: number;
    currency: string;
    product: string | null;
    discounts: readonly string[];
  },
): number {
  return soon();
}
