import { setTimeout as pause } from "node:timers/promises";
import { LEASE_SECONDS } from "#lib/inbox/objects.ts";
import type { Scenario } from "../scenario.ts";
import type { Stand } from "../stand.ts";

export const stopped: Scenario = {
  name: "stopped",
  about:
    "SIGSTOP of one of two workers with work in its hands, until its leases are over and the other has taken them; then SIGCONT.",
  shape: { workers: 2, perSecond: 60, fetches: true },
  async run(stand) {
    const { workers, stub, sql } = stand;
    await pause(2_000);
    // So that it is stopped between asking the gateway and applying the answer.
    stub.delayAfterRead(300);
    await pause(1_500);
    const [victim] = workers;
    victim?.signal("SIGSTOP");
    stub.delayAfterRead(0);
    const before = await processed(sql);
    await pause(LEASE_SECONDS * 500);
    const halfway = await processed(sql);
    await pause(LEASE_SECONDS * 500 + 3_000);
    const over = await processed(sql);
    victim?.signal("SIGCONT");
    await pause(2_000);
    const faults = [];
    if (over - halfway < 100) faults.push("the other worker came to a halt while one was stopped");
    return {
      did: `stopped for ${LEASE_SECONDS + 3} s; ${over - before} applied meanwhile`,
      faults,
    };
  },
};

async function processed(sql: Stand["sql"]): Promise<number> {
  const [row] = await sql<{ count: number }[]>`
    select count(*)::int from webhook_events where status = 'processed'`;
  return row?.count ?? 0;
}
