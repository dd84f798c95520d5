import { setTimeout as wait } from "node:timers/promises";
import { afterAll, afterEach, expect, test } from "vitest";
import { db } from "#db/client.ts";
import { reloadConfig } from "#lib/config.ts";
import { AppError } from "#lib/errors.ts";
import { enqueue, startBoss, stopBoss, tryAgain } from "#lib/jobs/boss.ts";
import { migrateJobs } from "#lib/jobs/migrate.ts";
import { JOB_KINDS } from "#lib/jobs/queues.ts";
import { type GivenUpJob, type Handlers, work } from "#lib/jobs/work.ts";
import { useDatabase } from "#tests/support/database.ts";

const { sql, url } = await useDatabase();

reloadConfig({ LOG_LEVEL: "silent" });
afterEach(async () => {
  await stopBoss();
  await sql`delete from pgboss.job`;
});
afterAll(() => stopBoss());

test("adds a job only if the caller's transaction commits", async () => {
  await db().transaction((tx) => enqueue(tx, "notice.send", { noticeId: "kept" }));
  await db()
    .transaction(async (tx) => {
      await enqueue(tx, "notice.send", { noticeId: "lost" });
      throw new Error("the caller changed its mind");
    })
    .catch(() => undefined);

  expect(await waiting()).toEqual([{ name: "notice.send", data: { noticeId: "kept" } }]);
});

test("adds jobs from more transactions at once than the pool has connections", async () => {
  const many = Array.from({ length: 25 }, (_, n) =>
    db().transaction((tx) => enqueue(tx, "notice.send", { noticeId: `n${n}` })),
  );

  await Promise.all(many);

  expect(await waiting()).toHaveLength(25);
});

test("leaves nothing running in a process that only sends", async () => {
  await startBoss({ work: false });
  await enqueue(db(), "retention", {});

  const open = await sql`
    select 1 from pg_stat_activity
    where datname = current_database() and application_name = 'billhook jobs'`;

  expect(open).toHaveLength(0);
});

test("keeps one waiting job where each would do the same", async () => {
  await enqueue(db(), "inbox.ring-all", { gateway: "stripe", mode: "test" });
  await enqueue(db(), "inbox.ring-all", { gateway: "stripe", mode: "live" });

  const again = await enqueue(db(), "inbox.ring-all", { gateway: "stripe", mode: "test" });

  expect(again).toBeUndefined();
  expect(await waiting()).toHaveLength(2);
});

test("runs a job once", async () => {
  const seen: string[] = [];
  await startBoss({ work: true });
  await work(
    handlers({
      "notice.send": async ({ noticeId }) => {
        seen.push(noticeId);
      },
    }),
  );

  await db().transaction((tx) => enqueue(tx, "notice.send", { noticeId: "one" }));

  await until(() => ended("completed"));
  expect(seen).toEqual(["one"]);
});

test("tries again what failed, and gives up loudly after the last try", async () => {
  const attempts: number[] = [];
  const givenUp: GivenUpJob[] = [];
  await startBoss({ work: true });
  await work(
    handlers({
      retention: async (_, { attempt }) => {
        attempts.push(attempt);
        throw new Error("the disk is full");
      },
      gaveUp: async (job) => {
        givenUp.push(job);
      },
    }),
  );

  const jobId = await enqueue(db(), "retention", {}, { retries: { limit: 1, delaySeconds: 0 } });

  await until(() => givenUp.length > 0);
  expect(attempts).toEqual([1, 2]);
  expect(givenUp).toEqual([{ kind: "retention", jobId, attempts: 2, reason: "the disk is full" }]);
});

