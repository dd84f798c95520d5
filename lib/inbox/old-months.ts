import { sql } from "#db/client.ts";
import { log } from "../log.ts";
import { SECOND } from "../time.ts";
import { briefly } from "./failures.ts";

/** Webhooks that arrive meanwhile wait no longer than this for a lock that is not given. */
const LOCK_LIMIT_MS = 100;
const TRIES_MAX = 5;
const BATCH = 5_000;

/** The first instant that is kept: that of the month so many months before this one. */
export function keptSince(now: Date, months: number): Date {
  return new Date(Date.UTC(now.getUTCFullYear(), now.getUTCMonth() - months, 1));
}

/**
 * Drops the months of the event log that are older than that, whole, and forgets the syncs that
 * answered their events. This month is kept beside the ones that are asked for. Never touches the
 * default partition. What somebody reads just now stays until another day, and its syncs with it.
 */
export async function forgetOldMonths(
  { now, months }: { now: Date; months: number },
  signal?: AbortSignal,
): Promise<void> {
  const since = keptSince(now, months);
  for (const name of await monthsBefore(since)) {
    if (signal?.aborted) return;
    await dropMonth(name);
  }
  await forgetSyncs(since, signal);
}

/** By the bounds that PostgreSQL keeps, the oldest first, whatever a partition is called. */
async function monthsBefore(since: Date): Promise<string[]> {
  const rows = await sql()<{ name: string }[]>`
    select name from (${partitions()}) month where until <= ${since} order by until`;
  return rows.map(({ name }) => name);
}

/** Every partition but the default one, which has no bounds. */
function partitions() {
  return sql()`
    select format('%I.%I', s.nspname, c.relname) as name,
      (regexp_match(bounds.text, 'FROM \\(''([^'']+)''\\)'))[1]::timestamptz as since,
      (regexp_match(bounds.text, 'TO \\(''([^'']+)''\\)'))[1]::timestamptz as until
    from pg_inherits i
    join pg_class c on c.oid = i.inhrelid
    join pg_namespace s on s.oid = c.relnamespace,
    lateral (select pg_get_expr(c.relpartbound, c.oid) as text) bounds
    where i.inhparent = 'webhook_events'::regclass and bounds.text <> 'DEFAULT'`;
}

/**
 * The whole log is locked for a moment, and whoever writes to it waits behind us in line: so we ask
 * briefly, and again a little later.
 */
async function dropMonth(name: string): Promise<boolean> {
  for (let tried = 1; ; tried++) {
    try {
      await sql().begin(async (tx) => {
        await tx.unsafe(`set local lock_timeout = ${LOCK_LIMIT_MS}`);
        // Dropping takes it too, but only after looking for the parent, which a second one no longer finds.
        await tx.unsafe("lock table only webhook_events in access exclusive mode");
        await tx.unsafe(`drop table if exists ${name}`);
      });
      log().info({ partition: name }, "dropped a month of the event log by its age");
      return true;
    } catch (error) {
      if (codeOf(error) !== LOCK_NOT_AVAILABLE) throw error;
      if (tried === TRIES_MAX) {
        const line = "an old month of the event log is being read; it is dropped another day";
        log().warn({ partition: name, cause: briefly(error) }, line);
        return false;
      }
      await new Promise((resolve) => setTimeout(resolve, SECOND));
    }
  }
}

const LOCK_NOT_AVAILABLE = "55P03";

function codeOf(error: unknown): unknown {
  return error instanceof Error && "code" in error ? error.code : undefined;
}

/** A sync comes after the events that it answered, so those before the oldest event answered nothing that is left. */
async function forgetSyncs(since: Date, signal: AbortSignal | undefined): Promise<void> {
  const [oldest] = await sql()<{ at: Date }[]>`
    select least(${since}::timestamptz, (select min(since) from (${partitions()}) month),
      (select min(received_at) from webhook_events_default)) as at`;
  if (!oldest) return;
  // In the order of the index, and each batch from where the one before ended: what that one left
  // behind is read once.
  let [from, deleted] = ["-infinity", BATCH];
  while (deleted === BATCH && !signal?.aborted) {
    const [batch] = await sql()<{ deleted: number; until: string | null }[]>`
      with gone as (
        delete from syncs where ctid = any(array(
          select ctid from syncs where at >= ${from}::text::timestamptz and at < ${oldest.at}
          order by at nulls first, id nulls first limit ${BATCH} for update skip locked))
        returning at)
      select count(*)::int as deleted, max(at)::text as until from gone`;
    deleted = batch?.deleted ?? 0;
    from = batch?.until ?? from;
  }
}
