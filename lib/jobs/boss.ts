import { PgBoss } from "pg-boss";
import { db, type Tx } from "#db/client.ts";
import { config } from "../config.ts";
import { AppError } from "../errors.ts";
import { log } from "../log.ts";
import { type JobKind, type JobPayloads, POLICIES, through } from "./queues.ts";

type Bosses = { sender?: PgBoss; worker?: PgBoss };

/** Next bundles its own copies of modules; what is started is shared through the global object. */
const shared = globalThis as { billhookJobs?: Bosses };
shared.billhookJobs ??= {};
const bosses = shared.billhookJobs;

export type EnqueueOptions = {
  /** Not before this instant. */
  startAfter?: Date | undefined;
  /** For kinds that keep one job per key; by default the kind's own key of the payload. */
  singletonKey?: string | undefined;
  /** Another patience than the kind's. */
  retries?: { limit: number; delaySeconds: number } | undefined;
};

/**
 * Adds work to the caller's transaction: it exists only if the caller commits. Any process may, also
 * one that runs no workers. The answer is undefined where such a job waits already.
 */
export async function enqueue<K extends JobKind>(
  tx: Tx,
  kind: K,
  payload: JobPayloads[K],
  options: EnqueueOptions = {},
): Promise<string | undefined> {
  const boss = await sender(tx);
  const key = options.singletonKey ?? POLICIES[kind].keyOf?.(payload);
  const id = await boss.send(kind, payload, {
    db: through(tx),
    ...(key === undefined ? {} : { singletonKey: key }),
    ...(options.startAfter ? { startAfter: options.startAfter } : {}),
    ...(options.retries
      ? { retryLimit: options.retries.limit, retryDelay: options.retries.delaySeconds }
      : {}),
  });
  return id ?? undefined;
}

/** Puts a job that was given up back into its queue, as part of the caller's transaction. */
export async function tryAgain(tx: Tx, kind: JobKind, jobId: string): Promise<void> {
  const boss = await sender(tx);
  await boss.retry(kind, jobId, { db: through(tx) });
}

/**
 * Gets jobs going: with `work`, supervision, schedules and a listener on connections of their own;
 * without, nothing stays open, and a missing schema is told at the start instead of at the first job.
 */
export async function startBoss({
  work,
  silenceMs = SILENCE_MS,
}: {
  work: boolean;
  silenceMs?: number;
}): Promise<void> {
  if (!work) {
    await sender(db());
    return;
  }
  const { databaseUrl, directDatabaseUrl } = config();
  const url = directDatabaseUrl ?? databaseUrl;
  if (!url) throw new AppError("not_configured", "DATABASE_URL is not set.");
  if (bosses.worker) return;
  const boss = listenTo(
    new PgBoss({
      connectionString: url,
      application_name: "billhook jobs",
      max: 4,
      migrate: false,
      // A pooler does not pass it on; jobs are then found by asking.
      useListenNotify: directDatabaseUrl !== undefined,
      superviseIntervalSeconds: 10,
      monitorIntervalSeconds: 10,
      connectionTimeoutMillis: 5_000,
      ...answeredWithin(silenceMs),
    }),
  );
  await boss.start().catch(translate);
  bosses.worker = boss;
}

/** Longer than any statement of a job's should take. */
const SILENCE_MS = 30_000;

/**
 * Drops a connection that does not answer, so that no job waits for one that a network swallowed. The
 * driver's own option, passed through and not declared; kept here and not told to PostgreSQL, which a
 * pooler might not let us.
 */
function answeredWithin(milliseconds: number): object {
  return { query_timeout: milliseconds };
}

/** Runs a job of a kind by the clock (cron, UTC). One that came due while nobody ran is made up for once. */
export async function schedule(kind: JobKind, cron: string): Promise<void> {
  await runningBoss().schedule(kind, cron, {}, { tz: "UTC", missed: "once" });
}

/** Takes no more jobs, gives the running ones time to end, then hands back what is left. */
export async function stopBoss(): Promise<void> {
  const boss = bosses.worker;
  delete bosses.worker;
  delete bosses.sender;
  await boss?.stop({ graceful: true, timeout: 20_000 });
}

/** The boss of this process's workers; a bug where `startBoss({ work: true })` was not awaited. */
export function runningBoss(): PgBoss {
  if (!bosses.worker) throw new Error("Jobs were not started in this process.");
  return bosses.worker;
}

/** What goes wrong between jobs, such as a lost connection, is told and not thrown at the process. */
export function listenTo(boss: PgBoss): PgBoss {
  boss.on("error", (error) => log().warn({ err: error }, "jobs: a background step failed"));
  boss.on("warning", ({ message, data }) => log().warn({ data }, `jobs: ${message}`));
  return boss;
}

/**
 * A boss that only sends. It is started through the caller's own transaction, so that it never waits
 * for a second connection, and stopped at once: it has learned the queues, which is all that sending
 * needs, and leaves no timer and no connection behind.
 */
async function sender(tx: Tx): Promise<PgBoss> {
  const ready = bosses.worker ?? bosses.sender;
  if (ready) return ready;
  const boss = listenTo(
    new PgBoss({ db: through(tx), migrate: false, supervise: false, schedule: false }),
  );
  await boss.start().catch(translate);
  await boss.stop({ graceful: false });
  bosses.sender = boss;
  return boss;
}

function translate(cause: unknown): never {
  if (cause instanceof Error && /not installed|requires migrations/.test(cause.message)) {
    throw new AppError(
      "not_configured",
      "The job queues are not set up in this database. Run: npm run migrate",
      { cause },
    );
  }
  throw cause;
}
