import type { Figure } from "../figure.ts";
import { decimals, median, percentile, table } from "../numbers.ts";
import { openPortal } from "./portal-work.ts";

/** How often each was done. */
const EACH_ROUND = 5;
/** V8 compiles what a process does often; until then it takes up to half as long again. Both are told. */
const WARM = 12;
/** The first stories after a start; the very first loads pages and opens connections. */
const FIRST = { from: 1, to: 4 };
const AIM_MS = 100;

/** One thing that somebody asked for: how long until they saw what became of it, and what of that was the gateway's. */
export type Asked = {
  readonly what: string;
  readonly ms: number;
  readonly gatewayMs: number;
  readonly calls: number;
  /** Processor time of the process that answered, in the system's ticks of 10 ms; null where it is not told. */
  readonly webMs: number | null;
};
type PortalRun = {
  readonly asked: readonly Asked[];
  /** The same of a process that was just started. */
  readonly askedFirst: readonly Asked[];
};

/** What the portal adds to the gateway's own answers, command by command. */
export const portal: Figure<PortalRun> = {
  name: "portal",
  heading: "Commands of the portal",
  async measure(stand) {
    const { story, close } = await openPortal(stand);
    try {
      const first: Asked[][] = [];
      for (let turn = 0; turn < WARM; turn++) first.push(await story());
      const askedFirst = first.slice(FIRST.from, FIRST.to).flat();
      const asked: Asked[] = [];
      for (let round = 0; round < stand.rounds; round++) {
        for (let turn = 0; turn < EACH_ROUND; turn++) asked.push(...(await story()));
        stand.say(`round ${round + 1}: ${median(asked.map(beyond)).toFixed(0)} ms`);
      }
      return { asked, askedFirst };
    } finally {
      await close();
    }
  },
  report({ asked, askedFirst }) {
    const names = [...new Set(asked.map(({ what }) => what))];
    const kinds = names.map((name) => kindOf(name, asked, askedFirst));
    const say = decimals(0);
    const line = (what: string, of: "median" | "p95") => {
      const slowest = kinds.reduce((most, kind) => (kind[of] > most[of] ? kind : most));
      return {
        what: `${what}, the slowest (${slowest.name})`,
        measured: `${say(slowest[of])} ms`,
        aim: `at most ${AIM_MS} ms`,
        holds: slowest[of] <= AIM_MS,
      };
    };
    return {
      figures: [
        line("command sent → outcome shown, beyond the gateway’s own answers, median", "median"),
        line("the same, p95", "p95"),
      ],
      body: `Each was done ${kinds[0]?.times ?? 0} times, one after the other, by somebody with an organization of their own, over HTTP as
Next’s own client does it: from the first byte of the form (or of the page’s address) until the last byte of the answer
that shows what became of it, or that leads to the gateway’s page. The sandbox stands behind a wire that tells how long it
took to answer; that is taken off, where two calls were under way at once only once. The sandbox sends its webhooks
as the gateway does, and a worker beside syncs what they ring, so every command has to do with its own echo. After each the
page must say what was asked for, or the run fails. ${WARM} whole stories go before the first that
counts; the second to the fourth of them are told in the last column. The processor time is that of the process that answers, which hardly depends on who else is busy.

${table(
  [
    "",
    "gateway’s calls",
    "gateway’s own ms, median",
    "beyond it: median ms",
    "p95 ms",
    "worst ms",
    "processor ms, mean",
    "just started: median ms",
  ],
  kinds.map(({ name, calls, gateway, median, p95, worst, processor, first }) => [
    name,
    calls,
    say(gateway),
    say(median),
    say(p95),
    say(worst),
    processor === undefined ? "–" : say(processor),
    say(first),
  ]),
)}`,
    };
  },
};

function beyond({ ms, gatewayMs }: Asked): number {
  return ms - gatewayMs;
}

function meanOf(numbers: readonly number[]): number | undefined {
  if (numbers.length === 0) return undefined;
  return numbers.reduce((sum, each) => sum + each, 0) / numbers.length;
}

function kindOf(name: string, asked: readonly Asked[], askedFirst: readonly Asked[]) {
  const mine = asked.filter(({ what }) => what === name);
  const own = mine.map(beyond);
  const first = askedFirst.filter(({ what }) => what === name);
  return {
    name,
    times: mine.length,
    calls: median(mine.map(({ calls }) => calls)),
    gateway: median(mine.map(({ gatewayMs }) => gatewayMs)),
    median: median(own),
    p95: percentile(own, 0.95),
    worst: Math.max(...own),
    first: median(first.map(beyond)),
    processor: meanOf(mine.flatMap(({ webMs }) => webMs ?? [])),
  };
}
