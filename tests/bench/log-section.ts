import { readFileSync, writeFileSync } from "node:fs";
import type { LogPages } from "./log-pages.ts";

const SECTION = /^## The webhook log\n[\s\S]*?(?=^## Where$)/m;
const END = /^## Where$/m;

/** Writes what the log's pages took into the report, in place of what an earlier run wrote there. */
export function writeLogPages(file: string, figures: LogPages): void {
  const section = sectionOf(figures);
  writeFileSync(file, placed(readFileSync(file, "utf8"), section));
  process.stdout.write(`\n${section}Written to docs/benchmarks.md.\n`);
}

/** A report of the intake alone keeps what the file says about the log's pages. */
export function keepingLogPages(file: string, report: string): string {
  return placed(report, SECTION.exec(readFileSync(file, "utf8"))?.[0] ?? "");
}

function placed(report: string, section: string): string {
  return report.replace(SECTION, "").replace(END, (heading) => section + heading);
}

function sectionOf({ events, turns, pages }: LogPages): string {
  const sizes = events.map((count) => `ms at ${count.toLocaleString("en")} events`);
  const rows = pages.map(({ name, rows, medianMs }) => {
    const times = medianMs.map((ms) => ms.toFixed(1));
    return `| ${[name, rows, ...times].join(" | ")} |`;
  });
  return `## The webhook log

One page of up to 50 events of the last 90 days, read as the admin reads it, with organizations, objects, changes
and counts of deliveries; medians of ${turns}. Of what no index leads to, a page looks through 20,000 events and
offers to look on, so that no page ever reads the table whole.

| page | rows | ${sizes.join(" | ")} |
| --- | --- | ${sizes.map(() => "---").join(" | ")} |
${rows.join("\n")}

`;
}
