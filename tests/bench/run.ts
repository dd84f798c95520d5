import { writeFileSync } from "node:fs";
import path from "node:path";
import { parseArgs } from "node:util";
import { compose } from "./compose.ts";
import type { Figure } from "./figure.ts";
import { FIGURES } from "./figures.ts";
import { draw } from "./plot.ts";
import { FOLDER, keepRecord, readRecords, recordOf } from "./record.ts";
import { onStand } from "./stand.ts";

/*
 * `npm run bench`: measures figure by figure, keeps the raw numbers of each in docs/benchmarks, draws
 * its plots from them and composes docs/benchmarks.md.
 */

const { values } = parseArgs({
  options: {
    /** Names of figures, with commas between; otherwise all but the long ones. */
    only: { type: "string" },
    rounds: { type: "string", default: "5" },
    seconds: { type: "string", default: "4" },
    connections: { type: "string", default: "128" },
    /** Measures nothing; composes again from the raw numbers that are there. */
    write: { type: "boolean", default: false },
  },
});
const options = {
  rounds: Number(values.rounds),
  seconds: Number(values.seconds),
  connections: Number(values.connections),
};

for (const figure of values.write ? [] : chosen()) {
  say(`\n${figure.heading}`);
  const record = await recordOf(figure.name, options, () =>
    onStand({ ...options, say }, (stand) => figure.measure(stand)),
  );
  keepRecord(record);
  for (const { what, measured, aim, holds } of figure.report(record.run).figures) {
    const verdict = holds === undefined ? "" : holds ? ", holds" : ", DOES NOT HOLD";
    say(`  ${what}: ${measured}${aim ? ` (aim: ${aim}${verdict})` : ""}`);
  }
  // A figure that fails later must not take this one's page with it.
  write();
}
if (values.write) write();

function chosen(): readonly Figure<unknown>[] {
  if (!values.only) return FIGURES.filter(({ isLong }) => !isLong);
  return values.only.split(",").map((name) => {
    const figure = FIGURES.find((each) => each.name === name);
    if (figure) return figure;
    const known = FIGURES.map((each) => each.name).join(", ");
    throw new Error(`There is no figure ${name}. --only takes ${known}.`);
  });
}

function write(): void {
  const { text, plots } = compose(FIGURES, readRecords());
  for (const { plot, caption } of plots) {
    writeFileSync(path.join(FOLDER, `${plot.name}.svg`), draw(plot, caption));
  }
  writeFileSync(path.join(FOLDER, "../benchmarks.md"), text);
  say("Written to docs/benchmarks.md.");
}

function say(line: string): void {
  process.stdout.write(`${line}\n`);
}
