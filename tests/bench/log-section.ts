import type { LogPages } from "./log-pages.ts";
import { writeSection } from "./sections.ts";

/** Writes what the log's pages took into the report, in place of what an earlier run wrote there. */
export function writeLogPages(file: string, figures: LogPages): void {
  writeSection(file, "The webhook log", bodyOf(figures));
}

function bodyOf({ events, turns, pages }: LogPages): string {
  const sizes = events.map((count) => `ms at ${count.toLocaleString("en")} events`);
  const rows = pages.map(({ name, rows, medianMs }) => {
    const times = medianMs.map((ms) => ms.toFixed(1));
    return `| ${[name, rows, ...times].join(" | ")} |`;
  });
  return `One page of up to 50 events of the last 90 days, read as the admin reads it, with organizations, objects, changes
and counts of deliveries; medians of ${turns}. Of what no index leads to, a page looks through 20,000 events and
offers to look on, so that no page ever reads the table whole.

| page | rows | ${sizes.join(" | ")} |
| --- | --- | ${sizes.map(() => "---").join(" | ")} |
${rows.join("\n")}`;
}
