import { type ChildProcess, spawn } from "node:child_process";
import { createServer } from "node:net";
import { childEnvironment } from "#lib/config.ts";

export type Running = { readonly pid: number; stop(): Promise<void> };

/** Runs a command to its end and answers what it printed; throws with what it said when it fails. */
export function run(
  command: string,
  args: readonly string[],
  options: { cwd?: string; env?: Record<string, string> } = {},
): Promise<string> {
  return new Promise((resolve, reject) => {
    const child = spawn(command, args, {
      cwd: options.cwd,
      env: childEnvironment(options.env ?? {}),
      stdio: ["ignore", "pipe", "pipe"],
    });
    let out = "";
    let said = "";
    child.stdout.on("data", (chunk: Buffer) => {
      out += chunk.toString();
    });
    child.stderr.on("data", (chunk: Buffer) => {
      said += chunk.toString();
    });
    child.on("error", reject);
    child.on("exit", (code) => {
      if (code === 0) resolve(out);
      else reject(new Error(`${command} ${args.join(" ")} ended with ${code}:\n${said}${out}`));
    });
  });
}

/** Starts a Node server and waits until its port answers anything at all. */
export async function serve(
  args: readonly string[],
  port: number,
  options: { cwd?: string; env?: Record<string, string>; path?: string } = {},
): Promise<Running> {
  const child = spawn(process.execPath, args, {
    cwd: options.cwd,
    env: childEnvironment({ NODE_ENV: "production", NEXT_TELEMETRY_DISABLED: "1", ...options.env }),
    stdio: ["ignore", "ignore", "inherit"],
  });
  const deadline = Date.now() + 120_000;
  for (;;) {
    if (child.exitCode !== null || child.pid === undefined) {
      throw new Error(`${args[0]} ended with ${child.exitCode}.`);
    }
    const answer = await fetch(`http://127.0.0.1:${port}${options.path ?? "/"}`).catch(() => null);
    if (answer && answer.status < 500) return { pid: child.pid, stop: () => end(child) };
    if (Date.now() > deadline) throw new Error(`${args[0]} does not answer.`);
    await new Promise((resolve) => setTimeout(resolve, 200));
  }
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
