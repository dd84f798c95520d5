import { setTimeout as pause } from "node:timers/promises";
import type { Scenario } from "../scenario.ts";
import type { Stand } from "../stand.ts";

const TRIES_MAX = 5;

/** A database that says "committed" before it is true, so that a loss is there to be seen. */
export const control: Scenario = {
  name: "control",
  about:
    "The negative control: the same kill of PostgreSQL with synchronous_commit=off, which must be seen to lose.",
  mustLose: true,
  shape: {
    settings: [
      "do $$ begin execute format('alter database %I set synchronous_commit = off', current_database()); end $$",
    ],
  },
  async run(stand) {
    const { cluster, backAt, random } = stand;
    // Else it writes by itself after 0.2 s, and little would be left to lose.
    await cluster.sql`alter system set wal_writer_delay = '10s'`;
    await cluster.sql`alter system set wal_writer_flush_after = '64MB'`;
    await cluster.sql`select pg_reload_conf()`;
    let tries = 0;
    try {
      while (tries < TRIES_MAX) {
        tries += 1;
        await pause(random.between(2_000, 3_000));
        cluster.kill();
        await pause(200);
        backAt.push(await cluster.start());
        if ((await lostSoFar(stand)) > 0) break;
      }
    } finally {
      await cluster.sql`alter system reset wal_writer_delay`;
      await cluster.sql`alter system reset wal_writer_flush_after`;
      await cluster.sql`select pg_reload_conf()`;
    }
    return { did: `${tries} ${tries === 1 ? "kill" : "kills"} without waiting for the disk` };
  },
};

async function lostSoFar({ sql, sender }: Stand): Promise<number> {
  const acked = [...sender.journal.acked.keys()];
  const [row] = await sql<{ lost: number }[]>`
    select count(*)::int as lost from unnest(${acked}::text[]) as acked (ref)
    where not exists (select 1 from webhook_events e where e.event_ref = acked.ref)`;
  return row?.lost ?? 0;
}
