import type Stripe from "stripe";
import type { z } from "zod";
import { emit } from "../events/emit.ts";
import { invalid } from "../protocol/errors.ts";
import { mustFind } from "../protocol/find.ts";
import { isWithin, pageOf } from "../protocol/list.ts";
import { type Operation, operation } from "../protocol/operation.ts";
import {
  currency,
  flag,
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

const createParams = params<Stripe.PromotionCodeCreateParams>()({
  promotion: params<Stripe.PromotionCodeCreateParams.Promotion>()({
    coupon: text(),
    type: oneOf(["coupon"]),
  }),
  active: flag().optional(),
  code: text()
    .regex(/^[A-Za-z0-9-]{1,500}$/, "only letters, digits and dashes")
    .optional(),
  customer: text().optional(),
  customer_account: unmodelled(),
  expires_at: moment().optional(),
  max_redemptions: natural().optional(),
  metadata: metadata().optional(),
  restrictions: params<Stripe.PromotionCodeCreateParams.Restrictions>()({
    currency_options: unmodelled(),
    first_time_transaction: flag().optional(),
    minimum_amount: natural().optional(),
    minimum_amount_currency: currency().optional(),
  }).optional(),
});
const updateParams = params<Stripe.PromotionCodeUpdateParams>()({
  active: flag().optional(),
  metadata: metadata().optional(),
  restrictions: unmodelled(),
});
const listParams = params<Stripe.PromotionCodeListParams>()({
  ...page,
  active: flag().optional(),
  code: text().optional(),
  coupon: text().optional(),
  created: range().optional(),
  customer: text().optional(),
  customer_account: unmodelled(),
});

function createCode(world: World, given: z.output<typeof createParams>): Stripe.PromotionCode {
  const coupon = mustFind(world, "coupon", given.promotion.coupon, { param: "promotion[coupon]" });
  if (given.customer !== undefined) {
    mustFind(world, "customer", given.customer, { param: "customer" });
  }
  const code = given.code ?? world.newId("", 8).slice(1).toUpperCase();
  const isTaken = world
    .all("promotion_code")
    .some((other) => other.active && other.code.toUpperCase() === code.toUpperCase());
  if (isTaken) {
    throw invalid(`An active promotion code with \`code: ${code}\` already exists.`, {
      param: "code",
    });
  }
  const { restrictions } = given;
  const made = world.put("promotion_code", {
    id: world.newId("promo"),
    object: "promotion_code",
    active: given.active ?? true,
    code,
    created: world.now(null),
    customer: given.customer ?? null,
    customer_account: null,
    expires_at: given.expires_at ?? coupon.redeem_by,
    livemode: false,
    max_redemptions: given.max_redemptions ?? null,
    metadata: mergeMetadata(null, given.metadata),
    promotion: { coupon: coupon.id, type: "coupon" },
    restrictions: {
      first_time_transaction: restrictions?.first_time_transaction ?? false,
      minimum_amount: restrictions?.minimum_amount ?? null,
      minimum_amount_currency: restrictions?.minimum_amount_currency ?? null,
    },
    times_redeemed: 0,
  } satisfies Stripe.PromotionCode);
  emit(world, "promotion_code.created", made);
  return made;
}

function fits(code: Stripe.PromotionCode, asked: z.output<typeof listParams>): boolean {
  return (
    (asked.active === undefined || code.active === asked.active) &&
    (asked.code === undefined || code.code.toUpperCase() === asked.code.toUpperCase()) &&
    (asked.coupon === undefined || code.promotion.coupon === asked.coupon) &&
    (asked.customer === undefined || code.customer === asked.customer) &&
    isWithin(code.created, asked.created)
  );
}

export const promotionCodeOperations: readonly Operation[] = [
  operation("POST /v1/promotion_codes", createParams, ({ world, params }) =>
    createCode(world, params),
  ),
  operation(
    "GET /v1/promotion_codes/:id",
    params<Stripe.PromotionCodeRetrieveParams>()({}),
    ({ world, path: { id = "" } }) =>
      mustFind(world, "promotion_code", id, { what: "promotion code" }),
  ),
  operation(
    "POST /v1/promotion_codes/:id",
    updateParams,
    ({ world, params, path: { id = "" } }) => {
      const before = mustFind(world, "promotion_code", id, { what: "promotion code" });
      const after = world.put("promotion_code", {
        ...before,
        active: params.active ?? before.active,
        metadata: mergeMetadata(before.metadata, params.metadata),
      });
      emit(world, "promotion_code.updated", after, { before });
      return after;
    },
  ),
  operation("GET /v1/promotion_codes", listParams, ({ world, params }) =>
    pageOf(
      "/v1/promotion_codes",
      world.all("promotion_code").filter((code) => fits(code, params)),
      params,
    ),
  ),
];
