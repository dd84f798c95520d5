import type Stripe from "stripe";
import { emit } from "../events/emit.ts";
import { invalid } from "../protocol/errors.ts";
import { idOf } from "../state/reference.ts";
import type { World } from "../state/world.ts";
import { voidInvoice } from "./invoice.ts";
import { HOUR } from "./period.ts";
import { noteTime, timeNote } from "./subscription-notes.ts";
import { saveSubscription, subscriptionNamed, timeOf, withItems } from "./subscription-object.ts";
import type { Plan } from "./subscription-plan.ts";
import type { SubscriptionChanges } from "./subscription-terms.ts";

/** How long a pending update waits for its payment. *From memory.* */
const PENDING_SECONDS = 23 * HOUR;

/** What may be changed with `pending_if_incomplete`. */
const PENDABLE = new Set([
  "add_invoice_items",
  "billing_cycle_anchor",
  "items",
  "metadata",
  "off_session",
  "payment_behavior",
  "proration_behavior",
  "proration_date",
  "trial_end",
]);

export function refuseForPending(changes: SubscriptionChanges): void {
  for (const [name, value] of Object.entries(changes)) {
    if (value === undefined || PENDABLE.has(name)) continue;
    throw invalid(
      `You can't pass \`${name}\` when \`payment_behavior\` is \`pending_if_incomplete\`.`,
      { param: name },
    );
  }
}

/** Leaves the subscription as it was, and keeps the change until its invoice is paid. */
export function keepPendingUpdate(
  world: World,
  { next }: Plan,
  invoice: string,
  changes: SubscriptionChanges,
): void {
  const before = subscriptionNamed(world, next.id);
  const isMoved = next.billing_cycle_anchor !== before.billing_cycle_anchor;
  noteTime(world, next.id, { pendingInvoice: invoice });
  saveSubscription(world, {
    ...before,
    latest_invoice: invoice,
    pending_update: {
      billing_cycle_anchor: isMoved ? next.billing_cycle_anchor : null,
      cancel_at_period_end: null,
      discount: null,
      discounts: null,
      expires_at: timeOf(world, before) + PENDING_SECONDS,
      metadata: changes.metadata === undefined ? null : next.metadata,
      subscription_items: next.items.data,
      trial_end: next.trial_end === before.trial_end ? null : next.trial_end,
      trial_from_plan: null,
    },
  });
}

/** Whether an invoice is the one whose payment a pending update waits for. */
export function isAwaitedBy(
  world: World,
  subscription: Stripe.Subscription,
  invoice: Stripe.Invoice,
): boolean {
  const awaited = timeNote(world, subscription.id).pendingInvoice;
  return subscription.pending_update !== null && awaited === invoice.id;
}

/** Makes the change that waited for its payment. */
export function applyPendingUpdate(world: World, before: Stripe.Subscription): void {
  const pending = before.pending_update;
  if (!pending) return;
  const trialEnd = pending.trial_end;
  const isTrial = trialEnd !== null && trialEnd > timeOf(world, before);
  const changed: Stripe.Subscription = {
    ...before,
    billing_cycle_anchor: pending.billing_cycle_anchor ?? before.billing_cycle_anchor,
    metadata: pending.metadata ?? before.metadata,
    pending_update: null,
    status: trialEnd === null ? before.status : isTrial ? "trialing" : "active",
    trial_end: trialEnd ?? before.trial_end,
  };
  const after = withItems(changed, pending.subscription_items ?? before.items.data);
  noteTime(world, before.id, { pendingInvoice: null });
  emit(world, "customer.subscription.pending_update_applied", saveSubscription(world, after));
}

/** The payment did not come in time: the change is forgotten and its invoice voided. */
export function expirePendingUpdate(world: World, subscription: Stripe.Subscription): void {
  const invoice = timeNote(world, subscription.id).pendingInvoice;
  if (invoice !== null && world.get("invoice", invoice)?.status === "open") {
    voidInvoice(world, invoice);
  }
  forgetPendingUpdate(world, subscription.id);
}

/** Says that a pending update will not come any more. */
export function forgetPendingUpdate(world: World, id: string): void {
  noteTime(world, id, { pendingInvoice: null });
  const before = subscriptionNamed(world, id);
  if (!before.pending_update) return;
  const after = saveSubscription(world, { ...before, pending_update: null });
  emit(world, "customer.subscription.pending_update_expired", after);
}

/** A newer change takes the place of one that still waits. */
export function dropPendingUpdate(world: World, subscription: Stripe.Subscription): void {
  const invoice = timeNote(world, subscription.id).pendingInvoice;
  if (invoice !== null && world.get("invoice", invoice)?.status === "open") {
    voidInvoice(world, invoice);
  }
  noteTime(world, subscription.id, { pendingInvoice: null });
  saveSubscription(world, { ...subscriptionNamed(world, subscription.id), pending_update: null });
}

export function latestInvoiceOf(
  world: World,
  subscription: Stripe.Subscription,
): Stripe.Invoice | undefined {
  return world.get("invoice", idOf(subscription.latest_invoice) ?? "");
}
