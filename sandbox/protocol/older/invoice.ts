import type Stripe from "stripe";
import { includedIn, taxesOn } from "../../billing/taxes.ts";
import type { World } from "../../state/world.ts";
import { isJsonObject, type Json, type JsonObject } from "../json.ts";
import { jsonOf } from "../json-of.ts";
import { at, idIn, without } from "./members.ts";
import { paidBy } from "./payment.ts";
import { planOf } from "./subscription.ts";

const NEWER = [
  "amount_overpaid",
  "amount_paid_off_stripe",
  "confirmation_secret",
  "customer_account",
  "parent",
  "payments",
  "status_details",
  "total_pretax_credit_amounts",
  "total_taxes",
];

/** An invoice knew its subscription, its payment and whether it was paid, each under its own name. */
export function olderInvoice(world: World, json: JsonObject): JsonObject {
  const details = at(json, "parent", "subscription_details");
  const id = idIn(json);
  const intent = id === null ? null : paidBy(world, id);
  const [discount = null] = Array.isArray(json.discounts) ? json.discounts : [];
  const offStripe = at(json, "amount_paid_off_stripe");
  return {
    application_fee_amount: null,
    charge: idIn(jsonOf(intent?.latest_charge ?? null)),
    discount: isJsonObject(discount) ? discount : null,
    paid: at(json, "status") === "paid",
    paid_out_of_band: typeof offStripe === "number" && offStripe > 0,
    payment_intent: intent?.id ?? null,
    quote: null,
    subscription: at(details, "subscription"),
    tax: taxIn(json.total_taxes),
    total_tax_amounts: olderTaxes(json.total_taxes),
    transfer_data: null,
    // What an older call has expanded stands here already.
    ...without(json, NEWER),
    subscription_details: { metadata: at(details, "metadata") },
  };
}

const NEWER_IN_LINE = [
  "parent",
  "pretax_credit_amounts",
  "pricing",
  "quantity_decimal",
  "subtotal",
  "taxes",
];

/** A line knew its price whole, and said itself what it came from. */
export function olderLine(world: World, json: JsonObject): JsonObject {
  const own = at(json, "parent", "subscription_item_details");
  const item = at(json, "parent", "invoice_item_details");
  const parent = isJsonObject(own) ? own : item;
  const invoiceItem = at(parent, "invoice_item");
  const price = priceIn(world, at(json, "pricing", "price_details", "price"));
  const credited = at(parent, "proration_details", "credited_items");
  const rates = taxesIn(json.taxes).flatMap(
    (tax) => world.get("tax_rate", idIn(at(tax, "tax_rate_details", "tax_rate")) ?? "") ?? [],
  );
  return {
    ...without(json, NEWER_IN_LINE),
    amount_excluding_tax: withoutTax(json.amount, rates),
    ...(invoiceItem === null || invoiceItem === "" ? {} : { invoice_item: invoiceItem }),
    plan: price && planOf(price),
    price,
    proration: at(parent, "proration") === true,
    proration_details: { credited_items: credited },
    subscription: at(parent, "subscription"),
    ...(isJsonObject(own) ? { subscription_item: at(own, "subscription_item") } : {}),
    tax_amounts: olderTaxes(json.taxes),
    tax_rates: jsonOf(rates),
    type: isJsonObject(own) && invoiceItem === null ? "subscription" : "invoiceitem",
    unit_amount_excluding_tax: at(json, "pricing", "unit_amount_decimal"),
  };
}

function taxesIn(taxes: Json | undefined): JsonObject[] {
  return Array.isArray(taxes) ? taxes.filter(isJsonObject) : [];
}

/** A tax said whether it was included, and named its rate itself. */
function olderTaxes(taxes: Json | undefined): JsonObject[] {
  return taxesIn(taxes).map((tax) => ({
    amount: at(tax, "amount"),
    inclusive: at(tax, "tax_behavior") === "inclusive",
    tax_rate: at(tax, "tax_rate_details", "tax_rate"),
    taxability_reason: reasonIn(at(tax, "taxability_reason")),
    taxable_amount: at(tax, "taxable_amount"),
  }));
}

/** Nobody knows of a rate that the merchant made. */
function reasonIn(reason: Json): Json {
  return reason === "not_available" ? null : reason;
}

/** The sum of all taxes; null where there are none. */
function taxIn(taxes: Json | undefined): number | null {
  const all = taxesIn(taxes);
  return all.length === 0 ? null : all.reduce((sum, tax) => sum + Number(at(tax, "amount")), 0);
}

function withoutTax(amount: Json | undefined, rates: readonly Stripe.TaxRate[]): Json {
  if (typeof amount !== "number") return null;
  return amount - includedIn(taxesOn(amount, rates, null));
}

function priceIn(world: World, reference: Json): JsonObject | null {
  if (isJsonObject(reference)) return reference;
  const price = jsonOf(world.get("price", idIn(reference) ?? "") ?? null);
  return isJsonObject(price) ? price : null;
}
