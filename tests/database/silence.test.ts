import { afterAll, expect, test } from "vitest";
import { connect } from "#db/client.ts";
import { migrate } from "#db/migrate.ts";
import { isAway } from "#lib/inbox/failures.ts";
import { useDatabase } from "#tests/support/database.ts";
import { weakLinkTo } from "#tests/support/weak-link.ts";

const { url, sql } = await useDatabase();
const link = await weakLinkTo(url);
const SILENCE_MS = 300;
const client = connect(link.url, { max: 1, name: "silence test", silenceMs: SILENCE_MS });
afterAll(async () => {
  await client.end({ timeout: 1 });
  await link.cut();
});

test("a statement whose connection fell silent fails as a database that is away, and the next one goes through", async () => {
  await client`select 1`;
  link.goSilent();
  const began = performance.now();
  const failure: unknown = await client`select 2`.catch((error: unknown) => error);

  expect(performance.now() - began).toBeLessThan(SILENCE_MS * 5);
  expect(isAway(failure)).toBe(true);
  await link.mend();
  expect(await client`select 3 as three`).toEqual([{ three: 3 }]);
});

test("a statement that travelled with others is not forgotten when only theirs were answered", async () => {
  await client`select 1`;
  const first = client`select 1`.execute();
  const second = client`select 2, pg_sleep(0.1)`.catch((error: unknown) => error);
  await first;
  link.goSilent();

  expect(isAway(await second)).toBe(true);
  await link.mend();
  expect(await client`select 3 as three`).toEqual([{ three: 3 }]);
});

test("a connection that nobody asks anything is given back in good order", async () => {
  await client`select 1`;
  await new Promise((resolve) => setTimeout(resolve, SILENCE_MS * 3));

  expect(await client`select 4 as four`).toEqual([{ four: 4 }]);
  const left = await sql`select from pg_stat_activity where application_name = 'silence test'`;
  expect(left).toHaveLength(1);
});

test("a transaction that stands still gives its locks back", async () => {
  await migrate(url);
  const fresh = connect(url, { max: 1, name: "silence test" });
  const [row] = await fresh`show idle_in_transaction_session_timeout`;
  await fresh.end();

  expect(row).toEqual({ idle_in_transaction_session_timeout: "10s" });
  await expect(
    sql.begin(async (tx) => {
      await tx`set local idle_in_transaction_session_timeout = '50ms'`;
      await new Promise((resolve) => setTimeout(resolve, 300));
      await tx`select 1`;
    }),
  ).rejects.toSatisfy(isAway);
});
