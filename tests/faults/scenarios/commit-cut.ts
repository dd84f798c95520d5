import { setTimeout as pause } from "node:timers/promises";
import type { Scenario } from "../scenario.ts";

const CUTS = 40;

export const commitCut: Scenario = {
  name: "commit-cut",
  about:
    "The connection is cut after a COMMIT (the flush's statement, or a sync's) was sent and done, and before its answer came back.",
  shape: { proxied: true },
  async run({ proxy, random }) {
    for (let cut = 0; cut < CUTS; ) {
      const burst = Math.min(random.between(1, 3), CUTS - cut);
      proxy.cutAfterCommit(burst);
      cut += burst;
      await pause(random.between(100, 500));
    }
    await pause(500);
    proxy.calm();
    const done = [...proxy.cutAfter.values()].reduce((sum, count) => sum + count, 0);
    const parts = [...proxy.cutAfter].map(([name, count]) => `${count} of ${name}`);
    const faults = proxy.cutAfter.has("billhook intake") ? [] : ["no flush was ever cut"];
    return { did: `${done} cuts (${parts.join(", ")})`, faults };
  },
};
