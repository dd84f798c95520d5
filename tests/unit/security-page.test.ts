import { expect, test } from "vitest";
import { projectFiles, textOf } from "#tests/support/source.ts";

const page = textOf("docs/security.md");

test("every file that the security page relies on is there", () => {
  const files = new Set(projectFiles());
  const named = [...page.matchAll(/`([\w()[\]/.-]+\.(?:tsx?|md|json))`/g)].map(
    ([, path = ""]) => path,
  );

  expect(named.length).toBeGreaterThan(50);
  expect(named.filter((path) => !files.has(path))).toEqual([]);
});

test("every row of the security page says how it stands, and rows that claim a test name one", () => {
  const states = new Set(["test", "code", "operator", "no", "none"]);
  const rows = page
    .split("\n")
    .filter((line) => /^\| \d+\./.test(line))
    .map((line) => line.split("|").map((cell) => cell.trim()))
    .filter((cells) => cells.length === 5)
    .map(([, section, state = "", why = ""]) => ({ section, state, why }));
  const judged = rows.filter(({ state }) => states.has(state));

  expect(judged.length).toBeGreaterThan(60);
  const unproven = judged.filter(
    ({ state, why }) => state === "test" && !/tests\/|roles\.md/.test(why),
  );
  expect(unproven).toEqual([]);
});
