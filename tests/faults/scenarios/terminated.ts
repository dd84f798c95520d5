import { setTimeout as pause } from "node:timers/promises";
import type { Scenario } from "../scenario.ts";
import type { Stand } from "../stand.ts";

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
        await crash(sql, random.pick(pids).pid);
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

/** PostgreSQL ends every connection when one dies in this way; it is back when none is older. */
async function crash(sql: Stand["sql"], pid: number): Promise<void> {
  const [now] = await sql<{ at: Date }[]>`select clock_timestamp() as at`;
  process.kill(pid, "SIGKILL");
  const isBack = async () => {
    const [row] = await sql<{ back: boolean }[]>`
      select min(backend_start) > ${now?.at ?? new Date()} as back from pg_stat_activity
      where backend_type = 'client backend'`;
    return row?.back === true;
  };
  while (!(await isBack().catch(() => false))) await pause(20);
}
