import { sql } from "drizzle-orm";
import type { Tx } from "#db/client.ts";
import type { AppliedPayload, Change } from "#db/schema/inbox.ts";
import type { Rings } from "../billing/effects-store.ts";
import type { ObjectRef } from "../gateways/gateway.ts";
import { andWake, ring, ringWaiting } from "../rings/store.ts";
import type { ObjectRow } from "./objects.ts";

/** What a sync came to, as it is kept and shown. */
export type Outcome = {
  syncId: string;
  cause: string;
  source: "fetch" | "payload";
  outcome: "changed" | "unchanged" | "waiting" | "unknown" | "failed" | "parked";
  reasonCode: string | null;
  reason: string | null;
  changes: Change[];
  organizationId: string | null;
  durationMs: number;
};

export async function recordSync(tx: Tx, object: ObjectRow, outcome: Outcome, moved: boolean) {
  const changes = JSON.stringify(outcome.changes);
  await tx.execute(sql`
    insert into syncs (id, object_id, at, cause, source, outcome, reason_code, reason, changes,
      organization_id, duration_ms, version_before, version_after, ring)
    values (${outcome.syncId}, ${object.id}, clock_timestamp(), ${outcome.cause}, ${outcome.source},
      ${outcome.outcome}, ${outcome.reasonCode}, ${outcome.reason}, ${changes}::jsonb,
      ${outcome.organizationId}, ${outcome.durationMs}, ${object.syncVersion},
      ${object.syncVersion + (moved ? 1 : 0)}, ${object.rung})`);
}

/** How each covered event is told: the ones that were used, and those that were too old to be. */
export type Telling = {
  status: "processed" | "unmatched" | "unknown" | "failed";
  reasonCode: string | null;
  reason: string | null;
  /** The events whose payloads were used; undefined where a fetch made them all equal. */
  used: readonly string[] | undefined;
};

/** Points every event up to the ring that was answered to its sync, with what it came to. */
export async function settleEvents(
  tx: Tx,
  object: ObjectRow,
  outcome: Outcome,
  telling: Telling,
): Promise<void> {
  const isUsed = telling.used ? sql`event_ref = any(${array(telling.used)})` : sql`true`;
  await tx.execute(sql`
    update webhook_events set
      status = case when ${isUsed} then ${telling.status} else 'processed' end,
      reason_code = case when ${isUsed} then ${telling.reasonCode} else 'older_than_known' end,
      reason = case when ${isUsed} then ${telling.reason}
        else 'Older than what is known: a newer event about the same object was used.' end,
      sync_id = ${outcome.syncId},
      organization_id = coalesce(${outcome.organizationId}, organization_id)
    where object_id = ${object.id} and ring <= ${object.rung}
      and status in ('received', 'unmatched', 'unknown', 'failed')`);
}

/** What the object's row says after a sync that was not overtaken. */
export type Answer = {
  waitingFor: string | null;
  missing: boolean;
  applied: Record<string, AppliedPayload>;
  changedBySyncId: string | undefined;
  parked: boolean;
  /** For how long no worker takes it, whatever rings: absent, it is free at once. */
  restSeconds?: number | undefined;
};

/**
 * The last step of a sync: locks every object row that it touches, in the order of their keys, rings
 * the others, and moves the version if it is still the one that was read. False means overtaken.
 */
export async function answerRing(
  tx: Tx,
  object: ObjectRow,
  rings: Rings,
  wakes: readonly string[],
  answer: Answer,
): Promise<boolean> {
  if (wakes.length > 0 || rings.some(({ refs }) => refs.length > 0)) {
    await touchOthers(tx, object, rings, wakes);
  }
  const applied = { ...object.applied, ...answer.applied };
  const moved = await tx.execute(sql`
    update gateway_objects set
      sync_version = sync_version + 1, synced_rung = greatest(synced_rung, ${object.rung}),
      leased_until = now() + make_interval(secs => ${answer.restSeconds ?? null}::float8),
      attempts = 0, last_error = null,
      cause = case when rung = ${object.rung} then null else cause end,
      -- Rings that came during the look wait from here on.
      rung_at = case when rung = ${object.rung} then rung_at else now() end,
      waiting_for = ${answer.waitingFor},
      missing_count = case when ${answer.missing} then missing_count + 1 else 0 end,
      applied = ${JSON.stringify(applied)}::jsonb,
      parked_at = case when ${answer.parked} then now() end,
      changed_by_sync_id = coalesce(${answer.changedBySyncId ?? null}, changed_by_sync_id),
      changed_at = case when ${answer.changedBySyncId ?? null}::text is null then changed_at else now() end
    where id = ${object.id} and sync_version = ${object.syncVersion}
    returning id`);
  return moved.length === 1;
}

