import { type ChildProcess, spawn } from "node:child_process";
import { mkdirSync, readFileSync, writeFileSync } from "node:fs";
import { createServer } from "node:net";
import path from "node:path";
import { disconnect, sql } from "#db/client.ts";
import { startEmbedded } from "#db/embedded.ts";
import { migrate } from "#db/migrate.ts";
import { type SeededDemo, seedDemo } from "#db/seed.ts";
import { childEnvironment, config, reloadConfig } from "#lib/config.ts";
import { hashPassword } from "#lib/identity/passwords.ts";
import { migrateJobs } from "#lib/jobs/migrate.ts";
import { ownKeys } from "#lib/own-keys.ts";
import { buildIfNeeded } from "./demo/build.ts";
import { say } from "./demo/say.ts";
import { playScene, story } from "./demo/story.ts";

/*
 * Billhook on this machine, with nothing to set up: a PostgreSQL of its own, demo data, the whole
 * product, and a story of signed webhooks played into it slowly enough to watch.
 */

const BETWEEN_SCENES_MS = 2_500;
const DATA_DIR = process.argv.includes("--data")
  ? (process.argv.at(-1) ?? ".data/demo")
  : ".data/demo";

let server: ChildProcess | undefined;
let postgres: { stop(): Promise<void> } | undefined;
const building = new AbortController();
let isStopping = false;
for (const signal of ["SIGINT", "SIGTERM"] as const) process.on(signal, () => void stop(0));

try {
  await run();
} catch (error) {
  if (!isStopping) {
    process.stderr.write(
      `\nThe demo cannot go on. ${error instanceof Error ? error.message : error}\n`,
    );
    await stop(1);
  }
}

async function run(): Promise<void> {
  say.line("Billhook demo. Stop it with Ctrl-C.\n");
  await buildIfNeeded(config().distDir, building.signal);
  const demo = await prepare();
  const url = await startServer();
  say.line(`\n  Billhook     ${url}`);
  say.line(`  Mails        ${url}/mailbox`);
  tellLogins(demo);
  say.line("\nThe story, as Stripe would send it:\n");
  await play(demo, url);
  say.line(`\nThat was the story. Look at what each event did: ${url}/admin/webhooks`);
  say.line("Billhook keeps running until you stop it with Ctrl-C.");
}

/** PostgreSQL, the schema, the data. */
async function prepare(): Promise<SeededDemo> {
  const done = say.progress("Starting PostgreSQL and preparing the data");
  mkdirSync(DATA_DIR, { recursive: true });
  const started = await startEmbedded({ dataDir: DATA_DIR, log: () => {} });
  postgres = started;
  const { PORT } = childEnvironment({});
  const port = await freePort(PORT ? Number(PORT) : 3000);
  reloadConfig({
    ...ownKeys(DATA_DIR),
    DATABASE_URL: started.url,
    BILLHOOK_DATA_DIR: DATA_DIR,
    BILLHOOK_DEMO: "1",
    BILLHOOK_MODE: "test",
    BILLHOOK_URL: `http://localhost:${port}`,
    HOST: "127.0.0.1",
    PORT: String(port),
    ROLE: "all",
    LOG_LEVEL: "warn",
    SMTP_URL: undefined,
    STRIPE_SECRET_KEY: undefined,
    STRIPE_WEBHOOK_SECRET: undefined,
  });
  await migrate(started.url);
  await migrateJobs(started.url);
  const demo = await seedDemo({ hashPassword });
  done();
  return demo;
}

async function startServer(): Promise<string> {
  const done = say.progress("Starting web and worker");
  const child = spawn(process.execPath, ["server.ts"], {
    env: childEnvironment({ NODE_ENV: "production" }),
    stdio: ["ignore", "ignore", "inherit"],
  });
  server = child;
  child.on("exit", (code) => {
    if (isStopping) return;
    process.stderr.write(`\nBillhook ended by itself (exit code ${code}).\n`);
    void stop(1);
  });
  const local = `http://127.0.0.1:${config().port}`;
  for (let tries = 0; tries < 240; tries++) {
    await pause(250);
    const response = await fetch(`${local}/api/health`, {
      signal: AbortSignal.timeout(5_000),
    }).catch(() => undefined);
    if (response?.ok) {
      done();
      return `http://localhost:${config().port}`;
    }
  }
  throw new Error("Billhook did not become ready within a minute.");
}

