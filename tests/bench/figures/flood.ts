import type { Sql } from "#db/client.ts";
import { deliver } from "#tests/support/billing.ts";
import type { Figure, Stand } from "../figure.ts";
import { decimals, median, medianAndRange, percentile, table, whole } from "../numbers.ts";
import { drain, NO_MAIL } from "./backlog-drain.ts";
import { type Backlog, checkBacklog, planMoved, storeBacklog } from "./backlog-work.ts";

export type FloodRun = {
  /** Milliseconds from received to synced, of each event, by round. */
  readonly alone: readonly (readonly number[])[];
  readonly beside: readonly (readonly number[])[];
};

/** Invoices and payments of the organization that floods, half each. */
const FLOOD = 20_000;
const OTHERS = 40;
const EVENTS = 200;
const EVERY_MS = 50;
const AIM_MS = 100;

/** How long others wait while one organization has thousands of objects due. */
export const flood: Figure<FloodRun> = {
  name: "flood",
  heading: "A flood of one organization",
  async measure(stand) {
    const run: { alone: number[][]; beside: number[][] } = { alone: [], beside: [] };
    for (let round = 1; round <= stand.rounds; round++) {
      run.alone.push(await turn(stand, 0));
      run.beside.push(await turn(stand, FLOOD));
      const medians = [run.alone, run.beside].map((turns) => whole(median(turns.at(-1) ?? [])));
      stand.say(`round ${round}: ${medians.join(" and ")} ms`);
    }
    return run;
  },
  report(run) {
    const of = (turns: FloodRun["alone"], share: number) =>
      turns.map((times) => percentile(times, share));
    const row = (name: string, turns: FloodRun["alone"]) =>
      [0.5, 0.95, 0.99]
        .map((share) => medianAndRange(of(turns, share), "ms", decimals(0)))
        .toSpliced(0, 0, name);
    const waits = of(run.beside, 0.95);
    return {
      figures: [
        {
          what: `others' wait while one organization has ${whole(FLOOD)} objects due, 95th percentile`,
          measured: medianAndRange(waits, "ms"),
          aim: `${AIM_MS} ms`,
          holds: median(waits) <= AIM_MS,
        },
      ],
      body: `One organization has ${whole(FLOOD)} invoices and payments due, which keep the worker and both processors busy.
Meanwhile ${OTHERS} others move between plans, an event each ${EVERY_MS} ms, ${EVENTS} of them: how long from received to synced, by
PostgreSQL's clock. Objects of one customer take turns as one
([decision 11](decisions/0011-claims-in-turns.md)).

${table(["", "median", "95th percentile", "99th percentile"], [row("without the flood", run.alone), row("with it", run.beside)])}`,
    };
  },
};

async function turn(stand: Stand, objects: number): Promise<number[]> {
  const { sql } = await stand.freshDatabase();
  const work = { run: "calm", organizations: OTHERS, invoices: 0, payments: 0 };
  const others = await storeBacklog(sql, { ...work, eventsPerObject: 1 });
  await drain(stand, sql, "calm");
  if (objects > 0) {
    const each = { organizations: 1, invoices: objects / 2, payments: objects / 2 };
    await storeBacklog(sql, { ...each, run: "flood", eventsPerObject: 1 });
  }
  const worker = await stand.startBillhook("worker", NO_MAIL);
  try {
    await pause(2_000);
    const moved = await moveAbout(others);
    const times = await timesOf(sql, moved.events);
    const flooding =
      await sql`select 1 from gateway_objects where is_due and ref like '%\\_floodx%' limit 1`;
    if (objects > 0 && flooding.length === 0) throw new Error("The flood was over too early.");
    await checkBacklog(sql, moved);
    return times;
  } finally {
    await stand.stop(worker);
  }
}

/** Moves the others between plans, at a steady pace. */
async function moveAbout(others: Backlog): Promise<Backlog> {
  const tiers = new Map(others.tiers);
  const events: string[] = [];
  for (let turn = 0; turn < EVENTS; turn++) {
    const next = pause(EVERY_MS);
    const nth = turn % OTHERS;
    const tier = Math.floor(turn / OTHERS) % 2 === nth % 2 ? "business" : "pro";
    const moved = planMoved("calm", nth, `price_${tier}`, turn);
    tiers.set(`org_calmx${nth}`, tier);
    events.push(moved.id);
    await deliver(moved);
    await next;
  }
  return { events, tiers, notices: others.notices };
}

async function timesOf(sql: Sql, events: readonly string[]): Promise<number[]> {
  for (const began = performance.now(); ; await pause(100)) {
    const rows = await sql<{ ms: number }[]>`
      select extract(epoch from s.at - e.received_at)::float8 * 1000 as ms
      from webhook_events e join syncs s on s.id = e.sync_id
      where e.event_ref = any(${[...events]})`;
    if (rows.length === events.length) return rows.map(({ ms }) => ms);
    if (performance.now() - began > 60_000) throw new Error("Events of others were not synced.");
  }
}

function pause(ms: number): Promise<void> {
  return new Promise((resolve) => setTimeout(resolve, ms));
}
