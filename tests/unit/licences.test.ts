import { describe, expect, test } from "vitest";
import { textOf } from "#tests/support/source.ts";
import { judge, permits } from "../../scripts/audit/licences.ts";

const locked = (name: string, licence: string | undefined) =>
  judge({ name, licence, version: "1.0.0", dev: false }).verdict;

describe("an expression of licences", () => {
  const isMine = (licence: string) => licence === "MIT" || licence === "ISC";

  test.each([
    ["MIT", true],
    ["GPL-3.0-only", false],
    ["MIT OR GPL-3.0-only", true],
    ["MIT AND GPL-3.0-only", false],
    ["(MIT OR GPL-3.0-only) AND ISC", true],
    ["GPL-3.0-only OR MIT AND ISC", true],
    ["MIT AND (GPL-3.0-only OR AGPL-3.0-only)", false],
    ["MIT)", false],
    ["SEE LICENSE IN x", false],
    ["", false],
  ])("%s is allowed: %s", (expression, allowed) => {
    expect(permits(expression, isMine)).toBe(allowed);
  });
});

test("a licence that was looked at counts for the packages that it was looked at in", () => {
  expect(locked("@img/sharp-libvips-linux-x64", "LGPL-3.0-or-later")).toBe("looked at");
  expect(locked("@img/sharp-win32-x64", "Apache-2.0 AND LGPL-3.0-or-later")).toBe("looked at");
  expect(locked("left-pad", "LGPL-3.0-or-later")).toBe("not allowed");
  expect(locked("left-pad", undefined)).toBe("not allowed");
});

test("every package of the lock file is under a licence that is allowed or was looked at", () => {
  const lock: { packages: Record<string, { license?: string; dev?: boolean }> } = JSON.parse(
    textOf("package-lock.json"),
  );
  const names = Object.entries(lock.packages).filter(([folder]) => folder);

  const wrong = names
    .map(([folder, { license }]) => [folder.split("node_modules/").at(-1) ?? "", license] as const)
    .filter(([name, licence]) => locked(name, licence) === "not allowed");

  expect(names.length).toBeGreaterThan(100);
  expect(wrong).toEqual([]);
});
