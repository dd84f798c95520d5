import type Stripe from "stripe";
import { z } from "zod";
import { emit } from "../events/emit.ts";
import { invalid } from "../protocol/errors.ts";
import { mustFind } from "../protocol/find.ts";
import { isWithin, pageOf } from "../protocol/list.ts";
import { type Operation, operation } from "../protocol/operation.ts";
import {
  emptyable,
  flag,
  mergeMetadata,
  metadata,
  oneOf,
  page,
  params,
  range,
  text,
} from "../protocol/params.ts";
import type { World } from "../state/world.ts";

/** Stripe keeps four places of a percentage. */
const percentage = () =>
  z
    .string()
    .regex(/^\d{1,3}(\.\d{1,4})?$/, "parameter_invalid_decimal")
    .transform(Number);
const taxType = () =>
  oneOf(["gst", "hst", "igst", "jct", "pst", "qst", "rst", "sales_tax", "service_tax", "vat"]);

const shared = {
  active: flag().optional(),
  country: emptyable(text().length(2)).optional(),
  description: emptyable(text()).optional(),
  jurisdiction: emptyable(text().max(50)).optional(),
  metadata: metadata().optional(),
  state: emptyable(text()).optional(),
  tax_type: emptyable(taxType()).optional(),
};

const createParams = params<Stripe.TaxRateCreateParams>()({
  ...shared,
  display_name: text().max(50),
  inclusive: flag(),
  percentage: percentage(),
});
const updateParams = params<Stripe.TaxRateUpdateParams>()({
  ...shared,
  display_name: text().max(50).optional(),
});
const listParams = params<Stripe.TaxRateListParams>()({
  ...page,
  active: flag().optional(),
  created: range().optional(),
  inclusive: flag().optional(),
});

function createRate(world: World, given: z.output<typeof createParams>): Stripe.TaxRate {
  if (given.percentage > 100) {
    throw invalid("Invalid percentage: must be between 0 and 100", { param: "percentage" });
  }
  const rate = world.put("tax_rate", {
    id: world.newId("txr"),
    object: "tax_rate",
    active: given.active ?? true,
    country: given.country ?? null,
    created: world.now(null),
    description: given.description ?? null,
    display_name: given.display_name,
    effective_percentage: given.percentage,
    flat_amount: null,
    inclusive: given.inclusive,
    jurisdiction: given.jurisdiction ?? null,
    jurisdiction_level: null,
    livemode: false,
    metadata: mergeMetadata(null, given.metadata),
    percentage: given.percentage,
    rate_type: null,
    state: given.state ?? null,
    tax_type: given.tax_type ?? null,
  } satisfies Stripe.TaxRate);
  emit(world, "tax_rate.created", rate);
  return rate;
}

/** What a rate takes never changes: what has been billed by it stays right. */
function updateRate(
  world: World,
  before: Stripe.TaxRate,
  given: z.output<typeof updateParams>,
): Stripe.TaxRate {
  const said = <Value>(value: Value | undefined, held: Value) =>
    value === undefined ? held : value;
  const after = world.put("tax_rate", {
    ...before,
    active: given.active ?? before.active,
    country: said(given.country, before.country),
    description: said(given.description, before.description),
    display_name: given.display_name ?? before.display_name,
    jurisdiction: said(given.jurisdiction, before.jurisdiction),
    metadata: mergeMetadata(before.metadata, given.metadata),
    state: said(given.state, before.state),
    tax_type: said<Stripe.TaxRate["tax_type"]>(given.tax_type, before.tax_type),
  });
  if (JSON.stringify(after) !== JSON.stringify(before)) {
    emit(world, "tax_rate.updated", after, { before });
  }
  return after;
}

export const taxRateOperations: readonly Operation[] = [
  operation("POST /v1/tax_rates", createParams, ({ world, params }) => createRate(world, params)),
  operation(
    "GET /v1/tax_rates/:id",
    params<Stripe.TaxRateRetrieveParams>()({}),
    ({ world, path: { id = "" } }) => mustFind(world, "tax_rate", id, { what: "tax rate" }),
  ),
  operation("POST /v1/tax_rates/:id", updateParams, ({ world, params, path: { id = "" } }) =>
    updateRate(world, mustFind(world, "tax_rate", id, { what: "tax rate" }), params),
  ),
  operation("GET /v1/tax_rates", listParams, ({ world, params }) => {
    const found = world
      .all("tax_rate")
      .filter(({ active }) => params.active === undefined || params.active === active)
      .filter(({ inclusive }) => params.inclusive === undefined || params.inclusive === inclusive)
      .filter(({ created }) => isWithin(created, params.created));
    return pageOf("/v1/tax_rates", found, params);
  }),
];
