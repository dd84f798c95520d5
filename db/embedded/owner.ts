import { existsSync, linkSync, readFileSync, renameSync, rmSync, writeFileSync } from "node:fs";
import path from "node:path";
import { isAlive, startOf } from "./process.ts";

/**
 * Makes this process the only Billhook on a data folder, until the returned function is called or the
 * process is gone. Process ids are used again, above all in containers, so the file also holds when
 * the process began.
 */
export function takeFolder(folder: string): () => void {
  const file = path.join(folder, "owner");
  const draft = `${file}.${process.pid}`;
  const mine = `${process.pid} ${startOf(process.pid)}`;
  try {
    writeFileSync(draft, mine, { mode: 0o644 });
  } catch (cause) {
    throw new Error(
      `Billhook cannot write in ${folder}. Run it as the user that owns the folder.`,
      {
        cause,
      },
    );
  }
  try {
    // A link appears whole or not at all, and never over an existing file.
    while (!tryTo(() => linkSync(draft, file))) removeIfDead(file, folder);
  } finally {
    rmSync(draft, { force: true });
  }
  return () => {
    if (read(file) === mine) rmSync(file, { force: true });
  };
}

function removeIfDead(file: string, folder: string): void {
  const seen = read(file);
  if (seen === undefined) return;
  const [word = "", start = ""] = seen.split(" ");
  const pid = Number(word);
  if (pid > 0 && isAlive(pid) && startOf(pid) === start) {
    throw new Error(
      `Another Billhook (process ${pid}) already uses the data in ${folder}. ` +
        "Stop it first, or set DATABASE_URL so that both share one PostgreSQL.",
    );
  }
  // Two starters may find the same dead owner: whoever moved a living one aside puts it back.
  const aside = `${file}.dead.${process.pid}`;
  if (!tryTo(() => renameSync(file, aside))) return;
  if (read(aside) !== seen) tryTo(() => linkSync(aside, file));
  rmSync(aside, { force: true });
}

function read(file: string): string | undefined {
  return existsSync(file) ? readFileSync(file, "utf8") : undefined;
}

function tryTo(work: () => void): boolean {
  try {
    work();
    return true;
  } catch {
    return false;
  }
}
