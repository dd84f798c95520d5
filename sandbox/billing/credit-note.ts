import type Stripe from "stripe";
import { clockOf, emit } from "../events/emit.ts";
import { createRefund } from "../payments/refunds.ts";
import { invalid } from "../protocol/errors.ts";
import { embedded } from "../protocol/list.ts";
import { originOf } from "../state/origin.ts";
import { idOf } from "../state/reference.ts";
import type { World } from "../state/world.ts";
import { moveBalance } from "./balance.ts";
import { type CreditLine, creditLines, linkedRefunds } from "./credit-note-lines.ts";
import { sum } from "./discount-shares.ts";
import { changeInvoice, invoiceOf } from "./invoice-object.ts";
import { intentOf, resizePayment, settle } from "./invoice-payments.ts";
import { addedBy, includedIn, taxesOn, totalTaxes } from "./taxes.ts";

export type CreditNoteDraft = {
  readonly invoice: string;
  readonly amount?: number | undefined;
  readonly lines?: readonly CreditLine[] | undefined;
  readonly credit_amount?: number | undefined;
  readonly refund_amount?: number | undefined;
  readonly out_of_band_amount?: number | undefined;
  readonly refunds?:
    | readonly { refund?: string | undefined; amount_refunded?: number | undefined }[]
    | undefined;
  readonly effective_at?: number | undefined;
  readonly memo?: string | undefined;
  readonly metadata?: Readonly<Record<string, string>> | undefined;
  readonly reason?: Stripe.CreditNote.Reason | undefined;
};

/**
 * Credits a part of an invoice or all of it. On an open one less is then to be paid; of a paid one the
 * amount is refunded, credited to the customer's balance, or given back out of band.
 */
export function createCreditNote(world: World, draft: CreditNoteDraft): Stripe.CreditNote {
  const invoice = creditable(world, draft.invoice);
  const blank = newCreditNote(world, invoice, draft);
  const credited = invoice.status === "paid" ? afterPayment(world, invoice, blank, draft) : blank;
  const note = world.put("credit_note", credited);
  emit(world, "credit_note.created", note);
  if (invoice.status === "paid") {
    changeInvoice(world, invoiceOf(world, invoice.id), {
      post_payment_credit_notes_amount: invoice.post_payment_credit_notes_amount + note.total,
    });
  } else reduceDemand(world, invoice, note.total);
  return note;
}

function creditable(world: World, id: string): Stripe.Invoice {
  const invoice = invoiceOf(world, id);
  if (["open", "paid", "uncollectible"].includes(invoice.status ?? "")) return invoice;
  throw invalid(`You cannot create a credit note for an invoice with status ${invoice.status}.`, {
    param: "invoice",
  });
}

function newCreditNote(
  world: World,
  invoice: Stripe.Invoice,
  draft: CreditNoteDraft,
): Stripe.CreditNote {
  const id = world.newId("cn");
  const lines = creditLines(world, invoice, linesOf(draft));
  const subtotal = sum(lines.map(({ amount }) => amount));
  const shares = lines.flatMap(({ discount_amounts }) => discount_amounts);
  const discounts = [...new Set(shares.map(({ discount }) => idOf(discount)))].map((discount) => ({
    amount: sum(shares.map((share) => (share.discount === discount ? share.amount : 0))),
    discount,
  }));
  const taken = sum(discounts.map(({ amount }) => amount));
  const taxes = totalTaxes(lines.map((line) => line.taxes ?? []));
  const exempt = invoice.customer_tax_exempt;
  const included = lines.map((line) => includedIn(taxesOn(line.amount, line.tax_rates, exempt)));
  const total = subtotal - taken + addedBy(taxes);
  checkAmount(invoice, total);
  const now = world.now(clockOf(world, invoice));
  const isPaid = invoice.status === "paid";
  return {
    id,
    object: "credit_note",
    amount: total,
    amount_shipping: 0,
    created: now,
    currency: invoice.currency,
    customer: idOf(invoice.customer) ?? "",
    customer_account: null,
    customer_balance_transaction: null,
    discount_amount: taken,
    discount_amounts: discounts,
    effective_at: draft.effective_at ?? now,
    invoice: invoice.id,
    lines: embedded(`/v1/credit_notes/${id}/lines`, lines),
    livemode: false,
    memo: draft.memo ?? null,
    metadata: { ...draft.metadata },
    number: `${invoice.number}-CN-${String(notesOf(world, invoice.id).length + 1).padStart(2, "0")}`,
    out_of_band_amount: null,
    pdf: `${originOf(world)}/_pages/invoice/${invoice.id}/pdf`,
    post_payment_amount: isPaid ? total : 0,
    pre_payment_amount: isPaid ? 0 : total,
    pretax_credit_amounts: discounts.map((share) => ({ ...share, type: "discount" as const })),
    reason: draft.reason ?? null,
    refunds: [],
    shipping_cost: null,
    status: "issued",
    subtotal,
    subtotal_excluding_tax: subtotal - sum(included),
    total,
    total_excluding_tax: subtotal - taken - includedIn(taxes),
    total_taxes: taxes,
    type: isPaid ? "post_payment" : "pre_payment",
    voided_at: null,
  } satisfies Stripe.CreditNote;
}

