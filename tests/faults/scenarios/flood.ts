import { setTimeout as pause } from "node:timers/promises";
import type { Scenario } from "../scenario.ts";
import type { Stand } from "../stand.ts";

const TURN_MS = 6_000;
const HOT = 0;

export const flood: Scenario = {
  name: "flood",
  about: "One organization sends nine events of ten, at five times the rate of all others before.",
  shape: { perSecond: 30 },
  async run(stand) {
    const { sender } = stand;
    await pause(2_000);
    const quiet = await latencyOfOthers(stand, TURN_MS);
    sender.favour(HOT, 0.9);
    sender.pace(300);
    const loud = await latencyOfOthers(stand, TURN_MS);
    sender.pace(30);
    const ratio = loud / quiet;
    const times = `${Math.round(quiet)} → ${Math.round(loud)} ms`;
    return { did: `others wait ${ratio.toFixed(1)} times as long (${times}, median)` };
  },
};

/** The median from received to applied of everybody but the hot organization, for what came in a turn. */
async function latencyOfOthers({ sql }: Stand, ms: number): Promise<number> {
  const [now] = await sql<{ at: Date }[]>`select now() as at`;
  await pause(ms);
  const [row] = await sql<{ median: number | null }[]>`
    select percentile_cont(0.5) within group (
      order by extract(epoch from s.at - e.received_at) * 1000)::float8 as median
    from webhook_events e join syncs s on s.id = e.sync_id
    where e.received_at >= ${now?.at ?? new Date()} and e.organization_id <> ${`org_${HOT}`}`;
  return Math.max(row?.median ?? 0, 1);
}
