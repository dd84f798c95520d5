import type Stripe from "stripe";
import { emit } from "../events/emit.ts";
import { confirmIntent } from "../payments/confirm.ts";
import { paymentMethodFor } from "../payments/methods.ts";
import { invalid, type StripeError } from "../protocol/errors.ts";
import { idOf } from "../state/reference.ts";
import type { World } from "../state/world.ts";
import { changeInvoice, invoiceOf, subscriptionOf } from "./invoice-object.ts";
import { intentOf, settle } from "./invoice-payments.ts";

export type Collected = {
  readonly outcome: "paid" | "requires_action" | "declined" | "no_method" | "processing";
  readonly invoice: Stripe.Invoice;
  readonly error?: StripeError;
};

export type Collection = {
  readonly offSession: boolean;
  readonly paymentMethod?: string | undefined;
  readonly paidOutOfBand?: boolean | undefined;
  /** Asked for by a person, so that it does not count among the retries after the first attempt. */
  readonly isManual?: boolean | undefined;
};

/** Tries to have an open invoice paid. Neither the subscription nor the next attempt is touched. */
export function collectInvoice(world: World, id: string, how: Collection): Collected {
  const invoice = collectable(world, id);
  if (how.paidOutOfBand) {
    const paid = { paid: invoice.amount_remaining, isOutOfBand: true };
    return { outcome: "paid", invoice: settle(world, invoice, paid) };
  }
  const method = how.paymentMethod ?? methodOf(world, invoice);
  const intent = intentOf(world, id);
  if (!intent) throw new Error(`open invoice without a payment intent: ${id}`);
  if (method === undefined) {
    const failed = attempted(world, invoice, how.isManual);
    emit(world, "invoice.payment_failed", failed);
    return { outcome: "no_method", invoice: failed, error: withoutMethod() };
  }
  const attempt = confirmIntent(world, intent.id, {
    paymentMethod: method,
    offSession: how.offSession,
  });
  if (attempt.outcome === "succeeded") {
    return { outcome: "paid", invoice: paidInFull(world, invoice, how.isManual) };
  }
  const after = attempted(world, invoice, how.isManual);
  if (attempt.outcome === "processing") return { outcome: "processing", invoice: after };
  tellOfFailure(world, after, attempt.outcome, attempt.error);
  return { ...attempt, outcome: attempt.outcome, invoice: after };
}

function collectable(world: World, id: string): Stripe.Invoice {
  const invoice = invoiceOf(world, id);
  if (invoice.status === "open" || invoice.status === "uncollectible") return invoice;
  if (invoice.status === "paid") throw invalid("Invoice is already paid");
  throw invalid(`You cannot pay an invoice with status ${invoice.status}.`);
}

function methodOf(world: World, invoice: Stripe.Invoice): string | undefined {
  const customer = idOf(invoice.customer);
  if (customer === undefined) return undefined;
  const subscription = subscriptionOf(invoice);
  return paymentMethodFor(world, { invoice, subscription, customer })?.id;
}

function withoutMethod(): StripeError {
  return invalid("There is no `default_payment_method` set on this Customer or Invoice.");
}

function attemptCount(invoice: Stripe.Invoice, isManual = false): number {
  return isManual && invoice.attempt_count > 0 ? invoice.attempt_count : invoice.attempt_count + 1;
}

/** Counts an attempt that has not paid the invoice; one by hand only where it is the first. */
export function attempted(world: World, invoice: Stripe.Invoice, isManual = false): Stripe.Invoice {
  return changeInvoice(world, invoice, {
    attempt_count: attemptCount(invoice, isManual),
    attempted: true,
  });
}

export function paidInFull(
  world: World,
  invoice: Stripe.Invoice,
  isManual = false,
): Stripe.Invoice {
  const count = attemptCount(invoice, isManual);
  return settle(world, invoice, { paid: invoice.amount_remaining, attemptCount: count });
}

/** The bank's question is also a failure where nobody was there to answer it. */
function tellOfFailure(
  world: World,
  invoice: Stripe.Invoice,
  outcome: "requires_action" | "declined",
  error?: StripeError,
): void {
  const isAsked = outcome === "requires_action" || error?.body.code === "authentication_required";
  if (outcome === "declined") emit(world, "invoice.payment_failed", invoice);
  if (isAsked) emit(world, "invoice.payment_action_required", invoice);
}
