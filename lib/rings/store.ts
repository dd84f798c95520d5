import { type SQL, sql } from "drizzle-orm";
import type { Tx } from "#db/client.ts";
import type { Mode, ObjectRef } from "../gateways/gateway.ts";

/**
 * Ringing gateway objects from within: a sync, a link, a mapping, a replay. Events ring in the intake,
 * where the write is batched. Always one statement, sorted by key, so that ringers can't deadlock.
 */

type Place = { gateway: string; mode: Mode };

/**
 * Rings objects for a sync. Unless told otherwise, one that is known already is left alone. Those that
 * are rung may be leased to a screen at once, which looks at them itself.
 */
export async function ring(
  tx: Tx,
  place: Place & { readonly payer?: string | null },
  refs: readonly ObjectRef[],
  options: { cause: string; evenIfKnown: boolean; leaseSeconds?: number | undefined },
): Promise<void> {
  if (refs.length === 0) return;
  // Two arrays, however many there are: a statement takes no more than 65,535 parameters.
  const types = sql`${sql.param(refs.map(({ type }) => type))}::text[]`;
  const names = sql`${sql.param(refs.map(({ ref }) => ref))}::text[]`;
  const onKnown = options.evenIfKnown
    ? sql`do update set rung = gateway_objects.rung + 1, cause = excluded.cause,
            next_attempt_at = now(), rung_at = ${waitingSince("gateway_objects")}, attempts = 0,
            parked_at = null, leased_until = greatest(gateway_objects.leased_until, excluded.leased_until)`
    : sql`do nothing`;
  const rung = sql`
    insert into gateway_objects (gateway, mode, type, ref, payer, cause, leased_until)
    select distinct ${place.gateway}, ${place.mode}, type, ref, ${place.payer ?? null}, ${options.cause},
      ${inSeconds(options.leaseSeconds)}
    from unnest(${types}, ${names}) as named (type, ref)
    order by type, ref
    on conflict (gateway, mode, type, ref) ${onKnown}
    returning id`;
  await tx.execute(andWake(rung));
}

/**
 * Leases objects to a screen that changes them, or waits for what was changed: what their gateway tells of
 * them meanwhile rings, and no worker looks at them beside it. What a worker has already it works off.
 */
export async function leaseToScreen(
  tx: Tx,
  place: Place,
  refs: readonly ObjectRef[],
  seconds: number,
): Promise<void> {
  const types = sql`${sql.param(refs.map(({ type }) => type))}::text[]`;
  const names = sql`${sql.param(refs.map(({ ref }) => ref))}::text[]`;
  await tx.execute(sql`
    with known as (
      select o.id from unnest(${types}, ${names}) as named (type, ref)
      join gateway_objects o on o.type = named.type and o.ref = named.ref
        and o.gateway = ${place.gateway} and o.mode = ${place.mode}
      order by o.type, o.ref for no key update of o skip locked
    )
    update gateway_objects o set leased_until = greatest(o.leased_until, ${inSeconds(seconds)})
    from known where o.id = known.id`);
}

/** Null where no time is given. */
function inSeconds(seconds: number | undefined): SQL {
  return sql`now() + make_interval(secs => ${seconds ?? null}::float8)`;
}

/** Rings everything that waits under a name. Call it in the transaction that makes the name known. */
export async function ringWaiting(
  tx: Tx,
  place: Place,
  names: readonly string[],
  cause: "link" | "import" = "link",
): Promise<number> {
  if (names.length === 0) return 0;
  return ringWhere(
    tx,
    sql`gateway = ${place.gateway} and mode = ${place.mode} and waiting_for in ${[...names]}`,
    cause,
  );
}

/** Rings objects by their row ids, known to exist. */
export async function ringIds(tx: Tx, ids: readonly number[], cause: string): Promise<number> {
  if (ids.length === 0) return 0;
  return ringWhere(tx, sql`id in ${[...ids]}`, cause);
}