test("stops at a refusal, keeps its reason, and raises no alarm", async () => {
  const attempts: number[] = [];
  const givenUp: GivenUpJob[] = [];
  await startBoss({ work: true });
  await work(
    handlers({
      retention: async (_, { attempt }) => {
        attempts.push(attempt);
        throw new AppError("not_allowed", "Nobody may do this.");
      },
      gaveUp: async (job) => {
        givenUp.push(job);
      },
    }),
  );

  await enqueue(db(), "retention", {});

  await until(() => ended("failed"));
  await until(() => handedOver());
  const [row] = await sql`select output from pgboss.job where name = 'retention'`;
  expect(row?.output).toEqual({ ended: "refused", reason: "Nobody may do this." });
  expect(attempts).toEqual([1]);
  expect(givenUp).toEqual([]);
});

test("waits and tries again while something is only not there yet", async () => {
  let attempts = 0;
  await startBoss({ work: true });
  await work(
    handlers({
      retention: async () => {
        attempts += 1;
        if (attempts < 3) throw new AppError("gateway_unavailable", "Not now.");
      },
    }),
  );

  await enqueue(db(), "retention", {}, { retries: { limit: 5, delaySeconds: 0 } });

  await until(() => ended("completed"));
  expect(attempts).toBe(3);
});

test("runs a job that was given up again when somebody asks for it", async () => {
  let isMended = false;
  await startBoss({ work: true });
  await work(
    handlers({
      retention: async () => {
        if (!isMended) throw new AppError("not_allowed", "Not while it is broken.");
      },
    }),
  );
  const jobId = await enqueue(db(), "retention", {});
  await until(() => ended("failed"));

  isMended = true;
  await tryAgain(db(), "retention", jobId ?? "");

  await until(() => ended("completed"));
});

test("lets a running job end before it stops", async () => {
  const order: string[] = [];
  await startBoss({ work: true });
  await work(
    handlers({
      retention: async () => {
        order.push("began");
        await wait(700);
        order.push("ended");
      },
    }),
  );
  await enqueue(db(), "retention", {});
  await until(() => order.length > 0);

  await stopBoss();

  order.push("stopped");
  expect(order).toEqual(["began", "ended", "stopped"]);
});

test("says what to do where the queues were never set up", async () => {
  await sql`alter schema pgboss rename to pgboss_away`;
  try {
    await expect(enqueue(db(), "retention", {})).rejects.toMatchObject({ code: "not_configured" });
  } finally {
    await sql`alter schema pgboss_away rename to pgboss`;
  }
});

test("sets the queues up once, however many processes try", async () => {
  await Promise.all([migrateJobs(url), migrateJobs(url), migrateJobs(url)]);

  const queues = await sql`select name from pgboss.queue where dead_letter = 'given-up'`;
  expect(queues).toHaveLength(JOB_KINDS.length);
});

function handlers(changes: Partial<Handlers>): Handlers {
  const nothing = async () => {};
  return {
    "mail.send": nothing,
    "notice.send": nothing,
    "inbox.verify-again": nothing,
    "inbox.ring-all": nothing,
    "catalogue.read": nothing,
    "reconcile.gaps": nothing,
    "reconcile.subscriptions": nothing,
    "reconcile.catalogue": nothing,
    "import.go-on": nothing,
    "notice.expiring-cards": nothing,
    "notice.ending-comps": nothing,
    retention: nothing,
    partitions: nothing,
    gaveUp: nothing,
    ...changes,
  };
}

async function waiting() {
  const rows = await sql`select name, data from pgboss.job where state = 'created'`;
  return [...rows];
}

async function ended(state: string): Promise<boolean> {
  const rows = await sql`
    select 1 from pgboss.job
    where state::text = ${state} and name in ('notice.send', 'retention')`;
  return rows.length > 0;
}

async function handedOver(): Promise<boolean> {
  const rows = await sql`
    select 1 from pgboss.job where name = 'given-up' and state = 'completed'`;
  return rows.length > 0;
}

async function until(condition: () => boolean | Promise<boolean>): Promise<void> {
  const deadline = Date.now() + 20_000;
  while (!(await condition())) {
    if (Date.now() > deadline) throw new Error("It did not happen within 20 s.");
    await wait(50);
  }
}
