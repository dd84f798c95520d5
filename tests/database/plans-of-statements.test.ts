import { eq, sql } from "drizzle-orm";
import { afterAll, expect, test } from "vitest";
import { db, disconnect } from "#db/client.ts";
import { tiers } from "#db/schema/index.ts";
import { listSubscriptions } from "#lib/billing/admin-views.ts";
import { reloadConfig } from "#lib/config.ts";
import { listEvents } from "#lib/inbox/views.ts";
import { useDatabase } from "#tests/support/database.ts";
import { administrator } from "#tests/support/view-rows.ts";

await useDatabase();
// One connection, so that it can be asked for what it has prepared.
await disconnect();
reloadConfig({ POOL_SIZE: "1" });
afterAll(async () => {
  await disconnect();
  reloadConfig({ POOL_SIZE: undefined });
});

async function prepared(): Promise<string[]> {
  const rows = await db().execute<{ statement: string }>(
    sql`select statement from pg_prepared_statements`,
  );
  return rows.map(({ statement }) => statement);
}

test("statements are planned once for each connection, and lists that people filter for their own values", async () => {
  await db().select().from(tiers).where(eq(tiers.code, "free"));
  for (let nth = 0; nth < 3; nth++) {
    await listEvents(administrator, { mode: "test" });
    await listSubscriptions(administrator, { mode: "test", status: "active" });
  }

  const all = await prepared();

  expect(all.filter((text) => text.includes('from "tiers"'))).toHaveLength(1);
  expect(all.filter((text) => /webhook_events|from "subscriptions"/.test(text))).toEqual([]);
});
