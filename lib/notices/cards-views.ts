import { and, eq, ne, or, sql } from "drizzle-orm";
import type { Tx } from "#db/client.ts";
import { customers, paymentMethods, subscriptions } from "#db/schema/index.ts";

/** It pays for a subscription that has not ended: as that one's own, or as the customer's default. */
export const paysForSomething = sql<boolean>`exists (
  select from ${subscriptions} where ${and(
    eq(subscriptions.gateway, paymentMethods.gateway),
    eq(subscriptions.mode, paymentMethods.mode),
    eq(subscriptions.customerRef, paymentMethods.customerRef),
    ne(subscriptions.status, "canceled"),
    or(
      eq(subscriptions.methodRef, paymentMethods.ref),
      sql`${subscriptions.methodRef} is null and ${paymentMethods.isDefault}`,
    ),
  )})`;

/** A customer's means of payment, with whose it is. */
export function cardsOf(tx: Tx) {
  const t = paymentMethods;
  return tx
    .select({
      gateway: t.gateway,
      mode: t.mode,
      ref: t.ref,
      kind: t.kind,
      brand: t.brand,
      last4: t.last4,
      expMonth: t.expMonth,
      expYear: t.expYear,
      organizationId: customers.organizationId,
      pays: paysForSomething,
    })
    .from(t)
    .innerJoin(
      customers,
      and(
        eq(customers.gateway, t.gateway),
        eq(customers.mode, t.mode),
        eq(customers.ref, t.customerRef),
      ),
    )
    .$dynamic();
}
