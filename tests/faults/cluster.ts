import { mkdtempSync, readFileSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import path from "node:path";
import { setTimeout as pause } from "node:timers/promises";
import { connect, type Sql } from "#db/client.ts";
import { type Embedded, startEmbedded } from "#db/embedded.ts";
import { migrate } from "#db/migrate.ts";
import { migrateJobs } from "#lib/jobs/migrate.ts";
import { cleanUpAfter } from "#tests/support/postgres.ts";

/** A PostgreSQL that waits for the disk at every commit, as people run it, and that may be killed. */
export type Cluster = {
  /** Its data, owned by the account that it runs as. */
  readonly folder: string;
  /** For questions that no fault stands in the way of. */
  readonly sql: Sql;
  urlOf(database: string): string;
  /** SIGKILL to the postmaster, as an OOM killer sends it. */
  kill(): void;
  /** Starts it again; answers when it began to take connections (`performance.now()`). */
  start(): Promise<number>;
  makeDatabase(name: string, options?: { tablespace?: string }): Promise<string>;
  dropDatabase(name: string): Promise<void>;
  stop(): Promise<void>;
};

const TEMPLATE = "faults_template";
const SETTINGS = { max_connections: "90", superuser_reserved_connections: "3" };

export async function startCluster(): Promise<Cluster> {
  const dataDir = mkdtempSync(path.join(tmpdir(), "billhook-faults-"));
  const options = { dataDir, log: () => {}, settings: SETTINGS };
  let running: Embedded = await startEmbedded(options);
  const cleaner = cleanUpAfter([...new Set([running.folder, dataDir])]);
  const sql = connect(running.url, { max: 2, name: "faults" });
  const urlOf = (database: string) => {
    const url = new URL(running.url);
    url.pathname = `/${database}`;
    return url.href;
  };
  const pidFile = path.join(running.folder, "cluster", "postmaster.pid");

  await sql`create database ${sql(TEMPLATE)}`;
  await migrate(urlOf(TEMPLATE));
  await migrateJobs(urlOf(TEMPLATE));
  return {
    folder: running.folder,
    sql,
    urlOf,
    kill() {
      const pid = Number(readFileSync(pidFile, "utf8").split("\n")[0]);
      process.kill(pid, "SIGKILL");
    },
    async start() {
      // Forgets the dead one, which else would still count as ours.
      await running.stop();
      let readyAt: number | undefined;
      const starting = startEmbedded(options).finally(() => {
        readyAt ??= performance.now();
      });
      while (readyAt === undefined) {
        if (isReady(pidFile)) readyAt = performance.now();
        else await pause(5);
      }
      running = await starting;
      return readyAt;
    },
    async makeDatabase(name, { tablespace } = {}) {
      await sql`create database ${sql(name)} template ${sql(TEMPLATE)}
        tablespace ${sql(tablespace ?? "pg_default")}`;
      // A copy has the schema, and none of the settings that a migration leaves on a database.
      await migrate(urlOf(name));
      return urlOf(name);
    },
    dropDatabase: async (name) => {
      await sql`drop database if exists ${sql(name)} with (force)`;
    },
    async stop() {
      await sql.end({ timeout: 2 }).catch(() => {});
      await running.stop();
      for (const folder of [running.folder, dataDir]) {
        rmSync(folder, { recursive: true, force: true });
      }
      cleaner.stdin.end();
    },
  };
}

/** The eighth line of postmaster.pid says how far it has come; a dead server's says "ready" too. */
function isReady(pidFile: string): boolean {
  try {
    const lines = readFileSync(pidFile, "utf8").split("\n");
    if (lines[7]?.trim() !== "ready") return false;
    return process.kill(Number(lines[0]), 0);
  } catch {
    return false;
  }
}
