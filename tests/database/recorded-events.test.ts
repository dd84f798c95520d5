import { existsSync, readdirSync, readFileSync } from "node:fs";
import path from "node:path";
import { describe, expect, test } from "vitest";
import { receive } from "#lib/inbox/receive.ts";
import { prepareBilling, settle } from "#tests/support/billing.ts";
import { useDatabase } from "#tests/support/database.ts";
import { liveSecret, signed, testSecret } from "#tests/support/stripe-objects.ts";

/** Real events that nobody of this project wrote. They lie beside the project and are never part of it. */
const FOLDER = path.resolve(import.meta.dirname, "../../../shared/fixtures/stripe/events");
const isThere = existsSync(FOLDER);
if (!isThere) process.stdout.write("Skipped: recorded Stripe events are not on this machine.\n");

const database = await useDatabase();
const { sql } = database;
if (isThere) await prepareBilling(database);

describe.skipIf(!isThere)("recorded Stripe events of 2017 to 2025", () => {
  const files = isThere ? filesIn(FOLDER) : [];

  test("are every one stored and acknowledged, and none ends failed", async () => {
    const statuses: number[] = [];
    for (const [n, file] of files.entries()) {
      const json = { ...JSON.parse(readFileSync(file, "utf8")), id: `evt_recorded_${n}` };
      const body = Buffer.from(JSON.stringify(json));
      const { secret } = json.livemode === true ? liveSecret : testSecret;
      const { status } = await receive({
        gateway: "stripe",
        method: "POST",
        headers: { "stripe-signature": signed(body, secret) },
        body,
        remoteAddress: "127.0.0.1",
      });
      statuses.push(status);
    }
    await settle(sql);

    const rows = await sql<{ status: string; type: string; reason: string | null; body: Buffer }[]>`
      select status, type, reason, body from webhook_events`;
    expect(files.length).toBeGreaterThan(100);
    expect(statuses.every((status) => status === 200)).toBe(true);
    expect(rows).toHaveLength(files.length);
    expect(rows.filter(({ status }) => !SETTLED.has(status))).toEqual([]);
    expect(rows.filter(({ status, reason }) => status !== "processed" && !reason)).toEqual([]);
  });

  test("about a customer that nobody owns take effect when it is linked by hand", async () => {
    const unmatched = await sql<{ count: number }[]>`
      select count(*)::int as count from webhook_events where status = 'unmatched'`;
    await sql`insert into organizations (id, name, slug, tier_id)
      values ('org_all', 'All', 'all', 'tir_free')`;
    await sql`update customers set organization_id = 'org_all', link_source = 'administrator'`;
    await sql`update gateway_objects set rung = rung + 1 where waiting_for is not null`;

    await settle(sql);

    const left = await sql<{ reason_code: string; type: string }[]>`
      select reason_code, type from webhook_events where status in ('unmatched', 'failed', 'received')`;
    expect(unmatched[0]?.count).toBeGreaterThan(10);
    expect(left.filter((row) => !PEOPLE_ARE_ASKED.has(row.reason_code))).toEqual([]);
    const [subscriptions] = await sql`select count(*)::int as count from subscriptions`;
    expect(subscriptions?.count).toBeGreaterThan(0);
  });
});

const SETTLED: ReadonlySet<string> = new Set(["processed", "ignored", "unmatched"]);
/** Nothing that time or a link would mend: the object names nobody, or a price is to be put in a plan. */
const PEOPLE_ARE_ASKED: ReadonlySet<string> = new Set(["no_customer", "price_in_no_plan"]);

function filesIn(folder: string): string[] {
  return readdirSync(folder, { recursive: true, encoding: "utf8" })
    .filter((name) => name.endsWith(".json"))
    .sort()
    .map((name) => path.join(folder, name));
}
