import { setTimeout as pause } from "node:timers/promises";
import type { Scenario } from "../scenario.ts";

const ROUNDS = 6;

export const terminated: Scenario = {
  name: "terminated",
  about:
    "pg_terminate_backend of all the product's connections every 2 s; every third time SIGKILL of one backend, after which PostgreSQL restarts itself.",
  async run({ sql, random, backAt, webs, workers }) {
    let ended = 0;
    for (let round = 0; round < ROUNDS; round++) {
      await pause(2_000);
      const pids = await sql<{ pid: number }[]>`
        select pid from pg_stat_activity
        where datname = current_database() and application_name like 'billhook%'`;
      if (round % 3 === 2 && pids.length > 0) {
        process.kill(random.pick(pids).pid, "SIGKILL");
        await until(async () => (await sql`select 1`).length === 1);
        backAt.push(performance.now());
        ended += 1;
      } else {
        for (const { pid } of pids) await sql`select pg_terminate_backend(${pid})`;
        ended += pids.length;
      }
    }
    const faults = [...webs, ...workers].flatMap(({ name, falls }) =>
      falls > 0 ? [`${name} ended ${falls} times because its connections did`] : [],
    );
    return { did: `${ended} connections ended in ${ROUNDS} rounds`, faults };
  },
};

/** Tries until it is so, however often it fails. */
async function until(isSo: () => Promise<boolean>): Promise<void> {
  while (!(await isSo().catch(() => false))) await pause(20);
}
