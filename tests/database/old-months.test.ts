import { beforeEach, describe, expect, test } from "vitest";
import { reloadConfig } from "#lib/config.ts";
import { newId } from "#lib/ids.ts";
import { forgottenEvent } from "#lib/inbox/event-views.ts";
import { forgetOldMonths } from "#lib/inbox/old-months.ts";
import { ensurePartitions } from "#lib/inbox/partitions.ts";
import { saveProductSettings } from "#lib/settings/product-commands.ts";
import { useDatabase } from "#tests/support/database.ts";
import { ada, prepareSettings } from "#tests/support/settings.ts";

const database = await useDatabase();
const { sql } = database;
await prepareSettings(database);
reloadConfig({ LOG_LEVEL: "silent" });

/** Four months are kept beside May 2020: January is the oldest that stays. */
const NOW = new Date("2020-05-17T03:17:00Z");
const keeping = { now: NOW, months: 4 };

beforeEach(async () => {
  await sql`truncate webhook_events, syncs, gateway_objects cascade`;
  for (const month of ["2019-09-10", "2019-12-10", "2020-03-10"]) {
    await ensurePartitions(new Date(month));
  }
  await sql`
    insert into gateway_objects (id, gateway, mode, type, ref) overriding system value
    values (1, 'stripe', 'test', 'subscription', 'sub_1')`;
  for (const at of ["2019-11-30T23:59:59Z", "2019-12-31T23:59:59Z", "2020-01-01T00:00:00Z"]) {
    await receive(at);
  }
});

/** An event, and the sync that answered it half a second later. */
async function receive(at: string): Promise<void> {
  await sql`
    insert into webhook_events (id, received_at, gateway, mode, account, event_ref, type, headers, body, status)
    values (${`gev_${at}`}, ${at}, 'stripe', 'test', '', ${at}, 'a', '{}', '', 'processed')`;
  await sql`
    insert into syncs (id, object_id, at, cause, source, outcome, changes, version_before, version_after, ring, duration_ms)
    values (${`syn_${at}`}, 1, ${at}::timestamptz + interval '0.5 s', 'event', 'fetch', 'changed', '[]', 0, 1, 1, 1)`;
}

async function left() {
  const events = await sql`select id from webhook_events order by received_at`;
  const syncs = await sql`select id from syncs order by at`;
  return {
    events: events.map(({ id }) => id.slice(4, 14)),
    syncs: syncs.map(({ id }) => id.slice(4, 14)),
  };
}

async function partitions(): Promise<string[]> {
  const rows = await sql`
    select inhrelid::regclass::text as name from pg_inherits
    where inhparent = 'webhook_events'::regclass order by 1`;
  return rows.map(({ name }) => name).filter((name) => name < "webhook_events_2020_02");
}

test("drops whole months that are too old, the syncs of their events with them, and nothing younger", async () => {
  await forgetOldMonths(keeping);

  expect(await partitions()).toEqual(["webhook_events_2020_01"]);
  expect(await left()).toEqual({ events: ["2020-01-01"], syncs: ["2020-01-01"] });
  const [objects] = await sql`select count(*)::int from gateway_objects`;
  expect(objects?.count).toBe(1);
});

test("finds nothing more to do the second time, and two may do it at once", async () => {
  await Promise.all([forgetOldMonths(keeping), forgetOldMonths(keeping)]);
  await forgetOldMonths(keeping);

  expect((await left()).events).toEqual(["2020-01-01"]);
});

test("leaves the default partition alone, however old its rows, and keeps their syncs", async () => {
  await receive("2015-05-15T00:00:00Z");

  await forgetOldMonths(keeping);

  expect((await left()).events).toEqual(["2015-05-15", "2020-01-01"]);
  expect((await left()).syncs).toContain("2015-05-15");
});

test("leaves a table that was detached before alone: it is somebody's archive", async () => {
  await sql`alter table webhook_events detach partition webhook_events_2019_11`;

  await forgetOldMonths(keeping);

  const [archive] = await sql`select count(*)::int from webhook_events_2019_11`;
  expect(archive?.count).toBe(1);
  await sql`drop table webhook_events_2019_11`;
});

test("stops between two months when it is asked to", async () => {
  await forgetOldMonths(keeping, AbortSignal.abort());

  expect((await left()).events).toHaveLength(3);
});

test("lets no webhook wait while somebody reads an old month, and drops it another day", async () => {
  const reader = await sql.reserve();
  await reader`begin`;
  await reader`select count(*) from webhook_events_2019_11`;
  let slowest = 0;
  let isDone = false;
  const writing = (async () => {
    for (let n = 0; !isDone; n++) {
      const began = performance.now();
      await sql`
        insert into webhook_events (id, received_at, gateway, mode, account, event_ref, type, headers, body, status)
        values (${`gev_${n}`}, '2020-05-01', 'stripe', 'test', '', ${String(n)}, 'a', '{}', '', 'received')`;
      slowest = Math.max(slowest, performance.now() - began);
      await new Promise((resolve) => setTimeout(resolve, 5));
    }
  })();

  await forgetOldMonths(keeping);
  isDone = true;
  await writing;
  const held = await left();
  await reader`rollback`;
  reader.release();
  await forgetOldMonths(keeping);

  expect(slowest).toBeGreaterThan(0);
  expect(slowest).toBeLessThan(1_000);
  expect(held.events.slice(0, 2)).toEqual(["2019-11-30", "2020-01-01"]);
  expect(held.syncs[0]).toBe("2019-11-30");
  expect((await left()).events[0]).toBe("2020-01-01");
  expect((await left()).syncs).toEqual(["2020-01-01"]);
});

describe("the page of an event whose month is gone", () => {
  const now = new Date();
  const monthsAgo = (count: number) =>
    new Date(Date.UTC(now.getUTCFullYear(), now.getUTCMonth() - count, 1, 0, 0, 1));

  test("says when it came and how long events are kept", async () => {
    await saveProductSettings(ada, { productName: "Acme", graceDays: 7, monthsKept: 4 });

    const found = await forgottenEvent(ada, newId("gev", monthsAgo(5)));

    expect(found).toEqual({ receivedAt: monthsAgo(5), monthsKept: 4 });
  });

  test("claims nothing about an id that is young enough, or that is none", async () => {
    expect(await forgottenEvent(ada, newId("gev", monthsAgo(4)))).toBeUndefined();
    expect(await forgottenEvent(ada, newId("syn", monthsAgo(40)))).toBeUndefined();
    expect(await forgottenEvent(ada, "gev_nonsense")).toBeUndefined();
  });
});

test.each([3, 241, 4.5, Number.NaN])("%s months are no choice", async (monthsKept) => {
  await expect(
    saveProductSettings(ada, { productName: "Acme", graceDays: 7, monthsKept }),
  ).rejects.toMatchObject({ code: "invalid_input" });
});
