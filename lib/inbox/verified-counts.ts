import { noteVerified } from "#lib/settings/secrets.ts";
import { log } from "../log.ts";

const PAUSE_MS = 250;

/**
 * How often each secret verified, on its way to the settings page. Written beside the intake and not
 * in it, a few times a second: all events of a mode share one such row, and every flush would wait for
 * the one before. A crash loses at most what was counted since the last write.
 */
let counts = new Map<string, number>();
let writing: Promise<void> | undefined;
/** Ends the pause before the next write. */
let hurry = () => {};

export function countVerified(secretIds: readonly string[]): void {
  for (const id of secretIds) counts.set(id, (counts.get(id) ?? 0) + 1);
  writing ??= writeAll();
}

/** Waits until everything counted is written, which is done without a pause. */
export async function drainVerifiedCounts(): Promise<void> {
  hurry();
  await writing;
}

async function writeAll(): Promise<void> {
  while (counts.size > 0) {
    await new Promise<void>((resolve) => {
      hurry = resolve;
      setTimeout(resolve, PAUSE_MS);
    });
    const due = counts;
    counts = new Map();
    await noteVerified(due).catch((error: unknown) => {
      log().warn({ err: error }, "the count of verified webhooks was not written");
    });
  }
  writing = undefined;
}
