import { execFileSync } from "node:child_process";
import { mkdirSync, readdirSync, readFileSync, writeFileSync } from "node:fs";
import { availableParallelism, cpus, loadavg, totalmem } from "node:os";
import path from "node:path";
import { busyShare, yardstickMs } from "./machine.ts";

const ROOT = path.resolve(import.meta.dirname, "../..");
export const FOLDER = path.join(ROOT, "docs/benchmarks");

/** What one run of a figure left behind: its raw numbers, and all that one must know to judge them. */
export type Recorded = {
  readonly figure: string;
  readonly measuredAt: string;
  readonly commit: string;
  /** Whether what ran was something else than the commit. */
  readonly dirty: boolean;
  readonly machine: {
    readonly processors: number;
    readonly model: string;
    readonly memoryBytes: number;
    readonly system: string;
  };
  readonly versions: { readonly node: string; readonly next: string; readonly postgres: string };
  /** Of the last minute, in which another figure of the same run may have been measured. */
  readonly loadAverage: { readonly before: number; readonly after: number };
  /** What a fixed piece of work took, by which figures of several machines, or days, can be compared. */
  readonly yardstickMs?: { readonly before: number; readonly after: number };
  /** How busy others kept the processors just before, from 0 to 1. */
  readonly busyBefore?: number;
  readonly options: {
    readonly rounds: number;
    readonly seconds: number;
    readonly connections: number;
  };
  readonly run: unknown;
};

/** Runs a figure and answers its record. */
export async function recordOf(
  figure: string,
  options: Recorded["options"],
  measure: () => Promise<{ measured: unknown; postgres: string }>,
): Promise<Recorded> {
  const [before, busyBefore] = [loadNow(), await busyShare()];
  const yardstickBefore = yardstickMs();
  const { measured, postgres } = await measure();
  return {
    figure,
    measuredAt: new Date().toISOString(),
    commit: git("rev-parse", "HEAD"),
    dirty: git("status", "--porcelain", "--untracked-files=no", "--", ".", ":!docs") !== "",
    machine: {
      processors: availableParallelism(),
      model: cpus()[0]?.model.trim() || "unknown processor",
      memoryBytes: totalmem(),
      system: `${process.platform} ${process.arch}`,
    },
    versions: { node: process.version, next: versionOf("next"), postgres },
    loadAverage: { before, after: loadNow() },
    busyBefore,
    yardstickMs: { before: yardstickBefore, after: yardstickMs() },
    options,
    run: measured,
  };
}

/** Keeps a record in place of the figure's last one. */
export function keepRecord(record: Recorded): void {
  mkdirSync(FOLDER, { recursive: true });
  writeFileSync(path.join(FOLDER, `${record.figure}.json`), `${JSON.stringify(record, null, 1)}\n`);
}

/** Every record that is there. */
export function readRecords(): Recorded[] {
  mkdirSync(FOLDER, { recursive: true });
  return readdirSync(FOLDER)
    .filter((name) => name.endsWith(".json"))
    .map((name) => JSON.parse(readFileSync(path.join(FOLDER, name), "utf8")));
}

function loadNow(): number {
  return loadavg()[0] ?? 0;
}

function git(...args: readonly string[]): string {
  try {
    return execFileSync("git", args, { cwd: ROOT, encoding: "utf8" }).trim();
  } catch {
    return "";
  }
}

function versionOf(name: string): string {
  const file = path.join(ROOT, "node_modules", name, "package.json");
  return JSON.parse(readFileSync(file, "utf8")).version;
}
