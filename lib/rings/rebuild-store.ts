import { and, eq, isNull, type SQL, sql } from "drizzle-orm";
import type { Tx } from "#db/client.ts";
import { rebuildObjects, rebuilds } from "#db/schema/index.ts";
import type { Mode, ObjectType } from "../gateways/gateway.ts";
import { newId } from "../ids.ts";
import { wake } from "./store.ts";

/** Which rebuild is under way, what it took away, and what of that is not back yet. */

type Place = { gateway: string; mode: Mode };

export type Rebuild = typeof rebuilds.$inferSelect;

/** An object's row as it was, as JSON text so that no number or instant is read and written on the way. */
export type Aside = {
  objectId: number;
  organizationId: string | null;
  hadRow: boolean;
  row: string | null;
};

/** The rebuild that is under way, if any. To go on with it, lock it: where somebody else does, there is none. */
export async function openRebuild(tx: Tx, options: { lock?: boolean } = {}) {
  const query = tx.select().from(rebuilds).where(isNull(rebuilds.finishedAt));
  const [row] = await (options.lock ? query.for("update", { skipLocked: true }) : query);
  return row;
}

export async function findRebuild(tx: Tx, id: string): Promise<Rebuild | undefined> {
  const [row] = await tx.select().from(rebuilds).where(eq(rebuilds.id, id));
  return row;
}

/** Whether rows of a connection may be missing only because they are being rebuilt. */
export async function isBeingRebuilt(tx: Tx, { gateway, mode }: Place): Promise<boolean> {
  const rebuild = await openRebuild(tx);
  return rebuild?.gateway === gateway && rebuild.mode === mode;
}

/** Opens a rebuild, and forgets the reports of those before. Undefined where one is open already. */
export async function insertRebuild(tx: Tx, place: Place): Promise<string | undefined> {
  const [row] = await tx
    .insert(rebuilds)
    .values({ id: newId("rbd"), ...place })
    .onConflictDoNothing()
    .returning({ id: rebuilds.id });
  if (row) await tx.delete(rebuildObjects).where(sql`${rebuildObjects.rebuildId} <> ${row.id}`);
  return row?.id;
}

export async function updateRebuild(tx: Tx, id: string, to: Partial<Rebuild>): Promise<void> {
  await tx.update(rebuilds).set(to).where(eq(rebuilds.id, id));
}

/** The next objects of a connection, in the order of our numbers. */
export async function nextObjects(tx: Tx, place: Place, afterId: number, limit: number) {
  const rows = await tx.execute<{ id: string; type: ObjectType; ref: string }>(sql`
    select id, type, ref from gateway_objects
    where gateway = ${place.gateway} and mode = ${place.mode} and id > ${afterId}
    order by id limit ${limit}`);
  return rows.map(({ id, type, ref }) => ({ id: Number(id), type, ref }));
}

/** Keeps what was taken away. Looks that are under way must begin anew, so that they know of it. */
export async function noteAside(tx: Tx, rebuildId: string, taken: readonly Aside[]): Promise<void> {
  const rows = JSON.stringify(taken);
  await tx.execute(sql`
    insert into rebuild_objects (rebuild_id, object_id, organization_id, had_row, row)
    select ${rebuildId}, "objectId", "organizationId", "hadRow", row::jsonb
    from jsonb_to_recordset(${rows}::text::jsonb)
      as taken ("objectId" bigint, "organizationId" text, "hadRow" boolean, row text)`);
  const ids = taken.map(({ objectId }) => objectId);
  await tx.execute(sql`
    with chosen as (
      select id from gateway_objects where id in ${ids}
      order by gateway, mode, type, ref for no key update)
    update gateway_objects o set sync_version = sync_version + 1
    from chosen where o.id = chosen.id`);
}

/** Takes an object's old row out of keeping, once: its table has it again when this transaction ends. */
export async function takeAside(
  tx: Tx,
  rebuildId: string,
  objectId: number,
): Promise<string | undefined> {
  const [held] = await tx.execute<{ row: string }>(sql`
    with held as (
      select object_id, row from rebuild_objects
      where rebuild_id = ${rebuildId} and object_id = ${objectId} and row is not null for update)
    update rebuild_objects r set row = null from held
    where r.rebuild_id = ${rebuildId} and r.object_id = held.object_id
    returning held.row::text as row`);
  return held?.row;
}

/** What a sync came to: derived again, or kept as it was, and why. */
export async function noteBack(
  tx: Tx,
  rebuildId: string,
  object: { id: number; rung: number },
  keptBecause: string | null,
): Promise<void> {
  await tx
    .update(rebuildObjects)
    .set({ ring: sql`coalesce(${rebuildObjects.ring}, ${object.rung})`, keptBecause })
    .where(and(eq(rebuildObjects.rebuildId, rebuildId), eq(rebuildObjects.objectId, object.id)));
}

/**
 * Rings the next objects, one organization's after the other's, so that each is whole again soon; no
 * more than keep workers busy, so that what rings by itself never waits behind all of them.
 */