/** An amount alone is a line of its own; with nothing given, what was given back in some way is. */
function linesOf(draft: CreditNoteDraft): readonly CreditLine[] {
  if (draft.lines) {
    if (draft.amount === undefined) return draft.lines;
    throw invalid("You may only specify one of these parameters: amount, lines.");
  }
  if (draft.amount === undefined) {
    throw invalid("You must pass amount or lines.", { code: "parameter_missing", param: "amount" });
  }
  return [{ type: "custom_line_item", unit_amount: draft.amount, quantity: 1 }];
}

export function notesOf(world: World, invoiceId: string): readonly Stripe.CreditNote[] {
  return world.all("credit_note").filter(({ invoice }) => idOf(invoice) === invoiceId);
}

function checkAmount(invoice: Stripe.Invoice, total: number): void {
  const paid = invoice.amount_paid - invoice.post_payment_credit_notes_amount;
  const most = invoice.status === "paid" ? paid : invoice.amount_remaining;
  if (total > 0 && total <= most) return;
  throw invalid(
    `The credit note's total must be more than 0 and at most what can be credited of the invoice (${most}).`,
    { param: "amount" },
  );
}

function afterPayment(
  world: World,
  invoice: Stripe.Invoice,
  note: Stripe.CreditNote,
  draft: CreditNoteDraft,
): Stripe.CreditNote {
  const {
    credit_amount: credit = 0,
    refund_amount: refund = 0,
    out_of_band_amount: out = 0,
  } = draft;
  const refunds = linkedRefunds(world, draft.refunds ?? []);
  const linked = sum(refunds.map(({ amount_refunded }) => amount_refunded));
  if (credit + refund + out + linked !== note.total) {
    throw invalid(
      `The sum of credit_amount, refund_amount, out_of_band_amount and refunds must equal the credit note's total of ${note.total}.`,
    );
  }
  if (refund > 0) refunds.push(refundOf(world, invoice, refund));
  const transaction =
    credit > 0
      ? moveBalance(world, {
          customer: idOf(note.customer),
          amount: -credit,
          currency: note.currency,
          type: "credit_note",
          creditNote: note.id,
          invoice: invoice.id,
        })
      : undefined;
  return {
    ...note,
    customer_balance_transaction: transaction?.id ?? null,
    out_of_band_amount: out || null,
    refunds,
  };
}

function refundOf(world: World, invoice: Stripe.Invoice, amount: number): Stripe.CreditNote.Refund {
  const intent = intentOf(world, invoice.id);
  if (intent?.status !== "succeeded") {
    throw invalid("There is no payment of this invoice to refund.", { param: "refund_amount" });
  }
  const refund = createRefund(world, { paymentIntent: intent.id, amount });
  return {
    amount_refunded: amount,
    payment_record_refund: null,
    refund: refund.id,
    type: "refund",
  };
}

/** Less is asked for; where nothing is left, the invoice is paid. */
function reduceDemand(world: World, invoice: Stripe.Invoice, by: number): void {
  const after = changeInvoice(world, invoice, {
    amount_due: invoice.amount_due - by,
    amount_remaining: invoice.amount_remaining - by,
    pre_payment_credit_notes_amount: invoice.pre_payment_credit_notes_amount + by,
  });
  if (after.amount_remaining === 0) settle(world, after, { paid: 0 });
  else resizePayment(world, after);
}

/** Takes a credit note back, as long as its invoice still waits to be paid. */
export function voidCreditNote(world: World, before: Stripe.CreditNote): Stripe.CreditNote {
  const invoice = invoiceOf(world, idOf(before.invoice));
  if (before.status === "void" || before.type !== "pre_payment" || invoice.status !== "open") {
    throw invalid(
      "You can only void a credit note that was issued for an invoice that is still open.",
    );
  }
  const note = world.put("credit_note", {
    ...before,
    status: "void",
    voided_at: world.now(clockOf(world, before)),
  });
  const after = changeInvoice(world, invoice, {
    amount_due: invoice.amount_due + note.total,
    amount_remaining: invoice.amount_remaining + note.total,
    pre_payment_credit_notes_amount: invoice.pre_payment_credit_notes_amount - note.total,
  });
  resizePayment(world, after);
  emit(world, "credit_note.voided", note);
  return note;
}
