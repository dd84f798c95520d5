import { readdirSync, readFileSync } from "node:fs";
import { join, posix } from "node:path";
import {
  isCallExpression,
  isClassDeclaration,
  isElementAccessExpression,
  isExportAssignment,
  isExportDeclaration,
  isIdentifier,
  isImportDeclaration,
  isImportEqualsDeclaration,
  isImportTypeNode,
  isLiteralTypeNode,
  isNamedExports,
  isNamedImports,
  isNewExpression,
  isPropertyAccessExpression,
  isStringLiteral,
  isVariableDeclaration,
  type Node,
  type SourceFile,
  SyntaxKind,
} from "typescript/unstable/ast";
import { createVirtualFileSystem } from "typescript/unstable/fs";
import { API } from "typescript/unstable/sync";

/** Where a thing stands, and what it is called there. */
export type Mark = { readonly line: number; readonly name: string };

export type Import = {
  readonly line: number;
  /** As written; empty where it is computed and nobody can tell. */
  readonly specifier: string;
  /** A file of ours by its path from the root, else the package's name. */
  readonly target: string;
  readonly isOurs: boolean;
  /** Gone once types are stripped: it ties no running code together. */
  readonly isType: boolean;
};

/** What the tests of the house's rules ask of a file. TypeScript's own parser answered. */
export type Source = {
  readonly path: string;
  readonly text: string;
  readonly imports: readonly Import[];
  /** Members of globals that are touched: `Date.now`, `process.env`, `new Date()`. */
  readonly uses: readonly Mark[];
  readonly anys: readonly Mark[];
  readonly classes: readonly Mark[];
  readonly defaultExports: readonly Mark[];
  /** Calls that leave tests out: `test.skip`, `describe.only`. */
  readonly leftOut: readonly Mark[];
};

const ROOT = join(import.meta.dirname, "../..");
const MADE = new Set(["node_modules", "test-results", "playwright-report", "coverage"]);
const KEPT_DOTS = new Set([".ci", ".env.example", ".dockerignore", ".gitignore", ".github"]);
const CODE = /\.(?:tsx?|jsx?|mjs|cjs|mts|cts)$/;

/** Every file of the project that people write, by its path from the root. */
export function projectFiles(folder = ""): string[] {
  return readdirSync(join(ROOT, folder), { withFileTypes: true }).flatMap((entry) => {
    const path = posix.join(folder, entry.name);
    if (MADE.has(entry.name) || entry.name === "next-env.d.ts") return [];
    if (entry.name.startsWith(".") && !KEPT_DOTS.has(entry.name)) return [];
    return entry.isDirectory() ? projectFiles(path) : [path];
  });
}

export function textOf(path: string): string {
  return readFileSync(join(ROOT, path), "utf8");
}

/** All code of the project, read. */
export function readTree(): Source[] {
  const paths = projectFiles().filter((path) => CODE.test(path));
  return parse(Object.fromEntries(paths.map((path) => [path, textOf(path)])));
}

/** Reads code that exists only in a test's mind, under the names it would have in the project. */
export function parse(texts: Readonly<Record<string, string>>): Source[] {
  const files = Object.entries(texts).map(([path, text]) => [`/tree/${path}`, text]);
  const options = { allowJs: true, jsx: "preserve", noLib: true, noResolve: true, types: [] };
  const project = JSON.stringify({ compilerOptions: options, include: ["**/*"] });
  const fs = createVirtualFileSystem({
    ...Object.fromEntries(files),
    "/tree/tsconfig.json": project,
  });
  const api = new API({ cwd: "/tree", fs });
  const snapshot = api.updateSnapshot({ openProjects: ["/tree/tsconfig.json"] });
  try {
    const program = snapshot.getProjects()[0]?.program;
    return Object.entries(texts).map(([path, text]) => {
      const file = program?.getSourceFile(`/tree/${path}`);
      if (!file) throw new Error(`TypeScript did not read ${path}.`);
      return read(path, text, file);
    });
  } finally {
    snapshot.dispose();
    api.close();
  }
}

function read(path: string, text: string, file: SourceFile): Source {
  const found = {
    imports: [] as Import[],
    uses: [] as Mark[],
    anys: [] as Mark[],
    classes: [] as Mark[],
    defaultExports: [] as Mark[],
    leftOut: [] as Mark[],
  };

  visit(file);
  return { path, text, ...found };

  function visit(node: Node): void {
    const line = file.getLineAndCharacterOfPosition(node.getStart(file)).line + 1;
    const imported = importOf(node);
    if (imported) found.imports.push({ line, ...resolve(path, imported.specifier), ...imported });
    const use = useOf(node, file);
    if (use) found.uses.push({ line, name: use });
    if (node.kind === SyntaxKind.AnyKeyword) found.anys.push({ line, name: "any" });
    if (isClassDeclaration(node)) {
      found.classes.push({ line, name: node.name?.text ?? "(unnamed)" });
    }
    if (isDefaultExport(node)) found.defaultExports.push({ line, name: "default" });
    const out = leftOutBy(node, file);
    if (out) found.leftOut.push({ line, name: out });
    node.forEachChild((child) => {
      visit(child);
    });
  }
}

