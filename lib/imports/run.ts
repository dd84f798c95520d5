import { setTimeout as delay } from "node:timers/promises";
import { db } from "#db/client.ts";
import { AppError, isTransient } from "../errors.ts";
import { enqueue } from "../jobs/boss.ts";
import type { Run } from "../jobs/work.ts";
import { SECOND } from "../time.ts";
import { lockOpenImport, setImport } from "./store.ts";
import { advance } from "./walk.ts";

/** A job works for so long, and another one goes on: a worker that stops waits for nothing longer. */
const SLICE = 8 * SECOND;
/** Somebody may press Go on meanwhile: no job waits for longer than this. */
const NAP_MAX = 15 * SECOND;

/** Goes on with an import until it is over, or for a while; then leaves the rest to another job. */
export async function goOn(
  { importId }: { importId: string },
  { signal, isLastAttempt }: Pick<Run, "signal" | "isLastAttempt">,
): Promise<void> {
  const end = Date.now() + SLICE;
  let waitMs = 0;
  try {
    while (!signal.aborted && Date.now() + waitMs < end) {
      if (waitMs > 0) await delay(waitMs);
      const next = await advance(importId, signal);
      if (next === "over") return;
      waitMs = next.waitMs;
    }
  } catch (error) {
    // No other job would go on: then a person must know, and may let it.
    const isStopped = error instanceof AppError && !isTransient(error);
    if (isStopped) await giveUp(importId, error.message);
    else if (isLastAttempt) await giveUp(importId, FAILED);
    throw error;
  }
  const startAfter = new Date(Date.now() + Math.min(waitMs, NAP_MAX));
  await enqueue(db(), "import.go-on", { importId }, { startAfter });
}

const FAILED = "It failed on our side several times; the log says why.";

/** Told on the import's page, where a person may let it go on. */
async function giveUp(importId: string, because: string): Promise<void> {
  await db().transaction(async (tx) => {
    const open = await lockOpenImport(tx, importId);
    if (!open || open.pausedAt) return;
    await setImport(tx, open, { pausedAt: new Date(), pausedBecause: because.slice(0, 500) });
  });
}
