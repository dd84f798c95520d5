import { existsSync, mkdirSync, readFileSync, renameSync, writeFileSync } from "node:fs";
import { dirname } from "node:path";
import type { Box } from "../box.ts";
import { readSnapshot, restoreSnapshot, takeSnapshot } from "../control/snapshots.ts";

/** Keeps a sandbox in a file, so that it is there again after a restart. */
export type SnapshotFile = {
  /** Writes it, if anything has changed since the last time. */
  save(): void;
  stop(): void;
};

const EVERY_MILLISECONDS = 3_000;

/** Restores the sandbox from the file, if there is one, and keeps it there from now on. */
export function keepInFile(box: Box, path: string): SnapshotFile {
  if (existsSync(path)) restoreSnapshot(box, readSnapshot(readFileSync(path, "utf8")));
  else mkdirSync(dirname(path), { recursive: true });
  let saved = stateOf(box);
  function save(): void {
    const state = stateOf(box);
    if (state === saved) return;
    // Written beside and then renamed: whoever stops the process midway finds the old file whole.
    writeFileSync(`${path}.new`, state, { mode: 0o600 });
    renameSync(`${path}.new`, path);
    saved = state;
  }
  const timer = setInterval(save, EVERY_MILLISECONDS);
  timer.unref();
  return {
    save,
    stop: () => {
      clearInterval(timer);
      save();
    },
  };
}

function stateOf(box: Box): string {
  return JSON.stringify(takeSnapshot(box));
}
