import { describe, expect, test } from "vitest";
import { circles } from "#tests/support/circles.ts";
import { homeFaults, layerFaults, nodeFaults, packageFaults } from "#tests/support/layers.ts";
import { parse, readTree, textOf } from "#tests/support/source.ts";

const tree = readTree();
const manifest: { dependencies: object; devDependencies: object } = JSON.parse(
  textOf("package.json"),
);
const declared = {
  product: Object.keys(manifest.dependencies),
  development: Object.keys(manifest.devDependencies),
};

describe("the code of the project", () => {
  test("is read whole", () => {
    expect(tree.length).toBeGreaterThan(100);
    expect(tree.flatMap((source) => source.imports).length).toBeGreaterThan(500);
  });

  test("imports only its own folder and lower lines", () => {
    expect(layerFaults(tree)).toEqual([]);
  });

  test("imports nothing in a circle", () => {
    expect(circles(tree.filter(({ path }) => /^(?:lib|db|app|sandbox)\//.test(path)))).toEqual([]);
  });

  test("keeps each package, and the environment, in its one home", () => {
    expect(homeFaults(tree)).toEqual([]);
  });

  test("imports nothing that plain Node cannot run", () => {
    expect(nodeFaults(tree)).toEqual([]);
  });

  test("uses only packages that package.json gives it", () => {
    expect(packageFaults(tree, declared)).toEqual([]);
  });
});

describe("the reader of imports", () => {
  test.each([
    [`import { a } from "#lib/x/a.ts";`, "lib/x/a.ts", false],
    [`import "../x/a.ts";`, "lib/x/a.ts", false],
    [`import type { A } from "../x/a.ts";`, "lib/x/a.ts", true],
    [`import { type A } from "../x/a.ts";`, "lib/x/a.ts", true],
    [`import { type A, b } from "../x/a.ts";`, "lib/x/a.ts", false],
    [`import {\n  a,\n} from "../x/a.ts";`, "lib/x/a.ts", false],
    [`export { a } from "../x/a.ts";`, "lib/x/a.ts", false],
    [`export * from "../x/a.ts";`, "lib/x/a.ts", false],
    [`export type { A } from "../x/a.ts";`, "lib/x/a.ts", true],
    [`const a = await import("../x/a.ts");`, "lib/x/a.ts", false],
    ["const a = await import(`../x/a.ts`);", "lib/x/a.ts", false],
    [`const a = require("../x/a.ts");`, "lib/x/a.ts", false],
    [`type A = import("../x/a.ts").A;`, "lib/x/a.ts", true],
    [`import a = require("../x/a.ts");`, "lib/x/a.ts", false],
    [`import { sql } from "drizzle-orm/pg-core";`, "drizzle-orm", false],
    [`import { Button } from "@base-ui/react/button";`, "@base-ui/react", false],
  ])("finds %s", (text, target, isType) => {
    const [source] = parse({ "lib/y/b.ts": text });

    expect(source?.imports).toMatchObject([{ line: 1, target, isType }]);
  });

  test("is not deceived by text that only looks like an import", () => {
    const [source] = parse({
      "app/a.tsx": [
        `// import { a } from "#lib/x/a.ts";`,
        `const said = 'import { a } from "#lib/x/a.ts"';`,
        "const more = `$" + "{said} require('stripe')`;",
        `export const A = () => <p>Don't import "stripe" from "#lib/x.ts" {said}</p>;`,
        `import { b } from "#lib/b.ts";`,
      ].join("\n"),
    });

    expect(source?.imports).toMatchObject([{ line: 5, target: "lib/b.ts" }]);
  });
});

describe("an import in the wrong direction", () => {
  test.each([
    ["lib/errors.ts", `import { db } from "#db/client.ts";`, "db stands above lib/*.ts"],
    ["db/client.ts", `import { a } from "#lib/jobs/boss.ts";`, "lib/jobs stands above db"],
    [
      "lib/jobs/boss.ts",
      `import type { Mode } from "../gateways/gateway.ts";`,
      "lib/jobs and lib/gateways stand on one line",
    ],
    [
      "lib/identity/account/commands.ts",
      `import { a } from "#lib/catalogue/store.ts";`,
      "lib/identity and lib/catalogue stand on one line",
    ],
    [
      "lib/catalogue/store.ts",
      `export * from "../billing/store.ts";`,
      "lib/billing stands above lib/catalogue",
    ],
    [
      "lib/billing/store.ts",
      `await import("../inbox/sync.ts");`,
      "lib/inbox stands above lib/billing",
    ],
    [
      "lib/worker/run.ts",
      `import { a } from "#app/_server/session.ts";`,
      "lib/worker and app stand on one line",
    ],
    ["app/page.tsx", `import { a } from "../server.ts";`, "server.ts stands above app"],
    ["db/schema/inbox.ts", `import { a } from "../seed.ts";`, "db/seed.ts stands above db"],
    ["scripts/demo.ts", `import { a } from "#tests/support/x.ts";`, "tests stands above scripts"],
    ["sandbox/stripe.ts", `import { a } from "#lib/time.ts";`, "the sandbox is apart"],
    ["server.ts", `import { a } from "./sandbox/stripe.ts";`, "the sandbox is apart"],
  ])("is found in %s: %s", (path, text, reason) => {
    expect(layerFaults(parse({ [path]: `\n${text}` }))).toEqual([
      expect.stringMatching(new RegExp(`^${path}:2 imports ".+": ${reason.replace("*", "\\*")}$`)),
    ]);
  });

  test("is found in a folder that nobody gave a line", () => {
    expect(layerFaults(parse({ "lib/helpers/a.ts": "" }))).toEqual([
      expect.stringContaining("lib/helpers/a.ts:1 stands on no line"),
    ]);
  });
});

test("a circle of imports is found, and named from where it begins", () => {
  const tree = parse({
    "lib/a/a.ts": `import { b } from "./b.ts";`,
    "lib/a/b.ts": `import type { c } from "./c.ts";`,
    "lib/a/c.ts": `import { b } from "./b.ts";`,
  });

  expect(circles(tree)).toEqual(["lib/a/b.ts → lib/a/c.ts → lib/a/b.ts"]);
});

describe("an import in the right direction", () => {
  test.each([
    ["lib/billing/store.ts", `import { a } from "./rules.ts";`],
    ["lib/identity/people/store.ts", `import { a } from "../rules.ts";`],
    ["lib/billing/store.ts", `import { a } from "#lib/errors.ts";`],
    ["lib/settings/store.ts", `import { a } from "../rings/store.ts";`],
    ["db/seed.ts", `import { a } from "#lib/catalogue/commands.ts";`],
    ["proxy.ts", `import { a } from "#app/_server/origin.ts";`],
    ["server.ts", `import { a } from "./lib/worker/run.ts";`],
    ["tests/unit/a.test.ts", `import { a } from "../../sandbox/stripe.ts";`],
  ])("passes in %s: %s", (path, text) => {
    expect(layerFaults(parse({ [path]: text }))).toEqual([]);
  });
});

describe("a package away from home", () => {
  test.each([
    ["lib/identity/views.ts", `import { cookies } from "next/headers";`],
    ["lib/notices/letter.ts", `import { createElement } from "react";`],
    ["lib/identity/store.ts", `import { getServerSession } from "next-auth";`],
    ["lib/inbox/receive.ts", `import Stripe from "stripe";`],
    ["lib/inbox/receive.ts", `import type Stripe from "stripe";`],
    ["lib/billing/rules.ts", `import { sql } from "drizzle-orm";`],
    ["lib/billing/restore.ts", `import { sql } from "drizzle-orm";`],
    ["app/page.tsx", `import { eq } from "drizzle-orm";`],
    ["lib/notices/send.ts", `import { PgBoss } from "pg-boss";`],
    ["lib/jobs/boss.ts", "const url = process.env.DATABASE_URL;"],
    ["app/page.tsx", `const url = process["env"].DATABASE_URL;`],
    ["lib/log.ts", "const { env } = process;"],
    ["lib/log.ts", "const url = globalThis.process.env.DATABASE_URL;"],
    ["lib/log.ts", `import { env } from "node:process";`],
    ["lib/jobs/boss.ts", "const found = await import(name);"],
  ])("is found in %s: %s", (path, text) => {
    expect(homeFaults(parse({ [path]: text }))).toEqual([expect.stringContaining(`${path}:1 `)]);
  });

  test.each([
    ["app/page.tsx", `import { headers } from "next/headers";`],
    ["lib/gateways/stripe/fetch.ts", `import Stripe from "stripe";`],
    ["lib/billing/admin-views.ts", `import { sql } from "drizzle-orm";`],
    ["lib/config.ts", "const url = process.env.DATABASE_URL;"],
    ["tests/run.ts", "const url = process.env.DATABASE_URL;"],
    ["next.config.js", "const folder = process.env.BILLHOOK_DIST_DIR;"],
  ])("is at home in %s: %s", (path, text) => {
    expect(homeFaults(parse({ [path]: text }))).toEqual([]);
  });

  test("is found where package.json does not give it", () => {
    const sources = parse({
      "lib/a.ts": `import { z } from "zod";\nimport { test } from "vitest";\nimport x from "left-pad";`,
      "tests/a.ts": `import { test } from "vitest";`,
    });

    expect(packageFaults(sources, { product: ["zod"], development: ["vitest"] })).toEqual([
      expect.stringContaining(`lib/a.ts:2 imports "vitest"`),
      expect.stringContaining(`lib/a.ts:3 imports "left-pad"`),
    ]);
  });
});

test("finds an import that plain Node cannot run", () => {
  const sources = parse({
    "lib/a.ts": `import { b } from "./b";\nimport { c } from "#app/c.tsx";\nimport { d } from "./d.ts";`,
  });

  expect(nodeFaults(sources)).toEqual([
    expect.stringContaining(`lib/a.ts:1 imports "./b"`),
    expect.stringContaining(`lib/a.ts:2 imports "#app/c.tsx"`),
  ]);
});
