import { randomBytes } from "node:crypto";
import { existsSync, mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import path from "node:path";
import { connect, type Sql } from "#db/client.ts";
import { freePort, run } from "#tests/bench/process.ts";
import { type StripeStub, startStripeStub } from "#tests/support/stripe-stub.ts";
import type { Cluster } from "./cluster.ts";
import { type Keeper, keep } from "./keeper.ts";
import { openPostOffice, type PostOffice } from "./post-office.ts";
import { type FaultyWire, openProxy } from "./proxy.ts";
import { type Random, randomOf } from "./random.ts";
import { type Sender, startSender } from "./sender.ts";
import { type Story, tellStory } from "./story.ts";

/** What a scenario wants to be stood up; one web and one worker process by default. */
export type Shape = {
  readonly webs?: number;
  readonly workers?: number;
  readonly organizations?: number;
  readonly perSecond?: number;
  /** Our own proxy between the processes and the database. */
  readonly proxied?: boolean;
  /** A key, so that syncs ask a scripted gateway. */
  readonly fetches?: boolean;
  /** SQL for the new database, before anybody uses it. */
  readonly settings?: readonly string[];
  readonly tablespace?: string;
};

/** A deployment as somebody runs it, and everything that stands around it. */
export type Stand = {
  readonly cluster: Cluster;
  readonly databaseUrl: string;
  /** The database, past every fault. */
  readonly sql: Sql;
  readonly webs: readonly Keeper[];
  readonly workers: readonly Keeper[];
  readonly proxy: FaultyWire;
  readonly stub: StripeStub;
  readonly postOffice: PostOffice;
  readonly story: Story;
  readonly sender: Sender;
  readonly random: Random;
  /** When PostgreSQL was back after each kill (`performance.now()`). */
  readonly backAt: number[];
  /** Where the processes log to; kept when asked, for whoever looks into a failure. */
  readonly folder: string;
  close(options?: { keepLogs: boolean }): Promise<void>;
};

const ROOT = path.resolve(import.meta.dirname, "../..");
const NEXT = path.join(ROOT, "node_modules/next/dist/bin/next");
const BUILDS = [".next-bench-app", ".next-test", ".next"];

export async function standUp(
  cluster: Cluster,
  name: string,
  seed: number,
  shape: Shape = {},
): Promise<Stand> {
  const database = `faults_${name.replaceAll("-", "_")}_${randomBytes(3).toString("hex")}`;
  const { tablespace } = shape;
  const databaseUrl = await cluster.makeDatabase(database, tablespace ? { tablespace } : {});
  const random = randomOf(seed, name);
  const story = tellStory(
    name.replaceAll("-", "_"),
    shape.organizations ?? 20,
    randomOf(seed, `${name}/story`),
  );
  const sql = connect(databaseUrl, { max: 2, name: "faults" });
  await prepare(sql, story.organizations);
  for (const setting of shape.settings ?? []) await sql.unsafe(setting);
  const postOffice = await openPostOffice();
  const proxy = await openProxy(databaseUrl, randomOf(seed, `${name}/proxy`));
  const stub = await startStripeStub();
  stub.set(...story.customers());
  const folder = mkdtempSync(path.join(tmpdir(), `billhook-faults-${name}-`));
  const secret = `whsec_${randomBytes(16).toString("hex")}`;
  const common = {
    DATABASE_URL: shape.proxied ? proxy.url : databaseUrl,
    SMTP_URL: postOffice.url,
    STRIPE_WEBHOOK_SECRET: secret,
    ...(shape.fetches
      ? { STRIPE_SECRET_KEY: "sk_test_faults0123456789abcdef", STRIPE_API_BASE: stub.url }
      : {}),
    ...(await environment(folder)),
  };
  const ports = await Promise.all(Array.from({ length: shape.webs ?? 1 }, freePort));
  const webs = ports.map((port, n) => {
    const own = { ...common, ROLE: "web", PORT: String(port) };
    return keep({ name: `web-${n}`, environment: own, folder });
  });
  const workers = Array.from({ length: shape.workers ?? 1 }, (_, n) =>
    keep({ name: `worker-${n}`, environment: { ...common, ROLE: "worker" }, folder }),
  );
  const close = async ({ keepLogs } = { keepLogs: false }) => {
    await Promise.all([...webs, ...workers].map((keeper) => keeper.stop()));
    await Promise.all([proxy.close(), stub.stop(), postOffice.close(), sql.end({ timeout: 2 })]);
    await cluster.dropDatabase(database);
    if (!keepLogs) rmSync(folder, { recursive: true, force: true });
  };
  try {
    await Promise.all([...webs, ...workers].map((keeper) => keeper.ready()));
  } catch (error) {
    await close({ keepLogs: true });
    throw error;
  }
  const sender = startSender({
    story,
    secret,
    ports,
    random: randomOf(seed, `${name}/sender`),
    perSecond: shape.perSecond ?? 120,
    before: ({ object }) => stub.set(object),
  });
  const around = { cluster, databaseUrl, sql, webs, workers, proxy, stub, postOffice };
  return { ...around, story, sender, random, backAt: [], folder, close };
}

/** The catalogue, and organizations with an owner each, so that there is somebody to write to. */
async function prepare(sql: Sql, organizations: number): Promise<void> {
  await sql`insert into tiers (id, code, name, rank) values
    ('tir_pro', 'pro', 'Pro', 10), ('tir_business', 'business', 'Business', 20)`;
  await sql`insert into plans (id, code, name, tier_id) values
    ('pln_pro', 'pro', 'Pro', 'tir_pro'), ('pln_business', 'business', 'Business', 'tir_business')`;
  await sql`insert into gateway_prices (gateway, mode, ref, plan_id) values
    ('stripe', 'test', 'price_pro', 'pln_pro'), ('stripe', 'test', 'price_business', 'pln_business')`;
  await sql`insert into organizations (id, name, slug, tier_id)
    select 'org_' || n, 'Org ' || n, 'org-' || n, 'tir_free'
    from generate_series(0, ${organizations - 1}::int) n`;
  await sql`insert into users (id, email, name)
    select 'usr_' || n, 'owner' || n || '@example.com', 'Owner ' || n
    from generate_series(0, ${organizations - 1}::int) n`;
  await sql`insert into members (organization_id, user_id, role)
    select 'org_' || n, 'usr_' || n, 'owner' from generate_series(0, ${organizations - 1}::int) n`;
}

async function environment(folder: string): Promise<Record<string, string>> {
  return {
    NODE_ENV: "production",
    NEXT_TELEMETRY_DISABLED: "1",
    BILLHOOK_DIST_DIR: await buildFolder(),
    BILLHOOK_DATA_DIR: folder,
    BILLHOOK_MASTER_KEYS: `faults:${Buffer.alloc(32, 7).toString("base64")}`,
    NEXTAUTH_SECRET: "a secret that only this run knows",
    BILLHOOK_MODE: "test",
    HOST: "127.0.0.1",
    LOG_LEVEL: "warn",
    POOL_SIZE: "6",
    WORKER_CONCURRENCY: "6",
  };
}

/** Any build will do: webhooks and syncs never touch it. */
async function buildFolder(): Promise<string> {
  const given = process.env.TEST_DIST_DIR;
  const found = BUILDS.find((build) => existsSync(path.join(ROOT, build, "BUILD_ID")));
  if (given ?? found) return given ?? found ?? "";
  const [build = ""] = BUILDS;
  const env = { BILLHOOK_DIST_DIR: build, NEXT_TELEMETRY_DISABLED: "1" };
  await run(process.execPath, [NEXT, "build"], { cwd: ROOT, env });
  return build;
}
