import type Stripe from "stripe";
import type { StripeError } from "../protocol/errors.ts";
import type { World } from "../state/world.ts";
import type { Debit, LineDraft } from "./lines.ts";

export type { Credited, Debit, LineDraft } from "./lines.ts";

export type InvoiceDraft = {
  readonly customer: string;
  readonly currency: string;
  readonly subscription?: string | undefined;
  readonly billingReason: Stripe.Invoice.BillingReason;
  readonly lines: readonly LineDraft[];
  readonly periodStart: number;
  readonly periodEnd: number;
  /** Discounts of the subscription or the customer, by id; those that ended or were used up are left out. */
  readonly discounts?: readonly string[];
  readonly collectionMethod?: "charge_automatically" | "send_invoice";
  readonly daysUntilDue?: number | null | undefined;
  readonly dueDate?: number | undefined;
  readonly defaultPaymentMethod?: string | null | undefined;
  readonly description?: string | null | undefined;
  readonly footer?: string | null | undefined;
  readonly metadata?: Readonly<Record<string, string>> | undefined;
  readonly prorationDate?: number | undefined;
  readonly autoAdvance: boolean;
  /** When time finalizes it; left out, an hour from now where it advances by itself. */
  readonly finalizesAt?: number | null | undefined;
  /** `all`: those of this subscription and of none; `subscription`: those of this subscription. */
  readonly withPendingItems: "all" | "subscription" | "none";
};

export type Collected = {
  readonly outcome: "paid" | "requires_action" | "declined" | "no_method" | "processing";
  readonly invoice: Stripe.Invoice;
  readonly error?: StripeError;
};

declare function soon(): never;

/** A draft of its lines and of the pending invoice items; emits invoice.created. */
export function draftInvoice(_world: World, _draft: InvoiceDraft): Stripe.Invoice {
  return soon();
}
/**
 * Makes a draft final: number, the customer's balance, a payment intent where money is due. Paid at once
 * where nothing is. Discounts for one invoice only are gone from the subscription afterwards: read it again.
 */
export function finalizeInvoice(_world: World, _id: string): Stripe.Invoice {
  return soon();
}
/** Tries to have an open invoice paid. Neither the subscription nor the next attempt is touched. */
export function collectInvoice(
  _world: World,
  _id: string,
  _how: {
    offSession: boolean;
    paymentMethod?: string | undefined;
    paidOutOfBand?: boolean | undefined;
  },
): Collected {
  return soon();
}
/** Takes note of what became of an invoice's payment outside of `collectInvoice`, such as after 3-D Secure. */
export function noteIntentOutcome(
  _world: World,
  _invoiceId: string,
  _intent: Stripe.PaymentIntent,
): Stripe.Invoice {
  return soon();
}
export function voidInvoice(_world: World, _id: string): Stripe.Invoice {
  return soon();
}
export function markUncollectible(
  _world: World,
  _id: string,
  _reason?: Stripe.Invoice.StatusDetails.Uncollectible.Reason,
): Stripe.Invoice {
  return soon();
}
export function deleteDraft(_world: World, _id: string): Stripe.DeletedInvoice {
  return soon();
}
/** Says when an open invoice is tried next, or that it is not. */
export function setNextAttempt(_world: World, _id: string, _at: number | null): Stripe.Invoice {
  return soon();
}
export function linesOf(_world: World, _invoiceId: string): readonly Stripe.InvoiceLineItem[] {
  return soon();
}
/** What was debited for a subscription item, in finalized invoices and pending items, less what was credited. */
export function debitsOf(_world: World, _subscriptionItemId: string): readonly Debit[] {
  return soon();
}
/** Bills on the customer's next invoice, or on a given draft: prorations, and the operation's own items. */
export function addInvoiceItem(
  _world: World,
  _item: { customer: string; line: LineDraft; invoice?: string | undefined },
): Stripe.InvoiceItem {
  return soon();
}
