import { type ChildProcess, spawn } from "node:child_process";
import { randomBytes } from "node:crypto";
import {
  chownSync,
  closeSync,
  existsSync,
  openSync,
  readFileSync,
  readlinkSync,
  renameSync,
  rmSync,
  writeFileSync,
} from "node:fs";
import { createServer } from "node:net";
import path from "node:path";
import { setTimeout as sleep } from "node:timers/promises";
import { CLEAN_ENVIRONMENT, type Place } from "./place.ts";
import { isAlive } from "./process.ts";

export type Postmaster = { pid: number; port: number };

/** Why a server did not start, and whether waiting may help. */
export type Failure = { output: string; mayPass: boolean };

const SETTINGS = {
  listen_addresses: "127.0.0.1",
  unix_socket_directories: "",
  log_min_messages: "log",
  log_checkpoints: "off",
  timezone: "UTC",
  log_timezone: "UTC",
};

const START_WITHIN_MS = 60_000;
const STOP_WITHIN_MS = 30_000;

/** What a server says while an earlier one, or another program on its port, has yet to let go. */
const MAY_PASS = /lock file .* already exists|still in use|could not (bind|create any TCP)/;

/** Makes the cluster on the first start, whole or not at all, and answers its password on each. */
export async function initialise(
  place: Place,
  user: string,
  { log, settings }: { log: (line: string) => void; settings?: Record<string, string> },
): Promise<string> {
  const passwordFile = path.join(place.home, "password");
  if (existsSync(path.join(place.cluster, "PG_VERSION"))) return readFileSync(passwordFile, "utf8");
  log("Preparing a PostgreSQL in its own folder (once).");
  const password = randomBytes(24).toString("base64url");
  writeFileSync(passwordFile, password, { mode: 0o600 });
  if (place.account) chownSync(passwordFile, place.account.uid, place.account.gid);
  const draft = `${place.cluster}.new`;
  rmSync(draft, { recursive: true, force: true });
  const child = spawn(
    path.join(place.bin, "initdb"),
    [
      `--pgdata=${draft}`,
      `--username=${user}`,
      `--pwfile=${passwordFile}`,
      "--auth=scram-sha-256",
      "--encoding=UTF8",
      "--locale=C",
      "--no-instructions",
      ...(settings?.fsync === "off" ? ["--no-sync"] : []),
    ],
    {
      ...place.account,
      cwd: place.home,
      env: CLEAN_ENVIRONMENT,
      stdio: ["ignore", "pipe", "pipe"],
    },
  );
  let output = "";
  child.stdout.on("data", (chunk) => (output += chunk));
  child.stderr.on("data", (chunk) => (output += chunk));
  const code = await new Promise((resolve, reject) => {
    child.on("error", reject);
    child.on("close", resolve);
  });
  if (code !== 0) throw new Error(`PostgreSQL could not prepare ${place.cluster}:\n${output}`);
  renameSync(draft, place.cluster);
  return password;
}

/** The server that already runs on this data, once it is ready; waits for one that is leaving. */
export async function runningIn(place: Place): Promise<Postmaster | undefined> {
  const deadline = Date.now() + START_WITHIN_MS;
  for (;;) {
    const found = readPidFile(place);
    if (!found || !isAlive(found.pid)) return undefined;
    if (servesElsewhere(found.pid, place)) {
      // The dead server's number was given to another program; PostgreSQL would refuse for ever.
      rmSync(path.join(place.cluster, "postmaster.pid"), { force: true });
      return undefined;
    }
    if (found.isReady) return { pid: found.pid, port: found.port };
    if (Date.now() > deadline) {
      throw new Error(`PostgreSQL (process ${found.pid}) on ${place.cluster} does not get ready.`);
    }
    await sleep(100);
  }
}

/**
 * Starts a server in a session of its own, so that Ctrl-C reaches Billhook alone, which then stops it.
 * Its words go to a file, because a pipe would break when Billhook is killed.
 */
