import { posix } from "node:path";
import { describe, expect, test } from "vitest";
import { isToolFile } from "#tests/support/layers.ts";
import { parse, projectFiles, readTree, type Source, textOf } from "#tests/support/source.ts";

const LINES_MAX = 300;
const tree = readTree();
const files = projectFiles();
const written = files.filter((path) => /\.(?:[a-z]*[tj]sx?|css|md|sql|ya?ml)$/.test(path));

/** Names that Next asks for by their default export. */
const ASKED_BY_NEXT =
  /^app\/(?:.+\/)?(?:page|layout|template|default|error|global-error|loading|not-found|icon|apple-icon|opengraph-image|manifest|robots|sitemap)\.tsx?$/;

/** Their words are put together here, so that this file does not find itself. */
const SILENCED = new RegExp(`@ts-(?:${["ignore", "expect-error", "nocheck"].join("|")})\\b`);
const MACHINE = /(?<![\w./@-])(?:\/work|\/Users|\/home\/[a-z]+|\/root|[A-Z]:\\Users)[/\\]\w/;

describe("a file", () => {
  test(`has at most ${LINES_MAX} lines, outside of tests and migrations`, () => {
    const long = written
      .filter((path) => !/^(?:tests|db\/migrations)\/|\.md$/.test(path))
      .map((path) => `${path} has ${lengthOf(textOf(path))} lines`)
      .filter((fault) => Number(/ (\d+) lines$/.exec(fault)?.[1]) > LINES_MAX);

    expect(long).toEqual([]);
  });

  test("names no folder of one person's machine", () => {
    expect(written.flatMap((path) => linesWith(MACHINE, path, textOf(path)))).toEqual([]);
  });
});

describe("code", () => {
  test("knows what it handles: no any, and no checker silenced", () => {
    expect(tree.flatMap(typeFaults)).toEqual([]);
  });

  test("exports by name, but where a tool asks for a default", () => {
    expect(tree.flatMap(exportFaults)).toEqual([]);
  });

  test("has one class a program, its error", () => {
    expect(tree.flatMap(classFaults)).toEqual([]);
  });
});

test("no test is left out", () => {
  expect(tree.flatMap(leftOutFaults)).toEqual([]);
});

test("every dependency is explained in docs/dependencies.md", () => {
  const page = textOf("docs/dependencies.md");
  const manifest: Record<string, Record<string, string> | undefined> = JSON.parse(
    textOf("package.json"),
  );
  const names = ["dependencies", "devDependencies", "optionalDependencies"].flatMap((kind) =>
    Object.keys(manifest[kind] ?? {}),
  );
  const rows = page.split("\n").map((line) => /^\| `([^`]+)` \|/.exec(line)?.[1]);
  const explained = rows.filter((name) => name !== undefined);

  expect(names.length).toBeGreaterThan(20);
  expect(names.filter((name) => !explained.includes(name))).toEqual([]);
  expect(explained.filter((name) => !names.includes(name))).toEqual([]);
});

test("every page, action and route has its row in docs/roles.md", () => {
  const roles = textOf("docs/roles.md");
  const named = tree.flatMap(toBeNamed);

  expect(named.length).toBeGreaterThan(50);
  expect(named.filter((name) => !roles.includes(name))).toEqual([]);
});

test("every link between documents leads somewhere", () => {
  const pages = written.filter((path) => path.endsWith(".md"));

  expect(pages.length).toBeGreaterThan(10);
  expect(pages.flatMap((path) => linkFaults(path, textOf(path)))).toEqual([]);
});

describe("what breaks the rules", () => {
  test.each([
    ["const a: any = 1;", typeFaults],
    ["function f(a: any[]): void {}", typeFaults],
    ["type A = Map<string, any>;", typeFaults],
    [`// @ts-${"ignore"}`, typeFaults],
    [`/* @ts-${"expect-error"} because */`, typeFaults],
    ["export default function a() {}", exportFaults],
    ["const a = 1; export default a;", exportFaults],
    ["const a = 1; export { a as default };", exportFaults],
    [`export { default } from "./b.ts";`, exportFaults],
    ["class A {}", classFaults],
    ["export class A extends Error {}", classFaults],
    [`test${".skip"}("a", () => {});`, leftOutFaults],
    [`describe${".only"}("a", () => {});`, leftOutFaults],
    [`test.concurrent${".only"}("a", () => {});`, leftOutFaults],
    [`test${".fixme"}("a", () => {});`, leftOutFaults],
  ])("is found: %s", (text, faultsOf) => {
    const [source] = parse({ "lib/a.ts": text });

    expect(source && faultsOf(source)).toEqual([expect.stringMatching(/^lib\/a\.ts:1 /)]);
  });

  test.each(["[a](nowhere.md)", "[a](#nowhere)", "[a](README.md#nowhere)"])(
    "is found in a document: %s",
    (text) => {
      expect(linkFaults("CHANGELOG.md", text)).toHaveLength(1);
    },
  );

  test("is found in a path", () => {
    const text = ["fine: /api/work/a", `see ${"/ho"}me/ana/billhook`].join("\n");

    expect(linesWith(MACHINE, "docs/a.md", text)).toHaveLength(1);
  });
});

