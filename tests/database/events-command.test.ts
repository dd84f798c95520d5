import { execFile } from "node:child_process";
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import path from "node:path";
import { afterAll, beforeEach, expect, test } from "vitest";
import { useDatabase } from "#tests/support/database.ts";
import { event, liveSecret, subscription, testSecret } from "#tests/support/stripe-objects.ts";
import { openDoor } from "#tests/support/webhooks.ts";

const database = await useDatabase();
const { sql } = database;
const door = await openDoor(database);
const folder = mkdtempSync(path.join(tmpdir(), "billhook-events-"));
const script = path.resolve(import.meta.dirname, "../../scripts/events.ts");
const secrets = ["--secret", testSecret.secret, "--live-secret", liveSecret.secret];

mkdirSync(path.join(folder, "deep"));
for (const [place, livemode] of [false, false, true].entries()) {
  const json = event("customer.subscription.updated", subscription(), {
    id: `evt_file${place}`,
    livemode,
  });
  writeFileSync(
    path.join(folder, place === 1 ? "deep" : ".", `${place}.json`),
    JSON.stringify(json),
  );
}
writeFileSync(path.join(folder, "notes.txt"), "not an event");

afterAll(() => rmSync(folder, { recursive: true }));
beforeEach(() => sql`truncate webhook_events, event_keys`);

/** Runs the command as a person would, beside the door. */
function command(...args: string[]): Promise<{ code: number; out: string; err: string }> {
  const url = `http://127.0.0.1:${door.port}/api/webhooks/stripe`;
  return new Promise((resolve) => {
    const child = execFile(process.execPath, [script, ...args, "--url", url], (_, out, err) =>
      resolve({ code: child.exitCode ?? -1, out, err }),
    );
  });
}

test("posts every event under a folder, each signed with the secret of its mode", async () => {
  const { code, out } = await command("post", folder, ...secrets);

  expect(out).toMatch(/3 posted to .*\n +3 {2}200 received\n/);
  expect(code).toBe(0);
  const rows = await sql`select event_ref, mode from webhook_events order by event_ref`;
  expect(rows.map((row) => `${row.event_ref} ${row.mode}`)).toEqual([
    "evt_file0 test",
    "evt_file1 test",
    "evt_file2 live",
  ]);
});

test("posts each twice, in another order, under new ids", async () => {
  const { out } = await command(
    "post",
    folder,
    ...secrets,
    "--double",
    "--unique",
    "--shuffle",
    "7",
  );

  expect(out).toContain("6  200 received");
  const rows = await sql`select event_ref, deliveries from event_keys order by event_ref`;
  expect(rows).toMatchObject(Array(3).fill({ deliveries: 2 }));
  expect(rows[0]?.event_ref).toMatch(/^evt_file0_[0-9a-f]{12}$/);
});

test("sums up refusals by their reason and ends with a failure", async () => {
  const { code, out } = await command(
    "post",
    path.join(folder, "0.json"),
    "--secret",
    "whsec_wrong000000000000000000000",
  );

  expect(out).toMatch(/1 {2}400 signature_mismatch, such as .*0\.json/);
  expect(code).toBe(1);
});

test.each([
  ["a missing live secret", ["post", folder, "--secret", testSecret.secret], "pass --live-secret"],
  [
    "a file that is not there",
    ["post", "nowhere.json", ...secrets],
    "There is no file called nowhere.json",
  ],
  ["an unknown option", ["post", folder, "--hurry"], "npm run events -- post"],
  ["an unknown command", ["delete", folder], "npm run events -- post"],
])("says what is wrong with %s and posts nothing", async (_, args, sentence) => {
  const { code, err } = await command(...args);

  expect(err).toContain(sentence);
  expect(code).toBeGreaterThan(0);
  expect(await sql`select id from webhook_events`).toEqual([]);
});
