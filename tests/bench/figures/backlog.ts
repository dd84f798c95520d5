import type { Figure, Stand } from "../figure.ts";
import { decimals, median, medianAndRange, table, whole } from "../numbers.ts";
import { type Drained, drain } from "./backlog-drain.ts";
import { checkBacklog, storeBacklog } from "./backlog-work.ts";

type Turn = Drained & { readonly events: number };
export type BacklogRun = { readonly one: readonly Turn[]; readonly four: readonly Turn[] };

const ORGANIZATIONS = 1_000;
const AIM_ONE = 400;
const AIM_FOUR = 1_000;

/** How fast a worker goes through what waited for it. */
export const backlog: Figure<BacklogRun> = {
  name: "backlog",
  heading: "A backlog",
  async measure(stand) {
    const run: { one: Turn[]; four: Turn[] } = { one: [], four: [] };
    for (let round = 1; round <= stand.rounds; round++) {
      run.one.push(await turn(stand, 1));
      run.four.push(await turn(stand, 4));
      const [one, four] = [rateOf(run.one.at(-1)), rateOf(run.four.at(-1))];
      stand.say(`round ${round}: ${whole(one)} and ${whole(four)} events/s`);
    }
    return run;
  },
  report(run) {
    const [one, four] = [run.one.map(rateOf), run.four.map(rateOf)];
    const cost = (turns: readonly Turn[]) => [
      medianAndRange(
        turns.map((each) => each.syncs / each.seconds),
        "a second",
      ),
      medianAndRange(
        turns.map((each) => (each.workerMs ?? Number.NaN) / each.syncs),
        "ms",
        decimals(2),
      ),
      medianAndRange(
        turns.map((each) => (each.postgresMs ?? Number.NaN) / each.syncs),
        "ms",
        decimals(2),
      ),
    ];
    return {
      figures: [
        {
          what: "a backlog with all effects, one event to an object",
          measured: medianAndRange(one, "events/s"),
          aim: `${whole(AIM_ONE)} events/s`,
          holds: median(one) >= AIM_ONE,
        },
        {
          what: "a backlog with all effects, four events to an object",
          measured: medianAndRange(four, "events/s"),
          aim: `${whole(AIM_FOUR)} events/s`,
          holds: median(four) >= AIM_FOUR,
        },
      ],
      body: `${HOW}

${table(
  [
    "events to an object",
    "events /s",
    "syncs /s",
    "worker's processor time a sync",
    "PostgreSQL's",
  ],
  [
    ["1", medianAndRange(one, ""), ...cost(run.one)],
    ["4", medianAndRange(four, ""), ...cost(run.four)],
  ],
)}

An object that rang four times is synced once. A checkout rings the customer that it links, so there are more
syncs than objects. The worker is one process on one core, beside PostgreSQL on the other; a second worker helps
where there are more cores.`,
    };
  },
};

const HOW = `${whole(ORGANIZATIONS)} organizations, each with a checkout that links it, a subscription that
moves its tier, two invoices of which one fails and is to be told about, and a payment: signed, and stored by the real
intake while no worker runs. Then a worker is started. The time is from its first sync to its last one. In the end every
event must be processed, every tier and the number of notices right, or the run fails. Payload mode: no gateway is
asked.`;

async function turn(stand: Stand, eventsPerObject: 1 | 4): Promise<Turn> {
  const { sql } = await stand.freshDatabase();
  const run = `backlog${eventsPerObject}`;
  const work = { organizations: ORGANIZATIONS, invoices: 2, payments: 1, eventsPerObject };
  const stored = await storeBacklog(sql, { run, ...work });
  const drained = await drain(stand, sql, run);
  await checkBacklog(sql, stored);
  return { ...drained, events: stored.events.length };
}

function rateOf(turn: Turn | undefined): number {
  return turn ? turn.events / turn.seconds : Number.NaN;
}
