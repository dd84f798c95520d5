import type Stripe from "stripe";
import { clockOf, emit } from "../events/emit.ts";
import { createIntent } from "../payments/confirm.ts";
import { invalid } from "../protocol/errors.ts";
import { originOf } from "../state/origin.ts";
import { idOf } from "../state/reference.ts";
import type { World } from "../state/world.ts";
import { moveBalance } from "./balance.ts";
import { endUsedDiscounts } from "./discounts.ts";
import { customerOf, invoiceOf, settledWithBalance, subscriptionOf } from "./invoice-object.ts";
import { openPayment, settle } from "./invoice-payments.ts";

/**
 * Makes a draft final: number, the customer's balance, a payment intent where money is due. Paid at once
 * where nothing is. Discounts for one invoice only are gone from the subscription afterwards: read it again.
 */
export function finalizeInvoice(world: World, id: string): Stripe.Invoice {
  const draft = invoiceOf(world, id);
  if (draft.status !== "draft") {
    throw invalid("This invoice is already finalized, you can't re-finalize a non-draft invoice.", {
      code: "invoice_not_editable",
    });
  }
  const invoice = withBalance(world, {
    ...draft,
    number: draft.number ?? nextNumber(world, draft),
  });
  const now = world.now(clockOf(world, draft));
  const intent = invoice.amount_due > 0 ? intentFor(world, invoice) : undefined;
  const page = `${originOf(world)}/_pages/invoice/${id}`;
  const open = world.put("invoice", {
    ...invoice,
    automatically_finalizes_at: null,
    effective_at: draft.effective_at ?? now,
    hosted_invoice_url: page,
    invoice_pdf: `${page}/pdf`,
    next_payment_attempt: null,
    status: "open",
    status_transitions: { ...draft.status_transitions, finalized_at: now },
  });
  if (intent) openPayment(world, open, intent);
  emit(world, "invoice.finalized", open);
  endUsedDiscounts(world, open);
  return intent ? open : settle(world, open, { paid: 0 });
}

function nextNumber(world: World, invoice: Stripe.Invoice): string {
  const customer = customerOf(world, invoice);
  if (!customer) throw invalid("The customer of this invoice was deleted.");
  const sequence = customer.next_invoice_sequence ?? 1;
  world.put("customer", { ...customer, next_invoice_sequence: sequence + 1 });
  return `${customer.invoice_prefix ?? "INVOICE"}-${String(sequence).padStart(4, "0")}`;
}

/** The customer's balance as it is now goes in, and what is left of it goes back. */
function withBalance(world: World, invoice: Stripe.Invoice): Stripe.Invoice {
  const customer = customerOf(world, invoice);
  const isInTheirs = customer?.currency === invoice.currency;
  const starting = isInTheirs ? customer.balance : 0;
  const settled = settledWithBalance(invoice.total, starting, invoice.currency);
  const amount = settled.balance - starting;
  if (customer && amount !== 0) {
    moveBalance(world, {
      customer: customer.id,
      amount,
      currency: invoice.currency,
      type: settled.isTooSmall ? "invoice_too_small" : "applied_to_invoice",
      invoice: invoice.id,
    });
  }
  return {
    ...invoice,
    amount_due: settled.due,
    amount_remaining: settled.due,
    ending_balance: settled.balance,
    starting_balance: starting,
  };
}

/** What a payment says it is for. */
const PURPOSES: Readonly<Record<string, string>> = {
  subscription_create: "Subscription creation",
  subscription_cycle: "Subscription update",
  subscription_update: "Subscription update",
};

function intentFor(world: World, invoice: Stripe.Invoice): Stripe.PaymentIntent {
  const isFirst = invoice.billing_reason === "subscription_create";
  return createIntent(world, {
    amount: invoice.amount_due,
    currency: invoice.currency,
    customer: idOf(invoice.customer),
    description: PURPOSES[invoice.billing_reason ?? ""] ?? "Payment for Invoice",
    invoice: invoice.id,
    setupFutureUse: isFirst && subscriptionOf(invoice) !== undefined ? "off_session" : undefined,
  });
}
