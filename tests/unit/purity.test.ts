import { describe, expect, test } from "vitest";
import { isPure, purityFaults } from "#tests/support/purity.ts";
import { parse, readTree } from "#tests/support/source.ts";

const tree = readTree();

describe("rules, rows and words", () => {
  test("are found where decisions are made", () => {
    const pure = tree.map(({ path }) => path).filter(isPure);

    expect(pure).toContain("lib/billing/rules.ts");
    expect(pure).toContain("lib/billing/tier-rules.ts");
    expect(pure.length).toBeGreaterThan(5);
  });

  test("reach no clock, no randomness, no database and no package", () => {
    expect(purityFaults(tree)).toEqual([]);
  });
});

describe("an impurity", () => {
  test.each([
    "const now = Date.now();",
    "const now = new Date();",
    "const now = new Date;",
    "const clock = Date.now;",
    "const now = Date();",
    "const { now } = Date;",
    `const now = Date["now"]();`,
    "const luck = Math.random();",
    "const luck = globalThis.Math.random();",
    "const id = crypto.randomUUID();",
    "const started = performance.now();",
    "const mode = process.env.BILLHOOK_MODE;",
    `import { randomUUID } from "node:crypto";`,
    `import { db } from "#db/client.ts";`,
    `import { sql } from "drizzle-orm";`,
    `const client = await import("#db/client.ts");`,
  ])("is found in a file of rules: %s", (text) => {
    expect(purityFaults(parse({ "lib/billing/rules.ts": text }))).toEqual([
      expect.stringContaining("lib/billing/rules.ts:1 "),
    ]);
  });

  test.each([
    "lib/billing/tier-rules.ts",
    "lib/billing/rows.ts",
    "lib/billing/words.ts",
    "lib/gateways/stripe/rules.ts",
  ])("is found in %s", (path) => {
    expect(purityFaults(parse({ [path]: "const luck = Math.random();" }))).toHaveLength(1);
  });

  test("is found two files away, with the way to it", () => {
    const sources = parse({
      "lib/billing/rules.ts": `import { name } from "./names.ts";`,
      "lib/billing/names.ts": `import { newId } from "../ids.ts";`,
      "lib/ids.ts": `import { randomBytes } from "node:crypto";`,
    });

    expect(purityFaults(sources)).toEqual([
      'lib/ids.ts:1 imports "node:crypto" ' +
        "(reached by lib/billing/rules.ts → lib/billing/names.ts → lib/ids.ts)",
    ]);
  });
});

test.each([
  "const then = new Date(0);",
  "const then = Date.UTC(2026, 0);",
  "const most = Math.max(1, 2);",
  `import type { Tx } from "#db/client.ts";`,
  `import { type Tx } from "#db/client.ts";`,
  `const said = "Date.now()"; // new Date()`,
])("leaves what is pure alone: %s", (text) => {
  expect(purityFaults(parse({ "lib/billing/rules.ts": text }))).toEqual([]);
});

test("asks nothing of files that store", () => {
  expect(purityFaults(parse({ "lib/billing/store.ts": "const now = new Date();" }))).toEqual([]);
});
