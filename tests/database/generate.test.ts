import { execFile } from "node:child_process";
import path from "node:path";
import { expect, test } from "vitest";
import { childEnvironment } from "#lib/config.ts";
import { timeOfId } from "#lib/ids.ts";
import { findEvent } from "#lib/inbox/event-views.ts";
import { listEvents } from "#lib/inbox/views.ts";
import { prepareBilling } from "#tests/support/billing.ts";
import { useDatabase } from "#tests/support/database.ts";
import { ada } from "#tests/support/settings.ts";

const database = await useDatabase();
const { sql, url } = database;
await prepareBilling(database);
const script = path.resolve(import.meta.dirname, "../../scripts/events.ts");

/** Runs the command as a person would. */
function command(args: readonly string[], changes: Record<string, string> = {}) {
  const env = childEnvironment({ DATABASE_URL: url, BILLHOOK_MODE: "test", ...changes });
  return new Promise<{ code: number; out: string; err: string }>((resolve) => {
    const child = execFile(process.execPath, [script, ...args], { env }, (_, out, err) =>
      resolve({ code: child.exitCode ?? -1, out, err }),
    );
  });
}

test("fills the log with events that pages can list and open, beside what is there", async () => {
  const { code, out, err } = await command(["generate", "--count", "203", "--organizations", "7"]);
  await command(["generate", "--count", "10"]);

  expect(err).not.toContain("rror");
  expect(out).toMatch(/^203 events of 7 organizations in /);
  expect(code).toBe(0);
  const [counts] = await sql`
    select (select count(*)::int from webhook_events) as events,
      (select count(*)::int from event_keys) as keys,
      (select count(*)::int from gateway_objects) as objects,
      (select count(*)::int from gateway_objects where is_due) as due,
      (select count(*)::int from syncs) as syncs,
      (select min(octet_length(body)) > 900 and max(octet_length(body)) < 1100
        from webhook_events) as as_long_as_real,
      (select count(*)::int from webhook_events_default) as strays`;
  expect(counts).toEqual({
    ...{ events: 213, keys: 213, objects: 28, due: 0, syncs: 107 },
    ...{ as_long_as_real: true, strays: 0 },
  });
  const { rows } = await listEvents(ada, {}, { limit: 100 });
  const organizations = new Set(rows.map(({ organization }) => organization?.name));
  expect(organizations.size).toBeGreaterThan(5);
  const found = await findEvent(ada, rows[40]?.id ?? "");
  expect(found?.covering?.changes[0]?.field).toBe("status");
  const body = JSON.parse(found?.body.toString() ?? "");
  expect(body).toMatchObject({ id: found?.eventRef, data: { object: { id: found?.object?.ref } } });
  const apart = (timeOfId(found?.id ?? "")?.getTime() ?? 0) - (found?.receivedAt.getTime() ?? 0);
  expect(Math.abs(apart)).toBeLessThan(1);
});

test.each([
  ["a live deployment", ["--count", "10"], { BILLHOOK_MODE: "live" }, "is live"],
  ["a number that is none", ["--count", "many"], {}, "--count takes a whole number"],
  ["nothing", ["--count", "0"], {}, "--count takes a whole number"],
  ["no database", ["--count", "10"], { DATABASE_URL: "" }, "DATABASE_URL"],
])("refuses %s, and writes nothing", async (_, args, changes: Record<string, string>, sentence) => {
  const before = await sql`select count(*) from webhook_events`;

  const { code, err } = await command(["generate", ...args], changes);

  expect(code).toBe(1);
  expect(err).toContain(sentence);
  expect(await sql`select count(*) from webhook_events`).toEqual(before);
});
