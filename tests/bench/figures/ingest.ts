import { loadavg } from "node:os";
import { pgbench, startEmptyHandler, startRouteHandler } from "../contenders.ts";
import type { Figure, Line, Stand } from "../figure.ts";
import { ingest, metered, mustAllBe, type Turn } from "../intake.ts";
import { decimals, median, medianAndRange, table, whole } from "../numbers.ts";

type Round = {
  readonly empty: Turn;
  readonly listener: Turn;
  readonly routeHandler: Turn;
  /** Commits a second; absent where pgbench is not installed. */
  readonly singleRows: number | undefined;
  readonly loadAverage: number;
};

type IngestRun = {
  readonly rounds: readonly Round[];
  readonly connections: number;
  readonly seconds: number;
};

/** How much is taken in, beside the most that Next answers and the most that PostgreSQL commits row by row. */
export const ingestFigure: Figure<IngestRun> = {
  name: "ingest",
  heading: "Ingest",
  measure,
  report({ rounds, connections, seconds }) {
    const single = rounds.flatMap(({ listener, singleRows }) =>
      singleRows ? [listener.perSecond / singleRows] : [],
    );
    return {
      figures: [
        ratio("durable ingest ÷ an empty App Router handler", besides(rounds, "empty"), 6),
        single.length > 0
          ? ratio(
              "durable ingest ÷ PostgreSQL's prepared single-row commits (pgbench)",
              single,
              0.6,
            )
          : {
              what: "durable ingest ÷ PostgreSQL's prepared single-row commits",
              measured: "pgbench is not installed",
              aim: "0.6 times",
            },
        {
          what: "durable ingest by the listener ÷ by the same intake as a route handler",
          measured: medianAndRange(besides(rounds, "routeHandler"), "times", decimals(1)),
        },
      ],
      body: bodyOf({ rounds, connections, seconds }),
      plots: [
        {
          name: "ingest",
          title: "What each answers",
          kind: "bar",
          x: { label: "medians of the rounds; higher is better" },
          y: { label: "answers a second" },
          series: [
            {
              name: "answers a second",
              points: [
                {
                  x: "empty handler\nin Next",
                  y: middle(rounds, (round) => round.empty.perSecond),
                },
                {
                  x: "intake as a\nroute handler",
                  y: middle(rounds, (round) => round.routeHandler.perSecond),
                },
                {
                  x: "intake by\nthe listener",
                  y: middle(rounds, (round) => round.listener.perSecond),
                },
                ...(single.length > 0
                  ? [
                      {
                        x: "pgbench, a\ncommit a row",
                        y: middle(rounds, ({ singleRows = 0 }) => singleRows),
                      },
                    ]
                  : []),
              ],
            },
          ],
        },
      ],
    };
  },
};

async function measure(stand: Stand): Promise<IngestRun> {
  const { sql, seconds, connections } = stand;
  await sql`create table bench_rows (id text primary key, at timestamptz default now(), body bytea)`;
  stand.say("building the apps …");
  const routes = await stand.keep(startRouteHandler());
  const empty = await stand.keep(startEmptyHandler());
  const billhook = await stand.startBillhook("web");
  const askEmpty = (turn: { seconds?: number } = {}) => stand.load(empty, "/api/empty", turn);
  await askEmpty({ seconds: 2 });
  await ingest(stand, routes, "warm-route", { seconds: 2 });
  await ingest(stand, billhook, "warm", { seconds: 2 });

  const rounds: Round[] = [];
  for (let number = 1; number <= stand.rounds; number++) {
    const beside = await metered(stand, empty, () => askEmpty());
    mustAllBe("200", beside);
    const round: Round = {
      empty: beside,
      listener: await ingest(stand, billhook, `listener-${number}`),
      routeHandler: await ingest(stand, routes, `route-${number}`),
      singleRows: await pgbench(stand.databaseUrl, seconds),
      loadAverage: loadavg()[0] ?? 0,
    };
    rounds.push(round);
    // What one turn left to be written must not be paid by the next.
    await sql`truncate bench_rows`;
    await sql`checkpoint`;
    const times = (round.listener.perSecond / round.empty.perSecond).toFixed(1);
    stand.say(`round ${number}: ${times} times the empty handler`);
  }
  return { rounds, connections, seconds };
}

function bodyOf({ rounds, connections, seconds }: IngestRun): string {
  const rows = rounds.map(({ empty, listener, routeHandler, singleRows, loadAverage }, place) => [
    place + 1,
    whole(empty.perSecond),
    whole(routeHandler.perSecond),
    whole(listener.perSecond),
    singleRows ? whole(singleRows) : "–",
    [empty, routeHandler, listener]
      .map(({ cpuMsEach }) => cpuMsEach?.toFixed(2) ?? "–")
      .join(" / "),
    `${whole(listener.p50Ms)} / ${whole(listener.p99Ms)}`,
    loadAverage.toFixed(1),
  ]);
  const head = [
    "round",
    "empty handler /s",
    "route handler /s",
    "listener /s",
    "single-row commits /s",
    "processor ms each: empty / route / listener",
    "listener p50 / p99 ms",
    "load average",
  ];
  return `Signed events of 2 KB with ids of their own, ${connections} connections, ${seconds} s a turn. Each is verified, stored,
rings its object and is answered 200 after the commit, which waits for the disk. After each turn the stored
rows are counted: as many as there were 200s, or the run fails. The empty handler is an App Router route under
\`next start\` that only answers; the route handler is Billhook's own route for hosts where Next runs alone, which
calls the same function as the listener. The difference of the two is why the listener stands before Next.
Single-row commits are \`pgbench -M prepared -c 32 -j 2\` with a row of 2 KB each, at a client that makes nothing
and proves nothing.

${table(head, rows)}

The load generator runs on the same machine in a process of its own. A load average well above the number
of processors means that others were busy there; then compare the processor time that each answer took, PostgreSQL's included.`;
}

function ratio(what: string, ratios: readonly number[], aim: number): Line {
  const digits = aim < 1 ? 2 : 1;
  return {
    what,
    measured: medianAndRange(ratios, "times", decimals(digits)),
    aim: `at least ${aim} times`,
    holds: median(ratios) >= aim,
  };
}

function besides(rounds: readonly Round[], other: "empty" | "routeHandler"): number[] {
  return rounds.map((round) => round.listener.perSecond / round[other].perSecond);
}

function middle(rounds: readonly Round[], of: (round: Round) => number): number {
  return median(rounds.map(of));
}