/** What a node imports, whichever of the six ways it is written. */
function importOf(node: Node): { specifier: string; isType: boolean } | undefined {
  if (isImportDeclaration(node)) {
    return { specifier: literal(node.moduleSpecifier), isType: bringsTypesOnly(node) };
  }
  if (isExportDeclaration(node) && node.moduleSpecifier) {
    return { specifier: literal(node.moduleSpecifier), isType: node.isTypeOnly };
  }
  if (isImportTypeNode(node)) {
    const { argument } = node;
    return {
      specifier: isLiteralTypeNode(argument) ? literal(argument.literal) : "",
      isType: true,
    };
  }
  if (isImportEqualsDeclaration(node)) {
    const { moduleReference } = node;
    if (moduleReference.kind !== SyntaxKind.ExternalModuleReference) return undefined;
    let specifier = "";
    moduleReference.forEachChild((child) => {
      specifier = literal(child);
    });
    return { specifier, isType: node.isTypeOnly };
  }
  if (isCallExpression(node)) {
    const { expression } = node;
    const isRequire = isIdentifier(expression) && expression.text === "require";
    if (expression.kind !== SyntaxKind.ImportKeyword && !isRequire) return undefined;
    return { specifier: literal(node.arguments[0]), isType: false };
  }
  return undefined;
}

function bringsTypesOnly(node: Node): boolean {
  if (!isImportDeclaration(node) || !node.importClause) return false;
  const { phaseModifier, name, namedBindings } = node.importClause;
  if (phaseModifier === SyntaxKind.TypeKeyword) return true;
  if (name || !namedBindings || !isNamedImports(namedBindings)) return false;
  const names = namedBindings.elements;
  return names.length > 0 && names.every((element) => element.isTypeOnly);
}

function literal(node: Node | undefined): string {
  if (!node) return "";
  if (isStringLiteral(node)) return node.text;
  return node.kind === SyntaxKind.NoSubstitutionTemplateLiteral ? node.getText().slice(1, -1) : "";
}

/** Names what a specifier means, as package.json's `imports` says. */
function resolve(from: string, specifier: string): { target: string; isOurs: boolean } {
  if (/^\.{1,2}\//.test(specifier)) {
    return { target: posix.join(posix.dirname(from), specifier), isOurs: true };
  }
  const native = /^#(lib|db|app|tests|sandbox)\//.test(specifier);
  if (native) return { target: specifier.slice(1), isOurs: true };
  if (specifier.startsWith("node:")) return { target: specifier, isOurs: false };
  const parts = specifier.split("/");
  return {
    target: parts.slice(0, specifier.startsWith("@") ? 2 : 1).join("/"),
    isOurs: false,
  };
}

const GLOBALS = new Set(["Date", "Math", "process", "performance", "crypto"]);

function useOf(node: Node, file: SourceFile): string | undefined {
  if (isNewExpression(node)) {
    const isNow = node.expression.getText(file) === "Date" && !node.arguments?.length;
    return isNow ? "new Date()" : undefined;
  }
  if (isCallExpression(node)) {
    return node.expression.getText(file) === "Date" ? "Date()" : undefined;
  }
  // `const { env } = process` takes the whole of it.
  if (isVariableDeclaration(node)) {
    const taken = node.initializer ? plain(node.initializer, file) : "";
    return GLOBALS.has(taken) ? `${taken}.*` : undefined;
  }
  if (isPropertyAccessExpression(node)) {
    const owner = plain(node.expression, file);
    return GLOBALS.has(owner) ? `${owner}.${node.name.text}` : undefined;
  }
  if (isElementAccessExpression(node)) {
    const owner = plain(node.expression, file);
    return GLOBALS.has(owner) ? `${owner}.${literal(node.argumentExpression) || "*"}` : undefined;
  }
  return undefined;
}

function plain(node: Node, file: SourceFile): string {
  return node.getText(file).replace(/^globalThis\??\./, "");
}

function isDefaultExport(node: Node): boolean {
  if (isExportAssignment(node)) return true;
  if (isExportDeclaration(node)) {
    const { exportClause } = node;
    if (!exportClause || !isNamedExports(exportClause)) return false;
    return exportClause.elements.some((element) => element.name.text === "default");
  }
  return node.kind === SyntaxKind.DefaultKeyword && node.parent.kind !== SyntaxKind.DefaultClause;
}

function leftOutBy(node: Node, file: SourceFile): string | undefined {
  if (!isPropertyAccessExpression(node)) return undefined;
  const text = node.getText(file);
  return /^(?:test|it|describe|suite|bench)\b.*\.(?:skip|only|todo|fixme|fails)$/s.test(text)
    ? text
    : undefined;
}
