import { execFile } from "node:child_process";
import { cpSync, mkdtempSync, readFileSync, rmSync, statSync, writeFileSync } from "node:fs";
import path from "node:path";
import type { Sandbox } from "#sandbox/server.ts";

const ROOT = path.resolve(import.meta.dirname, "../..");

/** JSON that claims to be one of the SDK's types, such as `Stripe.Invoice`. */
export type Claimed = { readonly type: string; readonly json: unknown; readonly says: string };

/**
 * What is wrong with the shapes of some JSON, by the SDK's own declarations: each is written down as a
 * literal of its type and the compiler judges it, so that a member too many, too few, of another type,
 * or a word that is none of an enum's is a fault. Empty when all are right.
 */
export async function shapeFaults(claims: readonly Claimed[]): Promise<string[]> {
  const folder = mkdtempSync(path.join(ROOT, "node_modules/.shapes-"));
  const lines = claims.map(
    ({ type, json }, place) => `export const c${place}: ${type} = ${literalOf(json)};`,
  );
  try {
    closeEnums(folder);
    writeFileSync(path.join(folder, "claims.ts"), [...HEAD, ...lines, ""].join("\n"));
    writeFileSync(path.join(folder, "tsconfig.json"), JSON.stringify(PROJECT));
    const said = await compile(folder);
    return said.flatMap((line) => {
      const [, at, message] = /claims\.ts\((\d+),\d+\): error \w+: (.*)/.exec(line) ?? [];
      if (at === undefined) return /error/.test(line) ? [line] : [];
      return [`${claims[Number(at) - HEAD.length - 1]?.says}: ${message}`];
    });
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
}

/** The same of every event that a sandbox made. */
export function eventFaults({ world }: Pick<Sandbox, "world">): Promise<string[]> {
  return shapeFaults(
    world.all("event").map(({ data: { object }, ...event }) => ({
      type: eventType(event.type),
      json: { ...event, data: { object } },
      says: event.type,
    })),
  );
}

/** The type of an event, by its name. */
export function eventType(name: string): string {
  return `Extract<Stripe.Event, { type: ${JSON.stringify(name)} }>`;
}

const HEAD = [
  'import type Stripe from "./stripe/stripe.esm.node.d.ts";',
  "declare function decimal(text: string): Stripe.Decimal;",
];

const OPEN = "export type OtherString = string & Record<never, never>;";

/** The SDK lets enums be any text, for what Stripe may add; in this copy of it only what it names. */
function closeEnums(folder: string): void {
  const copy = path.join(folder, "stripe");
  cpSync(path.join(ROOT, "node_modules/stripe/esm"), copy, {
    recursive: true,
    filter: (file) => file.endsWith(".d.ts") || statSync(file).isDirectory(),
  });
  const shared = path.join(copy, "shared.d.ts");
  const declared = readFileSync(shared, "utf8");
  if (!declared.includes(OPEN)) throw new Error("the SDK declares open enums in another way");
  writeFileSync(shared, declared.replace(OPEN, "export type OtherString = never;"));
}

const PROJECT = {
  compilerOptions: {
    strict: true,
    noEmit: true,
    exactOptionalPropertyTypes: true,
    module: "nodenext",
    target: "esnext",
    skipLibCheck: true,
    types: [],
  },
  files: ["claims.ts"],
};

function compile(folder: string): Promise<string[]> {
  const tsc = path.join(ROOT, "node_modules/typescript/bin/tsc");
  return new Promise((resolve) => {
    const options = { cwd: folder, maxBuffer: 64 * 1_024 * 1_024 };
    execFile(process.execPath, [tsc, "-p", ".", "--pretty", "false"], options, (_, out, err) =>
      resolve(`${out}\n${err}`.split("\n")),
    );
  });
}

/** The SDK reads `*_decimal` members as numbers of its own; on the wire they are text. */
function literalOf(json: unknown, name = ""): string {
  if (Array.isArray(json)) return `[${json.map((item) => literalOf(item)).join(", ")}]`;
  if (typeof json === "object" && json !== null) {
    const members = Object.entries(json).map(
      ([key, value]) => `${JSON.stringify(key)}: ${literalOf(value, key)}`,
    );
    return `{ ${members.join(", ")} }`;
  }
  if (typeof json === "string" && /_decimal$/.test(name)) return `decimal(${JSON.stringify(json)})`;
  return JSON.stringify(json);
}
