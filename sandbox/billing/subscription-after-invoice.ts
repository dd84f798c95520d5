import type Stripe from "stripe";
import { emit } from "../events/emit.ts";
import { idOf } from "../state/reference.ts";
import type { World } from "../state/world.ts";
import { afterFailedAttempt } from "./dunning.ts";
import { intentOf } from "./invoice.ts";
import { applyPendingUpdate, forgetPendingUpdate, isAwaitedBy } from "./pending-update.ts";
import {
  hasEnded,
  saveSubscription,
  subscriptionNamed,
  subscriptionOf,
  timeOf,
} from "./subscription-object.ts";

/**
 * Lets a subscription follow its invoice, after somebody else changed the invoice's standing: it was
 * paid, voided, given up, or an attempt to collect it has failed. Does nothing for other invoices, and
 * nothing the second time.
 */
export function subscriptionAfterInvoice(world: World, invoice: Stripe.Invoice): void {
  const subscription = world.get("subscription", subscriptionOf(invoice) ?? "");
  if (!subscription || hasEnded(subscription)) return;
  switch (invoice.status) {
    case "paid":
      afterPayment(world, subscription, invoice);
      break;
    case "void":
    case "uncollectible":
      afterGivingUp(world, subscription, invoice);
      break;
    case "open":
      if (invoice.attempted) afterFailedAttempt(world, invoice, { isLast: false });
      break;
  }
}

function afterPayment(world: World, before: Stripe.Subscription, invoice: Stripe.Invoice): void {
  const isPending = isAwaitedBy(world, before, invoice);
  if (isPending) applyPendingUpdate(world, before);
  const subscription = keepMethod(world, subscriptionNamed(world, before.id), invoice);
  if (subscription.status === "paused") {
    resumeAfterPayment(world, subscription, invoice);
    return;
  }
  const isLatest = idOf(subscription.latest_invoice) === invoice.id;
  const recovers = isLatest || !owesOther(world, subscription, invoice);
  const waits = ["incomplete", "past_due", "unpaid"].includes(subscription.status);
  if (waits && recovers) saveSubscription(world, { ...subscription, status: "active" });
}

/** With `save_default_payment_method`, the card that has paid is the subscription's from then on. */
function keepMethod(
  world: World,
  subscription: Stripe.Subscription,
  invoice: Stripe.Invoice,
): Stripe.Subscription {
  const keeps = subscription.payment_settings?.save_default_payment_method === "on_subscription";
  const method = idOf(intentOf(world, invoice.id)?.payment_method);
  if (!keeps || !method || subscription.default_payment_method !== null) return subscription;
  return saveSubscription(world, { ...subscription, default_payment_method: method });
}

function resumeAfterPayment(
  world: World,
  subscription: Stripe.Subscription,
  invoice: Stripe.Invoice,
): void {
  if (idOf(subscription.latest_invoice) !== invoice.id) return;
  const { status_details: _, ...rest } = subscription;
  const after = saveSubscription(world, { ...rest, status: "active" });
  emit(world, "customer.subscription.resumed", after);
}

function owesOther(world: World, subscription: Stripe.Subscription, paid: Stripe.Invoice): boolean {
  return world
    .all("invoice")
    .some(
      (invoice) =>
        invoice.id !== paid.id &&
        invoice.status === "open" &&
        invoice.attempted &&
        subscriptionOf(invoice) === subscription.id,
    );
}

function afterGivingUp(
  world: World,
  subscription: Stripe.Subscription,
  invoice: Stripe.Invoice,
): void {
  if (isAwaitedBy(world, subscription, invoice)) {
    if (invoice.status === "void") forgetPendingUpdate(world, subscription.id);
    return;
  }
  if (idOf(subscription.latest_invoice) !== invoice.id) return;
  if (subscription.status === "incomplete") {
    expireIncomplete(world, subscription);
    return;
  }
  const isOwing = subscription.status === "past_due" || subscription.status === "unpaid";
  if (isOwing) saveSubscription(world, { ...subscription, status: "active" });
}

/** The first payment never came: the subscription ends without having begun. */
export function expireIncomplete(world: World, subscription: Stripe.Subscription): void {
  saveSubscription(world, {
    ...subscription,
    ended_at: timeOf(world, subscription),
    status: "incomplete_expired",
  });
}