/** Rings what is to be rung beside the object itself. */
async function touchOthers(tx: Tx, object: ObjectRow, rings: Rings, wakes: readonly string[]) {
  await touchObjects(tx, object, rings, wakes);
  const known = rings.flatMap(({ refs, evenIfKnown }) => (evenIfKnown ? refs : []));
  const others = known.filter((ref) => ref.type !== object.type || ref.ref !== object.ref);
  await ring(tx, object, others, { cause: "related", evenIfKnown: true });
  await ringWaiting(tx, object, wakes);
}

/**
 * One sorted pass over everything that the rest of the transaction will write: it locks the rows that
 * are there, and makes those of links that nobody has named before, which rings them. Two passes would
 * be out of order with the intake, which makes and rings in one.
 */
async function touchObjects(tx: Tx, object: ObjectRow, rings: Rings, wakes: readonly string[]) {
  const written = [object, ...rings.flatMap((one) => (one.evenIfKnown ? one.refs : []))];
  const links = rings.flatMap((one) => (one.evenIfKnown ? [] : one.refs));
  const here = sql`o.gateway = ${object.gateway} and o.mode = ${object.mode}`;
  const touched = sql`
    insert into gateway_objects (gateway, mode, type, ref, payer, cause)
    select ${object.gateway}, ${object.mode}, type, ref, ${object.payer}, 'related' from (
      select * from ${named(written)}
      union select * from ${named(links)} where not exists (
        select 1 from gateway_objects o where ${here} and o.type = named.type and o.ref = named.ref)
      union select type, ref from gateway_objects o
        where ${here} and o.waiting_for = any(${array(wakes)})
    ) touched
    order by type, ref
    on conflict (gateway, mode, type, ref) do update set rung = gateway_objects.rung where false
    returning id`;
  await tx.execute(andWake(touched));
}

/** Whether the newest looks at a connection's gateway, this one included, all found nothing. */
export async function lastFetchesAllMissed(
  tx: Tx,
  object: ObjectRow,
  count: number,
): Promise<boolean> {
  const [row] = await tx.execute<{ missed: number }>(sql`
    select count(*) filter (where outcome = 'unknown')::int as missed from (
      select s.outcome from syncs s join gateway_objects o on o.id = s.object_id
      where s.source = 'fetch' and o.gateway = ${object.gateway} and o.mode = ${object.mode}
      order by s.at desc limit ${count}) newest`);
  return row?.missed === count;
}

/**
 * A failed look: the lease ends, the next try is set, and after too many the object is parked. False,
 * and nothing noted, where another sync was quicker, or where an object to be parked was rung again:
 * what rang has not been tried yet.
 */
export async function noteFailure(
  tx: Tx,
  object: ObjectRow,
  failure: { error: string; countsAsAttempt: boolean; retryAt: Date; park: boolean },
): Promise<boolean> {
  const noted = await tx.execute(sql`
    update gateway_objects set
      leased_until = null, last_error = ${failure.error},
      attempts = attempts + ${failure.countsAsAttempt ? 1 : 0},
      next_attempt_at = ${failure.retryAt.toISOString()}::timestamptz,
      parked_at = case when ${failure.park} then now() else parked_at end
    where id = ${object.id} and sync_version = ${object.syncVersion}
      and (not ${failure.park} or rung = ${object.rung})
    returning id`);
  return noted.length === 1;
}

function named(refs: readonly ObjectRef[]) {
  const [types, names] = [refs.map(({ type }) => type), refs.map(({ ref }) => ref)];
  return sql`unnest(${array(types)}, ${array(names)}) as named (type, ref)`;
}

function array(values: readonly string[]) {
  return sql`${sql.param([...values])}::text[]`;
}
