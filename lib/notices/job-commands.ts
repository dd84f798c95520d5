import { db } from "#db/client.ts";
import type { Administrator } from "../actor.ts";
import { recordDeed } from "../audit/store.ts";
import { AppError } from "../errors.ts";
import { tryAgain } from "../jobs/boss.ts";
import { JOB_KINDS } from "../jobs/queues.ts";
import { endedBadly } from "../jobs/views.ts";
import { clearAlert } from "./store.ts";

/**
 * Puts a job that was given up or refused back into its queue. The alert about its kind goes with the
 * last of them. Throws `conflict` where it no longer needs that, or where its successor waits already.
 */
export async function tryJobAgain(
  actor: Administrator,
  input: { kind: string; jobId: string },
): Promise<void> {
  const kind = JOB_KINDS.find((known) => known === input.kind);
  const isId = /^[0-9a-f]{8}(?:-[0-9a-f]{4}){3}-[0-9a-f]{12}$/i.test(input.jobId);
  if (!kind || !isId) throw new AppError("not_found", "There is no such job.");
  await db()
    .transaction(async (tx) => {
      const failed = await endedBadly(tx, kind);
      if (!failed.includes(input.jobId)) {
        throw new AppError("conflict", "This job is not waiting for that: look at the list again.");
      }
      await tryAgain(tx, kind, input.jobId);
      if (failed.length === 1) await clearAlert(tx, "job_given_up", kind);
      await recordDeed(tx, actor, { action: "job.try_again", subject: `${kind} ${input.jobId}` });
    })
    .catch((cause: unknown) => {
      if (!isTaken(cause)) throw cause;
      throw new AppError("conflict", `Another ${kind} job waits already; it does the same.`, {
        cause,
      });
    });
}

/** Of the jobs with one key, one may wait: PostgreSQL says so when the place is taken. */
function isTaken(error: unknown): boolean {
  const cause = error instanceof Error && error.cause ? error.cause : error;
  return cause instanceof Error && "code" in cause && cause.code === "23505";
}
