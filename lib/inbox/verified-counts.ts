import { noteVerified } from "#lib/settings/secrets.ts";
import { log } from "../log.ts";

const PAUSE_MS = 250;

/**
 * How often each secret verified, on its way to the settings page. Written beside the intake and not
 * in it, a few times a second: all events of a mode share one such row, and every flush would wait for
 * the one before. A crash loses at most what was counted since the last write.
 */
let counts = new Map<string, number>();
let due: NodeJS.Timeout | undefined;
let writing = Promise.resolve();

export function countVerified(secretIds: readonly string[]): void {
  for (const id of secretIds) counts.set(id, (counts.get(id) ?? 0) + 1);
  due ??= setTimeout(writeNow, PAUSE_MS);
}

/** Waits until everything counted is written, which is done at once. */
export async function drainVerifiedCounts(): Promise<void> {
  writeNow();
  await writing;
}

function writeNow(): void {
  clearTimeout(due);
  due = undefined;
  if (counts.size === 0) return;
  const counted = counts;
  counts = new Map();
  writing = writing.then(() =>
    noteVerified(counted).catch((error: unknown) => {
      log().warn({ err: error }, "the count of verified webhooks was not written");
    }),
  );
}
