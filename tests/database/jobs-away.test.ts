import { setTimeout as wait } from "node:timers/promises";
import { afterAll, expect, test } from "vitest";
import { db } from "#db/client.ts";
import { reloadConfig } from "#lib/config.ts";
import { enqueue, startBoss, stopBoss } from "#lib/jobs/boss.ts";
import { migrateJobs } from "#lib/jobs/migrate.ts";
import { type Handlers, work } from "#lib/jobs/work.ts";
import { openProxy } from "#tests/faults/proxy.ts";
import { randomOf } from "#tests/faults/random.ts";
import { useDatabase } from "#tests/support/database.ts";

const { url } = await useDatabase();
await migrateJobs(url);
const wire = await openProxy(url, randomOf(1, "jobs"));
reloadConfig({ LOG_LEVEL: "silent", DATABASE_DIRECT_URL: wire.url });

afterAll(async () => {
  await stopBoss();
  reloadConfig({ DATABASE_DIRECT_URL: undefined });
  await wire.close();
});

test("goes on with jobs, and stops, after a network swallowed all that was asked", async () => {
  let done = 0;
  await startBoss({ work: true, silenceMs: 1_000 });
  await work(handling(() => done++));

  wire.blackHole();
  await wait(4_000);
  wire.calm();
  await enqueue(db(), "partitions", {});

  await expect.poll(() => done, { timeout: 15_000 }).toBe(1);
  const stopped = stopBoss().then(() => "stopped");
  expect(await Promise.race([stopped, wait(15_000, "still waiting")])).toBe("stopped");
}, 40_000);

function handling(partitions: () => void): Handlers {
  const nothing = async () => {};
  return {
    "mail.send": nothing,
    "notice.send": nothing,
    "notice.expiring-cards": nothing,
    "notice.ending-comps": nothing,
    "inbox.verify-again": nothing,
    "inbox.ring-all": nothing,
    "catalogue.read": nothing,
    "reconcile.gaps": nothing,
    "reconcile.subscriptions": nothing,
    "reconcile.catalogue": nothing,
    "import.go-on": nothing,
    retention: nothing,
    partitions: async () => partitions(),
    gaveUp: nothing,
  };
}
