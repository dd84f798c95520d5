/*
 * What the rest of the sandbox may do with invoices. Each emits its events, in Stripe's order, and answers
 * the invoice as it is afterwards.
 */
export { type Collected, type Collection, collectInvoice } from "./collect.ts";
export { type Debit, debitsOf } from "./debits.ts";
export { draftInvoice, type InvoiceDraft, linesOf, setNextAttempt } from "./invoice-draft.ts";
export { deleteDraft, markUncollectible, voidInvoice } from "./invoice-end.ts";
export { finalizeInvoice } from "./invoice-finalize.ts";
export { addInvoiceItem } from "./invoice-items.ts";
export { intentOf, paymentsOf } from "./invoice-payments.ts";
export type { Credited, LineDraft } from "./lines.ts";
