import type Stripe from "stripe";
import { clockOf, emit } from "../events/emit.ts";
import { invalid, missing } from "../protocol/errors.ts";
import { idOf } from "../state/reference.ts";
import type { World } from "../state/world.ts";
import { type Applicable, discountShares, sum } from "./discount-shares.ts";

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

/**
 * Discounts for what a call gives, redeemed: ids, in order. A `discount` that is there already is taken as
 * it is. Refuses coupons and codes that are unknown, used up, run out, or not for this customer.
 */
export function discountsFrom(
  world: World,
  given: readonly DiscountGiven[],
  owner: DiscountOwner,
): readonly string[] {
  return given.map((named, place) => {
    const param = `discounts[${place}]`;
    if (named.discount !== undefined) {
      const there = world.get("discount", named.discount);
      if (!there) throw missing("discount", named.discount, `${param}[discount]`);
      return there.id;
    }
    if (named.promotion_code !== undefined) {
      const code = redeemable(world, named.promotion_code, owner, `${param}[promotion_code]`);
      return redeem(world, couponOf(world, idOf(code.promotion.coupon) ?? ""), owner, code).id;
    }
    if (named.coupon === undefined) {
      throw invalid(`Give a coupon, a promotion code or a discount.`, { param });
    }
    const coupon = world.get("coupon", named.coupon);
    if (!coupon) throw missing("coupon", named.coupon, `${param}[coupon]`);
    return redeem(world, coupon, owner).id;
  });
}

function redeemable(
  world: World,
  id: string,
  owner: DiscountOwner,
  param: string,
): Stripe.PromotionCode {
  const code = world.get("promotion_code", id);
  if (!code) throw missing("promotion code", id, param);
  const now = world.now(clockOf(world, owner));
  const isOver = code.expires_at !== null && code.expires_at <= now;
  if (!code.active || isOver) throw invalid("This promotion code is not active.", { param });
  if (code.customer !== null && idOf(code.customer) !== owner.customer) {
    throw invalid("This promotion code cannot be redeemed because it is for another customer.", {
      param,
    });
  }
  if (code.restrictions.first_time_transaction && hasBought(world, owner.customer)) {
    throw invalid(
      "This promotion code cannot be redeemed because the associated customer has prior transactions.",
      { param },
    );
  }
  return code;
}

function hasBought(world: World, customer: string | null): boolean {
  return world
    .of("payment_intent", "customer", customer ?? "")
    .some((intent) => intent.status === "succeeded");
}

function couponOf(world: World, id: string): Stripe.Coupon {
  const coupon = world.get("coupon", id);
  if (!coupon) throw missing("coupon", id, "coupon");
  return coupon;
}

function redeem(
  world: World,
  coupon: Stripe.Coupon,
  owner: DiscountOwner,
  code?: Stripe.PromotionCode,
): Stripe.Discount {
  const start = world.now(clockOf(world, owner));
  if (!coupon.valid || (coupon.redeem_by !== null && coupon.redeem_by <= start)) {
    throw invalid(`Coupon expired: ${coupon.id}`, { code: "coupon_expired", param: "coupon" });
  }
  countRedemption(world, coupon, code);
  const isRepeating = coupon.duration === "repeating" && coupon.duration_in_months !== null;
  const discount = world.put("discount", {
    id: world.newId("di"),
    object: "discount",
    checkout_session: owner.checkoutSession ?? null,
    customer: owner.customer,
    customer_account: null,
    end: isRepeating ? monthsAfter(start, coupon.duration_in_months ?? 0) : null,
    invoice: owner.invoice ?? null,
    invoice_item: owner.invoiceItem ?? null,
    promotion_code: code?.id ?? null,
    source: { coupon: coupon.id, type: "coupon" },
    start,
    subscription: owner.subscription ?? null,
    subscription_item: owner.subscriptionItem ?? null,
  } satisfies Stripe.Discount);
  if (owner.subscription !== undefined) emit(world, "customer.discount.created", discount);
  return discount;
}

