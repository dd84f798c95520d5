import type { JobResult, JobWithMetadata, WorkOptions } from "pg-boss";
import { log } from "../log.ts";
import { runningBoss } from "./boss.ts";
import {
  afterFailure,
  GIVEN_UP,
  JOB_KINDS,
  type JobKind,
  type JobPayloads,
  POLICIES,
} from "./queues.ts";

/** What a job knows about its own run. */
export type Run = {
  readonly jobId: string;
  /** 1 for the first try. */
  readonly attempt: number;
  readonly isLastAttempt: boolean;
  /** Aborted when the job's time is over or somebody else has it. */
  readonly signal: AbortSignal;
};

export type JobHandler<K extends JobKind> = (payload: JobPayloads[K], run: Run) => Promise<void>;

/** A job that nobody will try again by itself. */
export type GivenUpJob = {
  readonly kind: string;
  readonly jobId: string;
  readonly attempts: number;
  readonly reason: string;
};

type KindHandlers = { readonly [K in JobKind]: JobHandler<K> };

export type Handlers = KindHandlers & {
  /** Told once about each job that failed until its patience ended; refusals are not among them. */
  readonly gaveUp: (job: GivenUpJob) => Promise<void>;
};

/** How a job ended that did not succeed, as kept with it. */
type Failure = { readonly ended: "refused" | "failed"; readonly reason: string };

type Told = WorkOptions & { includeMetadata: true };

/** Starts workers for every kind. Each job runs at least once; its handler must bear a second time. */
export async function work(handlers: Handlers): Promise<void> {
  for (const kind of JOB_KINDS) await workOn(kind, handlers);
  await runningBoss().work<object, void, Told>(
    GIVEN_UP,
    { includeMetadata: true, batchSize: 10, notifyPollingIntervalSeconds: 2 },
    async (jobs) => {
      for (const job of jobs) await tellGivenUp(job, handlers.gaveUp);
    },
  );
}

async function workOn<K extends JobKind>(kind: K, handlers: KindHandlers): Promise<void> {
  await runningBoss().work<JobPayloads[K], void, Told & { perJobResults: true }>(
    kind,
    {
      includeMetadata: true,
      perJobResults: true,
      localConcurrency: POLICIES[kind].concurrency,
      pollingIntervalSeconds: 2,
      notifyPollingIntervalSeconds: 2,
      // Three beats may be lost before the job is taken for dead.
      heartbeatRefreshSeconds: 5,
    },
    (jobs) => Promise.all(jobs.map((job) => perform(kind, handlers[kind], job))),
  );
}

async function perform<K extends JobKind>(
  kind: K,
  handler: JobHandler<K>,
  job: JobWithMetadata<JobPayloads[K]>,
): Promise<JobResult> {
  const attempt = job.retryCount + 1;
  const isLastAttempt = job.retryCount >= job.retryLimit;
  try {
    await handler(job.data, { jobId: job.id, attempt, isLastAttempt, signal: job.signal });
    return { id: job.id, status: "completed" };
  } catch (error) {
    const next = afterFailure(error);
    const ending = next === "stop" ? "refused" : isLastAttempt ? "given up" : "will be tried again";
    const line = { job: kind, jobId: job.id, attempt, err: error };
    if (next === "try_again" && !isLastAttempt) log().warn(line, `job ${kind} failed, ${ending}`);
    else log().error(line, `job ${kind} failed, ${ending}`);
    const output: Failure = {
      ended: next === "stop" ? "refused" : "failed",
      reason: error instanceof Error ? error.message : String(error),
    };
    return { id: job.id, status: next === "stop" ? "deadletter" : "failed", output };
  }
}

async function tellGivenUp(
  job: JobWithMetadata<object>,
  gaveUp: Handlers["gaveUp"],
): Promise<void> {
  const failure = readFailure(job.sourceOutput);
  if (failure.ended === "refused") return;
  await gaveUp({
    kind: job.sourceName ?? job.name,
    jobId: job.sourceId ?? job.id,
    attempts: (job.sourceRetryCount ?? 0) + 1,
    reason: failure.reason,
  });
}

/** Ours, or what pg-boss itself writes about a worker that died or took too long. */
function readFailure(output: object | null): Failure {
  const ended = output && "ended" in output && output.ended === "refused" ? "refused" : "failed";
  if (output && "reason" in output && typeof output.reason === "string") {
    return { ended, reason: output.reason };
  }
  const value = output && "value" in output ? output.value : output;
  if (typeof value === "object" && value && "message" in value) {
    return { ended, reason: String(value.message) };
  }
  return { ended, reason: "No reason was kept." };
}