/** Plays every scene, and tells each change of a tier as the worker makes it. */
async function play(demo: SeededDemo, url: string): Promise<void> {
  const [acme, globex] = demo.organizations;
  if (!acme || !globex) throw new Error("The demo's organizations are missing.");
  const local = url.replace("localhost", "127.0.0.1");
  const tell = await watchTiers();
  for (const scene of story(acme.id, globex.id)) {
    const answered = await playScene(scene, `${local}/api/webhooks/stripe`, demo.secret);
    say.scene(scene.says, answered);
    for (let waited = 0; waited < BETWEEN_SCENES_MS; waited += 250) {
      await pause(250);
      await tell();
    }
  }
}

async function watchTiers(): Promise<() => Promise<void>> {
  const [newest] = await sql()<{ id: string | null }[]>`select max(id) as id from tier_changes`;
  let after = newest?.id ?? "";
  return async () => {
    const rows = await sql()<
      { id: string; organization: string; from: string; to: string; because: string }[]
    >`
      select c.id, o.name as organization, f.name as "from", t.name as "to", c.because
      from tier_changes c join organizations o on o.id = c.organization_id
      join tiers f on f.id = c.from_tier_id join tiers t on t.id = c.to_tier_id
      where c.id > ${after} order by c.id`;
    for (const row of rows) {
      say.tier(row.organization, row.from, row.to, row.because);
      after = row.id;
    }
  };
}

/** Passwords are shown whenever the demo runs: they are kept beside its data, for this demo only. */
function tellLogins(demo: SeededDemo): void {
  const file = path.join(DATA_DIR, "logins.json");
  const kept = readLogins(file);
  const logins = [
    { as: "Administrator", ...demo.administrator },
    { as: "Owner of Acme", ...demo.owner },
  ].map((login) => ({
    ...login,
    password: login.password ?? kept[login.email] ?? "(as you set it)",
  }));
  const passwords = Object.fromEntries(logins.map(({ email, password }) => [email, password]));
  writeFileSync(file, `${JSON.stringify(passwords, null, 2)}\n`, { mode: 0o600 });
  for (const { as, email, password } of logins)
    say.line(`  ${as.padEnd(15)}${email}   ${password}`);
}

function readLogins(file: string): Record<string, string> {
  try {
    return JSON.parse(readFileSync(file, "utf8"));
  } catch {
    return {};
  }
}

/** The port that was asked for, or any that is free. */
async function freePort(wanted: number): Promise<number> {
  for (const port of [wanted, 0]) {
    const found = await new Promise<number | undefined>((resolve) => {
      const probe = createServer();
      probe.once("error", () => resolve(undefined));
      probe.listen(port, "127.0.0.1", () => {
        const address = probe.address();
        probe.close(() =>
          resolve(typeof address === "object" && address ? address.port : undefined),
        );
      });
    });
    if (found) return found;
  }
  throw new Error("No port is free.");
}

async function stop(code: number): Promise<void> {
  if (isStopping) return;
  isStopping = true;
  say.line("\nStopping …");
  building.abort();
  const child = server;
  if (child && child.exitCode === null && child.signalCode === null) {
    const exited = new Promise((resolve) => child.once("exit", resolve));
    child.kill("SIGTERM");
    await Promise.race([exited, pause(15_000)]);
    if (child.exitCode === null) child.kill("SIGKILL");
  }
  await disconnect();
  await postgres?.stop();
  process.exit(code);
}

function pause(ms: number): Promise<void> {
  return new Promise((done) => setTimeout(done, ms));
}
