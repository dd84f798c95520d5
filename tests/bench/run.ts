import { mkdtempSync, rmSync } from "node:fs";
import { loadavg, tmpdir } from "node:os";
import path from "node:path";
import { parseArgs } from "node:util";
import { connect, disconnect, type Sql } from "#db/client.ts";
import { startEmbedded } from "#db/embedded.ts";
import { migrate } from "#db/migrate.ts";
import { reloadConfig } from "#lib/config.ts";
import { prepareBilling } from "#tests/support/billing.ts";
import { testSecret } from "#tests/support/stripe-objects.ts";
import { type Contender, pgbench, startBillhook, startEmptyHandler } from "./contenders.ts";
import { cpuMs } from "./cpu.ts";
import { measureLatency } from "./latency.ts";
import type { LoadResult } from "./load.ts";
import { measureLogPages } from "./log-pages.ts";
import { writeLogPages } from "./log-section.ts";
import { run } from "./process.ts";
import { FILE, type Figures, type Round, writeReport } from "./report.ts";
import { measureSandbox } from "./sandbox.ts";

/*
 * `npm run bench`: how much Billhook takes in, beside what. Everything is measured in turns within one
 * run, and only the ratios are worth keeping: absolute figures say more about the machine.
 */

const { values } = parseArgs({
  options: {
    rounds: { type: "string", default: "5" },
    seconds: { type: "string", default: "4" },
    connections: { type: "string", default: "128" },
    /** `ingest` (with its latency), `log-pages` or `sandbox`; otherwise all. */
    only: { type: "string" },
  },
});
const seconds = Number(values.seconds);
if (values.only && !["ingest", "log-pages", "sandbox"].includes(values.only)) {
  throw new Error("--only takes ingest, log-pages or sandbox.");
}
if (values.only === "sandbox") {
  await measureSandbox(FILE, say);
  process.exit(0);
}

const dataDir = mkdtempSync(path.join(tmpdir(), "billhook-bench-"));
say("starting PostgreSQL, with every commit on disk …");
const postgres = await startEmbedded({ dataDir, log: () => {} });
const sql = connect(postgres.url, { max: 2, name: "billhook bench" });
const running: Contender[] = [];
try {
  await prepare(sql);
  if (values.only !== "log-pages") await writeReport(await measure(sql));
  if (values.only !== "ingest") writeLogPages(FILE, await measureLogPages(sql, say));
  if (!values.only) await measureSandbox(FILE, say);
} finally {
  for (const contender of running.splice(0)) await contender.stop();
  await sql.end({ timeout: 5 });
  await disconnect();
  await postgres.stop();
  for (const folder of [postgres.folder, dataDir]) rmSync(folder, { recursive: true, force: true });
}

async function prepare(sql: Sql): Promise<void> {
  reloadConfig({
    DATABASE_URL: postgres.url,
    NEXTAUTH_SECRET: "only-for-this-run",
    STRIPE_SECRET_KEY: undefined,
    STRIPE_WEBHOOK_SECRET: undefined,
  });
  await migrate(postgres.url);
  await prepareBilling({ url: postgres.url, sql });
  // What the child processes log is measured with them; it goes nowhere.
  reloadConfig({ LOG_LEVEL: "info" });
}

async function measure(sql: Sql): Promise<Figures> {
  await sql`create table bench_rows (id text primary key, at timestamptz default now(), body bytea)`;

  say("measuring from received to tier committed …");
  const whole = await started(startBillhook("all"));
  const latenciesMs = await measureLatency(sql, whole.port);
  await stopped(whole);

  say("building an empty Next app …");
  const empty = await started(startEmptyHandler());
  const billhook = await started(startBillhook("web"));
  await load(empty, "/api/empty", { seconds: 2 });
  await ingest(billhook, "warm", 2);

  const rounds: Round[] = [];
  for (let number = 1; number <= Number(values.rounds); number++) {
    const beside = await metered([empty.pid], () => load(empty, "/api/empty", { seconds }));
    const ours = await metered([billhook.pid, ...(await backends())], () =>
      ingest(billhook, String(number), seconds),
    );
    const round = {
      emptyHandler: beside.perSecond,
      emptyCpuMs: beside.cpuMsEach,
      ingest: ours.perSecond,
      ingestCpuMs: ours.cpuMsEach,
      p50Ms: ours.p50Ms,
      p99Ms: ours.p99Ms,
      singleRows: await pgbench(postgres.url, seconds),
      load: loadavg()[0] ?? 0,
    };
    rounds.push(round);
    // What one turn left to be written must not be paid by the next.
    await sql`truncate bench_rows`;
    await sql`checkpoint`;
    const ratio = (round.ingest / round.emptyHandler).toFixed(1);
    say(`round ${number}: ${ratio} times the empty handler`);
  }
  const [version] = await sql<{ server_version: string }[]>`show server_version`;
  return {
    rounds,
    latenciesMs,
    connections: Number(values.connections),
    seconds,
    postgres: version?.server_version ?? "",
  };
}

/** Every 200 must have its row: what is acknowledged is stored. */
async function ingest(billhook: Contender, name: string, seconds: number): Promise<LoadResult> {
  const before = await stored();
  const result = await load(billhook, "/api/webhooks/stripe", {
    seconds,
    secret: testSecret.secret,
    run: name,
  });
  const acknowledged = result.answers["200"] ?? 0;
  const rows = (await stored()) - before;
  if (rows !== acknowledged) throw new Error(`${acknowledged} acknowledged, but ${rows} stored.`);
  const others = Object.keys(result.answers).filter((status) => status !== "200");
  if (others.length > 0) throw new Error(`Answered ${JSON.stringify(result.answers)}.`);
  return result;
}

/** A turn with the processor time that each answer took of these processes. */
async function metered(pids: readonly number[], turn: () => Promise<LoadResult>) {
  const before = cpuMs(pids);
  const result = await turn();
  const after = cpuMs(pids);
  const used = before === undefined || after === undefined ? undefined : after - before;
  return { ...result, cpuMsEach: used && used / (result.answers["200"] ?? 1) };
}

/** PostgreSQL's own processes that serve the intake: their work is part of the ingest. */
async function backends(): Promise<number[]> {
  const rows = await sql<{ pid: number }[]>`
    select pid from pg_stat_activity where application_name = 'billhook intake'`;
  return rows.map(({ pid }) => pid);
}

async function stored(): Promise<number> {
  const [row] = await sql<{ count: number }[]>`select count(*)::int as count from webhook_events`;
  return row?.count ?? 0;
}

async function load(
  { port }: Contender,
  address: string,
  options: Record<string, string | number>,
): Promise<LoadResult> {
  const all = { port, path: address, connections: values.connections, ...options };
  const args = Object.entries(all).flatMap(([name, value]) => [`--${name}`, String(value)]);
  const said = await run(process.execPath, [path.join(import.meta.dirname, "load.ts"), ...args]);
  return JSON.parse(said);
}

async function started(starting: Promise<Contender>): Promise<Contender> {
  const contender = await starting;
  running.push(contender);
  return contender;
}

async function stopped(contender: Contender): Promise<void> {
  running.splice(running.indexOf(contender), 1);
  await contender.stop();
}

function say(line: string): void {
  process.stdout.write(`${line}\n`);
}
