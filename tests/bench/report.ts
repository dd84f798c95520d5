import { readFileSync, writeFileSync } from "node:fs";
import { availableParallelism, cpus, totalmem } from "node:os";
import path from "node:path";
import { keepingSections } from "./sections.ts";

export type Round = {
  readonly emptyHandler: number;
  readonly ingest: number;
  /** Processor time for each answer, PostgreSQL's included; undefined where it cannot be read. */
  readonly emptyCpuMs: number | undefined;
  readonly ingestCpuMs: number | undefined;
  readonly p50Ms: number;
  readonly p99Ms: number;
  readonly singleRows: number | undefined;
  readonly load: number;
};

export type Figures = {
  readonly rounds: readonly Round[];
  /** Sorted. */
  readonly latenciesMs: readonly number[];
  readonly connections: number;
  readonly seconds: number;
  readonly postgres: string;
};

const ROOT = path.resolve(import.meta.dirname, "../..");
export const FILE = path.join(ROOT, "docs/benchmarks.md");

/** Writes docs/benchmarks.md and prints its summary. */
export async function writeReport(figures: Figures): Promise<void> {
  const { rounds, latenciesMs } = figures;
  const besideEmpty = median(rounds.map((round) => round.ingest / round.emptyHandler));
  const withSingle = rounds.flatMap((round) =>
    round.singleRows ? [round.ingest / round.singleRows] : [],
  );
  const summary = [
    `- **${besideEmpty.toFixed(1)} times** an empty App Router handler under \`next start\` (median of ${rounds.length} rounds).`,
    withSingle.length > 0
      ? `- **${median(withSingle).toFixed(2)} times** PostgreSQL's own rate of prepared single-row commits (\`pgbench -M prepared -c 32 -j 2\`).`
      : "- pgbench was not installed, so single-row commits were not measured.",
    `- **${at(latenciesMs, 0.5)} ms** at the median from a request's first byte to the changed tier seen in the database, ${at(latenciesMs, 0.95)} ms at the 95th percentile (${latenciesMs.length} events, one at a time).`,
  ];
  writeFileSync(FILE, keepingSections(FILE, page(figures, summary)));
  process.stdout.write(`\n${summary.join("\n")}\n\nWritten to docs/benchmarks.md.\n`);
}

function page({ rounds, connections, seconds, postgres }: Figures, summary: string[]): string {
  const rows = rounds.map((round, place) => {
    const beside = `${(round.ingest / round.emptyHandler).toFixed(1)}×`;
    const single = round.singleRows ? whole(round.singleRows) : "–";
    const cells = [
      place + 1,
      whole(round.emptyHandler),
      whole(round.ingest),
      beside,
      single,
      `${cost(round.emptyCpuMs)} / ${cost(round.ingestCpuMs)}`,
      `${round.p50Ms.toFixed(0)} / ${round.p99Ms.toFixed(0)}`,
      round.load.toFixed(1),
    ];
    return `| ${cells.join(" | ")} |`;
  });
  const cpu = cpus()[0]?.model.trim() || "unknown processor";
  return `# Benchmarks

Written by \`npm run bench\`. Only the ratios are worth comparing: everything was measured in turns within
one run on one machine, and the absolute figures say more about that machine than about Billhook.

${summary.join("\n")}

## Ingest

Signed events of 2 KB with ids of their own, ${connections} connections, ${seconds} s a turn. Each is verified, stored,
rings its object and is answered 200 after the commit, which waits for the disk. After each turn the stored
rows are counted: as many as there were 200s, or the run fails. The empty handler only answers.

| round | empty handler /s | ingest /s | ratio | single-row commits /s | processor ms each, empty / ingest | ingest p50 / p99 ms | load average |
| --- | --- | --- | --- | --- | --- | --- | --- |
${rows.join("\n")}

The load generator runs on the same machine in a process of its own. A load average well above the number
of processors means that others were busy there; then compare the processor time that each answer took, PostgreSQL's included.

## Where

${availableParallelism()} processors (${cpu}), ${Math.round(totalmem() / 2 ** 30)} GB; ${process.platform} ${process.arch}; Node.js ${process.version}; Next.js ${versionOf("next")};
PostgreSQL ${postgres}, on this machine, with \`fsync\` and \`synchronous_commit\` on. ${new Date().toISOString().slice(0, 10)}.
`;
}

function versionOf(name: string): string {
  const file = path.join(ROOT, "node_modules", name, "package.json");
  return JSON.parse(readFileSync(file, "utf8")).version;
}

function median(figures: readonly number[]): number {
  const sorted = [...figures].sort((a, b) => a - b);
  return sorted[Math.floor(sorted.length / 2)] ?? Number.NaN;
}

function at(sorted: readonly number[], share: number): string {
  return (sorted[Math.floor(sorted.length * share)] ?? Number.NaN).toFixed(0);
}

function cost(ms: number | undefined): string {
  return ms === undefined ? "–" : ms.toFixed(2);
}

function whole(figure: number): string {
  return Math.round(figure).toLocaleString("en");
}
