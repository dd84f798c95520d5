import { connect } from "#db/client.ts";
import { lookAtOpenPages } from "../billing/asking/pages.ts";
import { sendForgotten } from "../billing/asking/send.ts";
import { releaseBegun } from "../billing/changing/releasing.ts";
import { recomputeDue } from "../billing/clock.ts";
import { config } from "../config.ts";
import { type InTurn, inTurns } from "../in-turn.ts";
import { claimObjects, newTurns, type ObjectRow, releaseObjects } from "../inbox/objects.ts";
import { advanceRebuild } from "../inbox/rebuild.ts";
import { sweepWaiting } from "../inbox/ring.ts";
import { syncClaimed } from "../inbox/sync.ts";
import { schedule, startBoss, stopBoss } from "../jobs/boss.ts";
import { work } from "../jobs/work.ts";
import { log } from "../log.ts";
import { MINUTE, SECOND } from "../time.ts";
import { handlers } from "./handlers.ts";

/** A hint from the intake shortens the wait; without one, this is how long a ring may go unheard. */
const POLL = SECOND;
const TIERS_EVERY = 5 * SECOND;
const SWEEP_EVERY = MINUTE;
/** A command that is sent again has waited for longer: its lease, or what the gateway asked for. */
const COMMANDS_EVERY = 2 * SECOND;
const PAGES_EVERY = 5 * MINUTE;
/** After this, whoever asks the worker to stop goes on without it: leases give its claims back. */
const STOP_WITHIN = 10 * SECOND;

export type Worker = { stop(): Promise<void> };

/** Syncs what rings, keeps tiers true to the clock, and works off every other job, until stopped. */
export async function startWorker(): Promise<Worker> {
  await startBoss({ work: true });
  await work(handlers);
  await schedule("retention", "17 3 * * *");
  await schedule("partitions", "7 0 * * *");
  await schedule("notice.expiring-cards", "23 8 * * *");
  await schedule("notice.ending-comps", "29 8 * * *");
  await schedule("reconcile.gaps", "*/10 * * * *");
  await schedule("reconcile.subscriptions", "37 2 * * *");
  await schedule("reconcile.catalogue", "52 1 * * *");
  const syncing = startSyncing();
  const tiers = every(TIERS_EVERY, "recompute tiers", recomputeDue);
  const rebuilding = every(SECOND, "go on with a rebuild", advanceRebuild);
  const commands = every(COMMANDS_EVERY, "send commands again", sendForgotten);
  const sweep = every(SWEEP_EVERY, "sweep what waits", sweepWaiting);
  const pages = every(PAGES_EVERY, "look at pages to pay on", lookAtOpenPages);
  const schedules = every(PAGES_EVERY, "release schedules that are over", releaseBegun);
  const listener = await listen(syncing.wake);
  log().info("worker started");
  return {
    async stop() {
      tiers.stop();
      sweep.stop();
      rebuilding.stop();
      commands.stop();
      pages.stop();
      schedules.stop();
      await listener.stop();
      await Promise.race([
        syncing.stop(),
        new Promise((done) => setTimeout(done, STOP_WITHIN).unref()),
      ]);
      await stopBoss();
      log().info("worker stopped");
    },
  };
}

/**
 * Claims and syncs without pause while anything is due, several objects at a time. Some are claimed
 * ahead, since a claim costs as much for a few as for one; few enough to be worked off long before
 * their lease ends.
 */
export function startSyncing(concurrency = config().workerConcurrency): Worker & { wake(): void } {
  let stopping = false;
  let isWoken = false;
  let wakeUp: () => void = () => {};
  const active = new Set<Promise<void>>();
  const turns = newTurns();
  const ahead: ObjectRow[] = [];
  // Who waits for a customer elsewhere, a screen above all, is next then, and not after all that wait here.
  const inTurn = inTurns();

  const run = async () => {
    while (!stopping) {
      isWoken = false;
      const isFull = active.size >= concurrency;
      if (!isFull && ahead.length === 0) ahead.push(...(await claimed()));
      const isIdle = ahead.length === 0;
      for (const object of ahead.splice(0, concurrency - active.size)) {
        const one = sync(object, inTurn).finally(() => {
          active.delete(one);
          wakeUp();
        });
        active.add(one);
      }
      // A hint that came while it looked may be about what it did not see.
      if (!stopping && !isWoken && (isIdle || active.size >= concurrency)) {
        await new Promise<void>((done) => {
          wakeUp = done;
          setTimeout(done, POLL).unref();
        });
      }
    }
    await letGo(ahead.splice(0));
    await Promise.all(active);
  };
  const running = run();
  return {
    wake: () => {
      isWoken = true;
      wakeUp();
    },
    async stop() {
      stopping = true;
      wakeUp();
      await running;
    },
  };

  async function claimed(): Promise<ObjectRow[]> {
    try {
      return await claimObjects(concurrency, turns);
    } catch (error) {
      log().error({ err: error }, "claiming objects failed; trying again");
      return [];
    }
  }
}

/** Where the database is away, the lease ends by itself. */
async function letGo(objects: readonly ObjectRow[]): Promise<void> {
  await releaseObjects(objects.map(({ id }) => id)).catch((error: unknown) =>
    log().warn({ err: error }, "claims were not given back"),
  );
}

async function sync(object: ObjectRow, inTurn: InTurn): Promise<void> {
  try {
    await syncClaimed(object, { inTurn });
  } catch (error) {
    // The database is away: the lease ends by itself and the object is claimed again.
    log().error({ err: error, object: object.id }, "a sync could not be finished");
  }
}

/** Something done now and then, never twice at once, whose failure is told and tried again. */
function every(period: number, what: string, run: () => Promise<unknown>): { stop(): void } {
  let busy = false;
  const timer = setInterval(async () => {
    if (busy) return;
    busy = true;
    try {
      await run();
    } catch (error) {
      log().error({ err: error }, `${what} failed`);
    } finally {
      busy = false;
    }
  }, period);
  timer.unref();
  return { stop: () => clearInterval(timer) };
}

/** NOTIFY is a hint: where a pooler does not pass it on, polling finds the same work a little later. */
async function listen(wake: () => void): Promise<Worker> {
  const { directDatabaseUrl: url } = config();
  if (!url) {
    log().info("a pooler stands before the database: rung objects are found by polling");
    return { stop: async () => {} };
  }
  try {
    const client = connect(url, { max: 1, name: "billhook listen" });
    await client.listen("billhook_rung", wake, wake);
    return { stop: () => client.end({ timeout: 5 }) };
  } catch (error) {
    log().warn({ err: error }, "no NOTIFY on this connection; polling only");
    return { stop: async () => {} };
  }
}
