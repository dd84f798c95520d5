import { spawnSync } from "node:child_process";
import { existsSync, readFileSync } from "node:fs";
import path from "node:path";
import { judge, type LockedPackage } from "./audit/licences.ts";

/*
 * `npm run audit`: known advisories about what is shipped, where the registry answers that question,
 * and the licence of every installed package. It reports; it stops nothing.
 */

const ROOT = path.resolve(import.meta.dirname, "..");

type Row = readonly string[];
type Advisory = { readonly name: string; readonly severity: string; readonly range: string };

print("Advisories", advisories());
print("Licences", licences());

function advisories(): Row[] {
  const { stdout } = spawnSync("npm", ["audit", "--omit=dev", "--json"], {
    cwd: ROOT,
    encoding: "utf8",
    timeout: 60_000,
  });
  const report = parsed(stdout);
  const found = report?.vulnerabilities;
  if (typeof found !== "object" || found === null) {
    const said = typeof report?.message === "string" ? report.message.split(" - ")[0] : "no answer";
    return [["not known", `The registry answers no audits (${said}). Ask it from elsewhere.`]];
  }
  const rows = Object.values(found)
    .filter(isAdvisory)
    .map(({ name, severity, range }) => [severity, name, range]);
  return rows.length > 0 ? rows : [["none", "Nothing that is shipped has a known advisory."]];
}

function isAdvisory(value: unknown): value is Advisory {
  return typeof value === "object" && value !== null && "severity" in value && "name" in value;
}

function licences(): Row[] {
  const judged = installed().map(judge);
  const of = (verdict: string) => judged.filter((each) => each.verdict === verdict);
  const told = [...of("not allowed"), ...of("looked at")].map(
    ({ name, version, licence, dev, verdict, why }) => [
      verdict,
      `${name} ${version}`,
      licence ?? "none",
      dev ? "development" : "shipped",
      why,
    ],
  );
  const [allowed, all] = [of("allowed").length, judged.length];
  return [...told, ["allowed", `${allowed} of ${all} installed packages`]];
}

/** What the lock file names and the machine has: other platforms' binaries are not installed. */
function installed(): LockedPackage[] {
  const lock = parsed(readFileSync(path.join(ROOT, "package-lock.json"), "utf8"));
  return Object.entries(lock?.packages ?? {}).flatMap(([folder, entry]) => {
    const manifest = path.join(ROOT, folder, "package.json");
    if (!folder || !existsSync(manifest)) return [];
    const own = parsed(readFileSync(manifest, "utf8"));
    const licence = own?.license ?? entry?.license;
    return {
      name: folder.split("node_modules/").at(-1) ?? folder,
      version: String(own?.version ?? entry?.version ?? ""),
      licence: typeof licence === "string" ? licence : undefined,
      dev: entry?.dev === true,
    };
  });
}

type Json = Readonly<Record<string, unknown>> & {
  readonly packages?: Readonly<Record<string, Readonly<Record<string, unknown>>>>;
};

function parsed(text: string): Json | undefined {
  try {
    const json: unknown = JSON.parse(text);
    return typeof json === "object" && json !== null ? { ...json } : undefined;
  } catch {
    return undefined;
  }
}

function print(title: string, rows: readonly Row[]): void {
  const widths = (rows[0] ?? []).map((_, place) =>
    Math.max(...rows.map((row) => row[place]?.length ?? 0)),
  );
  const lines = rows.map((row) => row.map((cell, n) => cell.padEnd(widths[n] ?? 0)).join("  "));
  process.stdout.write(`${title}\n${lines.map((line) => `  ${line.trimEnd()}\n`).join("")}\n`);
}
