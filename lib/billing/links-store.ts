import { and, eq, sql } from "drizzle-orm";
import type { Tx } from "#db/client.ts";
import {
  checkouts,
  customers,
  disputes,
  invoices,
  linkConflicts,
  organizations,
  payments,
  plans,
  subscriptions,
} from "#db/schema/index.ts";
import type { ObjectRef } from "../gateways/gateway.ts";

export type CustomerRow = typeof customers.$inferSelect;

/** A customer's row by our id, locked against every sync that would link it. */
export async function lockCustomerRow(tx: Tx, id: string): Promise<CustomerRow | undefined> {
  const [row] = await tx.select().from(customers).where(eq(customers.id, id)).for("update");
  return row;
}

export async function organizationName(tx: Tx, id: string): Promise<string | undefined> {
  const [row] = await tx
    .select({ name: organizations.name })
    .from(organizations)
    .where(eq(organizations.id, id));
  return row?.name;
}

export async function planName(tx: Tx, id: string): Promise<string | undefined> {
  const [row] = await tx.select({ name: plans.name }).from(plans).where(eq(plans.id, id));
  return row?.name;
}

/** Says whose a customer is, as somebody here knows it. Its row must be locked. */
export async function linkTo(
  tx: Tx,
  customerId: string,
  organizationId: string,
  linkSource: "administrator" | "portal" | "import_email" | "import_made",
): Promise<void> {
  await tx
    .update(customers)
    .set({
      organizationId,
      linkSource,
      linkedAt: sql`clock_timestamp()`,
      unlinkedAt: null,
    })
    .where(eq(customers.id, customerId));
}

/** Takes a customer and everything that was billed to it from its organization; answers the objects. */
export async function unlinkRows(tx: Tx, customer: CustomerRow): Promise<ObjectRef[]> {
  await tx
    .update(customers)
    .set({
      organizationId: null,
      linkSource: null,
      linkedAt: null,
      unlinkedAt: sql`clock_timestamp()`,
    })
    .where(eq(customers.id, customer.id));
  const paymentRefs = await disown(tx, payments, customer);
  const refs = {
    subscription: await disown(tx, subscriptions, customer),
    invoice: await disown(tx, invoices, customer),
    payment: paymentRefs,
    checkout: await disown(tx, checkouts, customer),
    dispute: await disownDisputes(tx, customer, paymentRefs),
  };
  return Object.entries(refs).flatMap(([type, found]) =>
    found.map((ref) => ({ type: type as keyof typeof refs, ref })),
  );
}

export async function dismissConflictRow(tx: Tx, id: string): Promise<boolean> {
  const rows = await tx
    .update(linkConflicts)
    .set({ dismissedAt: sql`clock_timestamp()` })
    .where(and(eq(linkConflicts.id, id), sql`${linkConflicts.dismissedAt} is null`))
    .returning({ id: linkConflicts.id });
  return rows.length > 0;
}

/**
 * What prices sell: the subscriptions on them, and the checkouts that may stand in for one. No index
 * leads to all items of a subscription, so it is one look, however many prices.
 */
export async function soldBy(
  tx: Tx,
  place: { gateway: string; mode: "test" | "live" },
  priceRefs: readonly string[],
): Promise<{ refs: ObjectRef[]; organizations: number }> {
  const ofThem = sql`= any(${sql.param([...priceRefs])}::text[])`;
  const onPrice = await tx
    .select({ ref: subscriptions.ref, organizationId: subscriptions.organizationId })
    .from(subscriptions)
    .where(
      and(
        eq(subscriptions.gateway, place.gateway),
        eq(subscriptions.mode, place.mode),
        sql`(${subscriptions.priceRef} ${ofThem} or exists (
          select from jsonb_array_elements(${subscriptions.items}) item
          where item ->> 'priceRef' ${ofThem}))`,
      ),
    );
  const pages = await tx
    .select({ ref: checkouts.ref, subscriptionRef: checkouts.subscriptionRef })
    .from(checkouts)
    .where(
      and(
        eq(checkouts.gateway, place.gateway),
        eq(checkouts.mode, place.mode),
        sql`${checkouts.priceRef} ${ofThem}`,
      ),
    );
  return {
    refs: [
      ...onPrice.map(({ ref }) => ({ type: "subscription", ref }) as const),
      ...pages.map(({ ref }) => ({ type: "checkout", ref }) as const),
    ],
    organizations: new Set(onPrice.map((row) => row.organizationId)).size,
  };
}

type Owned = typeof subscriptions | typeof invoices | typeof payments | typeof checkouts;

async function disown(tx: Tx, table: Owned, customer: CustomerRow): Promise<string[]> {
  const owned = table as typeof subscriptions;
  const rows = await tx
    .update(owned)
    .set({ organizationId: null })
    .where(
      and(
        eq(owned.gateway, customer.gateway),
        eq(owned.mode, customer.mode),
        eq(owned.customerRef, customer.ref),
      ),
    )
    .returning({ ref: owned.ref });
  return rows.map((row) => row.ref);
}

async function disownDisputes(tx: Tx, customer: CustomerRow, paymentRefs: string[]) {
  if (paymentRefs.length === 0) return [];
  const rows = await tx
    .update(disputes)
    .set({ organizationId: null })
    .where(
      and(
        eq(disputes.gateway, customer.gateway),
        eq(disputes.mode, customer.mode),
        sql`${disputes.paymentRef} = any(${sql.param(paymentRefs)}::text[])`,
      ),
    )
    .returning({ ref: disputes.ref });
  return rows.map((row) => row.ref);
}
