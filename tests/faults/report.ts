import { readFileSync, writeFileSync } from "node:fs";
import { cpus } from "node:os";
import path from "node:path";
import { hasPassed, type Result } from "./scenario.ts";

export const FILE = path.resolve(import.meta.dirname, "../../docs/faults.md");
const BEGIN = "<!-- Written by npm run faults: from here -->";
const END = "<!-- to here -->";

export type RunFacts = {
  readonly seed: number;
  readonly kills: number;
  readonly postgres: string;
  readonly seconds: number;
};

const HEAD = [
  "scenario",
  "what was done",
  "acked",
  "stored",
  "applied",
  "lost",
  "twice",
  "truth",
  "first ack after PostgreSQL is back",
  "falls",
  "s",
  "",
];

/** The run as a table in Markdown, which reads as well on a terminal. */
export function tableOf(results: readonly Result[]): string {
  const rows = [HEAD, HEAD.map(() => "---"), ...results.map(rowOf)];
  return rows.map((row) => `| ${row.join(" | ")} |`).join("\n");
}

/** What went wrong, or would have to be known to trust a row. */
export function notesOf(results: readonly Result[]): string[] {
  return results.flatMap((result) => {
    const { scenario, skipped, verdict, faults } = result;
    if (skipped !== undefined) return [`- \`${scenario.name}\` was skipped: ${skipped}`];
    if (hasPassed(result)) return [];
    const { lost = [], twice = [], untrue = [] } = verdict ?? {};
    const losses = lost.length > 0 ? [`lost: ${lost.slice(0, 5).join(", ")}`] : [];
    const all = [...faults, ...losses, ...twice.slice(0, 5), ...untrue.slice(0, 5)];
    return all.map((fault) => `- \`${scenario.name}\`: ${fault}`);
  });
}

/** Replaces the part of docs/faults.md that tells of a run. */
export function writeReport(results: readonly Result[], facts: RunFacts): void {
  const text = readFileSync(FILE, "utf8");
  const [before, rest = ""] = text.split(BEGIN);
  const after = rest.split(END)[1];
  if (after === undefined) throw new Error(`${FILE} has no place for the report.`);
  const notes = notesOf(results);
  const section = [
    BEGIN,
    sentenceOf(results, facts),
    "",
    tableOf(results),
    "",
    ...results.map(({ scenario }) => `- \`${scenario.name}\`: ${scenario.about}`),
    ...(notes.length > 0 ? ["", "To be known about this run:", "", ...notes] : []),
    END,
  ];
  writeFileSync(FILE, `${before}${section.join("\n")}${after}`);
}

function sentenceOf(results: readonly Result[], facts: RunFacts): string {
  const failed = results.filter((result) => !hasPassed(result)).length;
  const outcome = failed === 0 ? "every promise held" : `${failed} scenarios failed`;
  const machine = `${cpus().length} processors, PostgreSQL ${facts.postgres}, Node ${process.versions.node}`;
  return (
    `Seed ${facts.seed}, ${facts.kills} kills, ${Math.round(facts.seconds / 60)} minutes, ` +
    `${machine}: ${outcome}.`
  );
}

function rowOf(result: Result): string[] {
  const { scenario, skipped, verdict, did } = result;
  if (skipped !== undefined || !verdict) {
    const [said, end] = skipped === undefined ? [did, "**FAILED**"] : ["skipped", "–"];
    return [scenario.name, said, ...HEAD.slice(3).map(() => ""), end];
  }
  const expected = scenario.mustLose ? " (must be)" : "";
  return [
    scenario.name,
    did,
    count(verdict.acked),
    count(verdict.stored),
    count(verdict.applied),
    `${count(verdict.lost.length)}${expected}`,
    count(verdict.twice.length),
    `${verdict.truthful} of ${verdict.organizations}`,
    acks(result.firstAckMs),
    count(result.falls),
    count(Math.round(result.seconds)),
    hasPassed(result) ? "held" : "**FAILED**",
  ];
}

function acks(times: readonly number[]): string {
  const sorted = [...times].sort((a, b) => a - b);
  const [median, most] = [sorted[Math.floor(sorted.length / 2)], sorted.at(-1)];
  if (median === undefined || most === undefined) return "";
  return `${count(Math.round(median))} ms (at most ${count(Math.round(most))})`;
}

function count(value: number): string {
  return value.toLocaleString("en-US");
}
