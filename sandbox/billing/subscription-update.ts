import type Stripe from "stripe";
import { emit } from "../events/emit.ts";
import { invalid, notModelled } from "../protocol/errors.ts";
import { mergeMetadata } from "../protocol/params.ts";
import { idOf } from "../state/reference.ts";
import type { World } from "../state/world.ts";
import { detailed } from "./cancel.ts";
import { discountsFrom } from "./discounts.ts";
import { addInvoiceItem } from "./invoice.ts";
import { dropPendingUpdate, keepPendingUpdate, refuseForPending } from "./pending-update.ts";
import { followSubscription } from "./schedule-follow.ts";
import { billSubscription, type Settled, settleAtOnce } from "./subscription-bill.ts";
import { cancelFields } from "./subscription-cancel-date.ts";
import { extraLines } from "./subscription-lines.ts";
import {
  hasEnded,
  periodOf,
  saveSubscription,
  subscriptionNamed,
  timeOf,
} from "./subscription-object.ts";
import { type Plan, planChange } from "./subscription-plan.ts";
import { ownMethod, paymentSettings, taxTerms, trialSettings } from "./subscription-settings.ts";
import type { SubscriptionChanges } from "./subscription-terms.ts";
import { announceTrialEnd } from "./trial.ts";
import { endTrialWithoutMethod } from "./trial-end.ts";

/** Changes a subscription and bills what the change costs, by `proration_behavior` and `payment_behavior`. */
export function updateSubscription(
  world: World,
  id: string,
  changes: SubscriptionChanges,
): Stripe.Subscription {
  const before = subscriptionNamed(world, id);
  refuseUpdate(before, changes);
  if (changes.payment_behavior === "pending_if_incomplete") refuseForPending(changes);
  if (isBilling(changes) && before.pending_update) dropPendingUpdate(world, before);
  return changeSubscription(world, subscriptionNamed(world, id), changes);
}

/** The same without asking whether the caller may, for schedules. */
export function changeSubscription(
  world: World,
  before: Stripe.Subscription,
  changes: SubscriptionChanges,
): Stripe.Subscription {
  const changed = withMembers(world, before, changes);
  if (changes.trial_end === "now" && !changes.items) {
    const ended = endTrialWithoutMethod(world, changed);
    if (ended) return ended;
  }
  const plan = planChange(world, changed, changes);
  carryOut(world, plan, changes);
  addExtras(world, before, changes);
  const after = subscriptionNamed(world, before.id);
  if (changes.items) followSubscription(world, after);
  announceTrialEnd(world, after);
  return after;
}

/** Up to the draft and no further, for previews: undefined where nothing is billed at once. */
export function draftOfChange(
  world: World,
  id: string,
  changes: SubscriptionChanges,
): Stripe.Invoice | undefined {
  const before = subscriptionNamed(world, id);
  const plan = planChange(world, withMembers(world, before, changes), changes);
  if (plan.billsNow) return draft(world, plan, world.newId("in"));
  keepForLater(world, plan);
  world.put("subscription", plan.next);
  return undefined;
}

function isBilling({ items, trial_end, billing_cycle_anchor }: SubscriptionChanges): boolean {
  const isMoved = billing_cycle_anchor?.type === "now";
  return items !== undefined || trial_end !== undefined || isMoved;
}

/** Refuses what Stripe refuses of a subscription in this state. */
export function refuseUpdate(before: Stripe.Subscription, changes: SubscriptionChanges): void {
  if (hasEnded(before)) {
    const { metadata: _, cancellation_details: __, ...others } = changes;
    if (Object.values(others).every((value) => value === undefined)) return;
    throw invalid("A canceled subscription can only update its cancellation_details and metadata.");
  }
  const changesEnd = changes.cancel_at !== undefined || changes.cancel_at_period_end !== undefined;
  if (before.schedule !== null && changesEnd) {
    throw invalid(
      `The subscription is managed by the subscription schedule \`${idOf(before.schedule)}\`, and updating any cancelation behavior directly is not allowed. Please update the schedule instead.`,
    );
  }
  if (!isBilling(changes)) return;
  if (before.status === "incomplete") {
    throw invalid("You cannot change what an incomplete subscription is billed for.", {
      param: "items",
    });
  }
  if (before.status === "paused") throw notModelled("changes of a paused subscription", "items");
}

