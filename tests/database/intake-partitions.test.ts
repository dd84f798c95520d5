import { expect, test } from "vitest";
import { reloadConfig } from "#lib/config.ts";
import { ensurePartitions } from "#lib/inbox/partitions.ts";
import { useDatabase } from "#tests/support/database.ts";

const { sql } = await useDatabase();
reloadConfig({ LOG_LEVEL: "silent" });

async function partitions(): Promise<string[]> {
  const rows = await sql`
    select inhrelid::regclass::text as name from pg_inherits
    where inhparent = 'webhook_events'::regclass order by 1`;
  return rows.map((row) => row.name);
}

async function store(id: string, at: string) {
  await sql`
    insert into webhook_events (id, received_at, gateway, mode, account, event_ref, type, headers, body, status)
    values (${id}, ${at}, 'stripe', 'test', '', ${id}, 'a', '{}', '', 'ignored')`;
  const [row] =
    await sql`select tableoid::regclass::text as partition from webhook_events where id = ${id}`;
  return row?.partition;
}

test("makes this month and three ahead, over the end of a year, however often and by however many", async () => {
  const now = new Date("2030-11-30T23:59:59Z");

  await Promise.all([ensurePartitions(now), ensurePartitions(now), ensurePartitions(now)]);

  expect((await partitions()).filter((name) => !name.includes("_2026_"))).toEqual([
    "webhook_events_2030_11",
    "webhook_events_2030_12",
    "webhook_events_2031_01",
    "webhook_events_2031_02",
    "webhook_events_default",
  ]);
  expect(await store("gev_a", "2030-11-01T00:00:00Z")).toBe("webhook_events_2030_11");
  expect(await store("gev_b", "2030-11-30T23:59:59.999Z")).toBe("webhook_events_2030_11");
  expect(await store("gev_c", "2030-12-01T00:00:00Z")).toBe("webhook_events_2030_12");
});

test("alerts while a row lies in the default partition, makes the other months, and clears the alert after", async () => {
  await sql`delete from webhook_events`;
  expect(await store("gev_stray", "2040-05-15T00:00:00Z")).toBe("webhook_events_default");

  await ensurePartitions(new Date("2040-04-15T00:00:00Z"));

  const open = await sql`select kind, message from alerts where cleared_at is null`;
  expect(open).toMatchObject([{ kind: "partition_missed" }]);
  expect(await partitions()).toContain("webhook_events_2040_06");
  expect(await partitions()).not.toContain("webhook_events_2040_05");

  await sql`delete from webhook_events_default`;
  await ensurePartitions(new Date("2040-04-15T00:00:00Z"));

  expect(await sql`select id from alerts where cleared_at is null`).toEqual([]);
  expect(await partitions()).toContain("webhook_events_2040_05");
});
