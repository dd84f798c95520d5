import { expect, test } from "vitest";
import { coveredMs } from "#tests/support/wire-tap.ts";

test("adds up calls that came one after the other", () => {
  expect(coveredMs([span(40, 50), span(0, 30)])).toBe(40);
});

test("counts what was under way at once only once", () => {
  expect(coveredMs([span(0, 30), span(10, 20), span(25, 45)])).toBe(45);
});

test("is nothing where nobody was asked", () => {
  expect(coveredMs([])).toBe(0);
});

function span(from: number, until: number) {
  return { from, until };
}
