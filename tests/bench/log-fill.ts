import type { Sql } from "#db/client.ts";
import { ensurePartitions } from "#lib/inbox/partitions.ts";
import { DAY } from "#lib/time.ts";

/** What the filled log is searched for. */
export const ORGANIZATIONS = 10_000;
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

const DAYS = 90;
const BATCH = 50_000;
/** A body and headers that together take the room of an event of Stripe's as PostgreSQL keeps it. */
const FILLER_REPEATS = 36;

/**
 * Empties the webhook log and fills it with so many events of the last 90 days: eight to an object, a
 * sync to every second one, 10,000 organizations, one event in a hundred parked, all of test mode.
 */
export async function fillLog(sql: Sql, count: number): Promise<void> {
  await sql`truncate webhook_events, event_keys, gateway_objects, syncs, organizations cascade`;
  await ensurePartitions(new Date(Date.now() - DAYS * DAY));
  await sql`
    insert into organizations (id, name, slug, tier_id)
    select 'org_bench' || n, 'Organization ' || n, 'bench-' || n, (select id from tiers where is_default)
    from generate_series(0, ${ORGANIZATIONS - 1}) as n`;
  await sql`
    insert into gateway_objects (gateway, mode, type, ref, rung, synced_rung, sync_version)
    select 'stripe', 'test', 'subscription', 'sub_bench' || n, 8, 8, 4
    from generate_series(0, ${Math.ceil(count / 8)} - 1) as n`;
  const [first] = await sql<{ id: number }[]>`
    select min(id)::int as id from gateway_objects`;
  const end = new Date();
  for (let from = 0; from < count; from += BATCH) {
    const until = Math.min(from + BATCH, count) - 1;
    await addEvents(sql, { from, until, count, end, firstObject: first?.id ?? 1 });
  }
  // As autovacuum leaves a log that grows by itself.
  for (const table of ["webhook_events", "event_keys", "gateway_objects", "syncs", "organizations"])
    await sql.unsafe(`vacuum (analyze) ${table}`);
}

/** The gateway's id of the event at a place in the log. */
export function refAt(place: number): string {
  return `evt_bench${place}`;
}

type Batch = { from: number; until: number; count: number; end: Date; firstObject: number };

async function addEvents(sql: Sql, batch: Batch): Promise<void> {
  const { from, until, count, end, firstObject } = batch;
  const range = sql`generate_series(${from}::int, ${until}::int) as n`;
  const at = sql`${end}::timestamptz - make_interval(secs => (${count} - n) * ${(DAYS * DAY) / 1000 / count}::float8)`;
  const object = sql`${firstObject} + n / 8`;
  await sql`
    insert into syncs (id, object_id, at, cause, source, outcome, changes, version_before,
      version_after, ring, duration_ms)
    select 'syn_' || lpad(n::text, 26, '0'), ${object}, ${at}, 'event', 'fetch', 'changed',
      '[{"record":"subscription","field":"status","before":"past_due","after":"active"}]',
      0, 1, n % 8 + 1, 40
    from ${range} where n % 2 = 0`;
  await sql`
    insert into event_keys (gateway, mode, account, event_ref, body_hash, event_id, received_at)
    select 'stripe', 'test', '', ${refAt(0).slice(0, -1)} || n, sha256(n::text::bytea),
      'gev_' || lpad(n::text, 26, '0'), ${at}
    from ${range}`;
  await sql`
    insert into webhook_events (id, received_at, gateway, mode, account, event_ref, type, api_version,
      created_at, signed_at, secret_id, headers, body, object_id, ring, payload_object, status,
      sync_id, organization_id)
    select 'gev_' || lpad(n::text, 26, '0'), ${at}, 'stripe', 'test', '',
      ${refAt(0).slice(0, -1)} || n, (${TYPES}::text[])[n * 7 % ${TYPES.length} + 1],
      '2026-10-28.endive', ${at}, ${at}, 'sec_bench', '{"user-agent":"Stripe/1.0"}',
      convert_to('{"filler":"' || repeat(md5(n::text), ${FILLER_REPEATS}) || '"}', 'UTF8'),
      ${object}, n % 8 + 1, 'subscription:sub_bench' || n / 8,
      case when n % 100 = 0 then 'parked' else 'processed' end,
      'syn_' || lpad((n - n % 2)::text, 26, '0'), 'org_bench' || n / 8 % ${ORGANIZATIONS}
    from ${range}`;
}
