import { type ChildProcess, spawn } from "node:child_process";
import { mkdirSync, readFileSync, writeFileSync } from "node:fs";
import path from "node:path";
import { parseArgs } from "node:util";
import { z } from "zod";
import { disconnect, sql } from "#db/client.ts";
import { startEmbedded } from "#db/embedded.ts";
import { migrate } from "#db/migrate.ts";
import { type DemoGateway, type SeededDemo, seedDemo } from "#db/seed.ts";
import { childEnvironment, config, reloadConfig } from "#lib/config.ts";
import { hashPassword } from "#lib/identity/passwords.ts";
import { migrateJobs } from "#lib/jobs/migrate.ts";
import { ownKeys } from "#lib/own-keys.ts";
import { buildIfNeeded } from "./demo/build.ts";
import { freePort } from "./demo/ports.ts";
import { type DemoSandbox, deliverTo, sellPlans, startSandbox } from "./demo/sandbox.ts";
import { say } from "./demo/say.ts";
import { story } from "./demo/story.ts";

/*
 * Billhook on this machine, with nothing to set up: a PostgreSQL of its own, demo data, the whole
 * product, a sandbox that behaves like Stripe, and a story played in that sandbox slowly enough to
 * watch. With --story it is played again over data that has seen it.
 */

const BETWEEN_SCENES_MS = 2_500;
const SANDBOX_PORT = 12111;
/** As `npm start` has it. */
const HEAP = ["--max-semi-space-size=64", "--import", "./lib/heap.ts"];
const SETTLED_WITHIN_MS = 20_000;
const { values } = parseArgs({
  options: {
    data: { type: "string", default: ".data/demo" },
    story: { type: "boolean", default: false },
  },
});
const DATA_DIR = values.data;

let server: ChildProcess | undefined;
let gateway: ChildProcess | undefined;
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
  await prepareDatabase();
  const { sandbox, prices } = await prepareGateway();
  const demo = await seedDemo({ hashPassword, gateway: prices });
  const url = await startServer();
  await deliverTo(sandbox, `${localOf(url)}/api/webhooks/stripe`, demo.secret);
  say.line(`\n  Billhook     ${url}`);
  say.line(`  Mails        ${url}/mailbox`);
  say.line(`  The gateway  ${sandbox.url}/_sandbox`);
  tellLogins(demo);
  if (values.story || (await isUntold())) await play(demo, sandbox, prices, url);
  else say.line("\nThe story was told before. To hear it again: npm run demo -- --story");
  await invite(demo, sandbox, prices, url);
}

/** PostgreSQL and the schema. */
async function prepareDatabase(): Promise<void> {
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
    STRIPE_API_BASE: undefined,
    STRIPE_SECRET_KEY: undefined,
    STRIPE_WEBHOOK_SECRET: undefined,
  });
  await migrate(started.url);
  await migrateJobs(started.url);
  done();
}

/** The sandbox, with the demo's plans on sale. */
async function prepareGateway(): Promise<{ sandbox: DemoSandbox; prices: DemoGateway }> {
  const done = say.progress("Starting the sandbox that stands in for Stripe");
  const port = await freePort(SANDBOX_PORT);
  const snapshot = path.join(DATA_DIR, "sandbox.json");
  const sandbox = await startSandbox({ port, snapshot });
  gateway = sandbox.child;
  sandbox.child.on("exit", () => {
    if (isStopping) return;
    process.stderr.write("\nThe sandbox ended by itself.\n");
    void stop(1);
  });
  const prices = await sellPlans(sandbox);
  done();
  return { sandbox, prices };
}

