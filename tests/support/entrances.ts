import { type ChildProcess, spawn } from "node:child_process";
import { randomBytes } from "node:crypto";
import { createServer } from "node:net";
import path from "node:path";
import { childEnvironment } from "#lib/config.ts";

/** A process that answers webhooks. */
export type Entrance = { readonly port: number; stop(): Promise<void> };

const ROOT = path.resolve(import.meta.dirname, "../..");
const NEXT = path.join(ROOT, "node_modules/next/dist/bin/next");

/** What the processes of one deployment share: a database, and keys of its own. */
export function environmentOver(databaseUrl: string, changes: Record<string, string> = {}) {
  return {
    DATABASE_URL: databaseUrl,
    BILLHOOK_DIST_DIR: process.env.TEST_DIST_DIR ?? ".next",
    BILLHOOK_MASTER_KEYS: `k1:${randomBytes(32).toString("base64")}`,
    NEXTAUTH_SECRET: randomBytes(32).toString("base64"),
    LOG_LEVEL: "warn",
    ...changes,
  };
}

/** The one entrance, as people run it. */
export async function startServer(environment: Record<string, string>): Promise<Entrance> {
  const port = await freePort();
  return start(["server.ts"], port, { ...environment, HOST: "127.0.0.1", PORT: String(port) });
}

/** The same build where Next runs alone. */
export async function startNextAlone(environment: Record<string, string>): Promise<Entrance> {
  const port = await freePort();
  return start([NEXT, "start", "-p", String(port), "-H", "127.0.0.1"], port, environment);
}

async function start(
  args: string[],
  port: number,
  environment: Record<string, string>,
): Promise<Entrance> {
  const child = spawn(process.execPath, args, {
    cwd: ROOT,
    env: childEnvironment({ NODE_ENV: "production", NEXT_TELEMETRY_DISABLED: "1", ...environment }),
    stdio: ["ignore", "pipe", "pipe"],
  });
  let said = "";
  for (const stream of [child.stdout, child.stderr]) {
    stream.on("data", (chunk: Buffer) => {
      said = (said + chunk.toString()).slice(-8_000);
    });
  }
  const stop = () => end(child);
  try {
    await untilHealthy(child, port);
    return { port, stop };
  } catch (cause) {
    await stop();
    throw new Error(`The server did not get ready. It said:\n${said}`, { cause });
  }
}

async function untilHealthy(child: ChildProcess, port: number): Promise<void> {
  const deadline = Date.now() + 60_000;
  while (Date.now() < deadline) {
    if (child.exitCode !== null) throw new Error(`It ended with code ${child.exitCode}.`);
    const address = `http://127.0.0.1:${port}/api/health?part=web`;
    const answer = await fetch(address, { signal: AbortSignal.timeout(2_000) }).catch(() => null);
    if (answer?.ok) return;
    await new Promise((resolve) => setTimeout(resolve, 100));
  }
  throw new Error("It is not healthy after a minute.");
}

async function end(child: ChildProcess): Promise<void> {
  if (child.exitCode !== null || child.signalCode !== null) return;
  const ended = new Promise((resolve) => child.once("exit", resolve));
  child.kill("SIGTERM");
  const impatience = setTimeout(() => child.kill("SIGKILL"), 15_000);
  await ended;
  clearTimeout(impatience);
}

export async function freePort(): Promise<number> {
  const server = createServer();
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
  const address = server.address();
  await new Promise((resolve) => server.close(resolve));
  if (typeof address !== "object" || !address) throw new Error("No port is free.");
  return address.port;
}
