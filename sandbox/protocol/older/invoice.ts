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
    tax: null,
    total_tax_amounts: [],
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
  return {
    ...without(json, NEWER_IN_LINE),
    amount_excluding_tax: at(json, "amount"),
    ...(invoiceItem === null || invoiceItem === "" ? {} : { invoice_item: invoiceItem }),
    plan: price && planOf(price),
    price,
    proration: at(parent, "proration") === true,
    proration_details: { credited_items: credited },
    subscription: at(parent, "subscription"),
    ...(isJsonObject(own) ? { subscription_item: at(own, "subscription_item") } : {}),
    tax_amounts: [],
    tax_rates: [],
    type: isJsonObject(own) && invoiceItem === null ? "subscription" : "invoiceitem",
    unit_amount_excluding_tax: at(json, "pricing", "unit_amount_decimal"),
  };
}

function priceIn(world: World, reference: Json): JsonObject | null {
  if (isJsonObject(reference)) return reference;
  const price = jsonOf(world.get("price", idIn(reference) ?? "") ?? null);
  return isJsonObject(price) ? price : null;
}
