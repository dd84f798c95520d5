import { randomInt } from "node:crypto";
import { parseArgs } from "node:util";
import { forgetCaller } from "#tests/support/environment.ts";
import { startCluster } from "./cluster.ts";
import { FILE, notesOf, tableOf, writeReport } from "./report.ts";
import { brokenOff, hasPassed, type Result, runScenario } from "./scenario.ts";
import { SCENARIOS } from "./scenarios.ts";

/*
 * `npm run faults`: the real server, killed, cut off and starved in every way that we know, while
 * somebody sends events and remembers what was acknowledged. Exit code 1 when a promise was broken.
 */

const { values } = parseArgs({
  options: {
    /** Makes the same decisions again: what is sent, who is killed and when. */
    seed: { type: "string" },
    /** SIGKILLs in all, shared among web, worker and PostgreSQL. */
    kills: { type: "string", default: "100" },
    /** One scenario, or several with commas. The page is written only when all were run. */
    only: { type: "string" },
  },
});
const seed = values.seed === undefined ? randomInt(1_000_000) : Number(values.seed);
const kills = Number(values.kills);
if (!Number.isInteger(seed) || !Number.isInteger(kills) || kills < 3) {
  throw new Error("--seed takes a whole number, and --kills one from 3.");
}
const wanted = values.only?.split(",");
const unknown = wanted?.filter((name) => !SCENARIOS.some((scenario) => scenario.name === name));
if (unknown && unknown.length > 0) {
  const names = SCENARIOS.map(({ name }) => name).join(", ");
  throw new Error(`No scenario is called ${unknown.join(", ")}. There are: ${names}`);
}

forgetCaller();
const began = performance.now();
const chosen = SCENARIOS.filter(({ name }) => !wanted || wanted.includes(name));
say(`seed ${seed}, ${kills} kills; starting PostgreSQL, with every commit on disk …`);
const cluster = await startCluster();
for (const signal of ["SIGINT", "SIGTERM", "SIGHUP"] as const) {
  process.once(signal, () => void cluster.stop().finally(() => process.exit(130)));
}
const results: Result[] = [];
try {
  for (const scenario of chosen) {
    say(`${scenario.name}: ${scenario.about}`);
    const result = await runScenario(cluster, scenario, { seed, kills }).catch((error: unknown) =>
      brokenOff(scenario, error),
    );
    results.push(result);
    say(lineOf(result));
    for (const note of notesOf([result])) say(note);
  }
  const [version] = await cluster.sql<{ server_version: string }[]>`show server_version`;
  const seconds = (performance.now() - began) / 1_000;
  if (!wanted) {
    writeReport(results, { seed, kills, seconds, postgres: version?.server_version ?? "" });
  }
} finally {
  await cluster.stop();
}
process.stdout.write(`\n${tableOf(results)}\n\n${wanted ? "" : `Written to ${FILE}.\n`}`);
process.exit(results.every(hasPassed) ? 0 : 1);

function lineOf(result: Result): string {
  const { verdict, skipped, scenario } = result;
  if (skipped !== undefined) return `  skipped: ${skipped}`;
  if (!verdict) return `  FAILED ${scenario.name}: broken off`;
  const answers = [...result.answers].map(([answer, times]) => `${times} × ${answer}`).join(", ");
  return (
    `  ${hasPassed(result) ? "held" : "FAILED"} ${scenario.name}: ${result.did}; ` +
    `${verdict.acked} acked, ${verdict.stored} stored, ${verdict.applied} applied, ` +
    `${verdict.lost.length} lost, ${verdict.twice.length} twice, ` +
    `truth ${verdict.truthful}/${verdict.organizations}; ${result.falls} falls; ` +
    `slowest answer ${Math.round(result.slowestMs)} ms; ${answers}; ` +
    `first ack ${result.firstAckMs.map(Math.round).join(" ") || "–"} ms; ${Math.round(result.seconds)} s`
  );
}

function say(line: string): void {
  const at = ((performance.now() - began) / 1_000).toFixed(1);
  process.stdout.write(`[${at} s] ${line}\n`);
}
