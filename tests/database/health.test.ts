import { afterAll, expect, test } from "vitest";
import { disconnect } from "#db/client.ts";
import { reloadConfig } from "#lib/config.ts";
import { healthOf } from "#lib/inbox/health.ts";
import { useDatabase } from "#tests/support/database.ts";

const { url } = await useDatabase();

afterAll(async () => {
  await disconnect();
  reloadConfig({ DATABASE_URL: url });
});

test("a database that does not answer is told to anybody, and its address to nobody", async () => {
  await disconnect();
  const away = new URL(url);
  away.username = "somebody_else";
  away.port = "1";
  reloadConfig({ DATABASE_URL: away.href, LOG_LEVEL: "silent" });

  const health = await healthOf();

  expect(health).toMatchObject({ ok: false, database: false });
  expect(health.reasons).toEqual(["The database does not answer; the log says why."]);
});
