import { setTimeout as pause } from "node:timers/promises";
import type { Scenario } from "../scenario.ts";

/** A third of all kills. Claims of the dead come back when their leases end. */
export const killWorker: Scenario = {
  name: "kill-worker",
  about: "SIGKILL of one of two workers at random moments, with work in its hands.",
  shape: { workers: 2 },
  async run({ workers, random }, { kills }) {
    const count = Math.floor(kills / 3);
    for (let n = 0; n < count; n++) {
      await pause(random.between(200, 1_200));
      const worker = random.pick(workers);
      await worker.kill(random.between(0, 300));
      if (random.chance(0.8)) await worker.ready();
    }
    for (const worker of workers) await worker.ready();
    await pause(1_000);
    return { did: `${count} kills` };
  },
};
