import type Stripe from "stripe";
import { emit } from "../events/emit.ts";
import { missing } from "../protocol/errors.ts";
import { idOf } from "../state/reference.ts";
import type { World } from "../state/world.ts";
import { addInvoiceItem } from "./invoice.ts";
import { pendingItems } from "./invoice-items.ts";
import { changeInvoice } from "./invoice-object.ts";
import { creditLines } from "./proration.ts";
import { cancelScheduleOf } from "./schedule-end.ts";
import { billSubscription, settleAtOnce } from "./subscription-bill.ts";
import {
  hasEnded,
  periodOf,
  subscriptionNamed,
  subscriptionOf,
  timeOf,
} from "./subscription-object.ts";
import type { Cancellation, CancellationDetails } from "./subscription-terms.ts";

/** Ends a subscription at once. Nothing is given back or billed unless asked for. */
export function cancelSubscription(
  world: World,
  id: string,
  cancellation: Cancellation = {},
): Stripe.Subscription {
  const subscription = subscriptionNamed(world, id);
  if (hasEnded(subscription)) throw missing("subscription", id);
  return endSubscription(world, subscription, {
    ...cancellation,
    reason: "cancellation_requested",
  });
}

type End = Cancellation & { reason: Stripe.Subscription.CancellationDetails.Reason | null };

/** Ends a subscription, whoever wants it, and stops collecting its invoices. */
export function endSubscription(
  world: World,
  before: Stripe.Subscription,
  { cancellation_details, invoice_now = false, prorate = false, reason }: End,
): Stripe.Subscription {
  const now = timeOf(world, before);
  if (prorate) giveBack(world, before, now);
  stopCollecting(world, before.id);
  const latest = invoice_now ? lastInvoice(world, before, now) : undefined;
  cancelScheduleOf(world, before, { isUnpaid: reason === "payment_failed" });
  const isAsPlanned = before.cancel_at !== null && before.cancel_at <= now;
  const after = world.put("subscription", {
    ...before,
    cancel_at_period_end: isAsPlanned && before.cancel_at_period_end,
    canceled_at: (isAsPlanned ? before.canceled_at : null) ?? now,
    cancellation_details: detailed(before, cancellation_details, reason),
    ended_at: now,
    latest_invoice: latest?.id ?? before.latest_invoice,
    pending_update: null,
    status: "canceled",
  });
  emit(world, "customer.subscription.deleted", after);
  return after;
}

/** What is known of why a subscription ends, with what a call adds. */
export function detailed(
  { cancellation_details }: Stripe.Subscription,
  given: CancellationDetails | undefined,
  reason: Stripe.Subscription.CancellationDetails.Reason | null,
): Stripe.Subscription.CancellationDetails {
  const { comment, feedback } = given ?? {};
  return {
    comment: comment === undefined ? (cancellation_details?.comment ?? null) : comment,
    feedback: feedback === undefined ? (cancellation_details?.feedback ?? null) : feedback,
    feedback_option: null,
    reason: reason ?? cancellation_details?.reason ?? null,
  };
}

function giveBack(world: World, subscription: Stripe.Subscription, at: number): void {
  const customer = idOf(subscription.customer);
  for (const item of subscription.items.data) {
    for (const line of creditLines(world, item, at)) addInvoiceItem(world, { customer, line });
  }
}

/** A last invoice for what is still pending; a negative one goes to the customer's balance. */
function lastInvoice(
  world: World,
  subscription: Stripe.Subscription,
  now: number,
): Stripe.Invoice | undefined {
  const pending = pendingItems(world, {
    customer: idOf(subscription.customer),
    currency: subscription.currency,
    subscription: subscription.id,
    which: "subscription",
  });
  if (pending.length === 0) return undefined;
  const draft = billSubscription(world, subscription, {
    id: world.newId("in"),
    reason: "subscription_update",
    lines: [],
    period: { start: periodOf(subscription).start, end: now },
    withPendingItems: "subscription",
  });
  const how = { behavior: "allow_incomplete", offSession: true, retries: false } as const;
  return settleAtOnce(world, draft, how).invoice;
}

function stopCollecting(world: World, subscription: string): void {
  for (const invoice of world.all("invoice")) {
    const isWaiting = invoice.status === "draft" || invoice.status === "open";
    if (!isWaiting || subscriptionOf(invoice) !== subscription) continue;
    if (!invoice.auto_advance && invoice.next_payment_attempt === null) continue;
    changeInvoice(world, invoice, {
      auto_advance: false,
      automatically_finalizes_at: null,
      next_payment_attempt: null,
    });
  }
}
