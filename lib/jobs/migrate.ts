import { PgBoss } from "pg-boss";
import { connect } from "#db/client.ts";
import { invariant } from "../errors.ts";
import { log } from "../log.ts";
import { listenTo } from "./boss.ts";
import { GIVEN_UP, JOB_KINDS, type JobKind, POLICIES } from "./queues.ts";

/** Any number, as long as it is always the same and not that of db/migrate.ts. */
const LOCK = 7_201_141_129;
const INDEXES_MAX_MS = 10 * 60_000;

/**
 * Brings a database's job queues to this version, beside `migrate` of db/migrate.ts. Safe to call from
 * several processes; the lock is held by a transaction of its own.
 */
export async function migrateJobs(url: string): Promise<void> {
  const holder = connect(url, { max: 1, name: "billhook migrate jobs lock" });
  const boss = listenTo(
    new PgBoss({
      connectionString: url,
      application_name: "billhook migrate jobs",
      max: 2,
      supervise: false,
      schedule: false,
      bamIntervalSeconds: 10,
    }),
  );
  try {
    await holder.begin(async (tx) => {
      await tx`set local idle_in_transaction_session_timeout = 0`;
      await tx`select pg_advisory_xact_lock(${LOCK})`;
      await boss.start();
      await indexesBuilt(boss);
      await bringQueues(boss);
    });
  } finally {
    await boss.stop({ graceful: false });
    await holder.end({ timeout: 5 });
  }
}

async function bringQueues(boss: PgBoss): Promise<void> {
  const found = new Map((await boss.getQueues()).map((queue) => [queue.name, queue]));
  if (!found.has(GIVEN_UP)) {
    await boss.createQueue(GIVEN_UP, { notify: true, retryLimit: 100, retryDelay: 30 });
  }
  for (const kind of JOB_KINDS) {
    const { policy, ...options } = optionsOf(kind);
    const queue = found.get(kind);
    invariant(!queue || queue.policy === policy, `the policy of queue ${kind} never changes`);
    if (queue) await boss.updateQueue(kind, options);
    else await boss.createQueue(kind, { policy, ...options });
  }
}

function optionsOf(kind: JobKind) {
  const { keyOf: _, concurrency: __, ...options } = POLICIES[kind];
  return { ...options, deadLetter: GIVEN_UP, notify: true };
}

/** Newer versions build indexes beside running work; only this process does it, so it waits for them. */
async function indexesBuilt(boss: PgBoss): Promise<void> {
  const deadline = Date.now() + INDEXES_MAX_MS;
  for (;;) {
    const status = await boss.getBamStatus();
    const building = status.some((row) => row.status === "pending" || row.status === "in_progress");
    if (!building) return;
    if (Date.now() > deadline) {
      log().warn({ status }, "jobs: indexes are still being built; the next migration goes on");
      return;
    }
    await new Promise((resolve) => setTimeout(resolve, 500));
  }
}
