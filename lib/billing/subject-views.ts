import { and, eq } from "drizzle-orm";
import type { PgColumn } from "drizzle-orm/pg-core";
import { db } from "#db/client.ts";
import {
  checkouts,
  customers,
  disputes,
  invoices,
  payments,
  subscriptions,
} from "#db/schema/index.ts";
import type { Administrator } from "../actor.ts";
import type { Mode } from "../gateways/gateway.ts";

type Named = { gateway: string; mode: Mode; type: string; ref: string };

/** What a gateway object is to us: our record of it, and the customer that it is about. */
export type Subject = {
  readonly recordId: string | null;
  readonly organizationId: string | null;
  readonly customer: { id: string; ref: string; organizationId: string | null } | null;
  /** A price that it uses and that no plan sells. */
  readonly unmappedPrice: string | null;
};

/** Our side of a gateway object, for the links of its page and of its events. */
export async function subjectOf(_actor: Administrator, object: Named): Promise<Subject> {
  const record = await recordOf(object);
  const customerRef = object.type === "customer" ? object.ref : record?.customerRef;
  const customer = customerRef ? await customerCalled(object, customerRef) : undefined;
  return {
    recordId: record?.id ?? null,
    organizationId: record?.organizationId ?? customer?.organizationId ?? null,
    customer: customer ?? null,
    unmappedPrice: record && !record.planId ? (record.priceRef ?? null) : null,
  };
}

/** The customer that a gateway calls so. */
export async function customerCalled(of: Omit<Named, "type" | "ref">, ref: string) {
  const [customer] = await db()
    .select({ id: customers.id, ref: customers.ref, organizationId: customers.organizationId })
    .from(customers)
    .where(named(customers, { ...of, type: "customer", ref }));
  return customer;
}

type Held = {
  id: string;
  organizationId: string | null;
  customerRef?: string | null;
  planId?: string | null;
  priceRef?: string | null;
};

/** Our row of it. Customers are looked up by themselves; prices and products belong to nobody. */
async function recordOf(object: Named): Promise<Held | undefined> {
  const [found] = await recordsOf(object);
  return found;
}

function recordsOf(object: Named): PromiseLike<Held[]> {
  switch (object.type) {
    case "subscription":
      return db().select().from(subscriptions).where(named(subscriptions, object));
    case "checkout":
      return db().select().from(checkouts).where(named(checkouts, object));
    case "invoice":
      return db().select().from(invoices).where(named(invoices, object));
    case "payment":
      return db().select().from(payments).where(named(payments, object));
    case "dispute":
      return db().select().from(disputes).where(named(disputes, object));
    default:
      return Promise.resolve([]);
  }
}

type Names = { gateway: PgColumn; mode: PgColumn; ref: PgColumn };

function named(table: Names, object: Named) {
  return and(
    eq(table.gateway, object.gateway),
    eq(table.mode, object.mode),
    eq(table.ref, object.ref),
  );
}