/** Rings the next objects of a connection after an id, in a batch; answers the last id, or nothing. */
export async function ringBatch(
  tx: Tx,
  place: Place,
  afterId: number,
  size: number,
): Promise<number | undefined> {
  const rows = await tx.execute<{ id: string }>(sql`
    select id from gateway_objects
    where gateway = ${place.gateway} and mode = ${place.mode} and id > ${afterId}
    order by id limit ${size}`);
  const ids = rows.map((row) => Number(row.id));
  await ringIds(tx, ids, "connection");
  return ids.at(-1);
}

/** How many waiting objects one sweep looks at, and how many of them it rings; the next one goes on. */
const LOOK_MAX = 10_000;
const SWEEP_MAX = 1_000;
/** Those that named an organization before it was there: every new organization may be the one. */
const CLAIMS_MAX = 100;

/**
 * What became known while a sync decided to wait leaves a waiting object behind: rings those among the next
 * that wait after an id, and says after which to go on; 0 is from the beginning. Each name is looked up in
 * its own table's key, so that a sweep costs neither what is known nor, beyond its share, what waits.
 */
export async function ringLinkedButWaiting(
  tx: Tx,
  after: number,
): Promise<{ rung: number; next: number }> {
  const [share] = await tx.execute<{ last: string | null; looked: number }>(sql`
    select max(id) as last, count(*)::int as looked from (
      select id from gateway_objects where waiting_for is not null and id > ${after}
      order by id limit ${LOOK_MAX}) share`);
  const last = Number(share?.last ?? 0);
  const waits = sql`o.waiting_for is not null and o.rung = o.synced_rung
    and o.id > ${after} and o.id <= ${last}`;
  const known = (how: SQL) => sql`k.gateway = o.gateway and k.mode = o.mode and ${how}`;
  const rung = await ringWhere(
    tx,
    sql`id in (
      select o.id from gateway_objects o join customers k on ${known(sql`k.ref = o.waiting_for`)}
      where ${waits} and k.organization_id is not null
      union all
      select o.id from gateway_objects o
        join payments k on ${known(sql`k.ref = substr(o.waiting_for, length('payment:') + 1)`)}
      where ${waits} and o.waiting_for like 'payment:%'
      union all
      select o.id from gateway_objects o
        join checkouts k on ${known(sql`k.payment_ref = substr(o.waiting_for, length('checkout:') + 1)`)}
      where ${waits} and o.waiting_for like 'checkout:%' and k.organization_id is not null
      union all
      (select o.id from gateway_objects o cross join lateral (
        select s.reason_code, s.at from syncs s where s.object_id = o.id order by s.at desc limit 1
      ) last
      where ${waits} and last.reason_code = 'unknown_organization'
        and last.at < (select max(created_at) from organizations)
      limit ${CLAIMS_MAX})
      limit ${SWEEP_MAX})`,
    "link",
  );
  return { rung, next: share?.looked === LOOK_MAX ? last : 0 };
}

/**
 * Rings every row that a condition names, locking them in the order of their keys first; no harder than
 * the update will, since a sync under way holds its own row by a reference to it.
 */
async function ringWhere(tx: Tx, condition: SQL, cause: string): Promise<number> {
  const rows = await tx.execute(sql`
    with chosen as (
      select id from gateway_objects where ${condition}
      order by gateway, mode, type, ref for no key update)
    update gateway_objects o
    set rung = rung + 1, cause = ${cause}, next_attempt_at = now(), rung_at = ${waitingSince("o")},
        attempts = 0, parked_at = null
    from chosen where o.id = chosen.id
    returning o.id`);
  if (rows.length > 0) await wake(tx);
  return rows.length;
}

/** Another ring does not make an object wait for less long; one that was parked begins anew. */
function waitingSince(object: "gateway_objects" | "o"): SQL {
  const row = sql.raw(object);
  return sql`case when ${row}.rung > ${row}.synced_rung and ${row}.parked_at is null
    then ${row}.rung_at else now() end`;
}

/** A hint to idle workers, delivered when the transaction commits. Polling is what they rely on. */
export async function wake(tx: Tx): Promise<void> {
  await tx.execute(sql`select pg_notify('billhook_rung', '')`);
}

/** A statement that rings and returns what it rang, with the hint if that is anything: one way, not two. */
export function andWake(rings: SQL): SQL {
  return sql`with rung as (${rings}) select pg_notify('billhook_rung', '') from rung limit 1`;
}
