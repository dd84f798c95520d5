import { expect, test } from "vitest";
import { projectFiles, textOf } from "#tests/support/source.ts";

const page = textOf("docs/security.md");

/**
 * The sections of OWASP ASVS 5.0.0: a digit for each requirement, which is its level. Those of level 3
 * only keep the places of the others.
 */
const SECTIONS = `
  1.1 22  1.2 1111122223  1.3 112222222223  1.4 222  1.5 123  2.1 122  2.2 112  2.3 12223  2.4 23
  3.1 3  3.2 113  3.3 12223  3.4 11222233  3.5 11122333  3.6 3  3.7 22333  4.1 12233  4.2 23333
  4.3 22  4.4 1222  5.1 2  5.2 112333  5.3 113  5.4 222  6.1 122  6.2 111111112222  6.3 11223333
  6.4 112233  6.5 22222333  6.6 2223  6.7 33  6.8 2222  7.1 222  7.2 1111  7.3 22  7.4 11222
  7.5 223  7.6 22  8.1 1233  8.2 1123  8.3 133  8.4 23  9.1 111  9.2 1222  10.1 22  10.2 223
  10.3 22223  10.4 1111122222233333  10.5 22222  10.6 22  10.7 222  11.1 2233  11.2 22233
  11.3 11233  11.4 1222  11.5 23  11.6 23  11.7 33  12.1 12233  12.2 11  12.3 22223  13.1 2333
  13.2 222223  13.3 2233  13.4 1222233  14.1 22  14.2 12223333  14.3 122  15.1 12233  15.2 12233
  15.3 1222222  15.4 3333  16.1 2  16.2 22222  16.3 2222  16.4 222  16.5 2223  17.1 23
  17.2 22223333  17.3 22`;

const wanted = [...SECTIONS.matchAll(/([\d.]+) (\d+)/g)].flatMap(([, section, levels = ""]) =>
  [...levels].flatMap((level, nth) =>
    level === "3" ? [] : [`${section}.${nth + 1} of level ${level}`],
  ),
);

const tables = page.slice(page.indexOf("\n## V1 "));
const rows = tables
  .split("\n")
  .filter((line) => /^\| \d/.test(line))
  .map((line) => line.split("|").map((cell) => cell.trim()))
  .map(([, first = "", level = "", state = "", why = ""]) => {
    const numbers = /^[\d., –]+/.exec(first)?.[0].trim() ?? "";
    return { numbers: numbers.split(", ").flatMap(spelledOut), level, state, why };
  });

/** `1.2.6–1.2.8` are three. */
function spelledOut(numbers: string): string[] {
  const [from = "", to = from] = numbers.split("–");
  const section = from.replace(/\d+$/, "");
  const [first, last] = [from, to].map((number) => Number(/\d+$/.exec(number)?.[0]));
  if (!first || !last || !to.startsWith(section)) return [numbers];
  return Array.from({ length: last - first + 1 }, (_, nth) => `${section}${first + nth}`);
}

test("every file that the security page relies on is there", () => {
  const files = new Set(projectFiles());
  const named = [...page.matchAll(/`([\w()[\]/.-]+\.(?:tsx?|md|json))`/g)].map(
    ([, path = ""]) => path,
  );

  expect(named.length).toBeGreaterThan(50);
  expect(named.filter((path) => !files.has(path))).toEqual([]);
});

test("every requirement of levels 1 and 2 stands on the security page once, under its level", () => {
  const told = rows.flatMap(({ numbers, level }) =>
    numbers.map((number) => `${number} of level ${level}`),
  );

  expect(told.sort()).toEqual(wanted.sort());
});

test("every row of the security page says how it stands, and why", () => {
  const states = new Set(["test", "code", "operator", "no", "none"]);

  expect(rows.filter(({ state }) => !states.has(state))).toEqual([]);
  expect(rows.filter(({ state, why }) => state === "test" && !/`tests\//.test(why))).toEqual([]);
  expect(rows.filter(({ state, why }) => state !== "none" && why.length < 5)).toEqual([]);
});

test("what is not met is listed first, all of it and nothing else", () => {
  const first = page.slice(page.indexOf("\n## Not met"), page.indexOf("\n## V1 "));
  const listed = [...first.matchAll(/^\| ([\d., –]+) \|/gm)].flatMap(([, numbers = ""]) =>
    numbers.split(", ").flatMap(spelledOut),
  );

  const unmet = rows.filter(({ state }) => state === "no").flatMap(({ numbers }) => numbers);
  expect(listed.sort()).toEqual(unmet.sort());
});
