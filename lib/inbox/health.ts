import { sql } from "#db/client.ts";
import { isMigrated } from "#db/version.ts";
import { log } from "../log.ts";
import { MINUTE } from "../time.ts";
import { briefly } from "./failures.ts";
import { inTime } from "./time-limit.ts";

/** How a deployment is. Everything that is not fine is said in `reasons`. */
export type Health = {
  readonly ok: boolean;
  readonly reasons: readonly string[];
  readonly database: boolean;
  readonly migrations: boolean;
  /** How long the oldest rung object has been due; 0 when nothing waits. */
  readonly syncLagSeconds: number | null;
  readonly workerSeenAt: Date | null;
};

const LAG_MAX_SECONDS = 120;
const WORKER_UNSEEN_MAX_MS = 5 * MINUTE;
const TIME_LIMIT_MS = 2_000;

/**
 * Looks at the database, the migrations, the syncs and the worker. A web process on its own is asked
 * only for the first two, so that a stopped worker takes no webhook door out of service.
 */
export async function healthOf(part: "all" | "web" = "all", now = new Date()): Promise<Health> {
  try {
    return await inTime(TIME_LIMIT_MS, look(part, now));
  } catch (error) {
    // Anybody may ask, and the database's own words name hosts and accounts.
    log().warn({ cause: briefly(error) }, "the database does not answer a health check");
    return { ...NOTHING, reasons: ["The database does not answer; the log says why."] };
  }
}

const NOTHING: Health = {
  ok: false,
  reasons: [],
  database: false,
  migrations: false,
  syncLagSeconds: null,
  workerSeenAt: null,
};

async function look(part: "all" | "web", now: Date): Promise<Health> {
  if (!(await isMigrated(sql()))) {
    const reason = "The database waits for its migrations: run npm run migrate.";
    return { ...NOTHING, database: true, reasons: [reason] };
  }
  const [lag] = await sql()<{ seconds: number }[]>`
    select coalesce(extract(epoch from now() - min(next_attempt_at)), 0)::float8 as seconds
    from gateway_objects
    where is_due and next_attempt_at <= now()
      and (leased_until is null or leased_until <= now())`;
  const syncLagSeconds = Math.max(0, Math.round(lag?.seconds ?? 0));
  const workerSeenAt = await lastSeen();
  const reasons = part === "web" ? [] : troubles(syncLagSeconds, workerSeenAt, now);
  const ok = reasons.length === 0;
  return { ok, reasons, database: true, migrations: true, syncLagSeconds, workerSeenAt };
}

function troubles(lagSeconds: number, workerSeenAt: Date | null, now: Date): string[] {
  const reasons: string[] = [];
  if (lagSeconds > LAG_MAX_SECONDS) {
    reasons.push(`Events wait to be applied: the oldest for ${lagSeconds} seconds.`);
  }
  if (!workerSeenAt) reasons.push("No worker was ever seen: start one (ROLE=worker or ROLE=all).");
  else if (now.getTime() - workerSeenAt.getTime() > WORKER_UNSEEN_MAX_MS) {
    reasons.push(`No worker was seen since ${workerSeenAt.toISOString()}.`);
  }
  return reasons;
}

/** Workers leave a mark when they look at the schedule, and with everything that they sync. */
async function lastSeen(): Promise<Date | null> {
  const [jobs] = await sql()`select to_regclass('pgboss.version') is not null as exists`;
  const [row] = jobs?.exists
    ? await sql()<{ at: Date | null }[]>`
        select greatest((select max(at) from syncs), (select max(cron_on) from pgboss.version)) as at`
    : await sql()<{ at: Date | null }[]>`select max(at) as at from syncs`;
  return row?.at ?? null;
}
