import { existsSync } from "node:fs";
import type { IncomingMessage, RequestListener, ServerResponse } from "node:http";
import path from "node:path";
import { disconnect, sql } from "#db/client.ts";
import { startEmbedded } from "#db/embedded.ts";
import { migrate } from "#db/migrate.ts";
import { isMigrated } from "#db/version.ts";
import { config, reloadConfig } from "#lib/config.ts";
import { AppError } from "#lib/errors.ts";
import { gatewayNames } from "#lib/gateways/registry.ts";
import { giveBackWhenIdle, letHeapGrow } from "#lib/heap.ts";
import { drainIntake } from "#lib/inbox/intake-line.ts";
import { closeListener, createListener, listenOn } from "#lib/inbox/listener.ts";
import { answerMetrics, asksForMetrics, createMetricsListener } from "#lib/inbox/metrics.ts";
import { ensurePartitions } from "#lib/inbox/partitions.ts";
import { drainRefused } from "#lib/inbox/refused.ts";
import { startBoss } from "#lib/jobs/boss.ts";
import { migrateJobs } from "#lib/jobs/migrate.ts";
import { log } from "#lib/log.ts";
import { ownKeys } from "#lib/own-keys.ts";
import { environmentOf } from "#lib/settings/environment.ts";
import { SECOND } from "#lib/time.ts";

/*
 * The one entrance. By ROLE: `web` answers HTTP, `worker` syncs and runs jobs, `all` does both, brings
 * the migrations and, without DATABASE_URL, a PostgreSQL of its own.
 */

/** How long what is in flight may take to end. */
const GRACE_MS = 10 * SECOND;
const DEADLINE_MS = 30 * SECOND;

/** What was started, in that order; stopped from the last to the first. */
const running: { name: string; stop(): Promise<void> }[] = [];
let isStopping = false;

for (const signal of ["SIGTERM", "SIGINT"] as const) process.on(signal, () => void stop(0));
process.on("unhandledRejection", (reason) => void die(reason, "unhandled rejection"));
process.on("uncaughtException", (error) => void die(error, "uncaught exception"));

await start().catch(async (error: unknown) => {
  if (isStopping) return;
  if (error instanceof AppError) process.stderr.write(`Billhook cannot start. ${error.message}\n`);
  else log().fatal({ err: error }, "Billhook cannot start");
  await stop(1);
});

async function start(): Promise<void> {
  reloadConfig({ NODE_ENV: "production" });
  await settleEnvironment();
  const { role } = config();
  const web = role === "worker" ? undefined : await openWeb();
  running.push({ name: "database connections", stop: disconnect });
  await (role === "all" ? bringMigrations() : waitForMigrations());
  await ensurePartitions(new Date());
  await web?.serveNext();
  if (role !== "web") await startWork();
  else await startBoss({ work: false });
  letHeapGrow();
  giveBackWhenIdle();
  if (web) running.push({ name: "intake", stop: drain }, web);
  if (web) process.stdout.write(`Billhook is ready: ${config().publicUrl ?? web.address}\n`);
  else process.stdout.write("The worker of Billhook is ready.\n");
}

/** Finds the database and the keys, or refuses with a sentence. */
async function settleEnvironment(): Promise<void> {
  for (const name of gatewayNames) environmentOf(name);
  const { databaseUrl, role, dataDir } = config();
  if (!databaseUrl) {
    if (role !== "all") {
      throw new AppError("not_configured", `Set DATABASE_URL: ROLE=${role} shares a database.`);
    }
    const own = ownKeys(dataDir);
    const said = (line: string) => log().info(line);
    const postgres = await startEmbedded({ dataDir, log: said });
    running.push({ name: "PostgreSQL", stop: () => postgres.stop() });
    reloadConfig({
      DATABASE_URL: postgres.url,
      ...(config().masterKeys.size > 0 ? {} : { BILLHOOK_MASTER_KEYS: own.BILLHOOK_MASTER_KEYS }),
      ...(config().authSecret ? {} : { NEXTAUTH_SECRET: own.NEXTAUTH_SECRET }),
    });
  }
  if (config().masterKeys.size === 0) {
    throw new AppError(
      "not_configured",
      'Set BILLHOOK_MASTER_KEYS, which seals gateway keys (make one with: echo "k1:$(openssl rand -base64 32)").',
    );
  }
  if (!config().authSecret) {
    throw new AppError(
      "not_configured",
      "Set NEXTAUTH_SECRET, which signs sessions (make one with: openssl rand -base64 32).",
    );
  }
}

/** Opens the port at once: until all is ready, it says so. */
async function openWeb() {
  const { host, port, distDir, trustProxy } = config();
  if (!existsSync(path.join(distDir, "BUILD_ID"))) {
    throw new AppError("not_configured", `There is no build in ${distDir}. Run: npm run build`);
  }
  let answer: RequestListener = notReady;
  const server = createListener({
    trustProxy,
    // Before Next, whose copies of modules have counted nothing.
    fallback: (request, response) =>
      asksForMetrics(request) ? void answerMetrics(request, response) : answer(request, response),
  });
  const address = await listenOn(server, host, port);
  return {
    name: "HTTP",
    address,
    async serveNext() {
      const { default: next } = await import("next");
      const app = next({ dev: false, dir: import.meta.dirname, hostname: host, port });
      await app.prepare();
      const handle = app.getRequestHandler();
      answer = (request, response) => void handle(request, response);
      running.push({ name: "Next", stop: () => app.close() });
    },
    stop: () => closeListener(server, GRACE_MS),
  };
}

function notReady(_: IncomingMessage, response: ServerResponse): void {
  response.writeHead(503, { "content-type": "application/json", "retry-after": "5" });
  response.end(JSON.stringify({ ok: false, reasons: ["Billhook is starting."] }));
}

async function bringMigrations(): Promise<void> {
  const url = config().directDatabaseUrl ?? config().databaseUrl ?? "";
  await migrate(url);
  await migrateJobs(url);
}

async function waitForMigrations(): Promise<void> {
  for (let told = false; !isStopping; told = true) {
    try {
      if (await isMigrated(sql())) return;
      if (!told) log().warn("waiting for migrations: run npm run migrate");
    } catch (error) {
      log().warn({ err: error }, "waiting for the database");
    }
    await new Promise((resolve) => setTimeout(resolve, SECOND));
  }
}

async function startWork(): Promise<void> {
  const { startWorker } = await import("#lib/worker/run.ts");
  const worker = await startWorker();
  running.push({ name: "worker", stop: () => worker.stop() });
  await openMetrics();
}

/** A worker on its own answers no HTTP; its metrics have a port where one is given. */
async function openMetrics(): Promise<void> {
  const { role, host, metricsPort, metricsToken } = config();
  if (role !== "worker" || metricsPort === undefined || !metricsToken) return;
  const server = createMetricsListener();
  const address = await listenOn(server, host, metricsPort);
  running.push({ name: "metrics", stop: () => closeListener(server, SECOND) });
  log().info({ address }, "metrics are told");
}

async function drain(): Promise<void> {
  await drainIntake();
  await drainRefused();
}

/** Ends what is in flight, then everything that was started. A second signal does not wait. */
async function stop(code: number): Promise<void> {
  if (isStopping) process.exit(code || 1);
  isStopping = true;
  setTimeout(() => process.exit(1), DEADLINE_MS).unref();
  for (const { name, stop } of running.splice(0).reverse()) {
    await stop().catch((error: unknown) => log().error({ err: error }, `stopping ${name} failed`));
  }
  process.exit(code);
}

function die(error: unknown, what: string): void {
  log().fatal({ err: error }, what);
  process.exit(1);
}
