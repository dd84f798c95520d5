import { setTimeout as pause } from "node:timers/promises";
import postgres from "postgres";
import type { Scenario } from "../scenario.ts";

const HELD_MS = 6_000;
/** A gateway must not be kept waiting for a connection that nobody can have. */
const ANSWER_WITHIN_MS = 3_000;

export const exhausted: Scenario = {
  name: "exhausted",
  about: `Every connection of PostgreSQL is taken by somebody else for ${HELD_MS / 1_000} s, after the product's own were ended.`,
  async run({ sql, cluster, databaseUrl, sender, backAt, webs, workers }) {
    await pause(1_500);
    await cluster.sql`select 1`;
    const hogs: postgres.Sql[] = [];
    const hog = async () => {
      const client = postgres(databaseUrl, { max: 1, connect_timeout: 2, onnotice: () => {} });
      hogs.push(client);
      return (await client`select 1`).length === 1;
    };
    let isFull = false;
    while (!isFull) {
      await sql`select pg_terminate_backend(pid) from pg_stat_activity
        where datname = current_database() and application_name like 'billhook%'`;
      for (;;) if (!(await hog().catch(() => false))) break;
      const [row] = await sql<{ ours: number }[]>`
        select count(*)::int as ours from pg_stat_activity
        where datname = current_database() and application_name like 'billhook%'`;
      isFull = row?.ours === 0;
    }
    sender.journal.slowestMs = 0;
    await pause(HELD_MS);
    const { slowestMs } = sender.journal;
    await Promise.all(hogs.map((client) => client.end({ timeout: 1 })));
    backAt.push(performance.now());
    await pause(2_000);
    const faults = [...webs, ...workers].flatMap(({ name, falls }) =>
      falls > 0 ? [`${name} ended ${falls} times because no connection was to be had`] : [],
    );
    if (slowestMs > ANSWER_WITHIN_MS) faults.push(`an answer took ${Math.round(slowestMs)} ms`);
    return { did: `${hogs.length} connections held`, faults };
  },
};
