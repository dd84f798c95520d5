import type Stripe from "stripe";
import { clockOf, emit } from "../events/emit.ts";
import { invalid, missing } from "../protocol/errors.ts";
import { mustFind } from "../protocol/find.ts";
import { pageOf } from "../protocol/list.ts";
import { type Operation, operation } from "../protocol/operation.ts";
import { page, params, text } from "../protocol/params.ts";
import { idOf } from "../state/reference.ts";
import type { World } from "../state/world.ts";

const createParams = params<Stripe.CustomerCreateTaxIdParams>()({
  type: text().regex(/^[a-z]{2}_[a-z_]+$/),
  value: text().max(100),
});

/** Kinds whose numbers Stripe asks a register about; the sandbox never hears back. */
const ASKED = new Set(["au_abn", "eu_vat", "gb_vat"]);

/** What a number of a kind looks like; others are taken as they are. */
const PATTERNS: Readonly<Record<string, RegExp>> = {
  eu_vat: /^[A-Z]{2}[0-9A-Z+*]{2,12}$/,
  gb_vat: /^GB[0-9]{9}(?:[0-9]{3})?$/,
  us_ein: /^[0-9]{2}-[0-9]{7}$/,
};

/** A customer's tax ids, oldest first. */
export function taxIdsOf(world: World, customer: string): Stripe.TaxId[] {
  return world.of("tax_id", "customer", customer);
}

function create(
  world: World,
  customer: Stripe.Customer,
  { type, value }: { type: string; value: string },
): Stripe.TaxId {
  if (PATTERNS[type]?.test(value) === false) {
    throw invalid(`Invalid value for ${type}.`, { code: "tax_id_invalid", param: "value" });
  }
  const status = { status: "pending", verified_address: null, verified_name: null } as const;
  const made = world.put("tax_id", {
    id: world.newId("txi"),
    object: "tax_id",
    country: type === "eu_vat" ? value.slice(0, 2) : type.slice(0, 2).toUpperCase(),
    created: world.now(clockOf(world, customer)),
    customer: customer.id,
    customer_account: null,
    livemode: false,
    owner: { customer: customer.id, customer_account: null, type: "customer" },
    type,
    value,
    verification: ASKED.has(type) ? status : null,
  } satisfies Stripe.TaxId);
  emit(world, "customer.tax_id.created", made);
  return made;
}

function taxIdOf(world: World, customer: string, id: string): Stripe.TaxId {
  const found = world.get("tax_id", id);
  if (found && idOf(found.customer) === customer) return found;
  throw missing("tax_id", id);
}

function drop(world: World, taxId: Stripe.TaxId): Stripe.DeletedTaxId {
  emit(world, "customer.tax_id.deleted", taxId);
  world.remove("tax_id", taxId.id);
  return { id: taxId.id, object: "tax_id", deleted: true };
}

export const taxIdOperations: readonly Operation[] = [
  operation(
    "POST /v1/customers/:customer/tax_ids",
    createParams,
    ({ world, params: given, path: { customer = "" } }) =>
      create(world, mustFind(world, "customer", customer), given),
  ),
  operation(
    "GET /v1/customers/:customer/tax_ids",
    params<Stripe.CustomerListTaxIdsParams>()(page),
    ({ world, params: given, path: { customer = "" } }) => {
      mustFind(world, "customer", customer);
      return pageOf(`/v1/customers/${customer}/tax_ids`, taxIdsOf(world, customer), given);
    },
  ),
  operation(
    "GET /v1/customers/:customer/tax_ids/:id",
    params<Stripe.CustomerRetrieveTaxIdParams>()({}),
    ({ world, path: { customer = "", id = "" } }) => taxIdOf(world, customer, id),
  ),
  operation(
    "DELETE /v1/customers/:customer/tax_ids/:id",
    params<Stripe.CustomerDeleteTaxIdParams>()({}),
    ({ world, path: { customer = "", id = "" } }) => drop(world, taxIdOf(world, customer, id)),
  ),
];
