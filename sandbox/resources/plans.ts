import type Stripe from "stripe";
import { z } from "zod";
import { planOf } from "../billing/subscription-object.ts";
import { emit } from "../events/emit.ts";
import { missing } from "../protocol/errors.ts";
import { mustFind } from "../protocol/find.ts";
import { isWithin, pageOf } from "../protocol/list.ts";
import { type Operation, operation } from "../protocol/operation.ts";
import {
  currency,
  decimal,
  emptyable,
  flag,
  mergeMetadata,
  metadata,
  natural,
  oneOf,
  page,
  params,
  range,
  text,
  unmodelled,
} from "../protocol/params.ts";
import type { World } from "../state/world.ts";
import { makePrice } from "./price-maker.ts";
import { interval } from "./prices.ts";
import { makeProduct } from "./product-maker.ts";

/*
 * Plans are what recurring prices were before there were prices: the same objects under another name.
 * Stripe says of each change both that of the plan and that of the price.
 */

const createParams = params<Stripe.PlanCreateParams>()({
  active: flag().optional(),
  amount: natural().optional(),
  amount_decimal: decimal().optional(),
  billing_scheme: oneOf(["per_unit"]).optional(),
  currency: currency(),
  id: unmodelled(),
  interval: interval(),
  interval_count: natural().optional(),
  metadata: metadata().optional(),
  meter: unmodelled(),
  nickname: text().optional(),
  product: z.union([
    text(),
    params<Stripe.PlanCreateParams.Product>()({
      active: flag().optional(),
      id: text().optional(),
      metadata: metadata().optional(),
      name: text(),
      statement_descriptor: text().max(22).optional(),
      tax_code: unmodelled(),
      tax_details: unmodelled(),
      unit_label: text().max(12).optional(),
    }),
  ]),
  tiers: unmodelled(),
  tiers_mode: unmodelled(),
  transform_usage: unmodelled(),
  trial_period_days: unmodelled(),
  usage_type: oneOf(["licensed"]).optional(),
});
const updateParams = params<Stripe.PlanUpdateParams>()({
  active: flag().optional(),
  metadata: metadata().optional(),
  nickname: emptyable(text()).optional(),
  product: unmodelled(),
  trial_period_days: unmodelled(),
});
const listParams = params<Stripe.PlanListParams>()({
  ...page,
  active: flag().optional(),
  created: range().optional(),
  product: text().optional(),
});

function createPlan(world: World, given: z.output<typeof createParams>): Stripe.Plan {
  const { product } = given;
  const price = makePrice(world, {
    product:
      typeof product === "string"
        ? mustFind(world, "product", product, { param: "product" }).id
        : makeProduct(world, product).id,
    active: given.active,
    currency: given.currency,
    metadata: mergeMetadata(null, given.metadata),
    nickname: given.nickname,
    recurring: { interval: given.interval, interval_count: given.interval_count },
    unit_amount: given.amount,
    unit_amount_decimal: given.amount_decimal,
  });
  const plan = planOf(price);
  emit(world, "plan.created", plan);
  return plan;
}

function updatePlan(
  world: World,
  before: Stripe.Price,
  given: z.output<typeof updateParams>,
): Stripe.Plan {
  const after = world.put("price", {
    ...before,
    active: given.active ?? before.active,
    metadata: mergeMetadata(before.metadata, given.metadata),
    nickname: given.nickname === undefined ? before.nickname : given.nickname,
  });
  if (JSON.stringify(after) !== JSON.stringify(before)) {
    emit(world, "plan.updated", planOf(after), { before: planOf(before) });
    emit(world, "price.updated", after, { before });
  }
  return planOf(after);
}

/** Subscriptions of it go on; nothing new can be bought with it. */
function deletePlan(world: World, price: Stripe.Price): Stripe.DeletedPlan {
  world.remove("price", price.id);
  emit(world, "plan.deleted", planOf(price));
  emit(world, "price.deleted", price);
  world.put("deleted", { id: price.id, object: "price", deleted: true });
  return { id: price.id, object: "plan", deleted: true };
}

function recurring(world: World, id: string): Stripe.Price {
  const price = world.get("price", id);
  if (!price?.recurring) throw missing("plan", id);
  return price;
}

export const planOperations: readonly Operation[] = [
  operation("POST /v1/plans", createParams, ({ world, params }) => createPlan(world, params)),
  operation(
    "GET /v1/plans/:id",
    params<Stripe.PlanRetrieveParams>()({}),
    ({ world, path: { id = "" } }) => planOf(recurring(world, id)),
  ),
  operation("POST /v1/plans/:id", updateParams, ({ world, params, path: { id = "" } }) =>
    updatePlan(world, recurring(world, id), params),
  ),
  operation(
    "DELETE /v1/plans/:id",
    params<Stripe.PlanDeleteParams>()({}),
    ({ world, path: { id = "" } }) => deletePlan(world, recurring(world, id)),
  ),
  operation("GET /v1/plans", listParams, ({ world, params }) => {
    const found = world
      .all("price")
      .filter((price) => price.recurring !== null)
      .filter(({ active }) => params.active === undefined || params.active === active)
      .filter(({ product }) => params.product === undefined || params.product === product)
      .filter(({ created }) => isWithin(created, params.created));
    return pageOf("/v1/plans", found.map(planOf), params);
  }),
];
