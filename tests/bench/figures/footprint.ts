import { readFileSync } from "node:fs";
import type { Sql } from "#db/client.ts";
import type { Figure, Stand } from "../figure.ts";
import { median, table, whole } from "../numbers.ts";
import {
  makeOwners,
  organizationsFor,
  postEvents,
  tierAfter,
  visitPages,
} from "./footprint-work.ts";

/** Several looks at a process, in bytes: what it holds, and its share where it shares pages with others. */
type Memory = { readonly rss: readonly number[]; readonly pss: readonly number[] };
type Moment = {
  readonly events: number;
  readonly syncs: number;
  /** How long the events took to be taken in and all synced. */
  readonly seconds: number;
  readonly web: Memory;
  readonly worker: Memory;
};
type FootprintRun = { readonly moments: readonly Moment[] };

const AIM_BYTES = 400e6;
const AIM_GROWTH = 0.05;
const LOOKS = 5;
const PAUSE_MS = 20_000;

/** What web and worker hold in memory: idle, and after many events. */
export const footprint = figureOf("footprint", 1_000_000);

export function figureOf(name: string, most: number): Figure<FootprintRun> {
  const stops = [most / 5, (most * 2) / 5, (most * 3) / 5, (most * 4) / 5, most];
  return {
    name,
    heading: "Memory",
    isLong: true,
    async measure(stand) {
      const owners = organizationsFor(most);
      await makeOwners(stand.sql, owners);
      const web = await stand.startBillhook("web");
      const worker = await stand.startBillhook("worker");
      await visitPages(web.port);
      const look = async (events: number, began: number) => {
        const seconds = (performance.now() - began) / 1_000;
        await pause(PAUSE_MS);
        const [row] = await stand.sql`select count(*)::int as count from syncs`;
        const [ofWeb, ofWorker] = await Promise.all([memoryOf(web.pid), memoryOf(worker.pid)]);
        stand.say(`${whole(events)} events: ${megabytes(ofWeb)} and ${megabytes(ofWorker)} MB`);
        return { events, syncs: Number(row?.count), seconds, web: ofWeb, worker: ofWorker };
      };
      const moments = [await look(0, performance.now())];
      let taken = 0;
      for (const stop of stops) {
        const began = performance.now();
        await postEvents(web.port, owners, taken, stop);
        taken = stop;
        await allSynced(stand, taken, owners);
        moments.push(await look(taken, began));
      }
      return { moments };
    },
    report: reportOf,
  };
}

async function allSynced({ sql }: Stand, events: number, owners: number): Promise<void> {
  for (;;) {
    const [row] = await sql`select count(*)::int as due from gateway_objects where is_due`;
    if (row?.due === 0) break;
    await pause(500);
  }
  await mustBeTrue(sql, events, owners);
}

/** Nothing was lost, everything was applied, and everybody has the tier of the last event. */
async function mustBeTrue(sql: Sql, events: number, owners: number): Promise<void> {
  const [row] = await sql<{ events: number; processed: number; right: number }[]>`
    select count(*)::int as events,
      (count(*) filter (where status = 'processed'))::int as processed,
      (select count(*)::int from organizations o join tiers t on t.id = o.tier_id
        where t.code = ${tierAfter(events, owners)}) as right
    from webhook_events`;
  const isTrue = row?.events === events && row.processed === events;
  if (!isTrue || row.right !== owners) {
    throw new Error(`After ${events} events: ${JSON.stringify(row)}.`);
  }
}

async function memoryOf(pid: number): Promise<Memory> {
  const rss: number[] = [];
  const pss: number[] = [];
  for (let look = 0; look < LOOKS; look++) {
    if (look > 0) await pause(1_000);
    rss.push(kilobytes(readFileSync(`/proc/${pid}/status`, "utf8"), "VmRSS"));
    pss.push(kilobytes(readFileSync(`/proc/${pid}/smaps_rollup`, "utf8"), "Pss"));
  }
  return { rss, pss };
}

function kilobytes(text: string, name: string): number {
  const found = new RegExp(`^${name}:\\s+(\\d+) kB`, "m").exec(text)?.[1];
  if (!found) throw new Error(`The system tells no ${name}.`);
  return Number(found) * 1_024;
}

function pause(ms: number): Promise<void> {
  return new Promise((resolve) => setTimeout(resolve, ms));
}

function megabytes({ rss }: Memory): string {
  return whole(median(rss) / 1e6);
}

function reportOf({ moments }: FootprintRun) {
  const both = moments.map(({ web, worker }) => median(web.rss) + median(worker.rss));
  const [idle = Number.NaN, after = Number.NaN] = both;
  const last = both.at(-1) ?? Number.NaN;
  const growth = last / after - 1;
  const [first, most] = [moments[1]?.events ?? 0, moments.at(-1)?.events ?? 0];
  return {
    figures: [
      {
        what: "resident memory of web and worker together, idle after a first visit of every kind of page",
        measured: `${whole(idle / 1e6)} MB`,
        aim: `at most ${whole(AIM_BYTES / 1e6)} MB`,
        holds: idle <= AIM_BYTES,
      },
      {
        what: `the same, growth from ${whole(first)} to ${whole(most)} events taken in and synced`,
        measured: `${(growth * 100).toFixed(1)} % (${whole(after / 1e6)} to ${whole(last / 1e6)} MB)`,
        aim: `at most ${AIM_GROWTH * 100} %`,
        holds: growth <= AIM_GROWTH,
      },
    ],
    body: `One process with \`ROLE=web\`, one with \`ROLE=worker\`, started as \`npm start\` does. Idle is ${PAUSE_MS / 1_000} s after an
administrator signed in and opened every kind of page once. Then signed events of about 2 KB are posted over 64 connections:
each moves the subscription of one of ${whole(organizationsFor(most))} organizations to another plan, in payload mode, so that tiers
change and their history grows. After each fifth all objects are synced, every event is processed and every tier is
the last event's, or the run fails; then comes a pause of ${PAUSE_MS / 1_000} s. Medians of ${LOOKS} looks, a second apart. Rings that came
while an object waited share a sync.

${table(
  [
    "events",
    "syncs",
    "seconds until all synced",
    "web RSS / PSS MB",
    "worker RSS / PSS MB",
    "together RSS MB",
  ],
  moments.map(({ events, syncs, seconds, web, worker }, place) => [
    whole(events),
    whole(syncs),
    whole(seconds),
    `${megabytes(web)} / ${whole(median(web.pss) / 1e6)}`,
    `${megabytes(worker)} / ${whole(median(worker.pss) / 1e6)}`,
    whole((both[place] ?? Number.NaN) / 1e6),
  ]),
)}`,
    plots: [
      {
        name: "footprint",
        title: "Resident memory by events taken in",
        x: { label: "events" },
        y: { label: "MB" },
        series: (["web", "worker"] as const).map((name) => ({
          name,
          points: moments.map((moment) => ({
            x: moment.events,
            y: median(moment[name].rss) / 1e6,
          })),
        })),
      },
    ],
  };
}
