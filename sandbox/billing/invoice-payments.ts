import type Stripe from "stripe";
import { clockOf, emit } from "../events/emit.ts";
import { cancelIntent } from "../payments/confirm.ts";
import { idOf } from "../state/reference.ts";
import type { World } from "../state/world.ts";
import { changeInvoice } from "./invoice-object.ts";

/** The payments of an invoice, oldest first. */
export function paymentsOf(world: World, invoiceId: string): readonly Stripe.InvoicePayment[] {
  return world.of("invoice_payment", "invoice", invoiceId);
}

/** The payment that an open invoice waits for. */
export function openPaymentOf(world: World, invoiceId: string): Stripe.InvoicePayment | undefined {
  return paymentsOf(world, invoiceId).find(({ status }) => status === "open");
}

/** The payment intent that pays an invoice by default. */
export function intentOf(world: World, invoiceId: string): Stripe.PaymentIntent | undefined {
  const payment = paymentsOf(world, invoiceId).find(({ is_default }) => is_default);
  return world.get("payment_intent", idOf(payment?.payment.payment_intent) ?? "");
}

/** Ties an intent to the invoice that it is to pay. */
export function openPayment(
  world: World,
  invoice: Stripe.Invoice,
  intent: Stripe.PaymentIntent,
): Stripe.InvoicePayment {
  return world.put("invoice_payment", {
    id: world.newId("inpay"),
    object: "invoice_payment",
    amount_paid: null,
    amount_requested: invoice.amount_remaining,
    created: world.now(clockOf(world, invoice)),
    currency: invoice.currency,
    invoice: invoice.id,
    is_default: true,
    livemode: false,
    payment: { payment_intent: intent.id, type: "payment_intent" },
    status: "open",
    status_transitions: { canceled_at: null, paid_at: null },
  } satisfies Stripe.InvoicePayment);
}

/** Follows what an invoice still asks for, after a credit note took from it. */
export function resizePayment(world: World, invoice: Stripe.Invoice): void {
  const payment = openPaymentOf(world, invoice.id);
  const intent = intentOf(world, invoice.id);
  if (!payment || !intent) return;
  world.put("invoice_payment", { ...payment, amount_requested: invoice.amount_remaining });
  world.put("payment_intent", { ...intent, amount: invoice.amount_remaining });
}

/** Gives up the payment that an invoice waits for, with its intent. */
export function cancelPayment(
  world: World,
  invoice: Stripe.Invoice,
  reason: Stripe.PaymentIntent.CancellationReason,
): void {
  const payment = openPaymentOf(world, invoice.id);
  if (!payment) return;
  world.put("invoice_payment", {
    ...payment,
    status: "canceled",
    status_transitions: { canceled_at: world.now(clockOf(world, invoice)), paid_at: null },
  });
  const intent = idOf(payment.payment.payment_intent);
  if (intent !== undefined) cancelIntent(world, intent, reason);
}

/** Marks an invoice as paid: by its intent, out of band, or by nothing where nothing was due. */
export function settle(
  world: World,
  invoice: Stripe.Invoice,
  {
    paid,
    isOutOfBand = false,
    attemptCount = invoice.attempt_count,
  }: { paid: number; isOutOfBand?: boolean; attemptCount?: number },
): Stripe.Invoice {
  const now = world.now(clockOf(world, invoice));
  if (isOutOfBand || paid === 0) cancelPayment(world, invoice, "abandoned");
  const after = changeInvoice(world, invoice, {
    amount_paid: invoice.amount_paid + paid,
    ...(isOutOfBand ? { amount_paid_off_stripe: paid } : {}),
    amount_remaining: 0,
    attempt_count: attemptCount,
    attempted: true,
    auto_advance: false,
    next_payment_attempt: null,
    status: "paid",
    status_transitions: { ...invoice.status_transitions, paid_at: now },
  });
  emit(world, "invoice.paid", after);
  emit(world, "invoice.payment_succeeded", after);
  const payment = openPaymentOf(world, invoice.id);
  if (!payment) return after;
  const done = world.put("invoice_payment", {
    ...payment,
    amount_paid: paid,
    status: "paid",
    status_transitions: { canceled_at: null, paid_at: now },
  });
  emit(world, "invoice_payment.paid", done, { clock: clockOf(world, invoice) });
  return after;
}
