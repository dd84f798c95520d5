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
import { interval } from "./prices.ts";
import { makeProduct } from "./product-maker.ts";

const defaultPriceData = () =>
  params<Stripe.ProductCreateParams.DefaultPriceData>()({
    currency: currency(),
    currency_options: unmodelled(),
    custom_unit_amount: unmodelled(),
    metadata: metadata().optional(),
    recurring: params<Stripe.ProductCreateParams.DefaultPriceData.Recurring>()({
      interval: interval(),
      interval_count: natural().optional(),
    }).optional(),
    tax_behavior: oneOf(["exclusive", "inclusive", "unspecified"]).optional(),
    unit_amount: natural().optional(),
    unit_amount_decimal: decimal().optional(),
  });

const features = () =>
  listOf(params<Stripe.ProductCreateParams.MarketingFeature>()({ name: text().max(80) })).max(15);

const shared = {
  active: flag().optional(),
  marketing_features: emptyable(features()).optional(),
  metadata: metadata().optional(),
  package_dimensions: unmodelled(),
  shippable: flag().optional(),
  statement_descriptor: text().max(22).optional(),
  tax_code: unmodelled(),
  tax_details: unmodelled(),
};

const createParams = params<Stripe.ProductCreateParams>()({
  ...shared,
  name: text(),
  default_price_data: defaultPriceData().optional(),
  description: text().max(40_000).optional(),
  id: text().optional(),
  images: listOf(text()).max(8).optional(),
  marketing_features: features().optional(),
  type: oneOf(["good", "service"]).optional(),
  unit_label: text().max(12).optional(),
  url: text().optional(),
});
const updateParams = params<Stripe.ProductUpdateParams>()({
  ...shared,
  default_price: emptyable(text()).optional(),
  description: emptyable(text().max(40_000)).optional(),
  images: emptyable(listOf(text()).max(8)).optional(),
  name: text().optional(),
  unit_label: emptyable(text().max(12)).optional(),
  url: emptyable(text()).optional(),
});
const listParams = params<Stripe.ProductListParams>()({
  ...page,
  active: flag().optional(),
  created: range().optional(),
  ids: listOf(text()).optional(),
  shippable: flag().optional(),
  type: oneOf(["good", "service"]).optional(),
  url: text().optional(),
});

function createProduct(world: World, given: z.output<typeof createParams>): Stripe.Product {
  const product = makeProduct(world, given);
  const data = given.default_price_data;
  if (!data) return product;
  const price = makePrice(world, {
    ...data,
    product: product.id,
    metadata: mergeMetadata(null, data.metadata),
  });
  const after = world.put("product", { ...product, default_price: price.id });
  emit(world, "product.updated", after, { before: product });
  return after;
}

function updateProduct(
  world: World,
  before: Stripe.Product,
  given: z.output<typeof updateParams>,
): Stripe.Product {
  const { default_price: price } = given;
  if (price) {
    const named = mustFind(world, "price", price, { param: "default_price" });
    if (named.product !== before.id) {
      throw invalid(
        `The price specified is not associated with the product ${before.id}. Please provide a price that is.`,
        { param: "default_price" },
      );
    }
  }
  const kept = {
    ...before,
    active: given.active ?? before.active,
    default_price: price === undefined ? (before.default_price ?? null) : price,
    description: given.description === undefined ? before.description : given.description,
    images: given.images === undefined ? before.images : (given.images ?? []),
    marketing_features:
      given.marketing_features === undefined
        ? before.marketing_features
        : (given.marketing_features ?? []),
    metadata: mergeMetadata(before.metadata, given.metadata),
    name: given.name ?? before.name,
    shippable: given.shippable ?? before.shippable,
    statement_descriptor: given.statement_descriptor ?? before.statement_descriptor ?? null,
    unit_label: given.unit_label === undefined ? (before.unit_label ?? null) : given.unit_label,
    url: given.url === undefined ? before.url : given.url,
  } satisfies Stripe.Product;
  if (JSON.stringify(kept) === JSON.stringify(before)) return before;
  const after = world.put("product", { ...kept, updated: world.now(null) });
  emit(world, "product.updated", after, { before });
  return after;
}

function deleteProduct(world: World, product: Stripe.Product): Stripe.DeletedProduct {
  if (world.all("price").some((price) => price.product === product.id)) {
    throw invalid("This product cannot be deleted because it has one or more user-created prices.");
  }
  world.remove("product", product.id);
  emit(world, "product.deleted", product);
  const deleted = { id: product.id, object: "product", deleted: true } as const;
  world.put("deleted", deleted);
  return deleted;
}

function fits(product: Stripe.Product, asked: z.output<typeof listParams>): boolean {
  return (
    (asked.active === undefined || product.active === asked.active) &&
    (asked.ids === undefined || asked.ids.includes(product.id)) &&
    (asked.shippable === undefined || product.shippable === asked.shippable) &&
    (asked.type === undefined || product.type === asked.type) &&
    (asked.url === undefined || product.url === asked.url) &&
    isWithin(product.created, asked.created)
  );
}

export const productOperations: readonly Operation[] = [
  operation("POST /v1/products", createParams, ({ world, params }) => createProduct(world, params)),
  operation(
    "GET /v1/products/:id",
    params<Stripe.ProductRetrieveParams>()({}),
    ({ world, path: { id = "" } }) => {
      const gone = world.get("deleted", id);
      return gone?.object === "product" ? gone : mustFind(world, "product", id);
    },
  ),
  operation("POST /v1/products/:id", updateParams, ({ world, params, path: { id = "" } }) =>
    updateProduct(world, mustFind(world, "product", id), params),
  ),
  operation(
    "DELETE /v1/products/:id",
    params<Stripe.ProductDeleteParams>()({}),
    ({ world, path: { id = "" } }) => deleteProduct(world, mustFind(world, "product", id)),
  ),
  operation("GET /v1/products", listParams, ({ world, params }) =>
    pageOf(
      "/v1/products",
      world.all("product").filter((product) => fits(product, params)),
      params,
    ),
  ),
];
