import { sql } from "#db/client.ts";
import type { AppliedPayload } from "#db/schema/inbox.ts";
import type { Mode, ObjectRef, ObjectType } from "../gateways/gateway.ts";
import { gatewayNames } from "../gateways/registry.ts";

/** How long a claim holds: longer than the longest sync, so that a dead worker's claims come back. */
export const LEASE_SECONDS = 30;

/** A gateway object's row, as a sync reads it before it looks at the gateway. */
export type ObjectRow = {
  id: number;
  gateway: string;
  mode: Mode;
  type: ObjectType;
  ref: string;
  payer: string | null;
  turn: number;
  rung: number;
  syncedRung: number;
  syncVersion: number;
  cause: string | null;
  attempts: number;
  /** Whether its last look failed: then somebody may have been told. */
  hasFailed: boolean;
  missingCount: number;
  waitingFor: string | null;
  applied: Record<string, AppliedPayload> | null;
  changedBySyncId: string | null;
  changedAt: Date | null;
  rungAt: Date;
  /** Whether its connection had a key when this was read: then a process that knows of none must ask again. */
  hasKey: boolean;
  /** The rebuild of its connection that is under way. */
  rebuildId: string | null;
};

/** Whose turn was the last, by connection. Each worker goes round by itself. */
export type Turns = { places: readonly Place[] };

type Place = { gateway: string; mode: Mode; after: number };

/** Before the first turn. */
const START = -(2 ** 31) - 1;

export function newTurns(): Turns {
  const modes: readonly Mode[] = ["test", "live"];
  const places = gatewayNames.flatMap((gateway) =>
    modes.map((mode) => ({ gateway, mode, after: START })),
  );
  return { places };
}

/**
 * Takes due objects for a while, as a sync reads them. No two workers get the same one, and none waits
 * for another. Customers take turns, so that one who floods us gets as many as anybody, and a claim reads
 * no more the more is due. What failed before gets a quarter at most: it holds up nobody who did not.
 */
export async function claimObjects(limit: number, turns: Turns = newTurns()): Promise<ObjectRow[]> {
  let isWholeRound = turns.places.every(({ after }) => after === START);
  for (;;) {
    const { claimed, passed, room } = await claimRound(limit, turns.places);
    const isRoundOver = passed.length < room;
    turns.places = next(turns.places, (place) => {
      if (isRoundOver) return START;
      // Where there was room for each place, one without a turn has had its last.
      return lastOf(place, passed) ?? (room >= turns.places.length ? START : place.after);
    });
    if (claimed.length > 0 || (isRoundOver && isWholeRound)) return claimed;
    isWholeRound ||= isRoundOver;
  }
}

/** The places, beginning with another one than before. */
function next(places: readonly Place[], after: (place: Place) => number): Place[] {
  const moved = places.map((place) => ({ ...place, after: after(place) }));
  return [...moved.slice(1), ...moved.slice(0, 1)];
}

type Passed = { gateway: string; mode: string; turn: number };

function lastOf({ gateway, mode }: Place, passed: readonly Passed[]): number | undefined {
  return passed.findLast((each) => each.gateway === gateway && each.mode === mode)?.turn;
}

/** Goes on from where each place is, and tells which turns it came by, whether it got anything there or not. */
async function claimRound(limit: number, places: readonly Place[]) {
  const free = sql()`(o.leased_until is null or o.leased_until <= now())`;
  const here = sql()`o.mode = place.mode and o.gateway = place.gateway and o.is_due`;
  const failedMax = Math.ceil(limit / 4);
  const rows = await sql()<(Partial<ObjectRow> & { passed: Passed[]; room: number })[]>`
    with recursive place as materialized (
      select * from (values ${rowsOf(places)}) as p (gateway, mode, after)
      where not exists (select 1 from gateway_connections c
        where c.gateway = p.gateway and c.mode = p.mode and c.paused_until > now())
    ),
    -- From turn to turn by the index: what else is due in each of them is not read.
    walk (gateway, mode, turn) as (
      select place.gateway, place.mode, following.turn from place, lateral (
        select o.turn from gateway_objects o
        where ${here} and o.last_error is null and o.turn > place.after
        order by o.turn limit 1) following
      union all
      select place.gateway, place.mode, following.turn from walk place, lateral (
        select o.turn from gateway_objects o
        where ${here} and o.last_error is null and o.turn > place.turn
        order by o.turn limit 1) following
    ),
    failed as materialized (
      select o.id from place, lateral (
        select o.id from gateway_objects o
        where ${here} and o.last_error is not null and o.next_attempt_at <= now() and ${free}
        order by o.next_attempt_at limit ${failedMax}) o
      limit ${failedMax}
    ),
    room as materialized (select (${limit} - count(*))::int as room from failed),
    passed as materialized (
      select *, count(*) over () as many
      from (select * from walk limit (select room from room)) walked
    ),
    chosen as materialized (
      select id from failed
      union all
      select o.id from passed place, lateral (
        select o.id from gateway_objects o
        where ${here} and o.last_error is null and o.turn = place.turn
          and o.next_attempt_at <= now() and ${free}
        order by o.next_attempt_at limit (select room from room) / place.many) o
    ),
    locked as (
      select o.id from gateway_objects o
      where o.id in (select id from chosen) and o.is_due and ${free}
      for update skip locked
    ),
    claimed as (
      update gateway_objects o
      set leased_until = now() + make_interval(secs => ${LEASE_SECONDS})
      from locked where o.id = locked.id
      returning ${sql().unsafe(AS_READ)}
    )
    select claimed.*, room.room, (
      select coalesce(json_agg(json_build_object('gateway', gateway, 'mode', mode, 'turn', turn)), '[]')
      from passed) as passed
    from room left join claimed on true`;
  const [{ passed, room } = { passed: [], room: 0 }] = rows;
  return { claimed: rows.filter(isClaimed).map(numbered), passed, room };
}

