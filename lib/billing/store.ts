import { and, eq, inArray, ne, or, sql } from "drizzle-orm";
import type { Tx } from "#db/client.ts";
import {
  checkouts,
  customers,
  disputes,
  gatewayPrices,
  invoices,
  organizations,
  payments,
  plans,
  subscriptions,
  tiers,
} from "#db/schema/index.ts";
import { notePrices } from "../catalogue/store.ts";
import type { Mode } from "../gateways/gateway.ts";
import { newId } from "../ids.ts";
import type { Customer, Organization, OwnedSnapshot, Setting, State } from "./state.ts";

/** Reading under locks, in the one order that all syncs and commands keep: customer, organization, rest. */

type Place = Pick<Setting, "gateway" | "mode">;

/**
 * Holds names that one object waits under and another makes known, until the transaction ends: so
 * either the one who waits sees what is known, or the one who makes it known sees who waits.
 */
export async function holdNames(tx: Tx, place: Place, names: readonly string[]): Promise<void> {
  if (names.length === 0) return;
  const keys = names.map((name) => `${place.gateway}:${place.mode}:${name}`).sort();
  await tx.execute(sql`
    select pg_advisory_xact_lock(hashtextextended(name, 0))
    from unnest(${sql.param(keys)}::text[]) as name`);
}

/** Locks a customer's row, making it if the gateway names the customer for the first time. */
export async function lockCustomer(tx: Tx, place: Place, ref: string): Promise<Customer> {
  const found = await selectCustomer(tx, place, ref);
  if (found) return found;
  await tx
    .insert(customers)
    .values({ id: newId("cus"), gateway: place.gateway, mode: place.mode, ref })
    .onConflictDoNothing();
  const made = await selectCustomer(tx, place, ref);
  if (!made) throw new Error(`Customer ${ref} was neither found nor made.`);
  return made;
}

/** Locks an organization's row against everybody else who would change its tier. */
export async function lockOrganization(tx: Tx, id: string): Promise<Organization | undefined> {
  const [row] = await tx
    .select({
      id: organizations.id,
      name: organizations.name,
      tierId: organizations.tierId,
      tierValidUntil: organizations.tierValidUntil,
      // On the row itself: who waited for its lock must see what was written meanwhile.
      isTierHeld: sql<boolean>`${organizations.tierHeldBy} is not null`,
    })
    .from(organizations)
    .where(eq(organizations.id, id))
    .for("no key update");
  return row;
}

/** The organization that a claim names: our id for it, or the product's own. */
export async function claimedOrganization(tx: Tx, claim: string): Promise<string | undefined> {
  if (claim.length > 200) return undefined;
  const [row] = await tx
    .select({ id: organizations.id })
    .from(organizations)
    .where(or(eq(organizations.id, claim), eq(organizations.reference, claim)));
  return row?.id;
}

/** Where an object names no customer: whose is the thing that it belongs to? */
export async function inheritedOrganization(
  tx: Tx,
  place: Place,
  snapshot: OwnedSnapshot,
): Promise<string | undefined> {
  if (snapshot.kind === "payment") {
    const [row] = await tx
      .select({ id: checkouts.organizationId })
      .from(checkouts)
      .where(here(checkouts, place, eq(checkouts.paymentRef, snapshot.ref)))
      .limit(1);
    return row?.id ?? undefined;
  }
  if (snapshot.kind === "dispute" && snapshot.paymentRef) {
    const [row] = await tx
      .select({ id: payments.organizationId })
      .from(payments)
      .where(here(payments, place, eq(payments.ref, snapshot.paymentRef)));
    return row?.id ?? undefined;
  }
  return undefined;
}

/** The customer that an object belongs to; a dispute asks its payment. */
export async function customerRefOf(
  tx: Tx,
  place: Place,
  snapshot: OwnedSnapshot,
): Promise<string | null> {
  if (snapshot.kind === "customer") return snapshot.ref;
  if (snapshot.kind !== "dispute") return snapshot.customerRef;
  if (!snapshot.paymentRef) return null;
  const [row] = await tx
    .select({ ref: payments.customerRef })
    .from(payments)
    .where(here(payments, place, eq(payments.ref, snapshot.paymentRef)));
  return row?.ref ?? null;
}

/** Everything a decision about a snapshot may look at. The organization must be locked already. */
export async function loadState(
  tx: Tx,
  setting: Setting & { tierMode: Mode },
  organization: Organization | undefined,
  snapshot: OwnedSnapshot | undefined,
  provisional: State["provisional"],
): Promise<State> {
  const own = snapshot?.kind === "invoice" ? snapshot.ref : "";
  const [allTiers, allPlans, owned, unpaid, held, planOfPrice, described] = await Promise.all([
    tx.select().from(tiers),
    tx.select().from(plans),
    organization ? entitlingOf(tx, organization.id, setting.tierMode) : [],
    organization ? unpaidOf(tx, organization.id, setting.tierMode, own) : [],
    snapshot ? heldRow(tx, setting, snapshot) : undefined,
    planByPrice(tx, setting, priceRefsOf(snapshot)),
    subscriptionNamed(snapshot) ? isDescribed(tx, setting, subscriptionNamed(snapshot)) : false,
  ]);
  return {
    ...setting,
    organization,
    tiers: allTiers,
    plans: allPlans,
    planOfPrice,
    subscriptions: owned,
    unpaidSince: new Map(unpaid.map((row) => [row.ref ?? "", row.since])),
    held,
    isSubscriptionDescribed: described,
    provisional,
  };
}

