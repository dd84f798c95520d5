import type { World } from "../../state/world.ts";
import { isJsonObject, type JsonObject } from "../json.ts";
import { at, listed, without } from "./members.ts";

const NEWER = [
  "billing_mode",
  "billing_schedules",
  "customer_account",
  "managed_payments",
  "status_details",
];

/** The period and, with one item, the plan and the quantity were the subscription's own. */
export function olderSubscription(_world: World, json: JsonObject): JsonObject {
  const items = listed(json.items);
  const [first] = items;
  const [discount = null] = Array.isArray(json.discounts) ? json.discounts : [];
  return {
    ...without(json, NEWER),
    current_period_end: at(first, "current_period_end"),
    current_period_start: at(first, "current_period_start"),
    discount: isJsonObject(discount) ? discount : null,
    plan: items.length === 1 ? at(first, "plan") : null,
    quantity: items.length === 1 ? at(first, "quantity") : null,
  };
}

/** Keeps the period, which `previous_attributes` needs; that a client of then would see it harms nobody. */
export function olderItem(_world: World, json: JsonObject): JsonObject {
  const { price } = json;
  return {
    ...without(json, ["billed_until", "current_trial"]),
    plan: isJsonObject(price) ? planOf(price) : null,
  };
}

/** The plan that a recurring price was before there were prices; null for one-time prices. */
export function planOf(price: JsonObject): JsonObject | null {
  const { recurring } = price;
  if (!isJsonObject(recurring)) return null;
  return {
    id: at(price, "id"),
    object: "plan",
    active: at(price, "active"),
    aggregate_usage: null,
    amount: at(price, "unit_amount"),
    amount_decimal: at(price, "unit_amount_decimal"),
    billing_scheme: at(price, "billing_scheme"),
    created: at(price, "created"),
    currency: at(price, "currency"),
    interval: at(recurring, "interval"),
    interval_count: at(recurring, "interval_count"),
    livemode: false,
    metadata: at(price, "metadata"),
    meter: null,
    nickname: at(price, "nickname"),
    product: at(price, "product"),
    tiers_mode: null,
    transform_usage: null,
    trial_period_days: null,
    usage_type: at(recurring, "usage_type"),
  };
}
