import type { Figure, Plot, Report } from "./figure.ts";
import { table } from "./numbers.ts";
import type { Recorded } from "./record.ts";

export type Page = {
  readonly text: string;
  /** Every plot with the sentence that says which run it was drawn from. */
  readonly plots: readonly { readonly plot: Plot; readonly caption: string }[];
};

/** Makes the whole of docs/benchmarks.md from the records, in the order of the figures. */
export function compose(figures: readonly Figure<unknown>[], records: readonly Recorded[]): Page {
  const told = figures.flatMap((figure) => {
    const record = records.find((each) => each.figure === figure.name);
    return record ? [{ figure, record, report: figure.report(record.run) }] : [];
  });
  return {
    text: [BEGINNING, tableOf(told), NOTE, ...told.map(sectionOf)].join("\n\n").concat("\n"),
    plots: told.flatMap(({ record, report }) =>
      (report.plots ?? []).map((plot) => ({ plot, caption: captionOf(record) })),
    ),
  };
}

type Told = {
  readonly figure: Figure<unknown>;
  readonly record: Recorded;
  readonly report: Report;
};

const BEGINNING = `# Benchmarks

How fast Billhook is, beside what, and whether that is what was aimed at. Everything here is composed by
\`npm run bench\` from the raw numbers in [docs/benchmarks](benchmarks/): nothing is written by hand. Where two
things are compared, they were measured in turns within one run; then only the ratio is worth keeping, because
the absolute figures say more about the machine than about Billhook. How fast it was on that day says the
yardstick, a fixed piece of work for one processor (\`tests/bench/machine.ts\`): at twice the milliseconds, halve the rates.`;

const NOTE = `Of several rounds, the median is told, and in brackets the smallest and the largest. Each figure ran on a
PostgreSQL of its own on the same machine, with every commit on disk (\`fsync\`, \`synchronous_commit\`), and
compared the rows with the answers afterwards: what was acknowledged was stored, or the run failed. How soon the
first event is acknowledged after PostgreSQL is back from a fall is measured by \`npm run faults\`:
see [faults](faults.md#the-last-run). Why some miss what was aimed at, and what was tried: [what limits it](performance.md).`;

function tableOf(told: readonly Told[]): string {
  const rows = told.flatMap(({ figure, report }) =>
    report.figures.map(({ what, measured, aim, holds }) => [
      `[${figure.heading}](#${anchorOf(figure.heading)}): ${what}`,
      measured,
      aim ?? "–",
      holds === undefined ? "–" : holds ? "yes" : "**no**",
    ]),
  );
  return table(["figure", "measured", "aim", "holds"], rows);
}

function sectionOf({ figure, record, report }: Told): string {
  const pictures = (report.plots ?? []).map(
    ({ name, title }) => `![${title}](benchmarks/${name}.svg)`,
  );
  const parts = [`## ${figure.heading}`, report.body.trim(), ...pictures, whereOf(record)];
  return parts.join("\n\n");
}

/** When and where, and whatever makes the figure doubtful. */
function whereOf(record: Recorded): string {
  const { machine, versions, loadAverage, options } = record;
  const gigabytes = Math.round(machine.memoryBytes / 2 ** 30);
  const doubts = [
    ...(isBusy(record)
      ? [`**Others were busy on the machine** (${busyWords(record)} before it began): only rough.`]
      : []),
    ...(record.dirty ? ["Files had been changed since the commit."] : []),
  ];
  return [
    `*${whenOf(record)}: \`npm run bench -- --only ${record.figure} --rounds ${options.rounds}\`, raw numbers in`,
    `[${record.figure}.json](benchmarks/${record.figure}.json). ${machine.processors} processors (${machine.model}), ${gigabytes} GB,`,
    `${machine.system}; Node.js ${versions.node}, Next.js ${versions.next}, PostgreSQL ${versions.postgres || "none"}; load average`,
    `${loadAverage.before.toFixed(1)} before, ${loadAverage.after.toFixed(1)} after${paceOf(record)}.*${doubts.map((each) => ` ${each}`).join("")}`,
  ].join("\n");
}

function captionOf(record: Recorded): string {
  const busy = isBusy(record) ? ", while others were busy" : "";
  return `${record.figure}.json, ${whenOf(record)}${busy}`;
}

function whenOf({ measuredAt, commit, dirty }: Recorded): string {
  const minute = measuredAt.slice(0, 16).replace("T", " ");
  return `${minute} UTC, commit ${commit.slice(0, 7) || "unknown"}${dirty ? " with changes" : ""}`;
}

function paceOf({ yardstickMs }: Recorded): string {
  if (!yardstickMs) return "";
  const { before, after } = yardstickMs;
  return `; the yardstick took ${before.toFixed(0)} ms before, ${after.toFixed(0)} ms after`;
}

/** A machine with nothing else to do is far below one busy processor. Old records know its last minute only. */
function isBusy({ busyBefore, loadAverage, machine }: Recorded): boolean {
  return busyBefore === undefined ? loadAverage.before > 1 : busyBefore * machine.processors > 0.25;
}

function busyWords({ busyBefore, loadAverage }: Recorded): string {
  return busyBefore === undefined
    ? `load average ${loadAverage.before.toFixed(1)}`
    : `${(busyBefore * 100).toFixed(0)} % of its processors`;
}

/** As GitHub names the place of a heading. */
function anchorOf(heading: string): string {
  return heading
    .toLowerCase()
    .replace(/[^\p{L}\p{N} _-]/gu, "")
    .replaceAll(" ", "-");
}
