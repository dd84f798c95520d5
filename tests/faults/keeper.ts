import { type ChildProcess, spawn } from "node:child_process";
import { createWriteStream } from "node:fs";
import path from "node:path";
import { setTimeout as pause } from "node:timers/promises";
import { childEnvironment } from "#lib/config.ts";

/** One process of the product and what systemd would do for it: it is started again whenever it ends. */
export type Keeper = {
  readonly name: string;
  readonly pid: number;
  /** How often it ended although nobody told it to. */
  readonly falls: number;
  signal(signal: NodeJS.Signals): void;
  /** Kills it; the keeper starts it again after a while. */
  kill(restartAfterMs: number): Promise<void>;
  /** Asks it to end, waits, and starts it again; answers its exit code and how long ending took. */
  roll(): Promise<{ code: number | null; tookMs: number }>;
  ready(): Promise<void>;
  stop(): Promise<void>;
};

export type KeeperOptions = {
  readonly name: string;
  readonly environment: Readonly<Record<string, string>>;
  /** Where it logs to. */
  readonly folder: string;
};

const ROOT = path.resolve(import.meta.dirname, "../..");
const READY_WITHIN_MS = 120_000;

/** Whatever ends this process takes along what it started. */
const living = new Set<ChildProcess>();
process.once("exit", () => {
  for (const child of living) child.kill("SIGKILL");
});

export function keep({ name, environment, folder }: KeeperOptions): Keeper {
  const log = createWriteStream(path.join(folder, `${name}.log`), { flags: "a" });
  let falls = 0;
  let isExpected = false;
  let isStopped = false;
  let child = launch();

  function launch(): {
    process: ChildProcess;
    ready: Promise<void>;
    ended: Promise<number | null>;
  } {
    isExpected = false;
    const started = spawn(process.execPath, ["server.ts"], {
      cwd: ROOT,
      env: childEnvironment(environment),
      stdio: ["ignore", "pipe", "pipe"],
    });
    living.add(started);
    const ready = new Promise<void>((resolve) => {
      started.stdout.on("data", (chunk: Buffer) => {
        if (chunk.includes("is ready")) resolve();
      });
    });
    started.stdout.pipe(log, { end: false });
    started.stderr.pipe(log, { end: false });
    const ended = new Promise<number | null>((resolve) => {
      started.on("exit", (code, signal) => {
        living.delete(started);
        log.write(`ended with ${code ?? signal}\n`);
        resolve(code);
        if (isExpected || isStopped) return;
        falls += 1;
        setTimeout(() => {
          if (!isStopped) child = launch();
        }, 200);
      });
    });
    return { process: started, ready, ended };
  }

  async function end(signal: NodeJS.Signals): Promise<number | null> {
    isExpected = true;
    child.process.kill(signal);
    return child.ended;
  }

  return {
    name,
    get pid() {
      return child.process.pid ?? 0;
    },
    get falls() {
      return falls;
    },
    signal: (signal) => void child.process.kill(signal),
    async kill(restartAfterMs) {
      await end("SIGKILL");
      await pause(restartAfterMs);
      child = launch();
    },
    async roll() {
      const began = performance.now();
      const code = await end("SIGTERM");
      const tookMs = performance.now() - began;
      child = launch();
      await child.ready;
      return { code, tookMs };
    },
    async ready() {
      const late = pause(READY_WITHIN_MS, "late", { ref: false });
      const first = await Promise.race([child.ready, late]);
      if (first === "late")
        throw new Error(`${name} does not get ready; see its log in ${folder}.`);
    },
    async stop() {
      isStopped = true;
      if (child.process.exitCode === null && child.process.signalCode === null) {
        child.process.kill("SIGCONT");
        child.process.kill("SIGTERM");
        const impatience = setTimeout(() => child.process.kill("SIGKILL"), 12_000);
        await child.ended;
        clearTimeout(impatience);
      }
      log.end();
    },
  };
}
