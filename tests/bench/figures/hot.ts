import type { Figure, Stand } from "../figure.ts";
import { decimals, median, medianAndRange, table, whole } from "../numbers.ts";
import { drain } from "./backlog-drain.ts";
import { checkBacklog, storeBacklog } from "./backlog-work.ts";

export type HotRun = { readonly hot: readonly number[]; readonly many: readonly number[] };

/** Invoices and payments, half each. */
const OBJECTS = 3_000;
const MANY = 150;
const AIM = 0.3;

/** One organization, whose syncs wait for one row, beside many. */
export const hot: Figure<HotRun> = {
  name: "hot",
  heading: "One hot organization",
  async measure(stand) {
    const run: { hot: number[]; many: number[] } = { hot: [], many: [] };
    for (let round = 1; round <= stand.rounds; round++) {
      run.many.push(await rate(stand, "many", MANY));
      run.hot.push(await rate(stand, "hot", 1));
      stand.say(
        `round ${round}: ${whole(run.hot.at(-1) ?? 0)} beside ${whole(run.many.at(-1) ?? 0)} events/s`,
      );
    }
    return run;
  },
  report(run) {
    const ratios = run.hot.map((rate, round) => rate / (run.many[round] ?? Number.NaN));
    return {
      figures: [
        {
          what: "all events about one organization, beside many",
          measured: medianAndRange(ratios, "times as fast", decimals(2)),
          aim: `${AIM} times`,
          holds: median(ratios) >= AIM,
        },
      ],
      body: `${whole(OBJECTS)} invoices and payments, of one organization and of ${MANY}, stored as the backlog above.
Syncs of one organization wait for its row, so that its tier never comes from half of the truth; and what its tier
comes from grows with it.

${table(
  ["whose", "events /s"],
  [
    ["many", medianAndRange(run.many, "")],
    ["one", medianAndRange(run.hot, "")],
  ],
)}`,
    };
  },
};

async function rate(stand: Stand, run: string, organizations: number): Promise<number> {
  const { sql } = await stand.freshDatabase();
  const each = OBJECTS / 2 / organizations;
  const work = { organizations, invoices: each, payments: each, eventsPerObject: 1 } as const;
  const stored = await storeBacklog(sql, { run, ...work });
  const { seconds } = await drain(stand, sql, run);
  await checkBacklog(sql, stored);
  return stored.events.length / seconds;
}