function entitlingOf(tx: Tx, organizationId: string, mode: Mode) {
  return tx
    .select({
      ref: subscriptions.ref,
      status: subscriptions.status,
      planId: subscriptions.planId,
      priceRef: subscriptions.priceRef,
      cancelAt: subscriptions.cancelAt,
      pastDueSince: subscriptions.pastDueSince,
      endedAt: subscriptions.endedAt,
    })
    .from(subscriptions)
    .where(and(eq(subscriptions.organizationId, organizationId), eq(subscriptions.mode, mode)));
}

async function unpaidOf(tx: Tx, organizationId: string, mode: Mode, exceptRef: string) {
  const rows = await tx
    .select({ ref: invoices.subscriptionRef, since: sql<string>`min(${invoices.issuedAt})` })
    .from(invoices)
    .where(
      and(
        eq(invoices.organizationId, organizationId),
        eq(invoices.mode, mode),
        eq(invoices.status, "open"),
        ne(invoices.ref, exceptRef),
        sql`${invoices.attemptCount} > 0 and ${invoices.amountRemainingMinor} > 0`,
        sql`${invoices.issuedAt} is not null and ${invoices.subscriptionRef} is not null`,
      ),
    )
    .groupBy(invoices.subscriptionRef);
  return rows.map((row) => ({ ref: row.ref, since: new Date(row.since) }));
}

async function heldRow(tx: Tx, place: Place, snapshot: OwnedSnapshot): Promise<State["held"]> {
  switch (snapshot.kind) {
    case "customer":
      return undefined;
    case "subscription":
      return first(
        tx
          .select()
          .from(subscriptions)
          .where(here(subscriptions, place, eq(subscriptions.ref, snapshot.ref))),
      );
    case "invoice":
      return first(
        tx
          .select()
          .from(invoices)
          .where(here(invoices, place, eq(invoices.ref, snapshot.ref))),
      );
    case "payment":
      return first(
        tx
          .select()
          .from(payments)
          .where(here(payments, place, eq(payments.ref, snapshot.ref))),
      );
    case "dispute":
      return first(
        tx
          .select()
          .from(disputes)
          .where(here(disputes, place, eq(disputes.ref, snapshot.ref))),
      );
    case "checkout":
      return first(
        tx
          .select()
          .from(checkouts)
          .where(here(checkouts, place, eq(checkouts.ref, snapshot.ref))),
      );
  }
}

async function planByPrice(tx: Tx, place: Place, refs: string[]): Promise<Map<string, string>> {
  if (refs.length === 0) return new Map();
  // Made first and held, so that nobody puts the price into a plan between this look and the commit.
  await notePrices(tx, place.gateway, place.mode, refs);
  const rows = await tx
    .select({ ref: gatewayPrices.ref, planId: gatewayPrices.planId })
    .from(gatewayPrices)
    .where(here(gatewayPrices, place, inArray(gatewayPrices.ref, refs)))
    .orderBy(gatewayPrices.ref)
    .for("share");
  return new Map(rows.flatMap((row) => (row.planId ? [[row.ref, row.planId] as const] : [])));
}

/** Whether an event of its own describes a subscription, even one that still waits for its customer. */
async function isDescribed(tx: Tx, place: Place, ref: string): Promise<boolean> {
  const rows = await tx.execute(sql`
    select 1 from subscriptions
    where gateway = ${place.gateway} and mode = ${place.mode} and ref = ${ref}
      and not is_provisional
    union all
    select 1 from gateway_objects o join webhook_events e on e.object_id = o.id
    where o.gateway = ${place.gateway} and o.mode = ${place.mode} and o.type = 'subscription'
      and o.ref = ${ref} and e.payload_object = ${`subscription:${ref}`}
    limit 1`);
  return rows.length > 0;
}

function subscriptionNamed(snapshot: OwnedSnapshot | undefined): string {
  const names = snapshot?.kind === "checkout" || snapshot?.kind === "invoice";
  return (names ? snapshot.subscriptionRef : null) ?? "";
}

function priceRefsOf(snapshot: OwnedSnapshot | undefined): string[] {
  if (snapshot?.kind === "subscription") return snapshot.items.map((item) => item.priceRef);
  if (snapshot?.kind === "checkout") return [...snapshot.priceRefs];
  return [];
}

async function selectCustomer(tx: Tx, place: Place, ref: string): Promise<Customer | undefined> {
  return first(
    tx
      .select({
        id: customers.id,
        ref: customers.ref,
        organizationId: customers.organizationId,
        unlinkedAt: customers.unlinkedAt,
      })
      .from(customers)
      .where(here(customers, place, eq(customers.ref, ref)))
      .for("update"),
  );
}

type Placed = { gateway: typeof customers.gateway; mode: typeof customers.mode };

/** The rows of one gateway in one mode that a condition names. */
function here(table: object, place: Place, condition: ReturnType<typeof eq>) {
  const { gateway, mode } = table as Placed;
  return and(eq(gateway, place.gateway), eq(mode, place.mode), condition);
}

async function first<Row>(rows: PromiseLike<Row[]>): Promise<Row | undefined> {
  return (await rows)[0];
}
