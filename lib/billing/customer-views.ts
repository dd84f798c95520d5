import { and, desc, eq, inArray, isNull, sql } from "drizzle-orm";
import { db, listsDb } from "#db/client.ts";
import { byTime, microsOf } from "#db/keyset.ts";
import {
  customers,
  gatewayObjects,
  linkConflicts,
  organizations,
  plans,
  subscriptions,
} from "#db/schema/index.ts";
import type { Administrator } from "../actor.ts";
import type { Mode } from "../gateways/gateway.ts";
import { type PageRequest, pageOf, writePosition } from "../keyset.ts";

const WAITING_MAX = 1000;
const LIST_MAX = 100;

type Waiting = { id: number; type: string; ref: string };

/** Customers that no organization owns yet, each with what waits for that; the newest first. */
export async function listUnlinkedCustomers(
  _actor: Administrator,
  mode: Mode,
  request: PageRequest = {},
) {
  const { where, orderBy, limit } = byTime(customers.firstSeenAt, customers.id, request);
  const rows = await listsDb()
    .select({
      id: customers.id,
      gateway: customers.gateway,
      mode: customers.mode,
      ref: customers.ref,
      email: customers.email,
      name: customers.name,
      firstSeenAt: customers.firstSeenAt,
      deletedAt: customers.deletedAt,
      micros: microsOf(customers.firstSeenAt),
    })
    .from(customers)
    .where(and(isNull(customers.organizationId), eq(customers.mode, mode), where))
    .orderBy(orderBy)
    .limit(limit);
  const page = pageOf(rows, request, (row) => writePosition(row.micros, row.id));
  const waiting = await waitingFor(page.rows);
  return {
    ...page,
    rows: page.rows.map((row) => ({ ...row, waiting: waiting.get(nameOf(row, row.ref)) ?? [] })),
  };
}

/** A customer with its organization, what waits for it, and who else claimed it. */
export async function findCustomer(_actor: Administrator, id: string) {
  const [found] = await db()
    .select({
      customer: customers,
      organization: { id: organizations.id, name: organizations.name },
    })
    .from(customers)
    .leftJoin(organizations, eq(organizations.id, customers.organizationId))
    .where(eq(customers.id, id));
  if (!found) return undefined;
  const { customer, organization } = found;
  const [waiting, conflicts, held] = await Promise.all([
    waitingFor([customer]),
    conflictsOf(eq(linkConflicts.customerId, id)),
    db()
      .select({
        id: subscriptions.id,
        ref: subscriptions.ref,
        status: subscriptions.status,
        priceRef: subscriptions.priceRef,
        plan: plans.name,
      })
      .from(subscriptions)
      .leftJoin(plans, eq(plans.id, subscriptions.planId))
      .where(
        and(
          eq(subscriptions.gateway, customer.gateway),
          eq(subscriptions.mode, customer.mode),
          eq(subscriptions.customerRef, customer.ref),
        ),
      )
      .limit(LIST_MAX),
  ]);
  return {
    ...customer,
    organization,
    conflicts,
    subscriptions: held,
    waiting: waiting.get(nameOf(customer, customer.ref)) ?? [],
  };
}

/** Claims on customers that belong to somebody else, not yet dismissed. */
export async function listConflicts(_actor: Administrator, mode: Mode) {
  return conflictsOf(and(isNull(linkConflicts.dismissedAt), eq(customers.mode, mode)));
}

function conflictsOf(where: ReturnType<typeof and>) {
  const claimed = organizations;
  return listsDb()
    .select({
      id: linkConflicts.id,
      seenAt: linkConflicts.seenAt,
      dismissedAt: linkConflicts.dismissedAt,
      source: linkConflicts.source,
      ref: linkConflicts.ref,
      claimed: { id: claimed.id, name: claimed.name },
      customer: { id: customers.id, ref: customers.ref, organizationId: customers.organizationId },
      owner: sql<
        string | null
      >`(select name from organizations o where o.id = ${customers.organizationId})`,
    })
    .from(linkConflicts)
    .innerJoin(customers, eq(customers.id, linkConflicts.customerId))
    .innerJoin(claimed, eq(claimed.id, linkConflicts.claimedOrganizationId))
    .where(where)
    .orderBy(desc(linkConflicts.seenAt))
    .limit(LIST_MAX);
}

type Named = { gateway: string; mode: Mode; ref: string };

/** What waits for each of the customers: one look, however many. */
async function waitingFor(of: readonly Named[]): Promise<ReadonlyMap<string, Waiting[]>> {
  const o = gatewayObjects;
  const found =
    of.length === 0
      ? []
      : await db()
          .select({
            id: o.id,
            gateway: o.gateway,
            mode: o.mode,
            type: o.type,
            ref: o.ref,
            waitingFor: o.waitingFor,
          })
          .from(o)
          .where(
            inArray(
              sql`(${o.gateway}, ${o.mode}, ${o.waitingFor})`,
              of.map((customer) => sql`(${customer.gateway}, ${customer.mode}, ${customer.ref})`),
            ),
          )
          .limit(WAITING_MAX);
  return Map.groupBy(found, (object) => nameOf(object, object.waitingFor ?? ""));
}

function nameOf(of: { gateway: string; mode: Mode }, ref: string): string {
  return `${of.gateway}:${of.mode}:${ref}`;
}
