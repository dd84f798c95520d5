import { disconnect } from "#db/client.ts";
import { reloadConfig } from "#lib/config.ts";
import { type EventFilter, type EventPage, listEvents } from "#lib/inbox/views.ts";
import { ada } from "#tests/support/settings.ts";
import type { Database, Figure } from "../figure.ts";
import { median, percentile, table, whole } from "../numbers.ts";
import { type Asked, pagesAsked } from "./log-asked.ts";
import { fillLog } from "./log-fill.ts";

/** What a page took at each number of events. */
type PageTimes = {
  readonly name: string;
  /** Over all turns, on average. */
  readonly rows: readonly number[];
  /** How often, from 0 to 1, it stopped looking at the end of a stretch. */
  readonly cut: readonly number[];
  /** The first time it was asked for. */
  readonly firstMs: readonly number[];
  readonly timesMs: readonly (readonly number[])[];
};

type LogRun = {
  readonly events: readonly number[];
  readonly fillSeconds: readonly number[];
  readonly bytes: readonly number[];
  readonly pages: readonly PageTimes[];
};

const FEW = 10_000;
const AIM_MS = 50;
const AIM_RATIO = 1.5;
const TURNS = 40;
/** Without these the first pages would be measured with code that is not compiled yet. */
const WARM_TURNS = 5;

/** Pages of a log that few have. */
export const logPages = figureOf("log-pages", 1_000_000);
/** Pages of a log that hardly anybody has. Filling it takes minutes and 15 GB. */
export const logPages10M = { ...figureOf("log-pages-10m", 10_000_000), isLong: true };

function figureOf(name: string, many: number): Figure<LogRun> {
  return {
    name,
    heading: `The webhook log at ${whole(many)} events`,
    async measure(stand) {
      const logs: Stood[] = [];
      for (const count of [FEW, many]) {
        stand.say(`filling the webhook log with ${whole(count)} events …`);
        logs.push(await fillOn(await stand.freshDatabase(), count));
      }
      stand.say("asking for the pages …");
      return {
        events: logs.map(({ log }) => log.count),
        fillSeconds: logs.map(({ fillSeconds }) => fillSeconds),
        bytes: logs.map(({ bytes }) => bytes),
        pages: await measurePages(logs),
      };
    },
    report: (run) => reportOf(run, many),
  };
}

type Stood = Awaited<ReturnType<typeof fillOn>>;

async function fillOn({ sql, databaseUrl }: Database, count: number) {
  const began = performance.now();
  const log = await fillLog(sql, databaseUrl, count);
  const fillSeconds = (performance.now() - began) / 1_000;
  const [size] = await sql<
    { bytes: string }[]
  >`select pg_database_size(current_database()) as bytes`;
  return {
    log,
    databaseUrl,
    fillSeconds,
    bytes: Number(size?.bytes),
    asked: await pagesAsked(sql, log),
  };
}

/** Page by page in each log, so that whatever else the machine does meets all of them alike. */
export async function measurePages(
  logs: readonly Pick<Stood, "databaseUrl" | "asked">[],
): Promise<PageTimes[]> {
  const pages: PageTimes[] = [];
  for (const [place, { name }] of (logs[0]?.asked ?? []).entries()) {
    const measured = [];
    for (const { databaseUrl, asked } of logs) {
      await disconnect();
      reloadConfig({ DATABASE_URL: databaseUrl, LOG_LEVEL: "warn" });
      const page = asked[place];
      if (page) measured.push(await measurePage(page));
    }
    pages.push({
      name,
      rows: measured.map(({ rows }) => rows),
      cut: measured.map(({ cut }) => cut),
      firstMs: measured.map(({ firstMs }) => firstMs),
      timesMs: measured.map(({ timesMs }) => timesMs),
    });
  }
  return pages;
}

async function measurePage(asked: Asked) {
  const turn = async (number: number) => {
    const [filter, request] = asked.ask(number);
    const began = performance.now();
    const page = await listEvents(ada, filter, request);
    const took = performance.now() - began;
    check(asked, filter, page);
    return { took, rows: page.rows.length, isCut: page.searchedTo !== null };
  };
  const first = await turn(0);
  for (let number = 1; number <= WARM_TURNS; number++) await turn(number);
  const timesMs: number[] = [];
  let [rows, cut] = [0, 0];
  for (let number = 0; number < TURNS; number++) {
    const one = await turn(number);
    timesMs.push(one.took);
    rows += one.rows / TURNS;
    cut += one.isCut ? 1 / TURNS : 0;
  }
  return { rows, cut, firstMs: first.took, timesMs };
}

