import type Stripe from "stripe";
import type { z } from "zod";
import { emit } from "../events/emit.ts";
import { invalid } from "../protocol/errors.ts";
import { mustFind } from "../protocol/find.ts";
import { isWithin, pageOf } from "../protocol/list.ts";
import { type Operation, operation } from "../protocol/operation.ts";
import {
  currency,
  decimal,
  emptyable,
  flag,
  listOf,
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
import { makeProduct } from "./product-maker.ts";

export const interval = () => oneOf(["day", "week", "month", "year"]);
const taxBehavior = () => oneOf(["exclusive", "inclusive", "unspecified"]);

export const priceRecurring = () =>
  params<Stripe.PriceCreateParams.Recurring>()({
    interval: interval(),
    interval_count: natural().optional(),
    meter: unmodelled(),
    trial_period_days: unmodelled(),
    usage_type: oneOf(["licensed"]).optional(),
  });

const productData = () =>
  params<Stripe.PriceCreateParams.ProductData>()({
    active: flag().optional(),
    id: text().optional(),
    metadata: metadata().optional(),
    name: text(),
    statement_descriptor: text().max(22).optional(),
    tax_code: unmodelled(),
    tax_details: unmodelled(),
    unit_label: text().max(12).optional(),
  });

const createParams = params<Stripe.PriceCreateParams>()({
  currency: currency(),
  active: flag().optional(),
  billing_scheme: oneOf(["per_unit"]).optional(),
  currency_options: unmodelled(),
  custom_unit_amount: unmodelled(),
  lookup_key: text().max(200).optional(),
  metadata: metadata().optional(),
  nickname: text().optional(),
  product: text().optional(),
  product_data: productData().optional(),
  recurring: priceRecurring().optional(),
  tax_behavior: taxBehavior().optional(),
  tiers: unmodelled(),
  tiers_mode: unmodelled(),
  transfer_lookup_key: flag().optional(),
  transform_quantity: unmodelled(),
  unit_amount: natural().optional(),
  unit_amount_decimal: decimal().optional(),
});
const updateParams = params<Stripe.PriceUpdateParams>()({
  active: flag().optional(),
  currency_options: unmodelled(),
  lookup_key: emptyable(text().max(200)).optional(),
  metadata: metadata().optional(),
  nickname: emptyable(text()).optional(),
  tax_behavior: taxBehavior().optional(),
  transfer_lookup_key: flag().optional(),
});
const listParams = params<Stripe.PriceListParams>()({
  ...page,
  active: flag().optional(),
  created: range().optional(),
  currency: currency().optional(),
  lookup_keys: listOf(text()).max(10).optional(),
  product: text().optional(),
  recurring: params<Stripe.PriceListParams.Recurring>()({
    interval: interval().optional(),
    meter: unmodelled(),
    usage_type: oneOf(["licensed", "metered"]).optional(),
  }).optional(),
  type: oneOf(["one_time", "recurring"]).optional(),
});

function createPrice(world: World, given: z.output<typeof createParams>): Stripe.Price {
  const product = productFor(world, given);
  claimKey(world, given.lookup_key, given.transfer_lookup_key);
  return makePrice(world, {
    ...given,
    product,
    metadata: mergeMetadata(null, given.metadata),
  });
}

function productFor(world: World, given: z.output<typeof createParams>): string {
  if (given.product !== undefined && given.product_data !== undefined) {
    throw invalid("You may only specify one of these parameters: product, product_data.");
  }
  if (given.product_data) return makeProduct(world, given.product_data).id;
  if (given.product === undefined) {
    throw invalid("You must specify either `product` or `product_data` when creating a price.", {
      code: "parameter_missing",
      param: "product",
    });
  }
  return mustFind(world, "product", given.product, { param: "product" }).id;
}

/** Makes a lookup key free for a price, by taking it from the other that has it where that is asked. */
function claimKey(world: World, key: string | null | undefined, mayTake = false, self?: string) {
  const holder = key && world.all("price").find((price) => price.lookup_key === key);
  if (!holder || holder.id === self) return;
  if (!mayTake) {
    throw invalid(`A price (\`${holder.id}\`) already uses that lookup key.`, {
      param: "lookup_key",
    });
  }
  const after = world.put("price", { ...holder, lookup_key: null });
  emit(world, "price.updated", after, { before: holder });
}

/** Such a price stays on sale: https://github.com/stripe/stripe-python/issues/658 has the words. */
function isDefault(world: World, price: Stripe.Price): boolean {
  return world.all("product").some((product) => product.default_price === price.id);
}

function updatePrice(
  world: World,
  before: Stripe.Price,
  given: z.output<typeof updateParams>,
): Stripe.Price {
  claimKey(world, given.lookup_key, given.transfer_lookup_key, before.id);
  if (given.active === false && isDefault(world, before)) {
    throw invalid("This price cannot be archived because it is the default price of its product.", {
      param: "active",
    });
  }
  if (given.tax_behavior && before.tax_behavior !== "unspecified") {
    throw invalid("You cannot change `tax_behavior` once it has been set.", {
      param: "tax_behavior",
    });
  }
  const after = world.put("price", {
    ...before,
    active: given.active ?? before.active,
    lookup_key: given.lookup_key === undefined ? before.lookup_key : given.lookup_key,
    metadata: mergeMetadata(before.metadata, given.metadata),
    nickname: given.nickname === undefined ? before.nickname : given.nickname,
    tax_behavior: given.tax_behavior ?? before.tax_behavior,
  });
  if (JSON.stringify(after) !== JSON.stringify(before)) {
    emit(world, "price.updated", after, { before });
  }
  return after;
}

function fits(price: Stripe.Price, asked: z.output<typeof listParams>): boolean {
  const { lookup_keys: keys, recurring } = asked;
  return (
    (asked.active === undefined || price.active === asked.active) &&
    (asked.currency === undefined || price.currency === asked.currency) &&
    (asked.product === undefined || price.product === asked.product) &&
    (asked.type === undefined || price.type === asked.type) &&
    (keys === undefined || (price.lookup_key !== null && keys.includes(price.lookup_key))) &&
    (recurring?.interval === undefined || price.recurring?.interval === recurring.interval) &&
    (recurring?.usage_type === undefined || price.recurring?.usage_type === recurring.usage_type) &&
    isWithin(price.created, asked.created)
  );
}

export const priceOperations: readonly Operation[] = [
  operation("POST /v1/prices", createParams, ({ world, params }) => createPrice(world, params)),
  operation(
    "GET /v1/prices/:id",
    params<Stripe.PriceRetrieveParams>()({}),
    ({ world, path: { id = "" } }) => mustFind(world, "price", id),
  ),
  operation("POST /v1/prices/:id", updateParams, ({ world, params, path: { id = "" } }) =>
    updatePrice(world, mustFind(world, "price", id), params),
  ),
  operation("GET /v1/prices", listParams, ({ world, params }) =>
    pageOf(
      "/v1/prices",
      world.all("price").filter((price) => fits(price, params)),
      params,
    ),
  ),
];
