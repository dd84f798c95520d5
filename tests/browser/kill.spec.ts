import { type ChildProcess, spawn } from "node:child_process";
import { randomBytes } from "node:crypto";
import { mkdtempSync, readFileSync } from "node:fs";
import { createServer } from "node:net";
import { tmpdir } from "node:os";
import path from "node:path";
import { expect, test } from "@playwright/test";
import { connect, type Sql } from "#db/client.ts";
import { type Embedded, startEmbedded } from "#db/embedded.ts";
import { childEnvironment } from "#lib/config.ts";
import { cleanUpAfter } from "#tests/support/postgres.ts";
import {
  bodyOf,
  checkoutSession,
  event,
  invoice,
  price,
  type StripeObject,
  signed,
  subscription,
  subscriptionItem,
} from "#tests/support/stripe-objects.ts";

/** A PostgreSQL that really syncs to disk, and the whole product on top: both are killed under load. */
const SECRET = `whsec_${randomBytes(16).toString("hex")}`;
const ORGANIZATIONS = 8;
const SENDERS = 12;

test.describe.configure({ timeout: 180_000 });

test("loses nothing that was acknowledged and applies nothing twice when everything is killed under load", async () => {
  const dataDir = mkdtempSync(path.join(tmpdir(), "billhook-kill-"));
  const cleaner = cleanUpAfter([dataDir]);
  let postgres = await startEmbedded({ dataDir, log: () => {} });
  const port = await freePort();
  let server = await start(port, postgres.url, dataDir);
  let sql = connect(postgres.url, { max: 2, name: "kill test" });
  try {
    await prepare(sql);
    await sql.end();
    const load = startLoad(port);

    await pause(2_500);
    server.kill("SIGKILL");
    await pause(500);
    server = await start(port, postgres.url, dataDir);
    await pause(2_000);
    killPostmaster(postgres);
    server.kill("SIGKILL");
    await pause(500);
    await postgres.stop().catch(() => {});
    postgres = await startEmbedded({ dataDir, log: () => {} });
    server = await start(port, postgres.url, dataDir);
    await pause(2_000);
    const acked = await load.stop();
    const restarted = Date.now();
    sql = connect(postgres.url, { max: 2, name: "kill test" });
    await drained(sql);

    const stored = await sql<{ event_ref: string; status: string }[]>`
      select event_ref, status from webhook_events`;
    const refs = stored.map((row) => row.event_ref);
    expect(acked.length).toBeGreaterThan(200);
    expect(acked.filter((ref) => !refs.includes(ref))).toEqual([]);
    expect(new Set(refs).size).toBe(refs.length);
    expect(stored.filter((row) => row.status !== "processed")).toEqual([]);
    expect(await wrongTiers(sql)).toEqual([]);
    expect(await brokenHistories(sql)).toEqual([]);
    expect(Date.now() - restarted).toBeLessThan(60_000);
  } finally {
    server.kill("SIGKILL");
    await sql.end({ timeout: 1 });
    await postgres.stop().catch(() => {});
    cleaner.stdin.end();
  }
});

async function prepare(sql: Sql): Promise<void> {
  await sql`insert into tiers (id, code, name, rank) values
    ('tir_pro', 'pro', 'Pro', 10), ('tir_business', 'business', 'Business', 20)`;
  await sql`insert into plans (id, code, name, tier_id) values
    ('pln_pro', 'pro', 'Pro', 'tir_pro'), ('pln_business', 'business', 'Business', 'tir_business')`;
  await sql`insert into gateway_prices (gateway, mode, ref, plan_id) values
    ('stripe', 'test', 'price_pro', 'pln_pro'), ('stripe', 'test', 'price_business', 'pln_business')`;
  for (let n = 0; n < ORGANIZATIONS; n++) {
    await sql`insert into organizations (id, name, slug, tier_id)
      values (${`org_${n}`}, ${`Org ${n}`}, ${`org-${n}`}, 'tir_free')`;
  }
}

/** Every organization's newest event says which tier it must end on. */
async function wrongTiers(sql: Sql) {
  return sql`
    select o.id, t.code, s.price_ref from organizations o
    join tiers t on t.id = o.tier_id
    left join subscriptions s on s.organization_id = o.id
    left join lateral (
      select convert_from(e.body, 'UTF8')::jsonb #>> '{data,object,items,data,0,price,id}' as price
      from webhook_events e join gateway_objects g on g.id = e.object_id
      where g.type = 'subscription' and g.ref = s.ref
      order by e.created_at desc, e.event_ref desc limit 1) newest on true
    where newest.price is not null and (newest.price <> s.price_ref or t.code <> replace(s.price_ref, 'price_', ''))`;
}

