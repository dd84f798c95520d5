import { and, eq, or, sql } from "drizzle-orm";
import type { Tx } from "#db/client.ts";
import { checkouts, type customers, organizations, payments } from "#db/schema/index.ts";
import { newId } from "../ids.ts";
import type { Customer, Organization, OwnedSnapshot, Setting } from "./state.ts";

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

/** A customer as locked, with its organization, which is locked too. */
export type LockedCustomer = Customer & { organization: Organization | undefined };

/**
 * Locks a customer's row, making it if the gateway names the customer for the first time, and then its
 * organization's, against everybody else who would change its tier.
 */
export async function lockCustomer(tx: Tx, place: Place, ref: string): Promise<LockedCustomer> {
  // The second look is for one that somebody else made while this looked.
  const customer = (await selectOrMake(tx, place, ref)) ?? (await selectOrMake(tx, place, ref));
  if (!customer) throw new Error(`Customer ${ref} was neither found nor made.`);
  return customer;
}

/** Locks an organization's row against everybody else who would change its tier. */
export async function lockOrganization(tx: Tx, id: string): Promise<Organization | undefined> {
  const [row] = await tx.execute<OrganizationTold>(sql`
    select ${AS_LOCKED} from organizations o where o.id = ${id} for no key update`);
  return row && organizationOf(row);
}

/** An organization as it is held, for who only looks. */
export async function findOrganization(tx: Tx, id: string): Promise<Organization | undefined> {
  const [row] = await tx.execute<OrganizationTold>(sql`
    select ${AS_LOCKED} from organizations o where o.id = ${id}`);
  return row && organizationOf(row);
}

type OrganizationTold = {
  id: string;
  name: string;
  tier_id: string;
  tier_valid_until: string | null;
  is_tier_held: boolean;
};

/** On the row itself: who waited for its lock must see what was written meanwhile. */
const AS_LOCKED = sql.raw(
  "o.id, o.name, o.tier_id, o.tier_valid_until, o.tier_held_by is not null as is_tier_held",
);

function organizationOf(told: OrganizationTold): Organization {
  return {
    id: told.id,
    name: told.name,
    tierId: told.tier_id,
    tierValidUntil: told.tier_valid_until ? new Date(told.tier_valid_until) : null,
    isTierHeld: told.is_tier_held,
  };
}

async function selectOrMake(
  tx: Tx,
  { gateway, mode }: Place,
  ref: string,
): Promise<LockedCustomer | undefined> {
  const [row] = await tx.execute<
    Partial<OrganizationTold> & {
      customer_id: string;
      organization_id: string | null;
      unlinked_at: string | null;
    }
  >(sql`
    with customer as materialized (
      select c.id as customer_id, c.organization_id, c.unlinked_at from customers c
      where c.gateway = ${gateway} and c.mode = ${mode} and c.ref = ${ref} for update),
    made as (
      insert into customers (id, gateway, mode, ref)
      select ${newId("cus")}, ${gateway}, ${mode}, ${ref} where not exists (select 1 from customer)
      on conflict do nothing
      returning id as customer_id, organization_id, unlinked_at),
    known as (select * from customer union all select * from made)
    select * from known left join lateral (
      select ${AS_LOCKED} from organizations o where o.id = known.organization_id
      for no key update) organization on true`);
  if (!row) return undefined;
  const { organization_id: organizationId, unlinked_at: unlinkedAt, ...told } = row;
  // One that was made while this waited for the customer is not seen yet.
  const organization =
    told.id != null
      ? organizationOf(told as OrganizationTold)
      : organizationId
        ? await lockOrganization(tx, organizationId)
        : undefined;
  return {
    id: row.customer_id,
    ref,
    organizationId,
    unlinkedAt: unlinkedAt ? new Date(unlinkedAt) : null,
    organization,
  };
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

type Placed = { gateway: typeof customers.gateway; mode: typeof customers.mode };

/** The rows of one gateway in one mode that a condition names. */
function here(table: object, place: Place, condition: ReturnType<typeof eq>) {
  const { gateway, mode } = table as Placed;
  return and(eq(gateway, place.gateway), eq(mode, place.mode), condition);
}
