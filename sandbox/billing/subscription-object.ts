import type Stripe from "stripe";
import { clockOf, emit } from "../events/emit.ts";
import { missing } from "../protocol/errors.ts";
import { embedded } from "../protocol/list.ts";
import { idOf } from "../state/reference.ts";
import type { World } from "../state/world.ts";
import type { Period, Recurring } from "./period.ts";

type Subscription = Stripe.Subscription;

/** The members of a new subscription that differ from one to another. */
type Particulars = Pick<
  Subscription,
  | "automatic_tax"
  | "billing_cycle_anchor"
  | "cancel_at"
  | "cancel_at_period_end"
  | "canceled_at"
  | "collection_method"
  | "created"
  | "currency"
  | "days_until_due"
  | "default_payment_method"
  | "default_tax_rates"
  | "description"
  | "id"
  | "metadata"
  | "payment_settings"
  | "schedule"
  | "status"
  | "test_clock"
  | "trial_end"
  | "trial_settings"
  | "trial_start"
> & { customer: string };

export function subscriptionObject(
  particulars: Particulars,
  items: Stripe.SubscriptionItem[],
): Subscription {
  return {
    object: "subscription",
    application: null,
    application_fee_percent: null,
    billing_cycle_anchor_config: null,
    billing_mode: { flexible: { proration_discounts: "included" }, type: "flexible" },
    billing_schedules: [],
    billing_thresholds: null,
    cancellation_details: { comment: null, feedback: null, feedback_option: null, reason: null },
    customer_account: null,
    default_source: null,
    discounts: [],
    ended_at: null,
    invoice_settings: {
      account_tax_ids: null,
      custom_fields: null,
      description: null,
      footer: null,
      issuer: { type: "self" },
    },
    items: itemsList(particulars.id, items),
    latest_invoice: null,
    livemode: false,
    managed_payments: null,
    next_pending_invoice_item_invoice: null,
    on_behalf_of: null,
    pause_collection: null,
    pending_invoice_item_interval: null,
    pending_setup_intent: null,
    pending_update: null,
    start_date: particulars.created,
    transfer_data: null,
    ...particulars,
  } satisfies Subscription;
}

export function itemObject(
  item: Pick<
    Stripe.SubscriptionItem,
    "created" | "id" | "metadata" | "price" | "subscription" | "tax_rates"
  > & {
    quantity: number;
    period: Period;
  },
): Stripe.SubscriptionItem {
  const { period, ...members } = item;
  return {
    ...members,
    object: "subscription_item",
    billing_thresholds: null,
    current_period_end: period.end,
    current_period_start: period.start,
    current_trial: null,
    discounts: [],
    plan: planOf(item.price),
  } satisfies Stripe.SubscriptionItem;
}

/** A recurring price under its older name. */
export function planOf(price: Stripe.Price): Stripe.Plan {
  const recurring = recurringOf(price);
  return {
    id: price.id,
    object: "plan",
    active: price.active,
    amount: price.unit_amount,
    amount_decimal: price.unit_amount_decimal,
    billing_scheme: price.billing_scheme,
    created: price.created,
    currency: price.currency,
    interval: recurring.interval,
    interval_count: recurring.interval_count,
    livemode: false,
    metadata: price.metadata,
    meter: null,
    nickname: price.nickname,
    product: idOf(price.product),
    tiers_mode: null,
    transform_usage: null,
    trial_period_days: price.recurring?.trial_period_days ?? null,
    usage_type: "licensed",
  } satisfies Stripe.Plan;
}

export function recurringOf(price: Stripe.Price): Recurring {
  if (!price.recurring) throw new Error(`price ${price.id} does not recur`);
  return price.recurring;
}

/** How often the subscription is billed: all of its items alike. */
export function intervalOf(subscription: Subscription): Recurring {
  return recurringOf(firstItem(subscription).price);
}

/** The period that was billed last: all of its items alike. */
export function periodOf(subscription: Subscription): Period {
  const item = firstItem(subscription);
  return { start: item.current_period_start, end: item.current_period_end };
}

function firstItem(subscription: Subscription): Stripe.SubscriptionItem {
  const [item] = subscription.items.data;
  if (!item) throw new Error(`subscription ${subscription.id} has no items`);
  return item;
}

export function itemsList(id: string, items: Stripe.SubscriptionItem[]): Subscription["items"] {
  return embedded(`/v1/subscription_items?subscription=${id}`, items);
}

export function withItems(
  subscription: Subscription,
  items: Stripe.SubscriptionItem[],
): Subscription {
  return { ...subscription, items: itemsList(subscription.id, items) };
}

export function withPeriod(subscription: Subscription, { start, end }: Period): Subscription {
  const rolled = subscription.items.data.map((item) => ({
    ...item,
    current_period_start: start,
    current_period_end: end,
  }));
  return withItems(subscription, rolled);
}

export function subscriptionNamed(world: World, id: string, param = "id"): Subscription {
  const subscription = world.get("subscription", id);
  if (!subscription) throw missing("subscription", id, param);
  return subscription;
}

/** Keeps a changed subscription and says what changed; says nothing where nothing did. */
export function saveSubscription(world: World, after: Subscription): Subscription {
  const before = subscriptionNamed(world, after.id);
  if (JSON.stringify(before) === JSON.stringify(after)) return before;
  world.put("subscription", after);
  emit(world, "customer.subscription.updated", after, { before });
  return after;
}

export function timeOf(world: World, object: object): number {
  return world.now(clockOf(world, object));
}

/** The subscription that an invoice bills. */
export function subscriptionOf(invoice: Stripe.Invoice): string | null {
  return idOf(invoice.parent?.subscription_details?.subscription) ?? null;
}

export function hasEnded(subscription: Subscription): boolean {
  return subscription.status === "canceled" || subscription.status === "incomplete_expired";
}
