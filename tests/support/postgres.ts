import { spawn } from "node:child_process";
import { randomBytes } from "node:crypto";
import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import path from "node:path";
import type { TestProject } from "vitest/node";
import { connect } from "#db/client.ts";
import { startEmbedded } from "#db/embedded.ts";
import { migrate } from "#db/migrate.ts";
import { migrateJobs } from "#lib/jobs/migrate.ts";

declare module "vitest" {
  export interface ProvidedContext {
    testPostgresUrl: string;
  }
}

export type TestPostgres = { url: string; stop(): Promise<void> };

const TEMPLATE = "billhook_template";

/** One PostgreSQL for a whole run, with a migrated template. What it stores is thrown away. */
export async function startTestPostgres(): Promise<TestPostgres> {
  const dataDir = mkdtempSync(path.join(tmpdir(), "billhook-test-"));
  const server = await startEmbedded({
    dataDir,
    log: () => {},
    settings: {
      max_connections: "200",
      fsync: "off",
      synchronous_commit: "off",
      full_page_writes: "off",
    },
  });
  const cleaner = cleanUpAfter([server.folder, dataDir]);
  const stop = async () => {
    await server.stop();
    for (const folder of [server.folder, dataDir]) rmSync(folder, { recursive: true, force: true });
    cleaner.stdin.end();
  };
  try {
    await withSql(server.url, (sql) => sql`create database ${sql(TEMPLATE)}`);
    await migrate(onServer(server.url, TEMPLATE));
    await migrateJobs(onServer(server.url, TEMPLATE));
  } catch (cause) {
    await stop();
    throw cause;
  }
  return { url: server.url, stop };
}

/** A new, migrated, empty database on the run's server. */
export async function cloneDatabase(
  serverUrl: string,
): Promise<{ url: string; drop(): Promise<void> }> {
  const name = `test_${randomBytes(6).toString("hex")}`;
  await withSql(serverUrl, (sql) => sql`create database ${sql(name)} template ${sql(TEMPLATE)}`);
  return {
    url: onServer(serverUrl, name),
    drop: () => withSql(serverUrl, (sql) => sql`drop database if exists ${sql(name)} with (force)`),
  };
}

let started: TestPostgres | undefined;

/** Vitest's global setup: takes the runner's server, or starts one for this invocation. */
export async function setup(project: TestProject): Promise<void> {
  const given = process.env.TEST_POSTGRES_URL;
  if (!given) started = await startTestPostgres();
  project.provide("testPostgresUrl", given ?? started?.url ?? "");
}

export async function teardown(): Promise<void> {
  await started?.stop();
  started = undefined;
}

function onServer(url: string, database: string): string {
  const changed = new URL(url);
  changed.pathname = `/${database}`;
  return changed.href;
}

async function withSql(
  url: string,
  work: (sql: ReturnType<typeof connect>) => PromiseLike<unknown>,
): Promise<void> {
  const sql = connect(url, { max: 1, name: "billhook tests" });
  try {
    await work(sql);
  } finally {
    await sql.end({ timeout: 5 });
  }
}

/**
 * A killed run cannot tidy up. This waits until its pipe from us closes, then stops what still runs in
 * the data folders and removes them.
 */
export function cleanUpAfter(folders: string[]) {
  const script =
    'cat >/dev/null; for d in "$@"; do p=$(head -n 1 "$d/cluster/postmaster.pid" 2>/dev/null) && ' +
    'kill -QUIT "$p" 2>/dev/null && sleep 1; rm -rf "$d"; done';
  const cleaner = spawn("sh", ["-c", script, "sh", ...folders], {
    detached: true,
    stdio: ["pipe", "ignore", "ignore"],
  });
  cleaner.unref();
  return cleaner;
}
