import type { Sql } from "#db/client.ts";
import { ensurePartitions } from "#lib/inbox/partitions.ts";
import { DAY } from "#lib/time.ts";

/** What a generated log is about. */
export type LogPlan = {
  /** Goes into every id, so that two of them do not meet. */
  readonly name: string;
  readonly count: number;
  readonly organizations: number;
  /** The first event is so old; the last one is from now. */
  readonly days: number;
  readonly bodyBytes: number;
};

/** The types that take turns. */
export const TYPES = [
  "customer.subscription.updated",
  "invoice.paid",
  "invoice.payment_failed",
  "payment_intent.succeeded",
  "charge.succeeded",
  "checkout.session.completed",
  "customer.updated",
  "charge.dispute.created",
];

/** Events to an object. */
const EACH = 8;
const BATCH = 6_250 * EACH;

/**
 * Adds made-up events of test mode to the log, evenly over time: eight to an object, a sync to every
 * second one, one event in a hundred parked. They ring nothing; no worker looks at them.
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
  const { name, count, organizations, days, bodyBytes } = plan;
  const step = (days * DAY) / 1_000 / count;
  await sql`
    with made as (
      insert into gateway_objects (gateway, mode, type, ref, rung, synced_rung, sync_version)
      select 'stripe', 'test', 'subscription', ${`sub_${name}`} || n, ${EACH}, ${EACH}, ${EACH / 2}
      from generate_series(${from / EACH}::int, ${Math.floor(until / EACH)}::int) as n
      returning id, ref),
    event as materialized (
      select n, made.id as object, made.ref as object_ref, ${refAt(name, 0).slice(0, -1)} || n as ref,
        at, ${idAt(sql)} as id, lag(${idAt(sql)}) over (order by n) as id_before
      from generate_series(${from}::int, ${until}::int) as n
      join made on made.ref = ${`sub_${name}`} || n / ${EACH},
      lateral (select ${end}::timestamptz - make_interval(secs => (${count} - n) * ${step}::float8) as at) t),
    looked as (
      insert into syncs (id, object_id, at, cause, source, outcome, changes, version_before,
        version_after, ring, duration_ms)
      select 'syn_' || id, object, at, 'event', 'fetch', 'changed',
        '[{"record":"subscription","field":"status","before":"past_due","after":"active"}]',
        0, 1, n % ${EACH} + 1, 40
      from event where n % 2 = 0),
    keys as (
      insert into event_keys (gateway, mode, account, event_ref, body_hash, event_id, received_at)
      select 'stripe', 'test', '', ref, sha256(ref::bytea), 'gev_' || id, at from event)
    insert into webhook_events (id, received_at, gateway, mode, account, event_ref, type, api_version,
      created_at, signed_at, secret_id, headers, body, object_id, ring, payload_object, status,
      reason_code, reason, sync_id, organization_id)
    select 'gev_' || id, at, 'stripe', 'test', '', ref,
      (${TYPES}::text[])[n * 7 % ${TYPES.length} + 1], '2026-10-28.endive', at, at, null,
      '{"user-agent":"billhook-generate/1"}',
      convert_to(left(json_build_object('id', ref, 'object', 'event', 'livemode', false,
        'data', json_build_object('object', json_build_object('id', object_ref)))::text, -1)
        || ', "filler": "' || repeat(md5(ref), greatest(0, ${bodyBytes} - 150) / 32) || '"}', 'UTF8'),
      object, n % ${EACH} + 1, 'subscription:' || object_ref,
      case when n % 100 = 0 then 'parked' else 'processed' end,
      case when n % 100 = 0 then 'generated' end,
      case when n % 100 = 0 then 'Generated to try things out.' end,
      'syn_' || case when n % 2 = 0 then id else id_before end,
      ${`org_${name}`} || n / ${EACH} % ${organizations}
    from event`;
}

/** The last 26 letters of an id as lib/ids.ts makes them: the time, then the place instead of chance. */
function idAt(sql: Sql) {
  return sql`(
    select string_agg(substr('0123456789abcdefghjkmnpqrstvwxyz',
      (((extract(epoch from at) * 1000)::bigint >> (45 - 5 * digit)) & 31)::int + 1, 1), '' order by digit)
    from generate_series(0, 9) as digit) || lpad(n::text, 16, '0')`;
}
