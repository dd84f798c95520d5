import type Stripe from "stripe";
import { AppError } from "#lib/errors.ts";
import type { PaidAnswer } from "../../asking.ts";
import { currencyOf } from "../concepts.ts";
import { textAt } from "../json.ts";
import { minorOf } from "../minor-units.ts";
import { declineOf, isWithoutMethod } from "./call.ts";

type Because = Extract<PaidAnswer, { kind: "needs_person" }>["because"];

/**
 * What became of an invoice that was to be paid, as it is now: a step that is sent again is answered as
 * it was the first time, and the person may have paid since.
 */
export async function outcomeOf(stripe: Stripe, invoiceRef: string): Promise<PaidAnswer> {
  const invoice = await stripe.invoices.retrieve(invoiceRef, {
    expand: ["payments.data.payment.payment_intent"],
  });
  const answer = paidBy(invoice);
  if (answer) return answer;
  if (invoice.status === "void") {
    throw new AppError("gateway_refused", "Its invoice was voided, so nothing came of it.");
  }
  const intent = intentOf(invoice);
  const because = invoice.status === "draft" ? "processing" : reasonOf(intent);
  return {
    kind: "needs_person",
    because,
    sentence: because === "declined" ? textAt(intent, "last_payment_error", "message") : null,
    invoiceRef,
    url: invoice.hosted_invoice_url ?? null,
  };
}

/** What a paid invoice says, however long ago Stripe answered it: it stays so. Undefined while it is not paid. */
export function paidBy(invoice: Stripe.Invoice): PaidAnswer | undefined {
  return invoice.status === "paid" ? paid(invoice.id, invoice, invoice.amount_paid) : undefined;
}

/** An invoice that is sent to be paid later does not stand in the way of what it is for. */
export async function billedBy(stripe: Stripe, invoiceRef: string): Promise<PaidAnswer> {
  const answer = await outcomeOf(stripe, invoiceRef);
  if (answer.kind === "paid") return answer;
  const invoice = await stripe.invoices.retrieve(invoiceRef);
  return invoice.collection_method === "send_invoice"
    ? paid(invoiceRef, invoice, invoice.amount_due)
    : answer;
}

/** Nothing was charged, since nothing was due. */
export function nothingDue(currency: string): PaidAnswer {
  return {
    kind: "paid",
    invoiceRef: null,
    currency: currencyOf(currency),
    chargedMinor: 0,
    creditedMinor: 0,
    movesCredit: false,
  };
}

/** What a call that was refused for want of a payment comes to; any other failure is thrown on. */
export function refusedPayment(error: unknown): PaidAnswer {
  const nothing = { kind: "needs_person", invoiceRef: null, url: null } as const;
  if (isWithoutMethod(error)) return { ...nothing, because: "no_method", sentence: null };
  const decline = declineOf(error);
  if (!decline) throw error;
  const asks = /authentication_required|requires_action/.test(decline.code ?? "");
  return asks
    ? { ...nothing, because: "authentication", sentence: null }
    : { ...nothing, because: "declined", sentence: textAt(decline, "message") };
}

function paid(invoiceRef: string, invoice: Stripe.Invoice, charged: number): PaidAnswer {
  const currency = currencyOf(invoice.currency);
  return {
    kind: "paid",
    invoiceRef,
    currency,
    chargedMinor: minorOf(charged, currency),
    creditedMinor: creditedBy(invoice),
    movesCredit: invoice.ending_balance !== invoice.starting_balance,
  };
}

/**
 * What an invoice leaves the customer for later ones: a total below zero, less what it first makes up
 * for that was owed from earlier ones.
 */
export function creditedBy({
  total,
  starting_balance: owed,
  currency,
}: Pick<Stripe.Invoice, "total" | "starting_balance" | "currency">): number {
  return minorOf(Math.max(0, 0 - total - Math.max(0, owed)), currencyOf(currency));
}

/** The attempt that counts: the invoice's own, else the newest. */
function intentOf({ payments }: Stripe.Invoice): Stripe.PaymentIntent | undefined {
  const all = payments?.data ?? [];
  const intents = (
    all.some((each) => each.is_default) ? all.filter((each) => each.is_default) : all
  )
    .map(({ payment }) => payment.payment_intent)
    .filter((intent) => typeof intent === "object");
  return intents[0];
}

function reasonOf(intent: Stripe.PaymentIntent | undefined): Because {
  if (!intent) return "no_method";
  if (intent.status === "processing") return "processing";
  if (intent.status === "requires_action") return "authentication";
  const error = intent.last_payment_error;
  if (!error) return "no_method";
  return error.code === "authentication_required" ? "authentication" : "declined";
}
