import { and, asc, eq, gt, isNull, type SQL, sql } from "drizzle-orm";
import { db, type Tx } from "#db/client.ts";
import type { ImportCounts } from "#db/schema/imports.ts";
import { customers, importCustomers, imports } from "#db/schema/index.ts";
import type { Owned } from "../gateways/adapter.ts";
import type { GatewayName, Mode } from "../gateways/gateway.ts";
import { emailOf } from "../identity/rules.ts";
import { newId } from "../ids.ts";

export type Place = { readonly gateway: GatewayName; readonly mode: Mode };
export type Import = typeof imports.$inferSelect;

/** Opens an import, and forgets the reports of those before. Undefined where one is open already. */
export async function insertImport(
  tx: Tx,
  row: Pick<Import, "gateway" | "mode" | "makesOrganizations" | "askedBy">,
): Promise<string | undefined> {
  const [made] = await tx
    .insert(imports)
    .values({ id: newId("imp"), ...row })
    .onConflictDoNothing()
    .returning({ id: imports.id });
  if (!made) return undefined;
  await tx.execute(sql`
    delete from import_customers using imports i
    where i.id = import_id and i.id <> ${made.id} and i.gateway = ${row.gateway} and i.mode = ${row.mode}`);
  return made.id;
}

export async function findImport(tx: Tx, id: string): Promise<Import | undefined> {
  const [row] = await tx.select().from(imports).where(eq(imports.id, id));
  return row;
}

/** Holds an open import, paused or not, until the transaction ends. */
export async function lockOpenImport(tx: Tx, id: string): Promise<Import | undefined> {
  const [row] = await tx
    .select()
    .from(imports)
    .where(and(eq(imports.id, id), isNull(imports.finishedAt)))
    .for("update");
  return row;
}

/** Holds an import that is where it was read, and may go on; false where somebody moved or paused it. */
export async function holdImport(tx: Tx, read: Import): Promise<boolean> {
  const rows = await tx.select({ id: imports.id }).from(imports).where(isAt(read)).for("update");
  return rows.length > 0;
}

/** Moves an import on from where it was read; false where somebody moved or paused it meanwhile. */
export async function moveImport(
  tx: Tx,
  read: Import,
  to: Partial<Omit<Import, "id" | "step">>,
): Promise<boolean> {
  const rows = await tx
    .update(imports)
    .set({ ...to, step: read.step + 1 })
    .where(isAt(read))
    .returning({ id: imports.id });
  return rows.length > 0;
}

/** What a person says of it counts wherever it is. Its row must be locked. */
export async function setImport(
  tx: Tx,
  { id, step }: Import,
  to: Partial<Omit<Import, "id" | "step">>,
): Promise<void> {
  await tx
    .update(imports)
    .set({ ...to, step: step + 1 })
    .where(eq(imports.id, id));
}

function isAt({ id, step }: Import): SQL | undefined {
  return and(
    eq(imports.id, id),
    eq(imports.step, step),
    isNull(imports.finishedAt),
    isNull(imports.pausedAt),
  );
}

/** Notes whose customers a page named, once each; the first claim that is found of one counts. */
export async function noteCustomers(
  tx: Tx,
  importId: string,
  found: readonly Owned[],
): Promise<void> {
  const claims = new Map<string, string | null>();
  for (const { customerRef: ref, claim } of found) {
    if (ref) claims.set(ref, claims.get(ref) ?? claim?.organization ?? null);
  }
  if (claims.size === 0) return;
  const rows = [...claims].map(([ref, claim]) => ({ importId, ref, claim })).sort(byRef);
  await tx
    .insert(importCustomers)
    .values(rows)
    .onConflictDoUpdate({
      target: [importCustomers.importId, importCustomers.ref],
      set: { claim: sql`coalesce(${importCustomers.claim}, excluded.claim)` },
    });
}

function byRef(a: { ref: string }, b: { ref: string }): number {
  return a.ref < b.ref ? -1 : 1;
}

/**
 * How many objects wait for an answer that the connection's import asked for. One that failed for ten
 * minutes is not waited for any longer: it is tried again by itself.
 */
