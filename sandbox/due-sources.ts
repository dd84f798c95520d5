import { invoiceDue } from "./billing/invoice-due.ts";
import { renewalInvoiceDue } from "./billing/renewal-invoices.ts";
import { scheduleDue } from "./billing/schedule-move.ts";
import { subscriptionDue } from "./billing/subscription-due.ts";
import { checkoutDue } from "./checkout/session.ts";
import type { DueSource } from "./clock/due.ts";
import { debitDue } from "./payments/debit.ts";
import { disputeDue } from "./payments/disputes.ts";
import { refundDue } from "./payments/refunds.ts";

/** All that time does, in the order in which it happens where several things are due at one moment. */
export const dueSources: readonly DueSource[] = [
  scheduleDue,
  subscriptionDue,
  renewalInvoiceDue,
  invoiceDue,
  debitDue,
  refundDue,
  disputeDue,
  checkoutDue,
];
