import { readdirSync, readFileSync } from "node:fs";
import path from "node:path";

const ROOT = path.resolve(import.meta.dirname, "..", "..");

/** The table's columns: everybody who can ask. */
export const ASKERS = [
  "visitor",
  "member",
  "billing",
  "owner",
  "other owner",
  "administrator",
  "API key",
] as const;
export type Asker = (typeof ASKERS)[number];

const ANSWERS = ["ok", "read", "sign-in", "home", "on", "400", "401", "403", "404"] as const;
export type Answer = (typeof ANSWERS)[number];

/** A row: what is asked for, when, and what each asker gets. */
export type Row = {
  readonly kind: "page" | "action" | "route";
  /** `/admin/plans`, `POST /api/v1/organizations`, or `app/…/actions.ts name`. */
  readonly what: string;
  /** The words in brackets behind it. */
  readonly when: string;
  readonly answers: Readonly<Record<Asker, Answer>>;
};

/** The tables of docs/roles.md; throws where one cannot be read as it is meant. */
export function readRoleTable(): Row[] {
  const text = readFileSync(path.join(ROOT, "docs", "roles.md"), "utf8");
  const kinds = { Pages: "page", Actions: "action", Routes: "route" } as const;
  return Object.entries(kinds).flatMap(([heading, kind]) => {
    const section = text.split(`\n## ${heading}\n`)[1]?.split("\n## ")[0] ?? "";
    const lines = section.split("\n").filter((line) => line.startsWith("| `"));
    if (lines.length === 0) throw new Error(`docs/roles.md has no table of ${heading}.`);
    return lines.map((line) => readRow(kind, line));
  });
}

function readRow(kind: Row["kind"], line: string): Row {
  const [first = "", ...cells] = line
    .split("|")
    .slice(1, -1)
    .map((cell) => cell.trim());
  const match = /^((?:`[^`]+` ?)+)(?:\((.+)\))?$/.exec(first);
  const answerOf = (asker: Asker): Answer => {
    const cell = cells[ASKERS.indexOf(asker)];
    const answer = ANSWERS.find((each) => each === cell);
    if (!match || !answer || cells.length !== ASKERS.length) {
      throw new Error(`This row of docs/roles.md is not understood: ${line}`);
    }
    return answer;
  };
  return {
    kind,
    what: (match?.[1] ?? "").replaceAll("`", "").trim(),
    when: match?.[2] ?? "",
    answers: {
      visitor: answerOf("visitor"),
      member: answerOf("member"),
      billing: answerOf("billing"),
      owner: answerOf("owner"),
      "other owner": answerOf("other owner"),
      administrator: answerOf("administrator"),
      "API key": answerOf("API key"),
    },
  };
}

/** Every page, method of a route and server action that the code has, in the table's own words. */
export function whatThereIs(): string[] {
  return readdirSync(path.join(ROOT, "app"), { recursive: true, encoding: "utf8" })
    .map((file) => `app/${file.replaceAll(path.sep, "/")}`)
    .flatMap((file) => {
      if (file.endsWith("/page.tsx")) return [addressOf(file)];
      if (file.endsWith("/route.ts")) return methodsOf(file);
      return file.endsWith(".ts") || file.endsWith(".tsx") ? actionsOf(file) : [];
    })
    .sort();
}

function addressOf(file: string): string {
  const folders = file.split("/").slice(1, -1);
  return `/${folders.filter((folder) => !folder.startsWith("(")).join("/")}`;
}

/** Those that do something: an address may name others only to refuse them. next-auth has its own. */
function methodsOf(file: string): string[] {
  if (file.includes("[...nextauth]")) return [];
  const text = readFileSync(path.join(ROOT, file), "utf8");
  const found = [...text.matchAll(/^export (?:async )?function (GET|POST|PUT|PATCH|DELETE)\b/gm)];
  const named = [...text.matchAll(/\bhandle as (POST)\b/g)];
  return [...found, ...named].map(([, method]) => `${method} ${addressOf(file)}`);
}

function actionsOf(file: string): string[] {
  const text = readFileSync(path.join(ROOT, file), "utf8");
  if (!text.startsWith('"use server"')) return [];
  return [...text.matchAll(/^export async function (\w+)/gm)].map(([, name]) => `${file} ${name}`);
}