/** All that a change says and that has no price, on the subscription as it was. */
export function withMembers(
  world: World,
  before: Stripe.Subscription,
  changes: SubscriptionChanges,
): Stripe.Subscription {
  const now = timeOf(world, before);
  const ends = cancelFields(changes, { now, period: periodOf(before), before });
  const isAsked = ends.canceled_at !== null && before.canceled_at === null;
  const isTakenBack = ends.canceled_at === null && before.canceled_at !== null;
  const reason = isAsked ? "cancellation_requested" : null;
  const details = detailed(before, changes.cancellation_details, reason);
  const customer = idOf(before.customer);
  return {
    ...before,
    ...(hasEnded(before) ? {} : ends),
    ...taxTerms(world, changes, world.get("customer", customer), before),
    cancellation_details: isTakenBack ? { ...details, reason: null } : details,
    collection_method: changes.collection_method ?? before.collection_method,
    days_until_due: daysUntilDue(before, changes),
    default_payment_method:
      changes.default_payment_method === undefined
        ? before.default_payment_method
        : ownMethod(world, changes.default_payment_method, customer),
    description: changes.description === undefined ? before.description : changes.description,
    discounts: changedDiscounts(world, before, changes),
    metadata: mergeMetadata(before.metadata, changes.metadata),
    pause_collection: pauseOf(before, changes),
    payment_settings: changes.payment_settings
      ? paymentSettings(changes.payment_settings)
      : before.payment_settings,
    trial_settings: changes.trial_settings
      ? trialSettings(changes.trial_settings)
      : before.trial_settings,
  };
}

function daysUntilDue(before: Stripe.Subscription, changes: SubscriptionChanges): number | null {
  const method = changes.collection_method ?? before.collection_method;
  if (method !== "send_invoice") return null;
  const days = changes.days_until_due ?? before.days_until_due;
  if (days !== null) return days;
  throw invalid("You must set `days_until_due` when `collection_method` is `send_invoice`.", {
    code: "parameter_missing",
    param: "days_until_due",
  });
}

function pauseOf(
  before: Stripe.Subscription,
  { pause_collection }: SubscriptionChanges,
): Stripe.Subscription.PauseCollection | null {
  if (pause_collection === undefined) return before.pause_collection;
  return (
    pause_collection && {
      behavior: pause_collection.behavior,
      resumes_at: pause_collection.resumes_at ?? null,
    }
  );
}

function changedDiscounts(
  world: World,
  before: Stripe.Subscription,
  { discounts }: SubscriptionChanges,
): Stripe.Subscription["discounts"] {
  if (discounts === undefined) return before.discounts;
  const owner = { customer: idOf(before.customer), subscription: before.id };
  const after = [...discountsFrom(world, discounts ?? [], owner)];
  for (const held of before.discounts) {
    const discount = world.get("discount", idOf(held));
    if (discount && !after.includes(discount.id)) {
      emit(world, "customer.discount.deleted", discount);
    }
  }
  return after;
}

function carryOut(world: World, plan: Plan, changes: SubscriptionChanges): void {
  const behavior = changes.payment_behavior ?? "allow_incomplete";
  if (!plan.billsNow) {
    keepForLater(world, plan);
    saveSubscription(world, plan.next);
    return;
  }
  const invoice = world.newId("in");
  const offSession = changes.off_session ?? false;
  if (behavior === "pending_if_incomplete") {
    const first = draft(world, plan, invoice);
    const how = { behavior: "allow_incomplete", offSession, retries: false } as const;
    const settled = settleAtOnce(world, first, how);
    const { discounts } = subscriptionNamed(world, plan.next.id);
    if (settled.outcome === "paid" || settled.outcome === "sent") {
      saveSubscription(world, { ...plan.next, discounts, latest_invoice: invoice });
    } else keepPendingUpdate(world, plan, invoice, changes);
    return;
  }
  saveSubscription(world, { ...plan.next, latest_invoice: invoice });
  const settled = settleAtOnce(world, draft(world, plan, invoice), {
    behavior,
    offSession,
    retries: true,
  });
  if (isOwed(settled)) becomePastDue(world, plan.next.id);
}

function isOwed({ outcome }: Settled): boolean {
  return outcome !== "paid" && outcome !== "sent" && outcome !== "processing";
}

function becomePastDue(world: World, id: string): void {
  const now = subscriptionNamed(world, id);
  if (now.status === "active") saveSubscription(world, { ...now, status: "past_due" });
}

function draft(world: World, plan: Plan, id: string): Stripe.Invoice {
  const { start } = periodOf(plan.next);
  return billSubscription(world, plan.next, {
    id,
    reason: "subscription_update",
    lines: plan.lines,
    period: { start, end: timeOf(world, plan.next) },
    withPendingItems: plan.resets ? "all" : "subscription",
    prorationDate: plan.prorationDate,
  });
}

/** What is not billed at once waits for the next invoice. */
function keepForLater(world: World, plan: Plan): void {
  const customer = idOf(plan.next.customer);
  for (const line of plan.lines) addInvoiceItem(world, { customer, line });
}

/** One-time items wait for the next invoice, whatever becomes of the rest. */
function addExtras(
  world: World,
  before: Stripe.Subscription,
  { add_invoice_items = [] }: SubscriptionChanges,
): void {
  const customer = idOf(before.customer);
  const at = timeOf(world, before);
  for (const line of extraLines(world, before.id, add_invoice_items, at)) {
    addInvoiceItem(world, { customer, line });
  }
}