export async function ringAside(tx: Tx, rebuildId: string, atOnce: number): Promise<number> {
  const rows = await tx.execute(sql`
    with room as (
      select greatest(0, ${atOnce} - count(*)) as free from rebuild_objects r
      join gateway_objects o on o.id = r.object_id
      where r.rebuild_id = ${rebuildId} and r.ring is not null and ${isUnanswered()}),
    next as (
      select object_id from rebuild_objects where rebuild_id = ${rebuildId} and ring is null
      order by organization_id nulls first, object_id limit (select free from room)
      for update skip locked),
    chosen as (
      select id from gateway_objects where id in (select object_id from next)
      order by gateway, mode, type, ref for no key update),
    rung as (
      update gateway_objects o set rung = rung + 1, next_attempt_at = now(), attempts = 0,
        rung_at = case when is_due then rung_at else now() end, parked_at = null,
        -- Who asked before is still to be told.
        cause = case when is_due then coalesce(cause, 'rebuild') else 'rebuild' end
      from chosen where o.id = chosen.id
      returning o.id, o.rung)
    update rebuild_objects r set ring = rung.rung from rung
    where r.rebuild_id = ${rebuildId} and r.object_id = rung.id
    returning r.object_id`);
  if (rows.length > 0) await wake(tx);
  return rows.length;
}

/** Old rows that no sync will put back: their object was put aside itself, or its payload is impossible. */
export async function leftAside(tx: Tx, rebuild: Rebuild, limit: number) {
  const isLeft = rebuild.givenUpAt ? sql`true` : sql`r.ring is not null and not ${isUnanswered()}`;
  const rows = await tx.execute<{
    id: string;
    type: ObjectType;
    rung: number;
    lastError: string | null;
  }>(sql`
    select o.id, o.type, o.rung, coalesce(o.last_error, (
      select s.reason from syncs s where s.object_id = o.id order by s.at desc limit 1
    )) as "lastError"
    from rebuild_objects r join gateway_objects o on o.id = r.object_id
    where r.rebuild_id = ${rebuild.id} and r.row is not null and ${isLeft}
    order by r.object_id limit ${limit}`);
  return rows.map((row) => ({ ...row, id: Number(row.id) }));
}

export type Progress = { objects: number; answered: number };

/** How many objects there are, and how many of them are answered. */
export async function progressOf(tx: Tx, rebuildId: string): Promise<Progress> {
  const [row] = await tx.execute<Progress>(sql`
    select count(*)::int as objects, count(*) filter (where not ${isOpen()})::int as answered
    from rebuild_objects r join gateway_objects o on o.id = r.object_id
    where r.rebuild_id = ${rebuildId}`);
  return row ?? { objects: 0, answered: 0 };
}

/** Of these organizations, those of which something is not back; all, while something nobody owns is not. */
export async function notWhole(tx: Tx, rebuildId: string, ids: readonly string[]) {
  if (ids.length === 0) return new Set<string>();
  const rows = await tx.execute<{ id: string | null }>(sql`
    select distinct r.organization_id as id
    from rebuild_objects r join gateway_objects o on o.id = r.object_id
    where r.rebuild_id = ${rebuildId} and (${isOpen()} or r.row is not null)
      and (r.organization_id is null or r.organization_id in ${[...ids]})`);
  return new Set(rows.some(({ id }) => id === null) ? ids : rows.map(({ id }) => id));
}

/** Closes a rebuild; only what could not be derived stays of it, as its report. */
export async function closeRebuild(tx: Tx, rebuildId: string, objects: number): Promise<void> {
  await tx.delete(rebuildObjects).where(
    sql`${rebuildObjects.rebuildId} = ${rebuildId}
      and (${rebuildObjects.keptBecause} is null or not ${rebuildObjects.hadRow})`,
  );
  await updateRebuild(tx, rebuildId, { finishedAt: new Date(), objects });
}

/** Whether an event is among the rings of an object that a sync is about to answer. */
export async function didEventsRing(
  tx: Tx,
  object: { id: number; rung: number; syncedRung: number },
): Promise<boolean> {
  const rows = await tx.execute(sql`
    select 1 from webhook_events
    where object_id = ${object.id} and ring > ${object.syncedRung} and ring <= ${object.rung} limit 1`);
  return rows.length > 0;
}

export type Kept = { type: ObjectType; ref: string; because: string };

/** What a rebuild could not derive again, and why: it is as it was before. */
export async function keptBy(tx: Tx, rebuildId: string): Promise<Kept[]> {
  const rows = await tx.execute<Kept>(sql`
    select o.type, o.ref, r.kept_because as because
    from rebuild_objects r join gateway_objects o on o.id = r.object_id
    where r.rebuild_id = ${rebuildId} and r.had_row and r.kept_because is not null
    order by o.type, o.ref`);
  return [...rows];
}

/** Due for the rebuild's own ring, or for what its other objects made known since. Events alone keep nobody. */
function isUnanswered(): SQL {
  return sql`(o.is_due and (o.synced_rung < r.ring or o.cause is not null))`;
}

function isOpen(): SQL {
  return sql`(r.ring is null or ${isUnanswered()})`;
}