test.each([
  ["lib/a.ts", "const company = 1; // any of these", typeFaults],
  ["lib/a.ts", "switch (a) { default: b(); }", exportFaults],
  ["app/page.tsx", "export default function Page() { return null; }", exportFaults],
  ["app/x/[id]/page.tsx", "export default function Page() { return null; }", exportFaults],
  ["lib/errors.ts", "export class AppError extends Error {}", classFaults],
  ["tests/a.test.ts", "list.skip(3);", leftOutFaults],
])("leaves alone what keeps them in %s: %s", (path, text, faultsOf) => {
  const [source] = parse({ [path]: text });

  expect(source && faultsOf(source)).toEqual([]);
});

function lengthOf(text: string): number {
  return text.replace(/\n$/, "").split("\n").length;
}

function linesWith(pattern: RegExp, path: string, text: string): string[] {
  return text
    .split("\n")
    .flatMap((line, at) => (pattern.test(line) ? [`${path}:${at + 1} ${line.trim()}`] : []));
}

/** How the table of roles names what a file in app/ opens to the world. */
function toBeNamed({ path, text }: Source): string[] {
  const address = /^app(\/.*)?\/(page\.tsx|route\.ts)$/.exec(path);
  if (address) {
    const [, folders = "", file] = address;
    // next-auth's one file answers many addresses; the table names those that are open.
    if (folders.includes("[...")) return [];
    const url = folders.replace(/\/\([^)]*\)/g, "") || "/";
    return [file === "page.tsx" ? `| \`${url}\`` : ` ${url}\``];
  }
  if (!path.startsWith("app/") || !/^"use server";/.test(text)) return [];
  const actions = [...text.matchAll(/^export async function (\w+)/gm)];
  return actions.map(([, name = ""]) => `\`${path}\` \`${name}\``);
}

/** Pictures are left out: they are taken of the finished product. */
function linkFaults(path: string, text: string): string[] {
  return [...text.matchAll(/(?<!!)\[[^\]]*\]\((?!https?:)([^)#]*)(?:#([^)]*))?\)/g)].flatMap(
    ([link, to = "", anchor]) => {
      const target = to ? posix.join(posix.dirname(path), to) : path;
      const isFolder = to.endsWith("/") && files.some((each) => each.startsWith(target));
      const isFile = files.includes(target) || target === "LICENSE" || target === ".env.example";
      if (!isFolder && !isFile) return [`${path} links to ${link}: there is no such file`];
      const found =
        anchor === undefined || headingsOf(target === path ? text : textOf(target)).has(anchor);
      return found ? [] : [`${path} links to ${link}: there is no such heading`];
    },
  );
}

/** The names that headings get as places of a page. */
function headingsOf(text: string): ReadonlySet<string> {
  const titles = [...text.matchAll(/^#+ (.+)$/gm)].map(([, title = ""]) => title.toLowerCase());
  return new Set(
    titles.map((title) => title.replace(/[^\p{L}\p{N} _-]/gu, "").replaceAll(" ", "-")),
  );
}

function typeFaults(source: Source): string[] {
  return [
    ...source.anys.map(({ line }) => `${source.path}:${line} says any`),
    ...linesWith(SILENCED, source.path, source.text),
  ];
}

function exportFaults(source: Source): string[] {
  if (ASKED_BY_NEXT.test(source.path) || isToolFile(source.path)) return [];
  // Playwright's global set-up.
  if (source.path === "tests/browser/setup.ts") return [];
  return source.defaultExports.map(({ line }) => `${source.path}:${line} exports a default`);
}

const ERRORS: Readonly<Record<string, string>> = {
  "lib/errors.ts": "AppError",
  "sandbox/protocol/errors.ts": "StripeError",
};

function classFaults(source: Source): string[] {
  if (source.path.startsWith("tests/")) return [];
  return source.classes
    .filter(({ name }) => ERRORS[source.path] !== name)
    .map(({ line, name }) => `${source.path}:${line} declares the class ${name}`);
}

function leftOutFaults(source: Source): string[] {
  return source.leftOut.map(({ line, name }) => `${source.path}:${line} says ${name}`);
}
