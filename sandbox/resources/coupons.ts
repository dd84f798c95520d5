import type Stripe from "stripe";
import { z } from "zod";
import { emit } from "../events/emit.ts";
import { invalid } from "../protocol/errors.ts";
import { mustFind } from "../protocol/find.ts";
import { isWithin, pageOf } from "../protocol/list.ts";
import { type Operation, operation } from "../protocol/operation.ts";
import {
  currency,
  decimal,
  emptyable,
  listOf,
  mergeMetadata,
  metadata,
  moment,
  natural,
  oneOf,
  page,
  params,
  range,
  text,
  unmodelled,
} from "../protocol/params.ts";
import type { World } from "../state/world.ts";

const createParams = params<Stripe.CouponCreateParams>()({
  amount_off: natural().optional(),
  applies_to: params<Stripe.CouponCreateParams.AppliesTo>()({
    products: listOf(text()).optional(),
  }).optional(),
  currency: currency().optional(),
  currency_options: unmodelled(),
  duration: oneOf(["forever", "once", "repeating"]).optional(),
  duration_in_months: natural().optional(),
  id: text().max(200).optional(),
  max_redemptions: natural().optional(),
  metadata: metadata().optional(),
  name: text().max(40).optional(),
  percent_off: decimal().pipe(z.string().transform(Number)).optional(),
  redeem_by: moment().optional(),
});
const updateParams = params<Stripe.CouponUpdateParams>()({
  currency_options: unmodelled(),
  metadata: metadata().optional(),
  name: emptyable(text().max(40)).optional(),
});
const listParams = params<Stripe.CouponListParams>()({ ...page, created: range().optional() });

type Given = z.output<typeof createParams>;

function createCoupon(world: World, given: Given): Stripe.Coupon {
  check(world, given);
  const products = given.applies_to?.products;
  const coupon = world.put("coupon", {
    id: given.id ?? world.newId("", 8).slice(1),
    object: "coupon",
    amount_off: given.amount_off ?? null,
    ...(products ? { applies_to: { products } } : {}),
    created: world.now(null),
    currency: given.amount_off === undefined ? null : (given.currency ?? null),
    duration: given.duration ?? "once",
    duration_in_months: given.duration_in_months ?? null,
    livemode: false,
    max_redemptions: given.max_redemptions ?? null,
    metadata: mergeMetadata(null, given.metadata),
    name: given.name ?? null,
    percent_off: given.percent_off ?? null,
    redeem_by: given.redeem_by ?? null,
    times_redeemed: 0,
    valid: true,
  } satisfies Stripe.Coupon);
  emit(world, "coupon.created", coupon);
  return coupon;
}

function check(world: World, given: Given): void {
  const { amount_off: amount, percent_off: percent, duration = "once" } = given;
  if (given.id !== undefined && world.get("coupon", given.id)) {
    throw invalid("Coupon already exists.", { code: "resource_already_exists", param: "id" });
  }
  if (amount === undefined && percent === undefined) {
    throw invalid("Must provide percent_off or amount_off.", { code: "parameter_missing" });
  }
  if (amount !== undefined && percent !== undefined) {
    throw invalid("You may only specify one of these parameters: amount_off, percent_off.");
  }
  if (amount !== undefined && given.currency === undefined) {
    throw invalid("You must pass currency when passing amount_off", {
      code: "parameter_missing",
      param: "currency",
    });
  }
  if (amount === 0) throw invalid("Invalid positive integer", { param: "amount_off" });
  if (percent !== undefined && (percent <= 0 || percent > 100)) {
    throw invalid("Invalid percent_off: must be between 0 and 100", { param: "percent_off" });
  }
  if ((duration === "repeating") !== (given.duration_in_months !== undefined)) {
    throw invalid("duration_in_months is needed with a repeating duration, and only with it.", {
      param: "duration_in_months",
    });
  }
  if (given.redeem_by !== undefined && given.redeem_by <= world.now(null)) {
    throw invalid("redeem_by must be in the future.", { param: "redeem_by" });
  }
  for (const [place, id] of (given.applies_to?.products ?? []).entries()) {
    mustFind(world, "product", id, { param: `applies_to[products][${place}]` });
  }
}

/** A coupon as it is answered: one whose last day has passed is not valid any more. */
function present(world: World, coupon: Stripe.Coupon): Stripe.Coupon {
  const isOver = coupon.redeem_by !== null && coupon.redeem_by <= world.now(null);
  return isOver ? { ...coupon, valid: false } : coupon;
}

function deleteCoupon(world: World, coupon: Stripe.Coupon): Stripe.DeletedCoupon {
  world.remove("coupon", coupon.id);
  emit(world, "coupon.deleted", coupon);
  return { id: coupon.id, object: "coupon", deleted: true };
}

export const couponOperations: readonly Operation[] = [
  operation("POST /v1/coupons", createParams, ({ world, params }) => createCoupon(world, params)),
  operation(
    "GET /v1/coupons/:id",
    params<Stripe.CouponRetrieveParams>()({}),
    ({ world, path: { id = "" } }) => present(world, mustFind(world, "coupon", id)),
  ),
  operation("POST /v1/coupons/:id", updateParams, ({ world, params, path: { id = "" } }) => {
    const before = mustFind(world, "coupon", id);
    const after = world.put("coupon", {
      ...before,
      metadata: mergeMetadata(before.metadata, params.metadata),
      name: params.name === undefined ? before.name : params.name,
    });
    emit(world, "coupon.updated", after, { before });
    return after;
  }),
  operation(
    "DELETE /v1/coupons/:id",
    params<Stripe.CouponDeleteParams>()({}),
    ({ world, path: { id = "" } }) => deleteCoupon(world, mustFind(world, "coupon", id)),
  ),
  operation("GET /v1/coupons", listParams, ({ world, params }) => {
    const found = world
      .all("coupon")
      .filter(({ created }) => isWithin(created, params.created))
      .map((coupon) => present(world, coupon));
    return pageOf("/v1/coupons", found, params);
  }),
];