export async function launch(
  place: Place,
  settings: Record<string, string>,
  log: (line: string) => void,
): Promise<Postmaster | Failure> {
  const port = await freePort(rememberedPort(place));
  const logFile = path.join(place.home, "postgres.log");
  rmSync(logFile, { force: true });
  const output = openSync(logFile, "w", 0o600);
  const flags = Object.entries({ ...SETTINGS, ...settings, port: String(port) });
  const child = spawn(
    path.join(place.bin, "postgres"),
    ["-D", place.cluster, ...flags.flatMap(([name, value]) => ["-c", `${name}=${value}`])],
    {
      ...place.account,
      cwd: place.home,
      env: CLEAN_ENVIRONMENT,
      stdio: ["ignore", output, output],
      detached: true,
    },
  );
  closeSync(output);
  if (!(await becomesReady(child, place))) {
    const said = readFileSync(logFile, "utf8").slice(-4_000);
    return { output: said, mayPass: MAY_PASS.test(said) };
  }
  child.unref();
  child.on("exit", (code, signal) => {
    if (code !== 0) log(`PostgreSQL ended unexpectedly (${signal ?? code}); see ${logFile}.`);
  });
  rememberPort(place, port);
  return { pid: child.pid ?? 0, port };
}

/** Ends every connection, writes everything down, and comes back when the process is gone. */
export async function shutDown({ pid }: Postmaster): Promise<void> {
  send(pid, "SIGINT");
  const deadline = Date.now() + STOP_WITHIN_MS;
  while (isAlive(pid) && Date.now() < deadline) await sleep(20);
  if (isAlive(pid)) send(pid, "SIGQUIT");
  while (isAlive(pid) && Date.now() < deadline + 5_000) await sleep(20);
}

async function becomesReady(child: ChildProcess, place: Place): Promise<boolean> {
  let hasEnded = false;
  let failure: Error | undefined;
  child.on("exit", () => {
    hasEnded = true;
  });
  child.on("error", (error) => {
    failure = error;
  });
  const deadline = Date.now() + START_WITHIN_MS;
  while (!hasEnded) {
    if (failure) throw failure;
    const found = readPidFile(place);
    if (found?.isReady && found.pid === child.pid) return true;
    if (Date.now() > deadline && child.pid) await shutDown({ pid: child.pid, port: 0 });
    await sleep(20);
  }
  return false;
}

/** Lines of postmaster.pid: process, folder, start, port, …, and on the eighth how far it has come. */
function readPidFile(place: Place): (Postmaster & { isReady: boolean }) | undefined {
  try {
    const lines = readFileSync(path.join(place.cluster, "postmaster.pid"), "utf8").split("\n");
    const pid = Number(lines[0]);
    if (!(pid > 0)) return undefined;
    return { pid, port: Number(lines[3]), isReady: lines[7]?.trim() === "ready" };
  } catch {
    return undefined;
  }
}

/** A server's working folder is its cluster. Where the system does not tell, nothing is concluded. */
function servesElsewhere(pid: number, place: Place): boolean {
  try {
    return readlinkSync(`/proc/${pid}/cwd`) !== place.cluster;
  } catch {
    return false;
  }
}

function rememberedPort(place: Place): number {
  const file = path.join(place.home, "port");
  return existsSync(file) ? Number(readFileSync(file, "utf8")) || 0 : 0;
}

/** Replaces the file, which root may have written for the folder's owner before. */
function rememberPort(place: Place, port: number): void {
  const file = path.join(place.home, "port");
  rmSync(file, { force: true });
  writeFileSync(file, String(port));
}

/** The wanted port if nobody has it, or any other. */
async function freePort(wanted: number): Promise<number> {
  const server = createServer();
  const port = await new Promise<number | undefined>((resolve) => {
    server.once("error", () => resolve(undefined));
    server.listen(wanted, "127.0.0.1", () => {
      const address = server.address();
      resolve(address && typeof address === "object" ? address.port : undefined);
    });
  });
  await new Promise((resolve) => server.close(resolve));
  return port ?? freePort(0);
}

function send(pid: number, signal: NodeJS.Signals): void {
  try {
    process.kill(pid, signal);
  } catch {
    // Gone already: what was wanted.
  }
}
