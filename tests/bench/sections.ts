import { readFileSync, writeFileSync } from "node:fs";

/** Parts of the report that are measured on their own, in the order in which they stand in it. */
const HEADINGS = ["The webhook log", "The sandbox"] as const;
export type Heading = (typeof HEADINGS)[number];

const END = /^## Where$/m;

/** Writes one part of the report in place of what an earlier run wrote there. */
export function writeSection(file: string, heading: Heading, body: string): void {
  const page = readFileSync(file, "utf8");
  writeFileSync(file, withSections(page, new Map([...sectionsOf(page), [heading, body.trim()]])));
  process.stdout.write(`\n## ${heading}\n\n${body.trim()}\n\nWritten to docs/benchmarks.md.\n`);
}

/** A report of the intake alone keeps what the file says about everything else. */
export function keepingSections(file: string, report: string): string {
  return withSections(report, sectionsOf(readFileSync(file, "utf8")));
}

function sectionsOf(page: string): ReadonlyMap<Heading, string> {
  return new Map(
    HEADINGS.flatMap((heading): [Heading, string][] => {
      const [, body] = page.match(patternOf(heading)) ?? [];
      return body === undefined ? [] : [[heading, body.trim()]];
    }),
  );
}

function withSections(page: string, sections: ReadonlyMap<Heading, string>): string {
  const bare = HEADINGS.reduce((rest, heading) => rest.replace(patternOf(heading), ""), page);
  const written = HEADINGS.flatMap((heading) => {
    const body = sections.get(heading);
    return body === undefined ? [] : [`## ${heading}\n\n${body}\n\n`];
  });
  return bare.replace(END, (where) => written.join("") + where);
}

function patternOf(heading: Heading): RegExp {
  return new RegExp(`^## ${heading}\\n([\\s\\S]*?)(?=^## )`, "m");
}
