import type { Figure, Series, Stand } from "../figure.ts";
import { ingest, type Turn } from "../intake.ts";
import { decimals, median, medianAndRange, table, whole } from "../numbers.ts";

const SHARES = [0.1, 0.25, 0.5, 0.75, 0.9] as const;
const HALF = 0.5;
const AIM_MS = 50;
/** So many that no request has to wait for a connection: a gateway opens as many as it likes. */
const CONNECTIONS = 512;
/** A turn at a rate has to be long enough for a thousandth of it to be some requests. */
const SECONDS_MIN = 8;
const QUANTILES = [
  ["p50", "p50Ms"],
  ["p95", "p95Ms"],
  ["p99", "p99Ms"],
  ["p99.9", "p999Ms"],
] as const;

type Round = {
  /** Events a second with every connection busy, in the same round. */
  readonly highest: number;
  readonly turns: readonly (Turn & { readonly share: number; readonly rate: number })[];
};
type RateRun = { readonly rounds: readonly Round[]; readonly seconds: number };

/** How long an event waits for its answer, when events come at a constant rate. */
export const rate: Figure<RateRun> = {
  name: "rate",
  heading: "Latency at a constant rate",
  async measure(stand) {
    const seconds = Math.max(stand.seconds, SECONDS_MIN);
    const billhook = await stand.startBillhook("web");
    await ingest(stand, billhook, "warm", { seconds: 3 });
    const rounds: Round[] = [];
    for (let number = 1; number <= stand.rounds; number++) {
      rounds.push(await measureRound(stand, number, seconds));
    }
    return { rounds, seconds };

    async function measureRound(stand: Stand, number: number, seconds: number): Promise<Round> {
      const { perSecond: highest } = await ingest(stand, billhook, `highest-${number}`);
      const turns: Round["turns"][number][] = [];
      for (const share of SHARES) {
        const rate = Math.round(highest * share);
        await stand.sql`checkpoint`;
        const run = `at-${share * 100}-${number}`;
        const turn = await ingest(stand, billhook, run, {
          rate,
          seconds,
          connections: CONNECTIONS,
        });
        turns.push({ ...turn, share, rate });
        stand.say(`round ${number}: p99 ${turn.p99Ms.toFixed(0)} ms at ${rate}/s`);
      }
      return { highest, turns };
    }
  },
  report({ rounds, seconds }) {
    const half = turnsAt(rounds, HALF).map(({ p99Ms }) => p99Ms);
    return {
      figures: [
        {
          what: "p99 of the acknowledgement at half of the highest rate",
          measured: medianAndRange(half, "ms", decimals(0)),
          aim: `at most ${AIM_MS} ms`,
          holds: median(half) <= AIM_MS,
        },
      ],
      body: bodyOf(rounds, seconds),
      plots: [
        {
          name: "rate",
          title: "Latency over rate",
          x: { label: "events a second, constant" },
          y: { label: "ms from due to acknowledged", scale: "log" },
          series: QUANTILES.map(([name, quantile]) => seriesOf(rounds, name, quantile)),
          aim: { at: AIM_MS, words: `aim of p99 at half of the highest rate: ${AIM_MS} ms` },
        },
      ],
    };
  },
};

function seriesOf(
  rounds: readonly Round[],
  name: string,
  quantile: (typeof QUANTILES)[number][1],
): Series {
  return {
    name,
    points: SHARES.map((share) => {
      const turns = turnsAt(rounds, share);
      const times = turns.map((turn) => turn[quantile]);
      const x = Math.round(median(turns.map(({ rate }) => rate)));
      return { x, y: median(times), low: Math.min(...times), high: Math.max(...times) };
    }),
  };
}

function bodyOf(rounds: readonly Round[], seconds: number): string {
  const rows = SHARES.map((share) => {
    const turns = turnsAt(rounds, share);
    return [
      `${share * 100} %`,
      whole(median(turns.map(({ rate }) => rate))),
      ...QUANTILES.map(([, quantile]) => {
        const times = turns.map((turn) => turn[quantile]);
        return medianAndRange(times, "", decimals(1)).replace("  ", " ").trim();
      }),
    ];
  });
  const highest = medianAndRange(
    rounds.map((round) => round.highest),
    "events/s",
  );
  return `Signed events of 2 KB, ${seconds} s at each rate. Every event is due at a fixed time, and its latency counts from
then until its answer, whether or not an earlier one was answered: a stall is paid by all that were due during
it. ${CONNECTIONS} connections, so that none waits for one. The highest rate, measured in each round before: ${highest},
with 128 connections always busy. Timers have whole milliseconds, so up to 1 ms is the generator's.

${table(["of the highest rate", "events/s", ...QUANTILES.map(([name]) => `${name} ms`)], rows)}

At low rates an event waits for one flush of the disk. At higher ones those that come during a flush share the
next, and near the highest rate the load generator and PostgreSQL compete for the same processors.`;
}

function turnsAt(rounds: readonly Round[], wanted: number) {
  return rounds.flatMap(({ turns }) => turns.filter(({ share }) => share === wanted));
}
