import { setTimeout as pause } from "node:timers/promises";
import type { Scenario } from "../scenario.ts";
import type { Stand } from "../stand.ts";

const DELAY_MS = 150;
const CUT_CHANCE = 0.02;
/** Longer than the intake waits for a dead connection. */
const BLACK_HOLE_MS = 4_000;

export const weakWire: Scenario = {
  name: "weak-wire",
  about: `Between app and database: ${DELAY_MS} ms of delay each way, then ${CUT_CHANCE * 100} % of packets cut their connection, then ${BLACK_HOLE_MS / 1_000} s in which every connection falls silent for good.`,
  shape: { proxied: true, workers: 2 },
  async run(stand) {
    const { proxy, sender } = stand;
    await pause(1_500);
    proxy.delay(DELAY_MS);
    await pause(5_000);
    proxy.calm();
    proxy.cutAtRandom(CUT_CHANCE);
    await pause(6_000);
    proxy.calm();
    const { cuts } = proxy;
    await pause(1_000);
    proxy.blackHole();
    await pause(BLACK_HOLE_MS);
    proxy.calm();
    const acked = sender.journal.acked.size;
    await pause(3_000);
    const faults = sender.journal.acked.size > acked ? [] : ["the intake never came back"];
    if (!(await moves(stand))) faults.push("no worker came back from silence within 20 s");
    return { did: `${cuts} cuts, 1 black hole`, faults };
  },
};

/** Whether syncs go on. */
async function moves({ sql }: Stand): Promise<boolean> {
  const [before] = await sql<{ count: number }[]>`select count(*)::int from syncs`;
  for (let tries = 0; tries < 40; tries++) {
    await pause(500);
    const [now] = await sql<{ count: number }[]>`select count(*)::int from syncs`;
    if ((now?.count ?? 0) > (before?.count ?? 0)) return true;
  }
  return false;
}
