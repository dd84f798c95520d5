import type Stripe from "stripe";
import type { z } from "zod";
import {
  cancelSubscription,
  createSubscription,
  updateSubscription,
} from "../billing/subscription.ts";
import { hasEnded, periodOf, subscriptionNamed } from "../billing/subscription-object.ts";
import { pauseSubscription, resumeSubscription } from "../billing/subscription-resume.ts";
import { emit } from "../events/emit.ts";
import { missing } from "../protocol/errors.ts";
import { isWithin, pageOf } from "../protocol/list.ts";
import { type Operation, operation } from "../protocol/operation.ts";
import {
  currency,
  emptyable,
  flag,
  moment,
  natural,
  oneOf,
  page,
  params,
  range,
  text,
  unmodelled,
} from "../protocol/params.ts";
import { idOf } from "../state/reference.ts";
import type { World } from "../state/world.ts";
import {
  billingMode,
  cancelAt,
  cancellationDetails,
  collectionMethod,
  itemChanges,
  modelledCancelAt,
  newItems,
  prorationBehavior,
  sharedByBoth,
} from "./subscription-params.ts";

const createParams = params<Stripe.SubscriptionCreateParams>()({
  ...sharedByBoth,
  backdate_start_date: unmodelled(),
  billing_cycle_anchor: moment().optional(),
  billing_cycle_anchor_config: unmodelled(),
  billing_mode: billingMode().optional(),
  cancel_at: cancelAt().optional(),
  currency: currency().optional(),
  customer: text(),
  customer_account: unmodelled(),
  description: text().max(500).optional(),
  items: newItems(),
  trial_period_days: natural().optional(),
});

const updateParams = params<Stripe.SubscriptionUpdateParams>()({
  ...sharedByBoth,
  billing_cycle_anchor: params<Stripe.SubscriptionUpdateParams.BillingCycleAnchor>()({
    type: oneOf(["now", "unchanged"]),
  }).optional(),
  cancel_at: emptyable(cancelAt()).optional(),
  cancellation_details: cancellationDetails().optional(),
  description: emptyable(text().max(500)).optional(),
  items: itemChanges().optional(),
  pause_collection: emptyable(
    params<Stripe.SubscriptionUpdateParams.PauseCollection>()({
      behavior: oneOf(["keep_as_draft", "mark_uncollectible", "void"]),
      resumes_at: moment().optional(),
    }),
  ).optional(),
  proration_date: moment().optional(),
});

const cancelParams = params<Stripe.SubscriptionCancelParams>()({
  cancellation_details: cancellationDetails().optional(),
  invoice_now: flag().optional(),
  prorate: flag().optional(),
});

const pauseParams = params<Stripe.SubscriptionPauseParams>()({
  bill_for: params<Stripe.SubscriptionPauseParams.BillFor>()({
    outstanding_usage_through: unmodelled(),
    unused_time_from: params<Stripe.SubscriptionPauseParams.BillFor.UnusedTimeFrom>()({
      type: oneOf(["none"]),
    }).optional(),
  }).optional(),
  invoicing_behavior: oneOf(["invoice", "pending_invoice_item"]).optional(),
  type: oneOf(["subscription"]).optional(),
});

const resumeParams = params<Stripe.SubscriptionResumeParams>()({
  billing_cycle_anchor: params<Stripe.SubscriptionResumeParams.BillingCycleAnchor>()({
    type: oneOf(["now", "unchanged"]),
  }).optional(),
  payment_behavior: oneOf(["resume_on_payment_attempt", "resume_on_payment_success"]).optional(),
  proration_behavior: prorationBehavior().optional(),
  proration_date: unmodelled(),
});

const listParams = params<Stripe.SubscriptionListParams>()({
  ...page,
  automatic_tax: unmodelled(),
  collection_method: collectionMethod().optional(),
  created: range().optional(),
  current_period_end: range().optional(),
  current_period_start: range().optional(),
  customer: text().optional(),
  customer_account: unmodelled(),
  plan: text().optional(),
  price: text().optional(),
  status: oneOf([
    "active",
    "all",
    "canceled",
    "ended",
    "incomplete",
    "incomplete_expired",
    "past_due",
    "paused",
    "trialing",
    "unpaid",
  ]).optional(),
  test_clock: text().optional(),
});

type Filters = z.output<typeof listParams>;

/** Without a status, all that were not canceled. */
function isListed(subscription: Stripe.Subscription, filters: Filters): boolean {
  const { status } = filters;
  const period = periodOf(subscription);
  const price = filters.price ?? filters.plan;
  return (
    (status === "all" ||
      (status === "ended" && hasEnded(subscription)) ||
      (status === undefined && subscription.status !== "canceled") ||
      status === subscription.status) &&
    (filters.collection_method ?? subscription.collection_method) ===
      subscription.collection_method &&
    (filters.customer ?? idOf(subscription.customer)) === idOf(subscription.customer) &&
    (filters.test_clock === undefined || filters.test_clock === idOf(subscription.test_clock)) &&
    (price === undefined || subscription.items.data.some((item) => item.price.id === price)) &&
    isWithin(subscription.created, filters.created) &&
    isWithin(period.end, filters.current_period_end) &&
    isWithin(period.start, filters.current_period_start)
  );
}

function dropDiscounts(world: World, id: string): Stripe.DeletedDiscount {
  const subscription = subscriptionNamed(world, id);
  const discount = world.get("discount", idOf(subscription.discounts[0]) ?? "");
  if (!discount) throw missing("active discount for subscription", id);
  world.put("subscription", { ...subscription, discounts: [] });
  emit(world, "customer.discount.deleted", discount);
  const { end: _, ...rest } = discount;
  return { ...rest, deleted: true };
}

export const subscriptionOperations: readonly Operation[] = [
  operation("POST /v1/subscriptions", createParams, ({ world, params: given }) => {
    const cancel_at = modelledCancelAt(given.cancel_at);
    return createSubscription(world, {
      ...given,
      cancel_at: cancel_at ?? undefined,
    }).subscription;
  }),
  operation("GET /v1/subscriptions", listParams, ({ world, params: filters }) =>
    pageOf(
      "/v1/subscriptions",
      world
        .of("subscription", "customer", filters.customer)
        .filter((each) => isListed(each, filters)),
      filters,
    ),
  ),
  operation("GET /v1/subscriptions/:id", params()({}), ({ world, path }) =>
    subscriptionNamed(world, path.id ?? ""),
  ),
  operation("POST /v1/subscriptions/:id", updateParams, ({ world, params: given, path }) =>
    updateSubscription(world, path.id ?? "", {
      ...given,
      cancel_at: given.cancel_at === null ? null : modelledCancelAt(given.cancel_at),
    }),
  ),
  operation("DELETE /v1/subscriptions/:id", cancelParams, ({ world, params: given, path }) =>
    cancelSubscription(world, path.id ?? "", given),
  ),
  operation("DELETE /v1/subscriptions/:id/discount", params()({}), ({ world, path }) =>
    dropDiscounts(world, path.id ?? ""),
  ),
  operation("POST /v1/subscriptions/:id/pause", pauseParams, ({ world, path }) =>
    pauseSubscription(world, path.id ?? ""),
  ),
  operation("POST /v1/subscriptions/:id/resume", resumeParams, ({ world, params: given, path }) =>
    resumeSubscription(world, path.id ?? "", given),
  ),
];
