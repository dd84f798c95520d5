import type { InvoiceLine, InvoiceSnapshot, InvoiceStatus } from "../gateway.ts";
import {
  currencyOf,
  isTrue,
  lineParent,
  links,
  paymentsOfInvoice,
  priceOf,
  subscriptionOfInvoice,
  type Told,
  translate,
  webAddressAt,
} from "./concepts.ts";
import { creditNotesOf } from "./credit-note.ts";
import { amountAt, countAt, dateAt, type Json, listAt, refAt, textAt } from "./json.ts";
import { includedTaxOf, taxOf } from "./tax.ts";

/** An invoice of any API version in our words. */
export function invoiceSnapshot(
  ref: string,
  told: Told,
  notes: readonly Told[] = [],
): InvoiceSnapshot {
  const { object } = told;
  const status = statusOf(told);
  const customerRef = refAt(object, "customer");
  const subscriptionRef = subscriptionOfInvoice(object);
  return {
    kind: "invoice",
    ref,
    asOf: told.at,
    links: links(
      ["customer", customerRef],
      ["subscription", subscriptionRef],
      ...paymentsOfInvoice(object).map((payment) => ["payment", payment] as const),
    ),
    customerRef,
    subscriptionRef,
    number: textAt(object, "number"),
    status,
    billingReason: textAt(object, "billing_reason"),
    currency: currencyOf(object.currency, listAt(object, "lines")[0]?.currency),
    ...amountsOf(object, status),
    attemptCount: countAt(object, "attempt_count") ?? 0,
    nextAttemptAt: dateAt(object, "next_payment_attempt"),
    ...datesOf(object, status),
    hostedUrl: webAddressAt(object, "hosted_invoice_url"),
    pdfUrl: webAddressAt(object, "invoice_pdf"),
    lines: listAt(object, "lines").slice(0, LINES_MAX).map(lineOf),
    creditNotes: creditNotesOf(told, notes),
  };
}

/** The most lines that an invoice is read with. */
export const LINES_MAX = 500;

/**
 * Until November 2018 there was no `status` but `paid`, `forgiven` and `closed`, and a closed invoice
 * could be opened again; so it is uncollectible, not void. A body with none of these is what its
 * event says, else a draft until somebody tried to collect it.
 */
function statusOf({ object, event }: Told): InvoiceStatus {
  const known = translate(STATUSES, object.status);
  if (known) return known;
  if (isTrue(object, "paid")) return "paid";
  if (isTrue(object, "forgiven") || isTrue(object, "closed")) return "uncollectible";
  const byEvent = translate(STATUS_BY_EVENT, event);
  if (byEvent) return byEvent;
  return object.status || isTrue(object, "attempted") ? "open" : "draft";
}

function amountsOf(object: Json, status: InvoiceStatus) {
  const total = amountAt(object, "total") ?? amountAt(object, "amount_due") ?? 0;
  const due = amountAt(object, "amount_due") ?? Math.max(total, 0);
  const paid = amountAt(object, "amount_paid") ?? (status === "paid" ? due : 0);
  return {
    totalMinor: total,
    taxMinor: taxOf(object),
    includedTaxMinor: includedTaxOf(object),
    amountDueMinor: due,
    amountPaidMinor: paid,
    amountRemainingMinor: amountAt(object, "amount_remaining") ?? Math.max(due - paid, 0),
  };
}

function datesOf(object: Json, status: InvoiceStatus) {
  const made = dateAt(object, "created") ?? dateAt(object, "date");
  return {
    issuedAt:
      status === "draft"
        ? null
        : (dateAt(object, "status_transitions", "finalized_at") ??
          dateAt(object, "finalized_at") ??
          dateAt(object, "effective_at") ??
          made),
    dueAt: dateAt(object, "due_date"),
    paidAt: status === "paid" ? dateAt(object, "status_transitions", "paid_at") : null,
  };
}

function lineOf(line: Json): InvoiceLine {
  return {
    description: textAt(line, "description") ?? "",
    amountMinor: amountAt(line, "amount") ?? 0,
    quantity: countAt(line, "quantity"),
    priceRef: priceOf(line),
    isProration: isTrue(line, "proration") || isTrue(lineParent(line), "proration"),
    periodStart: dateAt(line, "period", "start"),
    periodEnd: dateAt(line, "period", "end"),
  };
}

const STATUSES = {
  draft: "draft",
  open: "open",
  paid: "paid",
  uncollectible: "uncollectible",
  void: "void",
} as const;

const STATUS_BY_EVENT = {
  "invoice.created": "draft",
  "invoice.finalized": "open",
  "invoice.sent": "open",
  "invoice.overdue": "open",
  "invoice.paid": "paid",
  "invoice.payment_succeeded": "paid",
  "invoice.payment_failed": "open",
  "invoice.payment_action_required": "open",
  "invoice.marked_uncollectible": "uncollectible",
  "invoice.voided": "void",
} as const;
