import type Stripe from "stripe";
import { updateSubscription } from "../billing/subscription.ts";
import { subscriptionNamed } from "../billing/subscription-object.ts";
import type { ItemChange, SubscriptionChanges } from "../billing/subscription-terms.ts";
import { missing } from "../protocol/errors.ts";
import { pageOf } from "../protocol/list.ts";
import { type Operation, operation } from "../protocol/operation.ts";
import {
  flag,
  metadata,
  moment,
  natural,
  page,
  params,
  text,
  unmodelled,
} from "../protocol/params.ts";
import type { World } from "../state/world.ts";
import {
  paymentBehavior,
  prorationBehavior,
  recurringPriceData,
  taxRates,
} from "./subscription-params.ts";

const billing = {
  payment_behavior: paymentBehavior().optional(),
  proration_behavior: prorationBehavior().optional(),
  proration_date: moment().optional(),
};

const item = {
  ...billing,
  billing_thresholds: unmodelled(),
  current_trial: unmodelled(),
  discounts: unmodelled(),
  metadata: metadata().optional(),
  plan: unmodelled(),
  price: text().optional(),
  price_data: recurringPriceData().optional(),
  quantity: natural().optional(),
  tax_rates: taxRates().optional(),
};

const createParams = params<Stripe.SubscriptionItemCreateParams>()({
  ...item,
  subscription: text(),
});
const updateParams = params<Stripe.SubscriptionItemUpdateParams>()({
  ...item,
  off_session: flag().optional(),
});
const deleteParams = params<Stripe.SubscriptionItemDeleteParams>()({
  ...billing,
  clear_usage: unmodelled(),
});
const listParams = params<Stripe.SubscriptionItemListParams>()({ ...page, subscription: text() });

function itemNamed(world: World, id: string): Stripe.SubscriptionItem {
  for (const { items, status } of world.all("subscription")) {
    const found = items.data.find((held) => held.id === id);
    if (found && status !== "canceled") return found;
  }
  throw missing("subscription_item", id);
}

/** Changes one item by the same way as a change of the subscription. */
function change(
  world: World,
  subscription: string,
  item: ItemChange,
  terms: Pick<
    SubscriptionChanges,
    "off_session" | "payment_behavior" | "proration_behavior" | "proration_date"
  >,
): Stripe.Subscription {
  return updateSubscription(world, subscription, { ...terms, items: [item] });
}

export const subscriptionItemOperations: readonly Operation[] = [
  operation("POST /v1/subscription_items", createParams, ({ world, params: given }) => {
    const { metadata, price, price_data, quantity, subscription, tax_rates, ...terms } = given;
    const item = { metadata, price, price_data, quantity, tax_rates };
    const before = subscriptionNamed(world, subscription, "subscription").items.data;
    const after = change(world, subscription, item, terms);
    const added = after.items.data.find(({ id }) => !before.some((held) => held.id === id));
    return added ?? after;
  }),
  operation("GET /v1/subscription_items", listParams, ({ world, params: given }) =>
    pageOf(
      "/v1/subscription_items",
      subscriptionNamed(world, given.subscription, "subscription").items.data.toReversed(),
      given,
    ),
  ),
  operation("GET /v1/subscription_items/:id", params()({}), ({ world, path }) =>
    itemNamed(world, path.id ?? ""),
  ),
  operation("POST /v1/subscription_items/:id", updateParams, ({ world, params: given, path }) => {
    const { metadata, price, price_data, quantity, tax_rates, ...terms } = given;
    const { id, subscription } = itemNamed(world, path.id ?? "");
    change(world, subscription, { id, metadata, price, price_data, quantity, tax_rates }, terms);
    return itemNamed(world, id);
  }),
  operation("DELETE /v1/subscription_items/:id", deleteParams, ({ world, params: given, path }) => {
    const { id, subscription } = itemNamed(world, path.id ?? "");
    change(world, subscription, { id, deleted: true }, given);
    return { id, object: "subscription_item", deleted: true };
  }),
];