/** A page that is quick because it is wrong would be worth nothing. */
function check({ name, finds }: Asked, filter: EventFilter, page: EventPage): void {
  const { gateway, mode, type, status, organizationId, from, until } = filter;
  const wrong = page.rows.filter(
    (row) =>
      (gateway && row.gateway !== gateway) ||
      (mode && row.mode !== mode) ||
      (type && row.type !== type) ||
      (status && row.status !== status) ||
      (organizationId && row.organization?.id !== organizationId) ||
      (from && row.receivedAt < from) ||
      (until && row.receivedAt >= until),
  );
  const falls = page.rows.every(
    (row, place) => !place || row.receivedAt <= (page.rows[place - 1]?.receivedAt ?? 0),
  );
  const isAsExpected = !finds || page.rows.length > 0 === (finds === "some");
  if (wrong.length === 0 && falls && isAsExpected) return;
  throw new Error(`The page “${name}” is wrong for ${JSON.stringify(filter)}.`);
}

function apart([of = 0, other = 0]: readonly number[]): number {
  return Math.abs(of - other);
}

function reportOf(run: LogRun, many: number) {
  const pages = run.pages.map((page) => {
    const [few, most] = [page.timesMs[0] ?? [], page.timesMs.at(-1) ?? []];
    // Fewer rows are less work, whatever the size of the log: only like is compared with like.
    const isAlike = apart(page.rows) <= 1 && apart(page.cut) <= 0.1;
    const growth = isAlike ? median(most) / median(few) : undefined;
    return { ...page, p95: percentile(most, 0.95), growth };
  });
  const slowest = pages.toSorted((a, b) => b.p95 - a.p95)[0];
  const grown = pages.toSorted((a, b) => (b.growth ?? 0) - (a.growth ?? 0))[0];
  const sizes = run.bytes.map((bytes) => `${(bytes / 1e9).toFixed(1)} GB`);
  const seconds = run.fillSeconds.map((each) => `${whole(each)} s`);
  return {
    figures: [
      {
        what: `log pages at ${whole(many)} events, the slowest filter, p95 (${slowest?.name})`,
        measured: `${slowest?.p95.toFixed(1)} ms`,
        aim: `at most ${AIM_MS} ms`,
        holds: (slowest?.p95 ?? Number.NaN) <= AIM_MS,
      },
      {
        what: `log pages at ${whole(many)} events against ${whole(FEW)}, medians, the filter that grew most (${grown?.name})`,
        measured: `${grown?.growth?.toFixed(2)} times`,
        aim: `at most ${AIM_RATIO} times`,
        holds: (grown?.growth ?? Number.NaN) <= AIM_RATIO,
      },
    ],
    body: `One page of up to 50 events, read as the admin reads it, with organizations, objects, changes and counts of
deliveries: ${TURNS} turns of each, with other values at each turn, after ${WARM_TURNS} to warm up. “First” is the very first time
that a page was asked for in that log. Growth is told where both logs show as many rows: a rare thing that fills a
page of a large log does not fill one of a small log, and is less work there, and so is a stretch that ends early. The logs are asked in turns, page by page. “Far in” begins at a place between a tenth and nine tenths of the log. Every row is compared
with what was asked for. The log is of 90 days, in partitions by month, with bodies of up to 300 bytes; it was filled with
\`fsync\` off and measured with it on, and took ${seconds.join(" and ")} and ${sizes.join(" and ")}. No page reads more than 1,000 rows of
what no index leads to; then it says how far it looked, and goes on from there.

${table(
  [
    "page",
    "rows",
    ...run.events.map((count) => `p50 / p95 / first ms at ${whole(count)}`),
    "growth",
  ],
  pages.map(({ name, rows, timesMs, firstMs, growth }) => [
    name,
    rows.map((count) => count.toFixed(0)).join(" / "),
    ...timesMs.map((times, place) =>
      [median(times), percentile(times, 0.95), firstMs[place] ?? Number.NaN]
        .map((ms) => ms.toFixed(1))
        .join(" / "),
    ),
    growth === undefined ? "" : `${growth.toFixed(2)}×`,
  ]),
)}`,
  };
}
