import { spawn } from "node:child_process";
import { mkdtempSync, readFileSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import path from "node:path";
import { forgetCaller } from "./support/environment.ts";
import { startTestPostgres, type TestPostgres } from "./support/postgres.ts";

/*
 * `npm test`: every suite, one after another, whatever the ones before said; then one line with the
 * sum. Names of suites as arguments run only those. Types and lint count as one test each.
 */

type Counts = { passed: number; failed: number; skipped: number };
type Suite = { name: string; run(): Promise<Counts> };

const BIN = path.resolve(import.meta.dirname, "..", "node_modules", ".bin");
const ROOT = path.resolve(import.meta.dirname, "..");
const DIST_DIR = ".next-test";

const began = Date.now();
const reports = mkdtempSync(path.join(tmpdir(), "billhook-reports-"));
const children = new Set<number>();
let postgres: TestPostgres | undefined;
let built: Promise<number> | undefined;
let isStopping = false;
const wanted = process.argv.slice(2);

const suites: Suite[] = [
  { name: "types", run: types },
  { name: "lint", run: () => pass("biome", ["check", "--error-on-warnings"]) },
  { name: "unit", run: () => vitest("unit") },
  { name: "database", run: () => vitest("database") },
  { name: "gateways", run: gateways },
  { name: "browser", run: browser },
];

process.chdir(ROOT);
forgetCaller();
for (const signal of ["SIGINT", "SIGTERM", "SIGHUP"] as const) {
  process.on(signal, () => void interrupted());
}
await main();

async function main(): Promise<void> {
  const unknown = wanted.filter((name) => !suites.some((suite) => suite.name === name));
  if (unknown.length > 0) {
    say(
      `No suite is called ${unknown.join(", ")}. There are: ${suites.map((s) => s.name).join(", ")}`,
    );
    process.exit(2);
  }
  const total = { passed: 0, failed: 0, skipped: 0 };
  for (const suite of suites) {
    if (!isWanted(suite.name)) continue;
    const counts = await timed(suite);
    total.passed += counts.passed;
    total.failed += counts.failed;
    total.skipped += counts.skipped;
  }
  await tidy();
  const code = total.failed > 0 ? 1 : 0;
  process.stdout.write(`${sentence(total)}\n`, () => process.exit(code));
}

function isWanted(name: string): boolean {
  return wanted.length === 0 || wanted.includes(name);
}

async function timed(suite: Suite): Promise<Counts> {
  const from = Date.now();
  say(`${suite.name} …`);
  const heartbeat = setInterval(() => say(`${suite.name} … ${seconds(from)} so far`), 30_000);
  const counts = await suite.run().catch((error: unknown) => {
    say(error instanceof Error ? (error.stack ?? error.message) : String(error));
    return { passed: 0, failed: 1, skipped: 0 };
  });
  clearInterval(heartbeat);
  say(`${suite.name}: ${sentence(counts)} in ${seconds(from)}`);
  return counts;
}

async function types(): Promise<Counts> {
  const generated = await start("next", ["typegen"], { BILLHOOK_DIST_DIR: DIST_DIR });
  return generated === 0 ? pass("tsc", ["--noEmit"]) : { passed: 0, failed: 1, skipped: 0 };
}

async function pass(tool: string, args: string[]): Promise<Counts> {
  const code = await start(tool, args);
  return { passed: code === 0 ? 1 : 0, failed: code === 0 ? 0 : 1, skipped: 0 };
}

async function vitest(project: string): Promise<Counts> {
  const file = path.join(reports, `${project}.json`);
  const server = project === "unit" ? {} : { TEST_POSTGRES_URL: await postgresUrl() };
  const code = await start(
    "vitest",
    ["run", "--project", project, "--reporter=default", "--reporter=json", `--outputFile=${file}`],
    server,
  );
  const report = readReport(file);
  const files: { status: string; assertionResults: unknown[] }[] = report.testResults ?? [];
  const unread = files.filter(
    (one) => one.status === "failed" && one.assertionResults.length === 0,
  );
  return honest(code, {
    passed: report.numPassedTests ?? 0,
    failed: (report.numFailedTests ?? 0) + unread.length,
    skipped: (report.numPendingTests ?? 0) + (report.numTodoTests ?? 0),
  });
}

/** Here the processors wait most: the app is built beside it, where it is wanted afterwards. */
function gateways(): Promise<Counts> {
  if (isWanted("browser")) void build();
  return vitest("gateways");
}

/** The app as people run it. Its types are a suite of their own. */
function build(): Promise<number> {
  built ??= start("next", ["build"], { BILLHOOK_DIST_DIR: DIST_DIR, BILLHOOK_TYPES: "checked" });
  return built;
}

/** The built app, as people run it; a build that fails is one failure, and nothing can be shown. */
async function browser(): Promise<Counts> {
  if ((await build()) !== 0) return { passed: 0, failed: 1, skipped: 0 };
  const file = path.join(reports, "browser.json");
  const code = await start("playwright", ["test", "--reporter=list,json"], {
    PLAYWRIGHT_JSON_OUTPUT_NAME: file,
    TEST_DIST_DIR: DIST_DIR,
    TEST_POSTGRES_URL: await postgresUrl(),
  });
  const stats = readReport(file).stats ?? {};
  return honest(code, {
    passed: stats.expected ?? 0,
    failed: (stats.unexpected ?? 0) + (stats.flaky ?? 0),
    skipped: stats.skipped ?? 0,
  });
}

/** A tool that failed without naming a test, or that ran none, has failed once. */
function honest(code: number, counts: Counts): Counts {
  const isSilent = counts.failed === 0 && (code !== 0 || counts.passed === 0);
  return isSilent ? { ...counts, failed: 1 } : counts;
}

function readReport(file: string) {
  try {
    return JSON.parse(readFileSync(file, "utf8"));
  } catch {
    return {};
  }
}

async function postgresUrl(): Promise<string> {
  postgres ??= await startTestPostgres();
  return postgres.url;
}

/** Runs a tool in a process group of its own, and leaves nothing of the group behind. */
function start(tool: string, args: string[], env: Record<string, string> = {}): Promise<number> {
  return new Promise((resolve, reject) => {
    const child = spawn(path.join(BIN, tool), args, {
      env: { ...process.env, ...env },
      stdio: ["ignore", "inherit", "inherit"],
      detached: true,
    });
    const { pid } = child;
    if (pid !== undefined) children.add(pid);
    child.on("error", reject);
    child.on("exit", (code) => {
      if (pid !== undefined) {
        signalGroup(pid, "SIGKILL");
        children.delete(pid);
      }
      if (!isStopping) resolve(code ?? 1);
    });
  });
}

async function interrupted(): Promise<void> {
  if (isStopping) return;
  isStopping = true;
  for (const pid of children) signalGroup(pid, "SIGTERM");
  for (let waited = 0; children.size > 0 && waited < 5_000; waited += 50) {
    await new Promise((resolve) => setTimeout(resolve, 50));
  }
  for (const pid of children) signalGroup(pid, "SIGKILL");
  await tidy();
  process.exit(130);
}

async function tidy(): Promise<void> {
  await postgres?.stop();
  rmSync(reports, { recursive: true, force: true });
}

function signalGroup(pid: number, signal: NodeJS.Signals): void {
  try {
    process.kill(-pid, signal);
  } catch {
    // The group is empty already.
  }
}

function sentence({ passed, failed, skipped }: Counts): string {
  return `${passed} passed, ${failed} failed${skipped > 0 ? `, ${skipped} skipped` : ""}`;
}

function seconds(from: number): string {
  return `${((Date.now() - from) / 1000).toFixed(1)} s`;
}

function say(line: string): void {
  process.stdout.write(`[${seconds(began)}] ${line}\n`);
}
