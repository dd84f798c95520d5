import { spawn } from "node:child_process";
import { existsSync, readdirSync, statSync } from "node:fs";
import path from "node:path";
import { say } from "./say.ts";

/** What a build is made from. */
const SOURCES = ["app", "lib", "db", "public", "package-lock.json", "next.config.js", "proxy.ts"];

/** Builds the pages unless a build newer than every source is there. */
export async function buildIfNeeded(distDir: string, signal: AbortSignal): Promise<void> {
  const built = path.join(distDir, "BUILD_ID");
  if (existsSync(built) && statSync(built).mtimeMs > newest(SOURCES)) return;
  const done = say.progress("Building the pages (one to two minutes, only the first time)");
  const lines: string[] = [];
  const build = spawn(process.execPath, ["node_modules/next/dist/bin/next", "build"], {
    stdio: ["ignore", "pipe", "pipe"],
    signal,
  });
  // Stopping the demo stops the build; the error that says so is not news.
  build.on("error", () => {});
  for (const stream of [build.stdout, build.stderr]) {
    stream.on("data", (chunk: Buffer) => lines.push(chunk.toString()));
  }
  const code = await new Promise<number | null>((resolve) => build.on("exit", resolve));
  if (code !== 0) throw new Error(`The build failed:\n${lines.join("")}`);
  done();
}

function newest(names: readonly string[]): number {
  return Math.max(...names.map((name) => (existsSync(name) ? newestIn(name) : 0)));
}

function newestIn(name: string): number {
  const stat = statSync(name);
  if (!stat.isDirectory()) return stat.mtimeMs;
  return Math.max(0, ...readdirSync(name).map((entry) => newestIn(path.join(name, entry))));
}