function countRedemption(world: World, coupon: Stripe.Coupon, code?: Stripe.PromotionCode): void {
  const times = coupon.times_redeemed + 1;
  const isUsedUp = coupon.max_redemptions !== null && times >= coupon.max_redemptions;
  world.put("coupon", { ...coupon, times_redeemed: times, valid: !isUsedUp });
  if (!code) return;
  const timesCode = code.times_redeemed + 1;
  const isOver = code.max_redemptions !== null && timesCode >= code.max_redemptions;
  world.put("promotion_code", { ...code, times_redeemed: timesCode, active: !isOver });
}

/** The same day of a later month, or that month's last. */
function monthsAfter(seconds: number, months: number): number {
  const from = new Date(seconds * 1_000);
  const to = new Date(from);
  to.setUTCDate(1);
  to.setUTCMonth(to.getUTCMonth() + months);
  const lastDay = new Date(Date.UTC(to.getUTCFullYear(), to.getUTCMonth() + 1, 0)).getUTCDate();
  to.setUTCDate(Math.min(from.getUTCDate(), lastDay));
  return Math.floor(to.getTime() / 1_000);
}

/** Those that still count now: not ended and, where they are for one invoice, not used. */
export function activeDiscounts(world: World, ids: readonly string[]): readonly Stripe.Discount[] {
  return ids.flatMap((id) => {
    const discount = world.get("discount", id);
    if (!discount) return [];
    const hasEnded = discount.end !== null && discount.end <= world.now(clockOf(world, discount));
    return hasEnded || isUsed(world, discount) ? [] : [discount];
  });
}

function isUsed(world: World, discount: Stripe.Discount): boolean {
  if (applicable(world, discount.id)?.coupon.duration !== "once") return false;
  return world
    .all("invoice")
    .some(
      ({ status, total_discount_amounts }) =>
        status !== "void" &&
        total_discount_amounts?.some(
          (taken) => taken.amount > 0 && idOf(taken.discount) === discount.id,
        ),
    );
}

/** A discount with its coupon, to be applied; undefined where the coupon is gone. */
export function applicable(world: World, discountId: string): Applicable | undefined {
  const coupon = world.get("coupon", idOf(world.get("discount", discountId)?.source.coupon) ?? "");
  return coupon && { id: discountId, coupon };
}

/** An amount after discounts, as a line of it alone on an invoice would be; for prorations and totals. */
export function netOf(
  world: World,
  gross: { amount: number; currency: string; product: string | null; discounts: readonly string[] },
): number {
  const discounts = activeDiscounts(world, gross.discounts).flatMap(
    ({ id }) => applicable(world, id) ?? [],
  );
  const line = { amount: gross.amount, product: gross.product, discountable: true, own: [] };
  const [taken = []] = discountShares([line], discounts, gross.currency);
  return gross.amount - sum(taken.map(({ amount }) => amount));
}

/** Takes discounts for one invoice from who they belong to, once an invoice has used them. */
export function endUsedDiscounts(world: World, invoice: Stripe.Invoice): void {
  for (const id of (invoice.total_discount_amounts ?? []).map((taken) => idOf(taken.discount))) {
    const discount = world.get("discount", id);
    if (!discount || !isUsed(world, discount)) continue;
    endForCustomer(world, discount);
    const subscription = world.get("subscription", discount.subscription ?? "");
    if (!subscription) continue;
    const others = (held: (string | Stripe.Discount)[]) => held.filter((each) => idOf(each) !== id);
    const items = subscription.items.data.map((item) => ({
      ...item,
      discounts: others(item.discounts),
    }));
    world.put("subscription", {
      ...subscription,
      discounts: others(subscription.discounts),
      items: { ...subscription.items, data: items },
    });
    emit(world, "customer.discount.deleted", discount);
  }
}

function endForCustomer(world: World, discount: Stripe.Discount): void {
  const customer = world.get("customer", idOf(discount.customer) ?? "");
  if (customer?.discount?.id !== discount.id) return;
  world.put("customer", { ...customer, discount: null });
  emit(world, "customer.discount.deleted", discount);
}
