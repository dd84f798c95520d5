import { sql } from "#db/client.ts";
import { log } from "../log.ts";
import { briefly } from "./failures.ts";

/**
 * A worker that was told goes on until nothing is left, so who is told again at once hears nothing new. Not
 * long: what a worker has not begun by then, whoever comes back from paying waits for.
 */
const REST_MS = 10;

let telling: Promise<void> | undefined;
let isDue = false;

/**
 * Hints to idle workers that something rang, at once unless they were told a moment ago; polling is what
 * they rely on. Sent after the commit and beside the intake: PostgreSQL lets transactions that notify
 * commit one at a time only, which would halve what the intake stores.
 */
export function wakeWorkers(): void {
  isDue = true;
  telling ??= tell();
}

/** Waits until the last hint is on its way. */
export async function drainWaking(): Promise<void> {
  await telling;
}

async function tell(): Promise<void> {
  while (isDue) {
    isDue = false;
    await sql()`select pg_notify('billhook_rung', '')`.catch((error: unknown) => {
      log().warn({ cause: briefly(error) }, "the workers were not told that something rang");
    });
    await new Promise((resolve) => setTimeout(resolve, REST_MS));
  }
  telling = undefined;
}
