import { db, sql } from "#db/client.ts";
import { log } from "../log.ts";
import { clearAlert, raiseAlert } from "../notices/store.ts";
import type { Client } from "./event-statements.ts";
import { briefly } from "./failures.ts";

const MONTHS_AHEAD = 3;
/** Any number, as long as it is always the same and nobody else's. */
const LOCK = 7_201_141_130;
/** Rows up to half a page stay whole: to compress each body, or store it apart, cost a quarter of the intake. */
const WHOLE_ROW_BYTES = 4_080;
const SUBJECT = "webhook_events_default";

/**
 * Makes the partitions of `webhook_events` for this month and the three after it. For every start and
 * every day. Alerts when a month was missed, so that rows lie in the default partition.
 */
export async function ensurePartitions(now: Date): Promise<void> {
  for (let ahead = 0; ahead <= MONTHS_AHEAD; ahead++) {
    const month = new Date(Date.UTC(now.getUTCFullYear(), now.getUTCMonth() + ahead, 1));
    await ensureMonth(month).catch((error: unknown) => {
      log().error({ cause: briefly(error), partition: nameOf(month) }, "a partition was not made");
    });
  }
  await watchDefault();
}

/** The partition's name, such as `webhook_events_2026_11`. */
function nameOf(month: Date): string {
  return `webhook_events_${month.toISOString().slice(0, 7).replace("-", "_")}`;
}

async function ensureMonth(month: Date): Promise<void> {
  const name = nameOf(month);
  if (await isThere(sql(), name)) return;
  const end = new Date(Date.UTC(month.getUTCFullYear(), month.getUTCMonth() + 1, 1));
  await sql().begin(async (tx) => {
    await tx`select pg_advisory_xact_lock(${LOCK})`;
    if (await isThere(tx, name)) return;
    // The parent is locked meanwhile; rather try again tomorrow than hold up every webhook.
    await tx`set local lock_timeout = '2s'`;
    // Having waited for the lock, PostgreSQL may still remember that there was no such table.
    await tx.unsafe(
      `create table if not exists ${name} partition of webhook_events
       for values from ('${month.toISOString()}') to ('${end.toISOString()}')
       with (toast_tuple_target = ${WHOLE_ROW_BYTES})`,
    );
    log().info({ partition: name }, "made a partition");
  });
}

async function isThere(client: Client, name: string): Promise<boolean> {
  const [row] = await client`select to_regclass(${name}) is not null as found`;
  return row?.found === true;
}

async function watchDefault(): Promise<void> {
  const [row] = await sql()`select exists (select 1 from webhook_events_default) as strays`;
  if (!row?.strays) {
    await clearAlert(db(), "partition_missed", SUBJECT);
    return;
  }
  await raiseAlert(db(), {
    kind: "partition_missed",
    subject: SUBJECT,
    message:
      "Webhook events lie in the partition webhook_events_default, because the partition of their month " +
      "was not made in time. Nothing is lost. While they are there, that month's own partition cannot be " +
      "made: move them as the self-hosting guide says under “Missed partitions”.",
  });
}
