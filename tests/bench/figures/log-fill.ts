import type { Sql } from "#db/client.ts";
import { connect } from "#db/client.ts";
import { generateLog, refAt } from "../../../scripts/generate/log.ts";

/** What is in a filled log, for those who ask it for pages. */
export type FilledLog = {
  readonly count: number;
  readonly organizations: readonly string[];
  /** One that has a twentieth of all events. */
  readonly hugeOrganization: string;
  readonly busyObject: number;
  readonly customerRef: string;
  /** The gateway's id of the event at a place. */
  refAt(place: number): string;
};

const DAYS = 90;
const BODY_BYTES = 300;
const LIVE_EACH = 100;
/** Both processors are kept busy. */
const LANES = ["bencha", "benchb"] as const;
const EVENTS_OF_BUSY_OBJECT = 5_000;
const OBJECTS_OF_CUSTOMER = 200;
const RECEIVED = 60;

/**
 * Fills an empty log: events of the last 90 days in partitions by month, types and statuses as unevenly
 * as they come, one object in a hundred of live mode, a hundred to a thousand events an organization.
 * Nothing is waited for on the disk meanwhile, and the log's indexes are made at the end, as a restored
 * backup would; before it returns both are as ever.
 */
export async function fillLog(sql: Sql, databaseUrl: string, count: number): Promise<FilledLog> {
  const organizations = Math.min(10_000, count / 100);
  await setDurable(sql, false);
  const indexes = await takeIndexes(sql);
  await Promise.all(
    LANES.map(async (name) => {
      const lane = connect(databaseUrl, { max: 1, name: "billhook bench" });
      const half = { count: count / LANES.length, organizations: organizations / LANES.length };
      await generateLog(lane, {
        ...half,
        name,
        days: DAYS,
        bodyBytes: BODY_BYTES,
        liveEach: LIVE_EACH,
      });
      await lane.end();
    }),
  );
  for (const definition of indexes) await sql.unsafe(definition);
  const busyObject = await makeBusyObject(sql, count);
  const customerRef = await makeCustomer(sql);
  await sql`update webhook_events set status = 'received' where id in (
    select id from webhook_events where gateway = 'stripe' and mode = 'test' and status = 'processed'
    order by received_at desc limit ${RECEIVED})`;
  await sql`vacuum (analyze) webhook_events`;
  await setDurable(sql, true);
  const half = organizations / LANES.length;
  return {
    count,
    organizations: Array.from(
      { length: 100 },
      (_, n) => `org_${LANES[n % 2]}${1 + (n % (half - 1))}`,
    ),
    hugeOrganization: `org_${LANES[0]}0`,
    busyObject,
    customerRef,
    refAt: (place) => refAt(LANES[place % 2] ?? "", Math.floor(place / 2)),
  };
}

async function setDurable(sql: Sql, isDurable: boolean): Promise<void> {
  for (const name of ["fsync", "full_page_writes", "autovacuum"]) {
    await sql.unsafe(`alter system set ${name} = ${isDurable ? "on" : "off"}`);
  }
  await sql`select pg_reload_conf()`;
  if (isDurable) await sql`checkpoint`;
}

/** Drops the indexes that no constraint needs, and answers how to make them again. */
async function takeIndexes(sql: Sql): Promise<string[]> {
  const rows = await sql<{ name: string; definition: string }[]>`
    select i.indexrelid::regclass::text as name, pg_get_indexdef(i.indexrelid) as definition
    from pg_index i
    where i.indrelid in ('webhook_events'::regclass, 'syncs'::regclass)
      and not exists (select 1 from pg_constraint c where c.conindid = i.indexrelid)`;
  for (const { name } of rows) await sql.unsafe(`drop index ${name}`);
  return rows.map(({ definition }) => definition.replace(" ON ONLY ", " ON "));
}

/** One object that rang much more often than others, all through the log. */
async function makeBusyObject(sql: Sql, count: number): Promise<number> {
  const events = Math.min(EVENTS_OF_BUSY_OBJECT, count / 20);
  const refs = Array.from({ length: events }, (_, n) =>
    refAt(LANES[0], Math.floor((n * count) / 2 / events)),
  );
  const [object] = await sql<{ id: string }[]>`
    insert into gateway_objects (gateway, mode, type, ref, rung, synced_rung)
    values ('stripe', 'test', 'subscription', 'sub_busy', ${events}, ${events}) returning id`;
  await sql`
    update webhook_events set object_id = ${object?.id ?? null}, ring = place
    from unnest(${refs}::text[]) with ordinality as busy (ref, place) where event_ref = ref`;
  return Number(object?.id);
}

async function makeCustomer(sql: Sql): Promise<string> {
  await sql`insert into customers (id, gateway, mode, ref) values ('cus_bench', 'stripe', 'test', 'cus_bench')`;
  await sql`update gateway_objects set waiting_for = 'cus_bench' where id in (
    select id from gateway_objects where gateway = 'stripe' and mode = 'test'
    order by ref limit ${OBJECTS_OF_CUSTOMER})`;
  return "cus_bench";
}
