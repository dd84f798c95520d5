import type { CreditNote } from "../credit-note.ts";
import { type Told, translate, webAddressAt } from "./concepts.ts";
import { amountAt, countAt, dateAt, type Json, listAt, objectAt, refAt, textAt } from "./json.ts";
import { includedTaxOf, taxOf } from "./tax.ts";

/** Where the credit notes of an invoice stand, beside what Stripe tells of the invoice itself. */
export const CREDIT_NOTES = "billhook_credit_notes";

/** The most credit notes that an invoice is read with, and the most lines of each. */
export const CREDIT_NOTES_MAX = 100;
const LINES_MAX = 100;

/** An invoice's credit notes, oldest first: fetched with it, or told by events of their own. */
export function creditNotesOf(
  invoice: Told,
  notes: readonly Told[],
): readonly CreditNote[] | undefined {
  const fetched = CREDIT_NOTES in invoice.object;
  if (!fetched && notes.length === 0) return undefined;
  const told = fetched
    ? listAt(invoice.object, CREDIT_NOTES).map((object) => ({ object, event: undefined }))
    : notes;
  return told
    .flatMap(({ object, event }) => creditNote(object, event) ?? [])
    .sort((a, b) => Number(a.issuedAt) - Number(b.issuedAt) || (a.ref < b.ref ? -1 : 1))
    .slice(0, CREDIT_NOTES_MAX);
}

function creditNote(object: Json, event: string | undefined): CreditNote | undefined {
  const ref = refAt(object, "id");
  if (!ref) return undefined;
  const status =
    translate(STATUSES, object.status) ?? (event === "credit_note.voided" ? "void" : "issued");
  const refunded = refundedBy(object);
  return {
    ref,
    number: textAt(object, "number"),
    status,
    amountMinor: totalOf(object),
    refundedMinor: refunded,
    creditedMinor: creditedBy(object, refunded),
    taxMinor: taxOf(object),
    includedTaxMinor: includedTaxOf(object),
    reason: textAt(object, "reason"),
    memo: textAt(object, "memo"),
    issuedAt: dateAt(object, "effective_at") ?? dateAt(object, "created"),
    pdfUrl: webAddressAt(object, "pdf"),
    lines: listAt(object, "lines")
      .slice(0, LINES_MAX)
      .map((line) => ({
        description: textAt(line, "description") ?? "",
        amountMinor: amountAt(line, "amount") ?? 0,
        quantity: countAt(line, "quantity"),
      })),
  };
}

function totalOf(object: Json): number {
  return amountAt(object, "total") ?? amountAt(object, "amount") ?? 0;
}

/** What was credited to the balance: all that neither went back nor was given in another way. */
function creditedBy(object: Json, refunded: number): number {
  if (!refAt(object, "customer_balance_transaction")) return 0;
  const after = amountAt(object, "post_payment_amount") ?? totalOf(object);
  return Math.max(0, after - refunded - (amountAt(object, "out_of_band_amount") ?? 0));
}

/** Each refund says how much of it belongs to the note since acacia (2025-02-24); before, there was one. */
function refundedBy(object: Json): number {
  const refunds = listAt(object, "refunds");
  if (refunds.length > 0) {
    return refunds.reduce((sum, each) => sum + (amountAt(each, "amount_refunded") ?? 0), 0);
  }
  const single = objectAt(object, "refund");
  return single ? (amountAt(single, "amount") ?? 0) : 0;
}

const STATUSES = { issued: "issued", void: "void" } as const;
