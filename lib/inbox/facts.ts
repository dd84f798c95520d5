import { sql } from "#db/client.ts";
import type { Fact } from "../counters.ts";
import { log } from "../log.ts";
import { SECOND } from "../time.ts";
import { briefly } from "./failures.ts";
import { healthOf } from "./health.ts";
import { inTime } from "./time-limit.ts";

const TIME_LIMIT_MS = 3 * SECOND;
/** Several scrapers ask the database no more often than this. */
const KEPT_MS = SECOND;

let kept: { at: number; facts: Promise<readonly Fact[]> } | undefined;

/** What the database knows that a dashboard shows; without the database, just that it is away. */
export function databaseFacts(): Promise<readonly Fact[]> {
  if (!kept || performance.now() - kept.at > KEPT_MS) {
    kept = { at: performance.now(), facts: gather() };
  }
  return kept.facts;
}

async function gather(): Promise<readonly Fact[]> {
  const health = await healthOf();
  const up: Fact = {
    name: "billhook_database_up",
    help: "Whether the database answers and is migrated.",
    samples: [{ value: health.database && health.migrations ? 1 : 0 }],
  };
  if (!health.database || !health.migrations) return [up];
  const seen = health.workerSeenAt;
  const common: Fact[] = [
    {
      name: "billhook_sync_lag_seconds",
      help: "How long the oldest object that may be synced now has been due.",
      samples: [{ value: health.syncLagSeconds ?? 0 }],
    },
    {
      name: "billhook_worker_seen_seconds",
      help: "How long ago a worker left a mark; absent where none ever did.",
      samples: seen ? [{ value: Math.max(0, (Date.now() - seen.getTime()) / SECOND) }] : [],
    },
  ];
  try {
    return [up, ...common, ...(await inTime(TIME_LIMIT_MS, count()))];
  } catch (error) {
    log().warn({ cause: briefly(error) }, "the facts for metrics were not gathered");
    return [up, ...common];
  }
}

async function count(): Promise<Fact[]> {
  const [row] = await sql()<{ facts: Found }[]>`
    select json_build_object(
      'due', (select json_agg(row) from (
        select gateway, mode, count(*) as value from gateway_objects where is_due group by 1, 2) row),
      'oldest', (select json_agg(row) from (
        select gateway, mode, extract(epoch from now() - min(rung_at)) as value
        from gateway_objects where is_due group by 1, 2) row),
      'parked', (select json_agg(row) from (
        select gateway, mode, count(*) as value
        from gateway_objects where parked_at is not null group by 1, 2) row),
      'waiting', (select json_agg(row) from (
        select gateway, mode, count(*) as value
        from gateway_objects where waiting_for is not null group by 1, 2) row),
      'paused', (select json_agg(row) from (
        select gateway, mode, (coalesce(paused_until > now(), false))::int as value
        from gateway_connections) row),
      'alerts', (select json_agg(row) from (
        select kind, count(*) as value from alerts where cleared_at is null group by 1) row),
      'notices', (select json_agg(row) from (
        select case when dropped_because is not null then 'dropped'
            when sent_at is not null then 'sent'
            when claimed_at is not null then 'unknown' else 'waiting' end as state,
          count(*) as value
        from notices group by 1) row)) as facts`;
  const found: Found = { ...row?.facts, jobs: await countJobs() };
  return FACTS.map(([key, name, help]) => ({ name, help, samples: samplesOf(found[key]) }));
}

type Grouped = Readonly<Record<string, string | number>>;
type Found = Readonly<Partial<Record<(typeof FACTS)[number][0], readonly Grouped[] | null>>>;

/** pg-boss keeps what is done for days; only what still concerns somebody is counted. */
async function countJobs(): Promise<readonly Grouped[]> {
  const [jobs] = await sql()`select to_regclass('pgboss.job') is not null as exists`;
  if (!jobs?.exists) return [];
  return sql()<Grouped[]>`
    select name as kind,
      case state when 'active' then 'running' when 'failed' then 'failed' else 'waiting' end as state,
      count(*)::int as value
    from pgboss.job where state in ('created', 'retry', 'active', 'failed') group by 1, 2`;
}

function samplesOf(groups: readonly Grouped[] | null | undefined): Fact["samples"] {
  return (groups ?? []).map(({ value, ...labels }) => ({
    value: Number(value),
    labels: Object.fromEntries(Object.entries(labels).map(([name, said]) => [name, String(said)])),
  }));
}

const FACTS = [
  ["due", "billhook_objects_due", "Gateway objects whose ring was not answered yet."],
  ["oldest", "billhook_oldest_ring_seconds", "How long the oldest ring has not been answered."],
  ["parked", "billhook_objects_parked", "Gateway objects that were put aside after failures."],
  ["waiting", "billhook_objects_unmatched", "Gateway objects whose customer nobody owns."],
  ["paused", "billhook_connection_paused", "Whether a gateway's connection is paused now."],
  ["alerts", "billhook_alerts_open", "Open alerts by kind."],
  ["notices", "billhook_notices", "Mails about facts, by how far they came."],
  ["jobs", "billhook_jobs", "Jobs that wait, run or were given up."],
] as const;
