import { type ChildProcess, spawn } from "node:child_process";
import { randomBytes } from "node:crypto";
import { mkdtempSync, rmSync } from "node:fs";
import { createServer } from "node:net";
import { tmpdir } from "node:os";
import path from "node:path";
import { childEnvironment } from "#lib/config.ts";
import { cloneDatabase } from "./postgres.ts";

/** A deployment of its own: database, keys, folder for mails and port. */
export type Deployment = {
  readonly url: string;
  readonly port: number;
  readonly dataDir: string;
  readonly environment: Readonly<Record<string, string>>;
};

export type RunningApp = { readonly url: string; stop(): Promise<void> };

const ROOT = path.resolve(import.meta.dirname, "..", "..");
const READY_WITHIN_MS = 60_000;

/** Prepares a deployment on the run's PostgreSQL; nothing of it is running yet. */
export async function prepareDeployment(
  postgresUrl: string,
): Promise<Deployment & { remove(): Promise<void> }> {
  const database = await cloneDatabase(postgresUrl);
  const dataDir = mkdtempSync(path.join(tmpdir(), "billhook-app-"));
  const port = await freePort();
  const url = `http://localhost:${port}`;
  const environment = {
    DATABASE_URL: database.url,
    BILLHOOK_MASTER_KEYS: `tests:${randomBytes(32).toString("base64")}`,
    NEXTAUTH_SECRET: randomBytes(32).toString("base64"),
    BILLHOOK_URL: url,
    BILLHOOK_DATA_DIR: dataDir,
    BILLHOOK_DEMO: "1",
    BILLHOOK_MODE: "test",
    HOST: "127.0.0.1",
    PORT: String(port),
    ROLE: "all",
    LOG_LEVEL: "warn",
    POOL_SIZE: "8",
    WORKER_CONCURRENCY: "4",
  };
  const remove = async () => {
    await database.drop();
    rmSync(dataDir, { recursive: true, force: true });
  };
  return { url, port, dataDir, environment, remove };
}

/** Starts the built app as people run it, and answers once it is healthy. */
export async function startApp({ url, port, environment }: Deployment): Promise<RunningApp> {
  const child = spawn(process.execPath, ["server.ts"], {
    cwd: ROOT,
    env: childEnvironment({
      ...environment,
      NODE_ENV: "production",
      BILLHOOK_DIST_DIR: process.env.TEST_DIST_DIR ?? ".next",
    }),
    stdio: ["ignore", "ignore", "inherit"],
  });
  const stop = () => end(child);
  try {
    await untilHealthy(child, `http://127.0.0.1:${port}/api/health`);
  } catch (error) {
    await stop();
    throw error;
  }
  return { url, stop };
}

async function untilHealthy(child: ChildProcess, address: string): Promise<void> {
  const deadline = Date.now() + READY_WITHIN_MS;
  while (Date.now() < deadline) {
    if (child.exitCode !== null) throw new Error(`The app ended with code ${child.exitCode}.`);
    const answer = await fetch(address, { signal: AbortSignal.timeout(2_000) }).catch(() => null);
    if (answer?.ok) return;
    await new Promise((resolve) => setTimeout(resolve, 100));
  }
  throw new Error(`The app did not become healthy within ${READY_WITHIN_MS / 1_000} seconds.`);
}

/** By its own id, and gently first: what is in flight ends. */
async function end(child: ChildProcess): Promise<void> {
  if (child.exitCode !== null || child.signalCode !== null) return;
  const exited = new Promise((resolve) => child.once("exit", resolve));
  child.kill("SIGTERM");
  const timer = setTimeout(() => child.kill("SIGKILL"), 10_000);
  await exited;
  clearTimeout(timer);
}

export async function freePort(): Promise<number> {
  const probe = createServer();
  await new Promise<void>((resolve, reject) => {
    probe.once("error", reject);
    probe.listen(0, "127.0.0.1", resolve);
  });
  const address = probe.address();
  await new Promise((resolve) => probe.close(resolve));
  if (typeof address !== "object" || !address) throw new Error("No port is free.");
  return address.port;
}
