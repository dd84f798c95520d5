import type { Sql } from "#db/client.ts";
import { ensurePartitions } from "#lib/inbox/partitions.ts";
import { DAY } from "#lib/time.ts";
import { IGNORED, SPREAD, TYPES } from "./spread.ts";

/** What a generated log is about. */
export type LogPlan = {
  /** Goes into every id, so that two of them do not meet. */
  readonly name: string;
  readonly count: number;
  readonly organizations: number;
  /** The first event is so old; the last one is from now. */
  readonly days: number;
  readonly bodyBytes: number;
  /** One object in so many is of live mode; without it none is. */
  readonly liveEach?: number;
};

/** Events to an object. */
const EACH = 8;
const BATCH = 6_250 * EACH;

/**
 * Adds made-up events to the log, evenly over time: eight to an object, a sync to every second one,
 * types and statuses as unevenly as they come. They ring nothing; no worker looks at them.
 */
export async function generateLog(
  sql: Sql,
  plan: LogPlan,
  told: (count: number) => void = () => {},
): Promise<void> {
  const end = new Date();
  for (let days = plan.days; days >= 0; days -= 28) {
    await ensurePartitions(new Date(end.getTime() - days * DAY));
  }
  await sql`
    insert into organizations (id, name, slug, tier_id)
    select ${`org_${plan.name}`} || n, 'Organization ' || n, ${`${plan.name}-`} || n,
      (select id from tiers where is_default)
    from generate_series(0, ${plan.organizations - 1}) as n`;
  for (let from = 0; from < plan.count; from += BATCH) {
    const until = Math.min(from + BATCH, plan.count) - 1;
    await addEvents(sql, plan, { from, until, end });
    told(until + 1);
  }
  // As autovacuum leaves a log that grows by itself.
  for (const table of ["webhook_events", "event_keys", "gateway_objects", "syncs", "organizations"])
    await sql.unsafe(`vacuum (analyze) ${table}`);
}

/** The gateway's id of the event at a place in a generated log. */
export function refAt(name: string, place: number): string {
  return `evt_${name}${place}`;
}

type Batch = { readonly from: number; readonly until: number; readonly end: Date };

/** One statement, so that what is there belongs together, whoever else writes meanwhile. */
async function addEvents(sql: Sql, plan: LogPlan, { from, until, end }: Batch): Promise<void> {
  const { name, count, organizations, days, bodyBytes, liveEach = 0 } = plan;
  const step = (days * DAY) / 1_000 / count;
  await sql`
    with made as (
      insert into gateway_objects (gateway, mode, type, ref, rung, synced_rung, sync_version)
      select ${spread(sql, "gateway", "n")},
        case when ${liveEach}::int > 0 and ${chance(sql, "n", 3)} % greatest(${liveEach}::int, 1) = 0
          then 'live' else 'test' end,
        'subscription', ${`sub_${name}`} || n, ${EACH}, ${EACH}, ${EACH / 2}
      from generate_series(${from / EACH}::int, ${Math.floor(until / EACH)}::int) as n
      returning id as object, ref as object_ref, gateway, mode),
    event as materialized (
      select n, object, object_ref, gateway, mode,
        ${refAt(name, 0).slice(0, -1)} || n as ref, at, id,
        lag(id) over (order by n) as id_before,
        type, case when type = any(${IGNORED}) then 'ignored' else ${spread(sql, "status", "n")} end as status,
        ${`org_${name}`} || case when ${chance(sql, `n / ${EACH}`, 4)} % 20 = 0 then 0
          else n / ${EACH} % ${organizations} end as organization
      from generate_series(${from}::int, ${until}::int) as n
      join made on object_ref = ${`sub_${name}`} || n / ${EACH},
      lateral (select ${end}::timestamptz - make_interval(secs => (${count} - n) * ${step}::float8) as at) t,
      lateral (select ${idAt(sql, name)} as id,
        (${TYPES}::text[])[${chance(sql, "n", 1)} % ${TYPES.length} + 1] as type) i),
    looked as (
      insert into syncs (id, object_id, at, cause, source, outcome, changes, version_before,
        version_after, ring, duration_ms)
      select 'syn_' || id, object, at, 'event', 'fetch', 'changed',
        '[{"record":"subscription","field":"status","before":"past_due","after":"active"}]',
        0, 1, n % ${EACH} + 1, 40
      from event where n % 2 = 0),
    keys as (
      insert into event_keys (gateway, mode, account, event_ref, body_hash, event_id, received_at)
      select gateway, mode, '', ref, sha256(ref::bytea), 'gev_' || id, at from event)
    insert into webhook_events (id, received_at, gateway, mode, account, event_ref, type, api_version,
      created_at, signed_at, secret_id, headers, body, object_id, ring, payload_object, status,
      reason_code, reason, sync_id, organization_id)
    select 'gev_' || id, at, gateway, mode, '', ref, type, '2026-10-28.endive', at, at, null,
      '{"user-agent":"billhook-generate/1"}',
      convert_to(left(json_build_object('id', ref, 'object', 'event', 'livemode', mode = 'live',
        'data', json_build_object('object', json_build_object('id', object_ref)))::text, -1)
        || ', "filler": "' || repeat(md5(ref), greatest(0, ${bodyBytes} - 150) / 32) || '"}', 'UTF8'),
      object, n % ${EACH} + 1, 'subscription:' || object_ref,
      status,
      case when status <> 'processed' then 'generated' end,
      case when status <> 'processed' then 'Generated to try things out.' end,
      'syn_' || case when n % 2 = 0 then id else id_before end,
      case when status not in ('unmatched', 'ignored') then organization end
    from event`;
}

/** A number from 0 on that looks like chance and is the same for the same place, apart for each use. */
function chance(sql: Sql, place: string, use: number) {
  return sql`(hashint8((${sql.unsafe(place)})::bigint * 8 + ${sql.unsafe(String(use))}) & 2147483647)`;
}

/** One of several values, each as often in a thousand as the spread says; the first where none else is due. */
function spread(sql: Sql, what: keyof typeof SPREAD, place: string) {
  const [usual, ...others] = SPREAD[what];
  let below = 0;
  const cases = others.map(([value, inThousand]) => {
    below += inThousand;
    return `when drawn < ${below} then '${value}'`;
  });
  return sql`(select case ${sql.unsafe(cases.join(" "))} else '${sql.unsafe(usual[0])}' end
    from (select ${chance(sql, place, 2)} % 1000 as drawn) d)`;
}

/**
 * The last 26 letters of an id as lib/ids.ts makes them: the time, then instead of chance the log's name,
 * since two logs may be made in the same millisecond, and the place.
 */
function idAt(sql: Sql, name: string) {
  const digits = Array.from(
    { length: 10 },
    (_, digit) =>
      `substr('0123456789abcdefghjkmnpqrstvwxyz', ((ms >> ${45 - 5 * digit}) & 31)::int + 1, 1)`,
  );
  return sql`(select ${sql.unsafe(digits.join(" || "))} || left(md5(${name}), 6) || lpad(n::text, 10, '0')
    from (select (extract(epoch from at) * 1000)::bigint as ms) m)`;
}
