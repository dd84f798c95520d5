import path from "node:path";
import { setTimeout as pause } from "node:timers/promises";
import type { Siege } from "../besiege.ts";
import type { Contender } from "../contenders.ts";
import { residentBytes } from "../cpu.ts";
import type { Figure, Stand } from "../figure.ts";
import { ingest, ingestSome, type Turn, WEBHOOKS } from "../intake.ts";
import { decimals, median, medianAndRange, table, whole } from "../numbers.ts";
import { run } from "../process.ts";

const REQUESTS = 10_000;
const AT_ONCE = 4_000;
/** Genuine events a second, before and during the siege. */
const RATE = 100;
const WARM_SECONDS = 8;
const CALM_SECONDS = 10;
const SIEGE_SECONDS = 30;
const SETTLE_MS = 5_000;
const SAMPLE_MS = 50;
const MIB = 1_048_576;
const AIM_MIB = 64;

type Sample = { readonly atMs: number; readonly bytes: number };
type Round = {
  readonly before: Turn;
  readonly during: Turn;
  readonly siege: Siege;
  readonly samples: readonly Sample[];
  /** At most, under ordinary load at full rate: what a process has to be given anyway. */
  readonly bytesOrdinary: number;
  readonly bytesBefore: number;
  readonly bytesPeak: number;
  readonly bytesAfter: number;
};
type SiegeRun = { readonly rounds: readonly Round[] };

/** What slow and huge requests cost in memory, and whether genuine events still come through. */
export const siege: Figure<SiegeRun> = {
  name: "siege",
  heading: "Under siege",
  async measure(stand) {
    const rounds: Round[] = [];
    for (let number = 1; number <= stand.rounds; number++) {
      // A process that was besieged before has its memory already.
      const billhook = await stand.startBillhook("web");
      rounds.push(await besieged(stand, billhook, number));
      await stand.stop(billhook);
    }
    return { rounds };
  },
  report({ rounds }) {
    const growths = rounds.map((round) => (round.bytesPeak - round.bytesOrdinary) / MIB);
    const shares = rounds.map(
      ({ during }) => (100 * acknowledged(during)) / (RATE * SIEGE_SECONDS),
    );
    const slower = rounds.map(({ before, during }) => during.p99Ms / before.p99Ms);
    return {
      figures: [
        {
          what: `memory growth of the web process under ${whole(REQUESTS)} slow or huge requests`,
          measured: medianAndRange(growths, "MiB", decimals(0)),
          aim: `at most ${AIM_MIB} MiB`,
          holds: median(growths) <= AIM_MIB,
        },
        {
          what: "genuine events acknowledged at once during it",
          measured: medianAndRange(shares, "%", decimals(2)),
          aim: "all",
          holds: Math.min(...shares) === 100,
        },
        {
          what: "p99 of genuine events during it ÷ before",
          measured: medianAndRange(slower, "times", decimals(1)),
        },
      ],
      body: bodyOf(rounds),
      plots: [
        {
          name: "siege",
          title: "Memory of the web process under siege",
          x: { label: "seconds since the siege began" },
          y: { label: "resident memory, MiB" },
          series: rounds.map(({ samples }, place) => ({
            name: `round ${place + 1}`,
            points: samples.map(({ atMs, bytes }) => ({ x: atMs / 1_000, y: bytes / MIB })),
          })),
        },
      ],
    };
  },
};

async function besieged(stand: Stand, billhook: Contender, number: number): Promise<Round> {
  const named = (part: string) => `${part}-${number}`;
  const ordinary = await watched(billhook, () =>
    ingest(stand, billhook, named("warm"), { seconds: WARM_SECONDS }),
  );
  const before = await ingest(stand, billhook, named("calm"), {
    rate: RATE,
    seconds: CALM_SECONDS,
  });
  await pause(SETTLE_MS);

  const bytesBefore = memoryOf(billhook);
  const { result, samples } = await watched(billhook, () =>
    Promise.all([
      besiege(billhook),
      ingestSome(stand, billhook, named("siege"), { rate: RATE, seconds: SIEGE_SECONDS }),
    ]),
  );
  const [siege, during] = result;
  if (Object.values(siege.answers).some((statuses) => statuses["200"]))
    throw new Error("A forged request was acknowledged.");

  await pause(SETTLE_MS);
  const bytesOrdinary = mostOf(ordinary.samples);
  const bytesPeak = mostOf(samples);
  const round = { before, during, siege, samples, bytesOrdinary, bytesBefore, bytesPeak };
  stand.say(
    `round ${number}: ${whole((bytesPeak - bytesOrdinary) / MIB)} MiB more, at most ${siege.atOnceMost} at once`,
  );
  return { ...round, bytesAfter: memoryOf(billhook) };
}

