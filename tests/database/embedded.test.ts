import { type ChildProcess, spawn } from "node:child_process";
import { mkdtempSync, readFileSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import path from "node:path";
import postgres from "postgres";
import { afterEach, beforeEach, expect, test, vi } from "vitest";
import { type Embedded, startEmbedded } from "#db/embedded.ts";
import { cleanUpAfter } from "#tests/support/postgres.ts";

let dataDir = "";
let running: Embedded[] = [];
let cleaner: ReturnType<typeof cleanUpAfter> | undefined;
const settings = { fsync: "off" };

beforeEach(() => {
  dataDir = mkdtempSync(path.join(tmpdir(), "billhook-embedded-"));
  running = [];
  cleaner = cleanUpAfter([dataDir]);
});

afterEach(async () => {
  vi.unstubAllEnvs();
  for (const server of running) await server.stop();
  cleaner?.stdin.end();
});

test("keeps data, port and password from one start to the next", async () => {
  const first = await startHere();
  await ask(first.url, "create table kept (word text)");
  await ask(first.url, "insert into kept values ('still here')");
  await first.stop();

  const second = await startHere();

  expect(second.url).toBe(first.url);
  expect(await ask(second.url, "select word from kept")).toEqual([{ word: "still here" }]);
});

test("speaks UTF-8 and listens on this machine only, whatever the environment says", async () => {
  vi.stubEnv("LANG", "C").stubEnv("PGPORT", "1").stubEnv("PGDATA", "/nowhere");
  const server = await startHere();

  const [row] = await ask(
    server.url,
    `select current_setting('server_encoding') as encoding,
       current_setting('listen_addresses') as addresses, current_setting('TimeZone') as timezone`,
  );

  expect(row).toMatchObject({ encoding: "UTF8", addresses: "127.0.0.1", timezone: "UTC" });
});

test("refuses a wrong password", async () => {
  const server = await startHere();
  const url = new URL(server.url);
  url.password = "guess";

  await expect(ask(url.href, "select 1")).rejects.toThrow(/password authentication failed/);
});

test("refuses a second Billhook on the same folder with a sentence", async () => {
  await startHere();

  await expect(startHere()).rejects.toThrow(/Another Billhook .* already uses the data in/);
});

test("takes over the server that a killed Billhook left running", async () => {
  const other = await startElsewhere();
  const before = pidFile();
  await kill(other.child);

  const server = await startHere();

  expect(server.url).toBe(other.url);
  expect(pidFile()).toBe(before);
});

test("stops a server that it took over", async () => {
  const other = await startElsewhere();
  await kill(other.child);
  const server = await startHere();

  await server.stop();

  await expect(ask(server.url, "select 1")).rejects.toThrow(/ECONNREFUSED/);
});

test("starts again after both Billhook and its server were killed", async () => {
  const other = await startElsewhere();
  await ask(other.url, "create table survivors (id int)");
  await kill(other.child);
  process.kill(Number(pidFile().split("\n")[0]), "SIGKILL");

  const server = await startHere();

  expect(await ask(server.url, "select count(*)::int as rows from survivors")).toEqual([
    { rows: 0 },
  ]);
});

test("starts although a dead server's process id now belongs to another program", async () => {
  const server = await startHere();
  const stale = pidFile().split("\n");
  await server.stop();
  writeFileSync(
    path.join(server.folder, "cluster", "postmaster.pid"),
    [process.pid, ...stale.slice(1)].join("\n"),
  );

  const again = await startHere();

  expect(await ask(again.url, "select 1 as one")).toEqual([{ one: 1 }]);
});

test("takes another port when its own is taken", async () => {
  const first = await startHere();
  await first.stop();
  const { createServer } = await import("node:net");
  const squatter = createServer().listen(Number(new URL(first.url).port), "127.0.0.1");
  await new Promise((resolve) => squatter.once("listening", resolve));

  const second = await startHere();

  expect(new URL(second.url).port).not.toBe(new URL(first.url).port);
  squatter.close();
});

async function startHere(): Promise<Embedded> {
  const server = await startEmbedded({ dataDir, log: () => {}, settings });
  running.push(server);
  return server;
}

/** A Billhook in a process of its own, which can be killed. */
async function startElsewhere(): Promise<{ child: ChildProcess; url: string }> {
  const script = `
    import { startEmbedded } from "#db/embedded.ts";
import { cleanUpAfter } from "#tests/support/postgres.ts";
    const server = await startEmbedded({
      dataDir: ${JSON.stringify(dataDir)}, log: () => {}, settings: { fsync: "off" },
    });
    process.stdout.write(server.url);
    setInterval(() => {}, 1000);`;
  const child = spawn(process.execPath, ["--input-type=module", "-e", script], {
    cwd: path.resolve(import.meta.dirname, "..", ".."),
    stdio: ["ignore", "pipe", "inherit"],
  });
  const url = await new Promise<string>((resolve, reject) => {
    child.stdout?.once("data", (chunk) => resolve(String(chunk)));
    child.once("exit", () => reject(new Error("The other Billhook did not start.")));
  });
  return { child, url };
}

async function kill(child: ChildProcess): Promise<void> {
  const gone = new Promise((resolve) => child.once("exit", resolve));
  child.kill("SIGKILL");
  await gone;
}

function pidFile(): string {
  return readFileSync(path.join(dataDir, "cluster", "postmaster.pid"), "utf8");
}

async function ask(url: string, statement: string): Promise<unknown[]> {
  const sql = postgres(url, { max: 1, connect_timeout: 5 });
  try {
    return [...(await sql.unsafe(statement))];
  } finally {
    await sql.end({ timeout: 1 });
  }
}
