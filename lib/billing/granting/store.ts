import { and, desc, eq } from "drizzle-orm";
import type { Tx } from "#db/client.ts";
import { customers, disputes, payments, subscriptions } from "#db/schema/index.ts";
import { AppError } from "../../errors.ts";
import { revisionOf } from "../asking/intention.ts";
import { settledCount } from "../asking/store.ts";
import { type CustomerRow, placeOfCustomer } from "../paying/store.ts";
import type { DisputeRow, PaymentRow } from "../state.ts";

/** A payment, how its disputes stand, and the revision that its page shows. */
export type Refunding = {
  readonly payment: PaymentRow;
  readonly disputes: readonly DisputeRow["status"][];
  readonly revision: string;
};

/** The organization's own payment, or `not_found`: nobody else's can be named. */
export async function refundingOf(
  tx: Tx,
  organizationId: string,
  paymentId: string,
): Promise<Refunding> {
  const [payment] = await tx
    .select()
    .from(payments)
    .where(and(eq(payments.id, paymentId), eq(payments.organizationId, organizationId)));
  if (!payment) throw new AppError("not_found", "There is no such payment.");
  const { gateway, mode, ref, status, amountMinor, refundedMinor } = payment;
  const contested = await tx
    .select({ status: disputes.status })
    .from(disputes)
    .where(
      and(eq(disputes.gateway, gateway), eq(disputes.mode, mode), eq(disputes.paymentRef, ref)),
    );
  const stand = contested.map((dispute) => dispute.status).sort();
  const settled = await settledCount(tx, placeOfPayment(payment));
  const revision = revisionOf({ status, amountMinor, refundedMinor, stand }, settled);
  return { payment, disputes: stand, revision };
}

/** What commands about a payment are filed under. */
export function placeOfPayment({ gateway, mode, ref }: PaymentRow) {
  return { gateway, mode, object: `payment:${ref}` };
}

/** Whom to credit, in which currency if that is decided, with the revision that a page shows. */
export type Creditor = {
  readonly customer: CustomerRow;
  readonly currency: string | null;
  readonly revision: string;
};

/** The organization's own customer, or `not_found`. */
export async function creditorOf(
  tx: Tx,
  organizationId: string,
  customerId: string,
): Promise<Creditor> {
  const [customer] = await tx
    .select()
    .from(customers)
    .where(and(eq(customers.id, customerId), eq(customers.organizationId, organizationId)));
  if (!customer || customer.deletedAt) {
    throw new AppError("not_found", "There is no such customer.");
  }
  const currency = customer.balanceCurrency ?? (await currencyBilled(tx, customer));
  const { balanceMinor } = customer;
  const settled = await settledCount(tx, placeOfCustomer(customer));
  return { customer, currency, revision: revisionOf({ balanceMinor, currency }, settled) };
}

/** In what a customer's newest subscription is paid: a gateway takes no other for what is credited. */
async function currencyBilled(tx: Tx, { gateway, mode, ref }: CustomerRow): Promise<string | null> {
  const [row] = await tx
    .select({ currency: subscriptions.currency })
    .from(subscriptions)
    .where(
      and(
        eq(subscriptions.gateway, gateway),
        eq(subscriptions.mode, mode),
        eq(subscriptions.customerRef, ref),
      ),
    )
    .orderBy(desc(subscriptions.id))
    .limit(1);
  return row?.currency?.toUpperCase() ?? null;
}
