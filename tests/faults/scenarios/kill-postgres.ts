import { setTimeout as pause } from "node:timers/promises";
import type { Scenario } from "../scenario.ts";

/** What is left of all kills, after those of web and worker. */
export const killPostgres: Scenario = {
  name: "kill-postgres",
  about: "SIGKILL of PostgreSQL's postmaster at random moments under load, then its recovery.",
  async run({ cluster, random, backAt, webs, workers }, { kills }) {
    const count = kills - 2 * Math.floor(kills / 3);
    const faults: string[] = [];
    for (let n = 0; n < count; n++) {
      await pause(random.between(500, 2_500));
      cluster.kill();
      await pause(random.between(0, 1_000));
      backAt.push(await cluster.start());
    }
    await pause(2_000);
    for (const { name, falls } of [...webs, ...workers]) {
      if (falls > 0) faults.push(`${name} ended ${falls} times because PostgreSQL was away`);
    }
    return { did: `${count} kills`, faults };
  },
};