async function startServer(): Promise<string> {
  const done = say.progress("Starting web and worker");
  const child = spawn(process.execPath, [...HEAP, "server.ts"], {
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

/** Plays every scene, each event doubled and shuffled, and tells each change of a tier as it lands. */
async function play(
  demo: SeededDemo,
  sandbox: DemoSandbox,
  { prices }: DemoGateway,
  url: string,
): Promise<void> {
  const [acme, globex] = demo.organizations;
  if (!acme || !globex) throw new Error("The demo's organizations are missing.");
  const forge = () => postForged(sandbox, `${localOf(url)}/api/webhooks/stripe`);
  say.line(
    "\nThe story, by the gateway's clock. Each event is delivered twice and out of order:\n",
  );
  await sandbox.control("faults", { deliveries: { duplicate: 1, reorder: 8 } });
  const tell = await watchTiers();
  for (const scene of story(sandbox, { acme: acme.id, globex: globex.id, prices, forge })) {
    say.scene(scene.says);
    await scene.plays();
    const began = Date.now();
    while (Date.now() - began < BETWEEN_SCENES_MS || !(await isSettled(sandbox))) {
      if (Date.now() - began > SETTLED_WITHIN_MS) break;
      await pause(250);
      await tell();
    }
    await tell();
  }
  await sandbox.control("faults", { deliveries: { duplicate: 0, reorder: 0 } });
  say.line(`\nThat was the story. Look at what each event did: ${url}/admin/webhooks`);
}

/** How a person goes on by hand. */
async function invite(
  demo: SeededDemo,
  sandbox: DemoSandbox,
  { prices }: DemoGateway,
  url: string,
): Promise<void> {
  const price = prices.get("business_monthly")?.ref;
  const someone = demo.organizations.at(-1);
  if (!price || !someone) throw new Error("The demo's prices are missing.");
  const session = await sandbox.stripe.checkout.sessions.create({
    mode: "subscription",
    client_reference_id: someone.id,
    line_items: [{ price, quantity: 1 }],
    success_url: `${url}/admin/organizations/${someone.id}`,
  });
  say.line(`
Now you. Subscribe ${someone.name} to Business with the card 4242 4242 4242 4242:
  ${session.url}
then move the clock, let a card fail or open a dispute:
  ${sandbox.url}/_sandbox
and see what Billhook makes of it:
  ${url}/admin/organizations/${someone.id}

Billhook keeps running until you stop it with Ctrl-C.`);
}

/** An event about nobody, signed with a secret that nobody gave us. */
async function postForged({ stripe }: DemoSandbox, url: string): Promise<void> {
  const payload = JSON.stringify({ id: "evt_forged", object: "event", type: "invoice.paid" });
  const secret = "whsec_somebody_elses_secret_000000";
  const signature = stripe.webhooks.generateTestHeaderString({ payload, secret });
  const headers = { "content-type": "application/json", "stripe-signature": signature };
  await fetch(url, { method: "POST", headers, body: payload });
}

/** Whether nothing has happened to any organization yet. */
async function isUntold(): Promise<boolean> {
  const [row] = await sql()<{ some: boolean }[]>`select exists (select from tier_changes) as some`;
  return !row?.some;
}

/** Whether everything that was sent has arrived, and everything that rang was looked at. */
async function isSettled(sandbox: DemoSandbox): Promise<boolean> {
  const answer = await fetch(`${sandbox.url}/_sandbox/api/deliveries`);
  const deliveries = z.array(z.object({ state: z.string() })).parse(await answer.json());
  if (deliveries.some(({ state }) => state === "waiting" || state === "retrying")) return false;
  const [row] = await sql()<{ some: boolean }[]>`
    select exists (
      select from gateway_objects where rung > synced_rung and parked_at is null
    ) as some`;
  return !row?.some;
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

async function stop(code: number): Promise<void> {
  if (isStopping) return;
  isStopping = true;
  say.line("\nStopping …");
  building.abort();
  await end(server);
  await end(gateway);
  await disconnect();
  await postgres?.stop();
  process.exit(code);
}

async function end(child: ChildProcess | undefined): Promise<void> {
  if (!child || child.exitCode !== null || child.signalCode !== null) return;
  const exited = new Promise((resolve) => child.once("exit", resolve));
  child.kill("SIGTERM");
  await Promise.race([exited, pause(15_000)]);
  if (child.exitCode === null) child.kill("SIGKILL");
}

function localOf(url: string): string {
  return url.replace("localhost", "127.0.0.1");
}

function pause(ms: number): Promise<void> {
  return new Promise((done) => setTimeout(done, ms));
}
