import { and, asc, desc, eq, isNull, ne, sql } from "drizzle-orm";
import type { Tx } from "#db/client.ts";
import {
  customers,
  invoices,
  organizations,
  paymentMethods,
  subscriptions,
} from "#db/schema/index.ts";
import { AppError } from "../../errors.ts";
import type { Mode } from "../../gateways/gateway.ts";
import { together } from "../../together.ts";
import { type Asker, modeFor } from "../asking/authority.ts";
import { revisionOf } from "../asking/intention.ts";
import { type Place, settledCount } from "../asking/store.ts";
import type { InvoiceRow, SubscriptionRow } from "../state.ts";

export type CustomerRow = typeof customers.$inferSelect;
export type MethodRow = typeof paymentMethods.$inferSelect;

/** Who pays for an organization, with what, and for which subscriptions that are not over. */
export type WhoPays = {
  readonly customer: CustomerRow;
  readonly methods: readonly MethodRow[];
  readonly live: readonly SubscriptionRow[];
};

/** The same with the revision that a page shows of it. */
export type Payer = WhoPays & { readonly revision: string };

/**
 * The organization's customer: of its live subscription, else the one that was linked last. Undefined
 * where no gateway knows it yet.
 */
export async function whoPays(
  tx: Tx,
  organizationId: string,
  mode: Mode,
): Promise<WhoPays | undefined> {
  const [live, linked] = await together([
    liveOf(tx, organizationId, mode),
    customersOf(tx, organizationId, mode),
  ]);
  const [first] = live;
  const customer =
    linked.find(({ gateway, ref }) => gateway === first?.gateway && ref === first.customerRef) ??
    linked[0];
  if (!customer) return undefined;
  const methods = await tx
    .select()
    .from(paymentMethods)
    .where(
      and(
        eq(paymentMethods.gateway, customer.gateway),
        eq(paymentMethods.mode, customer.mode),
        eq(paymentMethods.customerRef, customer.ref),
      ),
    )
    .orderBy(asc(paymentMethods.id));
  const own = live.filter(
    (each) => each.gateway === customer.gateway && each.customerRef === customer.ref,
  );
  return { customer, methods, live: own };
}

/** The same with its revision. */
export async function findPayer(
  tx: Tx,
  organizationId: string,
  mode: Mode,
): Promise<Payer | undefined> {
  const paying = await whoPays(tx, organizationId, mode);
  if (!paying) return undefined;
  const { customer, methods, live } = paying;
  const settled = await settledCount(tx, placeOfCustomer(customer));
  const seen = {
    defaultMethodRef: customer.defaultMethodRef,
    methods: methods.map(({ ref }) => ref).sort(),
    paidBy: live.map(({ ref, methodRef }) => ({ ref, methodRef })),
    details: customer.details,
  };
  return { ...paying, revision: revisionOf(seen, settled) };
}

/** The payer, or the sentence that says how one comes to be. */
export async function payerOf(tx: Tx, organizationId: string, mode: Mode): Promise<Payer> {
  const payer = await findPayer(tx, organizationId, mode);
  if (!payer) throw new AppError("not_found", "Choose a plan first: nothing is paid for yet.");
  return payer;
}

/** What commands about a customer are filed under. */
export function placeOfCustomer({ gateway, mode, ref }: CustomerRow): Place {
  return { gateway, mode, object: `customer:${ref}` };
}

/** An invoice with the revision that its page shows. */
export type Demand = { readonly invoice: InvoiceRow; readonly revision: string };

/** The organization's own invoice, or `not_found`: nobody else's can be named. */
export async function demandOf(
  tx: Tx,
  actor: Asker,
  { organizationId, invoiceId }: { organizationId: string; invoiceId: string },
): Promise<Demand> {
  const mode = modeFor(actor);
  const [invoice] = await tx
    .select()
    .from(invoices)
    .where(
      and(
        eq(invoices.id, invoiceId),
        eq(invoices.organizationId, organizationId),
        mode && eq(invoices.mode, mode),
      ),
    );
  if (!invoice) throw new AppError("not_found", "There is no such invoice.");
  const { status, amountRemainingMinor, attemptCount } = invoice;
  const settled = await settledCount(tx, placeOfInvoice(invoice));
  const revision = revisionOf({ status, amountRemainingMinor, attemptCount }, settled);
  return { invoice, revision };
}

/** What commands about an invoice are filed under. */
export function placeOfInvoice({ gateway, mode, ref }: InvoiceRow): Place {
  return { gateway, mode, object: `invoice:${ref}` };
}

/** How the organization is called in addresses. */
export async function slugOf(tx: Tx, organizationId: string): Promise<string> {
  const [row] = await tx
    .select({ slug: organizations.slug })
    .from(organizations)
    .where(eq(organizations.id, organizationId));
  if (!row) throw new AppError("not_found", "There is no such organization.");
  return row.slug;
}

function liveOf(tx: Tx, organizationId: string, mode: Mode): Promise<SubscriptionRow[]> {
  return tx
    .select()
    .from(subscriptions)
    .where(
      and(
        eq(subscriptions.organizationId, organizationId),
        eq(subscriptions.mode, mode),
        ne(subscriptions.status, "canceled"),
      ),
    )
    .orderBy(sql`${subscriptions.startedAt} desc nulls last`, desc(subscriptions.id));
}

function customersOf(tx: Tx, organizationId: string, mode: Mode): Promise<CustomerRow[]> {
  return tx
    .select()
    .from(customers)
    .where(
      and(
        eq(customers.organizationId, organizationId),
        eq(customers.mode, mode),
        isNull(customers.deletedAt),
      ),
    )
    .orderBy(desc(customers.linkedAt), desc(customers.id));
}