export async function awaited({ gateway, mode }: Place): Promise<number> {
  // In two parts, as the indexes of what is due are.
  const due = sql`is_due and mode = ${mode} and gateway = ${gateway}`;
  const [row] = await db().execute<{ n: number }>(sql`
    select sum(n)::int as n from (
      select count(*) as n from gateway_objects
      where ${due} and last_error is null and cause = 'import'
      union all
      select count(*) from gateway_objects
      where ${due} and last_error is not null and cause = 'import'
        and rung_at >= now() - interval '10 minutes') both_parts`);
  return row?.n ?? 0;
}

/** The next customers of an import, in the order of their refs, each with what its objects name. */
export async function nextCustomers(importId: string, after: string, limit: number) {
  return db()
    .select({ ref: importCustomers.ref, claim: importCustomers.claim })
    .from(importCustomers)
    .where(and(eq(importCustomers.importId, importId), gt(importCustomers.ref, after)))
    .orderBy(asc(importCustomers.ref))
    .limit(limit);
}

/** A customer's row by the gateway's id, locked against every sync that would link it. */
export async function lockCustomerCalled(tx: Tx, { gateway, mode }: Place, ref: string) {
  const [row] = await tx
    .select()
    .from(customers)
    .where(and(eq(customers.gateway, gateway), eq(customers.mode, mode), eq(customers.ref, ref)))
    .for("update");
  return row;
}

/** Whether the gateway has not told yet how a customer is. */
export async function isUntold(tx: Tx, { gateway, mode }: Place, ref: string): Promise<boolean> {
  const rows = await tx.execute(sql`
    select 1 from gateway_objects
    where gateway = ${gateway} and mode = ${mode} and type = 'customer' and ref = ${ref}
      and (is_due or parked_at is not null)`);
  return rows.length > 0;
}

const CANDIDATES_MAX = 10;

/**
 * The organizations that an e-mail address stands for: those it bills, and those it owns or pays for. An
 * address that somebody chose and never proved stands for none: it may be anybody's.
 */
export async function organizationsWithEmail(tx: Tx, email: string): Promise<string[]> {
  // In the one form that ours have: letters beyond ASCII become plain ones in lower case.
  const address = emailOf(email);
  if (!address) return [];
  const rows = await tx.execute<{ id: string }>(sql`
    select id from organizations where lower(billing_email) = ${address}
    union
    select m.organization_id from members m join users u on u.id = m.user_id
    where lower(u.email) = ${address} and m.role in ('owner', 'billing') and u.disabled_at is null
      and u.email_unproven_since is null
    order by id limit ${CANDIDATES_MAX}`);
  return rows.map(({ id }) => id);
}

/** Why a customer is nobody's, or that it is somebody's now. */
export async function noteReason(
  tx: Tx,
  importId: string,
  ref: string,
  { reason, candidates }: { reason: string | null; candidates: readonly string[] | null },
): Promise<void> {
  await tx
    .update(importCustomers)
    .set({ reason, candidates: candidates && [...candidates] })
    .where(and(eq(importCustomers.importId, importId), eq(importCustomers.ref, ref)));
}

/** What an import came to so far. */
export async function countsOf(tx: Tx, { id, gateway, mode }: Import): Promise<ImportCounts> {
  const during = sql`c.organization_id is not null and c.linked_at >= i.started_at`;
  const by = (source: SQL) => sql`count(*) filter (where ${during} and ${source})::int`;
  const [row] = await tx.execute<ImportCounts>(sql`
    select count(*)::int as customers,
      count(*) filter (where c.organization_id is not null and c.linked_at < i.started_at)::int
        as "linkedBefore",
      ${by(sql`c.link_source in ('checkout', 'subscription_metadata', 'customer_metadata')`)}
        as "byMetadata",
      ${by(sql`c.link_source = 'import_email'`)} as "byEmail",
      ${by(sql`c.link_source in ('administrator', 'portal')`)} as "byHand",
      ${by(sql`c.link_source = 'import_made'`)} as made,
      count(*) filter (where c.organization_id is null)::int as "left"
    from import_customers ic
    join imports i on i.id = ic.import_id
    left join customers c on c.gateway = ${gateway} and c.mode = ${mode} and c.ref = ic.ref
    where ic.import_id = ${id}`);
  const none = { customers: 0, linkedBefore: 0, byMetadata: 0, byEmail: 0 };
  return row ?? { ...none, byHand: 0, made: 0, left: 0 };
}