/** One by one, not as arrays: their length would be guessed, and a plan for it never kept. */
function rowsOf(places: readonly Place[]) {
  const rows = places.map(
    ({ gateway, mode, after }) => sql()`(${gateway}, ${mode}, ${after}::bigint)`,
  );
  return rows.reduce((all, row) => sql()`${all}, ${row}`);
}

function isClaimed<Row extends { id?: number | null }>(row: Row): row is Row & ObjectRow {
  return row.id !== null;
}

/** Gives claims back unworked, for a worker that stops. */
export async function releaseObjects(ids: readonly number[]): Promise<void> {
  if (ids.length === 0) return;
  await sql()`update gateway_objects set leased_until = null where id in ${sql()([...ids])}`;
}

/** Reads an object's row without locking it; a sync compares the version again at its end. */
export async function readObject(id: number): Promise<ObjectRow | undefined> {
  const [row] = await sql()<ObjectRow[]>`
    select ${sql().unsafe(AS_READ)} from gateway_objects o where id = ${id}`;
  return row && numbered(row);
}

/**
 * The same for objects that are named, in that order, without those that nobody has heard of; and leases them
 * to who reads them. What a worker has already it works off.
 */
export async function leaseNamed(
  place: { gateway: string; mode: Mode },
  refs: readonly ObjectRef[],
  seconds: number,
): Promise<ObjectRow[]> {
  const [types, names] = [refs.map(({ type }) => type), refs.map(({ ref }) => ref)];
  const rows = await sql()<ObjectRow[]>`
    with named as materialized (
      select o.id, named.place
      from unnest(${types}::text[], ${names}::text[]) with ordinality as named (type, ref, place)
      join gateway_objects o on o.type = named.type and o.ref = named.ref
        and o.gateway = ${place.gateway} and o.mode = ${place.mode}
    ),
    free as (
      select o.id from gateway_objects o where o.id in (select id from named)
      order by o.type, o.ref for no key update skip locked
    ),
    leased as (
      update gateway_objects o
      set leased_until = greatest(o.leased_until, now() + make_interval(secs => ${seconds}))
      from free where o.id = free.id
    )
    select ${sql().unsafe(AS_READ)} from named join gateway_objects o using (id) order by named.place`;
  return rows.map(numbered);
}

/** The columns of `gateway_objects o` as a sync knows them. */
const AS_READ = `o.id, o.gateway, o.mode, o.type, o.ref, o.payer, o.turn, o.rung,
  o.synced_rung as "syncedRung", o.sync_version as "syncVersion", o.cause, o.attempts,
  o.last_error is not null as "hasFailed", o.missing_count as "missingCount",
  o.waiting_for as "waitingFor", o.applied, o.changed_by_sync_id as "changedBySyncId",
  o.changed_at as "changedAt", o.rung_at as "rungAt",
  exists (select 1 from gateway_connections c where c.gateway = o.gateway and c.mode = o.mode
    and c.api_key_last_four is not null) as "hasKey",
  (select r.id from rebuilds r where r.finished_at is null
    and r.gateway = o.gateway and r.mode = o.mode) as "rebuildId"`;

/** Our numbers of rows come as text. */
function numbered(row: ObjectRow): ObjectRow {
  return { ...row, id: Number(row.id) };
}
