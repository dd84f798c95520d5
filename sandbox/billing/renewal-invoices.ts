import type Stripe from "stripe";
import type { Due } from "../clock/due.ts";
import { emit } from "../events/emit.ts";
import { paymentMethodFor } from "../payments/methods.ts";
import { idOf } from "../state/reference.ts";
import type { ClockRef, World } from "../state/world.ts";
import { afterFailedAttempt } from "./dunning.ts";
import { nextAttemptAfter } from "./dunning-retries.ts";
import {
  collectInvoice,
  finalizeInvoice,
  markUncollectible,
  setNextAttempt,
  voidInvoice,
} from "./invoice.ts";
import { subscriptionAfterInvoice } from "./subscription-after-invoice.ts";
import { saveSubscription, subscriptionOf } from "./subscription-object.ts";

/** What time does to subscriptions' invoices: drafts become final and are attempted, open ones are tried again or overdue. */
export function renewalInvoiceDue(world: World, clock: ClockRef): Due | undefined {
  let first: Due | undefined;
  for (const invoice of world.all("invoice")) {
    if (invoice.status !== "draft" && invoice.status !== "open") continue;
    if ((idOf(invoice.test_clock) ?? null) !== clock || subscriptionOf(invoice) === null) continue;
    const due = dueOf(world, invoice);
    if (due && (!first || due.at < first.at)) first = due;
  }
  return first;
}

function dueOf(world: World, invoice: Stripe.Invoice): Due | undefined {
  const { automatically_finalizes_at: finalizesAt, next_payment_attempt: attemptAt } = invoice;
  if (invoice.status === "draft") {
    if (!invoice.auto_advance || !finalizesAt) return undefined;
    return { at: finalizesAt, run: () => finalizeByTime(world, invoice) };
  }
  if (attemptAt !== null) return { at: attemptAt, run: () => attemptByTime(world, invoice) };
  if (invoice.due_date === null) return undefined;
  const subscription = world.get("subscription", subscriptionOf(invoice) ?? "");
  if (subscription?.status !== "active") return undefined;
  return { at: invoice.due_date, run: () => becomeOverdue(world, invoice, subscription) };
}

function finalizeByTime(world: World, draft: Stripe.Invoice): void {
  const final = finalizeInvoice(world, draft.id);
  if (final.status === "paid") {
    subscriptionAfterInvoice(world, final);
    return;
  }
  const subscription = world.get("subscription", subscriptionOf(final) ?? "");
  switch (subscription?.pause_collection?.behavior) {
    case "void":
      voidInvoice(world, final.id);
      return;
    case "mark_uncollectible":
      markUncollectible(world, final.id);
      return;
  }
  if (final.collection_method === "send_invoice") emit(world, "invoice.sent", final);
  else attemptByTime(world, final);
}

/** An attempt with nobody there. Where there is nothing to charge, it is not tried again. */
function attemptByTime(world: World, invoice: Stripe.Invoice): void {
  const customer = idOf(invoice.customer) ?? "";
  const subscription = subscriptionOf(invoice);
  const canPay = paymentMethodFor(world, { invoice, subscription, customer }) !== undefined;
  const next = canPay ? nextAttemptAfter(world, invoice) : null;
  setNextAttempt(world, invoice.id, next);
  const settled = collectInvoice(world, invoice.id, { offSession: true });
  if (settled.outcome === "paid") subscriptionAfterInvoice(world, settled.invoice);
  else if (settled.outcome !== "processing") {
    afterFailedAttempt(world, settled.invoice, { isLast: canPay && next === null });
  }
}

function becomeOverdue(
  world: World,
  invoice: Stripe.Invoice,
  subscription: Stripe.Subscription,
): void {
  emit(world, "invoice.overdue", invoice);
  saveSubscription(world, { ...subscription, status: "past_due" });
}