/** What the process holds while something is done to it. */
async function watched<T>(billhook: Contender, work: () => Promise<T>) {
  const samples: Sample[] = [];
  const began = performance.now();
  const sampling = setInterval(() => {
    samples.push({ atMs: performance.now() - began, bytes: memoryOf(billhook) });
  }, SAMPLE_MS);
  const result = await work().finally(() => clearInterval(sampling));
  return { result, samples };
}

function mostOf(samples: readonly Sample[]): number {
  return Math.max(...samples.map(({ bytes }) => bytes));
}

async function besiege({ port }: Contender): Promise<Siege> {
  const file = path.join(import.meta.dirname, "../besiege.ts");
  const options = { port, path: WEBHOOKS, count: REQUESTS, connections: AT_ONCE };
  const args = Object.entries(options).flatMap(([key, value]) => [`--${key}`, String(value)]);
  return JSON.parse(await run(process.execPath, [file, ...args]));
}

function acknowledged({ answers }: Turn): number {
  return answers["200"] ?? 0;
}

function memoryOf({ pid }: Contender): number {
  const bytes = residentBytes(pid);
  if (bytes === undefined) throw new Error("This system does not tell what a process holds.");
  return bytes;
}

function bodyOf(rounds: readonly Round[]): string {
  const rows = rounds.map((round, place) => [
    place + 1,
    ...[round.bytesOrdinary, round.bytesBefore, round.bytesPeak, round.bytesAfter].map((bytes) =>
      whole(bytes / MIB),
    ),
    whole(round.siege.atOnceMost),
    `${whole(round.siege.seconds)} s`,
    `${whole(acknowledged(round.during))} of ${whole(RATE * SIEGE_SECONDS)}`,
    `${decimals(1)(round.before.p99Ms)} / ${decimals(1)(round.during.p99Ms)}`,
  ]);
  const told = rounds.flatMap(({ siege }) => Object.entries(siege.answers));
  const statuses = [...new Set(told.flatMap(([, counts]) => Object.keys(counts)))].sort();
  const answers = [...new Set(told.map(([kind]) => kind))].sort().map((kind) => {
    const mine = told.filter(([name]) => name === kind);
    const sum = (status: string) =>
      mine.reduce((all, [, counts]) => all + (counts[status] ?? 0), 0);
    return [kind, ...statuses.map((status) => whole(sum(status)))];
  });
  const head = [
    "round",
    "MiB under ordinary load",
    "MiB before",
    "MiB at most",
    "MiB after",
    "at once",
    "lasted",
    "genuine acknowledged",
    "genuine p99 ms, before / during",
  ];
  return `${whole(REQUESTS)} requests, up to ${whole(AT_ONCE)} at the same time, a quarter each: headers that never end, bodies that trickle
in (${16} KB a second of a promised 1 MB), a body of 200 MB that is poured in, and chunks without end. They come from
eight addresses, since one may hold only so many connections. Meanwhile ${RATE} genuine events a second are due,
and each that is acknowledged must be stored; what was answered otherwise, a gateway sends again. The resident memory of the web process, which is new in each round, is
read every ${SAMPLE_MS} ms. Growth is what it holds at most during the siege beyond what it holds at most under ordinary
load at full rate; a collection may give some back in the pause before the siege.

${table(head, rows)}

What the besiegers were answered, in all rounds together (*none*: the connection ended before they heard a word, as it
does for one who still pours when it is closed):

${table(["", ...statuses], answers)}`;
}