/** A tier history in which each change begins where the one before it ended, and no doubled notice. */
async function brokenHistories(sql: Sql) {
  return sql`
    select * from (
      select organization_id, from_tier_id,
        lag(to_tier_id) over (partition by organization_id order by at, id) as before
      from tier_changes) history
    where before is not null and before <> from_tier_id`;
}

/** Posts events as a gateway does: again and again until one is acknowledged. */
function startLoad(port: number) {
  const acked: string[] = [];
  let stopped = false;
  let made = 0;
  const begin = Math.floor(Date.now() / 1000) - 36_000;
  const next = (): StripeObject => {
    made += 1;
    const n = made % ORGANIZATIONS;
    const changes = { id: `evt_kill_${made}`, created: begin + made };
    const names = { customer: `cus_${n}`, id: `sub_${n}` };
    if (made <= ORGANIZATIONS) {
      const page = { id: `cs_${n}`, client_reference_id: `org_${n}`, invoice: null };
      const of = { customer: names.customer, subscription: names.id };
      return event("checkout.session.completed", checkoutSession({ ...page, ...of }), changes);
    }
    if (made % 5 === 0) {
      const bill = invoice({ id: `in_${made}`, customer: names.customer, parent: null });
      return event("invoice.paid", bill, changes);
    }
    const id = made % 3 === 0 ? "price_pro" : "price_business";
    const item = subscriptionItem({ price: price({ id }), subscription: names.id });
    const items = { object: "list", data: [item], has_more: false };
    const one = subscription({ ...names, items, latest_invoice: null });
    return event("customer.subscription.updated", one, changes);
  };
  const send = async () => {
    while (!stopped) {
      const told = next();
      const body = bodyOf(told);
      for (let done = false; !done && !stopped; ) {
        done = await post(port, body);
        if (done) acked.push(told.id);
        else await pause(50);
      }
    }
  };
  const senders = Array.from({ length: SENDERS }, send);
  return {
    async stop(): Promise<string[]> {
      stopped = true;
      await Promise.all(senders);
      return acked;
    },
  };
}

async function post(port: number, body: Buffer): Promise<boolean> {
  try {
    const response = await fetch(`http://127.0.0.1:${port}/api/webhooks/stripe`, {
      method: "POST",
      headers: { "stripe-signature": signed(body, SECRET) },
      body: new Uint8Array(body),
      signal: AbortSignal.timeout(5_000),
    });
    await response.arrayBuffer();
    return response.status === 200;
  } catch {
    return false;
  }
}

async function start(port: number, databaseUrl: string, dataDir: string): Promise<ChildProcess> {
  const child = spawn(process.execPath, ["server.ts"], {
    env: childEnvironment({
      NODE_ENV: "production",
      DATABASE_URL: databaseUrl,
      BILLHOOK_DIST_DIR: process.env.TEST_DIST_DIR ?? ".next",
      BILLHOOK_DATA_DIR: dataDir,
      BILLHOOK_MASTER_KEYS: `tests:${Buffer.alloc(32, 7).toString("base64")}`,
      NEXTAUTH_SECRET: "a secret that only this test knows",
      BILLHOOK_MODE: "test",
      STRIPE_WEBHOOK_SECRET: SECRET,
      HOST: "127.0.0.1",
      PORT: String(port),
      ROLE: "all",
      LOG_LEVEL: "fatal",
    }),
    stdio: ["ignore", "ignore", "inherit"],
  });
  for (let tries = 0; tries < 200; tries++) {
    await pause(150);
    const answer = await fetch(`http://127.0.0.1:${port}/api/health?part=web`).catch(
      () => undefined,
    );
    if (answer?.ok) return child;
    if (child.exitCode !== null) throw new Error(`The server ended with ${child.exitCode}.`);
  }
  child.kill("SIGKILL");
  throw new Error("The server did not become ready.");
}

function killPostmaster({ folder }: Embedded): void {
  const lines = readFileSync(path.join(folder, "cluster", "postmaster.pid"), "utf8").split("\n");
  process.kill(Number(lines[0]), "SIGKILL");
}

async function drained(sql: Sql): Promise<void> {
  for (let tries = 0; tries < 300; tries++) {
    const [row] = await sql<{ due: number }[]>`
      select count(*)::int as due from gateway_objects where rung > synced_rung`;
    if (row?.due === 0) return;
    await pause(200);
  }
  throw new Error("Work did not resume within a minute.");
}

async function freePort(): Promise<number> {
  return new Promise((resolve, reject) => {
    const probe = createServer();
    probe.once("error", reject);
    probe.listen(0, "127.0.0.1", () => {
      const address = probe.address();
      probe.close(() => resolve(typeof address === "object" && address ? address.port : 0));
    });
  });
}

function pause(ms: number): Promise<void> {
  return new Promise((done) => setTimeout(done, ms));
}
