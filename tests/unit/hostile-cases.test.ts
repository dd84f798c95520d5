import { expect, test } from "vitest";
import { projectFiles, textOf } from "#tests/support/source.ts";

/*
 * Bad inputs are numbered, so that none is forgotten: each number is one test's name, in
 * tests/database/hostile, tests/browser/hostile.spec.ts or beside what it is about.
 */

const RANGES = [
  [1, 24],
  [37, 46],
  [61, 71],
  [73, 79],
] as const;

/** What these are about is not there yet; they get their test together with it. */
const NOT_THERE_YET = new Map([
  [72, "credits: spending the last one many times at once"],
  [80, "licences: checks at a high rate; commissions on what was refunded"],
]);

const wanted = [
  ...RANGES.flatMap(([from, to]) => Array.from({ length: to - from + 1 }, (_, nth) => from + nth)),
  ...NOT_THERE_YET.keys(),
].sort((a, b) => a - b);

const found = projectFiles()
  .filter((path) => /^tests\/.+\.(?:test|spec)\.ts$/.test(path))
  .flatMap((path) =>
    [...textOf(path).matchAll(/["'`]case (\d+):/g)].map(([, number]) => ({
      number: Number(number),
      path,
    })),
  );

test("each numbered hostile input is tested under its number, or named as not there yet", () => {
  const tested = found.map(({ number }) => number);

  expect([...tested, ...NOT_THERE_YET.keys()].sort((a, b) => a - b)).toEqual(wanted);
});

test("what is not there yet is not in the schema either", () => {
  const tables = projectFiles()
    .filter((path) => path.startsWith("db/schema/"))
    .map(textOf)
    .join("\n");

  expect(tables).not.toMatch(/pgTable\(\s*"(?:licences|commissions|transfers|credits)/);
});
