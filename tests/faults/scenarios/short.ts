import { setTimeout as pause } from "node:timers/promises";
import type { Scenario } from "../scenario.ts";

const CUTS = 8;

/** A little of everything that matters most, for `npm test`; not a part of `npm run faults`. */
export const short: Scenario = {
  name: "short",
  about: "One kill each of a worker, web and PostgreSQL, and connections cut after COMMIT.",
  shape: { proxied: true, organizations: 12, perSecond: 80 },
  async run({ cluster, proxy, webs, workers, random, backAt }) {
    await pause(random.between(800, 1_500));
    // First, since its leases take half a minute to end.
    for (const worker of workers) await worker.kill(0);
    proxy.cutAfterCommit(CUTS);
    await pause(random.between(1_500, 2_500));
    for (const web of webs) await web.kill(0);
    for (const keeper of [...webs, ...workers]) await keeper.ready();
    await pause(random.between(500, 1_000));
    cluster.kill();
    await pause(random.between(0, 500));
    backAt.push(await cluster.start());
    await pause(1_000);
    proxy.calm();
    const done = [...proxy.cutAfter.values()].reduce((sum, count) => sum + count, 0);
    return { did: `3 kills, ${done} cuts after COMMIT` };
  },
};
