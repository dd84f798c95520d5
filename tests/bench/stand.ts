import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import path from "node:path";
import { connect, disconnect, type Sql } from "#db/client.ts";
import { startEmbedded } from "#db/embedded.ts";
import { migrate } from "#db/migrate.ts";
import { reloadConfig } from "#lib/config.ts";
import { prepareBilling } from "#tests/support/billing.ts";
import { type Contender, startBillhook } from "./contenders.ts";
import type { Database, LoadOptions, Stand } from "./figure.ts";
import type { LoadResult } from "./load.ts";
import { run } from "./process.ts";

export type StandOptions = Pick<Stand, "rounds" | "seconds" | "connections" | "say">;

/** What the first database was right after it was prepared; others are copies of it. */
const PRISTINE = "pristine";

/** Stands a figure's own PostgreSQL up, lets it measure, and clears everything away. */
export async function onStand<T>(
  options: StandOptions,
  measure: (stand: Stand) => Promise<T>,
): Promise<{ measured: T; postgres: string }> {
  const dataDir = mkdtempSync(path.join(tmpdir(), "billhook-bench-"));
  options.say("starting PostgreSQL, with every commit on disk …");
  const postgres = await startEmbedded({ dataDir, log: () => {} });
  const running = new Set<Contender>();
  const pools: Sql[] = [];
  const open = (databaseUrl: string): Database => {
    const sql = connect(databaseUrl, { max: 2, name: "billhook bench" });
    pools.push(sql);
    return { sql, databaseUrl };
  };
  try {
    await prepare(postgres.url);
    const database = open(postgres.url);
    const stand = { ...options, ...database, ...hands(running, options), freshDatabase: copies() };
    const measured = await measure(stand);
    const [row] = await database.sql<{ server_version: string }[]>`show server_version`;
    return { measured, postgres: row?.server_version ?? "" };
  } finally {
    for (const contender of running) await contender.stop();
    await Promise.all(pools.map((sql) => sql.end({ timeout: 5 })));
    await disconnect();
    await postgres.stop();
    for (const folder of [postgres.folder, dataDir])
      rmSync(folder, { recursive: true, force: true });
  }

  function copies(): Stand["freshDatabase"] {
    let made = 0;
    return async () => {
      await disconnect();
      const name = `fresh_${++made}`;
      await createDatabase(postgres.url, name, PRISTINE);
      const fresh = open(named(postgres.url, name));
      reloadConfig({ DATABASE_URL: fresh.databaseUrl });
      return fresh;
    };
  }
}

/** What a figure does with processes. */
function hands(running: Set<Contender>, options: StandOptions) {
  const keep: Stand["keep"] = async (starting) => {
    const contender = await starting;
    running.add(contender);
    return contender;
  };
  return {
    keep,
    startBillhook: ((role, env = {}) =>
      keep(startBillhook(role, env))) satisfies Stand["startBillhook"],
    stop: async (contender: Contender) => {
      running.delete(contender);
      await contender.stop();
    },
    load: (({ port }, address, given = {}) =>
      load(port, address, { ...options, ...given })) satisfies Stand["load"],
  };
}

async function load(port: number, address: string, options: LoadOptions): Promise<LoadResult> {
  const { seconds, connections, secret, events, run: name, rate } = options;
  const all = { port, path: address, seconds, connections, secret, events, run: name, rate };
  const args = Object.entries(all).flatMap(([key, value]) =>
    value === undefined ? [] : [`--${key}`, String(value)],
  );
  return JSON.parse(
    await run(process.execPath, [path.join(import.meta.dirname, "load.ts"), ...args]),
  );
}

async function prepare(databaseUrl: string): Promise<void> {
  reloadConfig({
    DATABASE_URL: databaseUrl,
    NEXTAUTH_SECRET: "only-for-this-run",
    STRIPE_SECRET_KEY: undefined,
    STRIPE_WEBHOOK_SECRET: undefined,
  });
  await migrate(databaseUrl);
  const sql = connect(databaseUrl, { max: 1, name: "billhook bench" });
  await prepareBilling({ url: databaseUrl, sql });
  await sql.end();
  await disconnect();
  // A database can only be copied while nobody is in it.
  await createDatabase(databaseUrl, PRISTINE, new URL(databaseUrl).pathname.slice(1));
  // What the child processes log is measured with them; it goes nowhere.
  reloadConfig({ LOG_LEVEL: "info" });
}

async function createDatabase(url: string, name: string, template: string): Promise<void> {
  const sql = connect(named(url, "postgres"), { max: 1, name: "billhook bench" });
  try {
    await sql`create database ${sql(name)} template ${sql(template)}`;
  } finally {
    await sql.end();
  }
}

function named(url: string, database: string): string {
  const other = new URL(url);
  other.pathname = `/${database}`;
  return other.href;
}
