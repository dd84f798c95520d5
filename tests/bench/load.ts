import { parseArgs } from "node:util";
import { median, percentile } from "./numbers.ts";
import { atRate } from "./schedule.ts";
import { type Address, eventRequest, openWire, requestOf } from "./wire.ts";

/*
 * A load generator in a process of its own: keeps so many connections busy for so long, or sends at a
 * constant rate, and prints what came back as one JSON line. Requests are made before the clock starts,
 * so that it measures the server and not itself.
 */

export type LoadResult = {
  readonly answers: Readonly<Record<string, number>>;
  readonly seconds: number;
  /** Answers of 200 a second; see `answeredPerSecond` for all. */
  readonly perSecond: number;
  readonly answeredPerSecond: number;
  readonly p50Ms: number;
  readonly p95Ms: number;
  readonly p99Ms: number;
  readonly p999Ms: number;
  readonly maxMs: number;
  /** The generator's own processor time for each request, since it uses the same processors. */
  readonly ownCpuMs: number;
};

const { values } = parseArgs({
  options: {
    port: { type: "string" },
    path: { type: "string" },
    seconds: { type: "string", default: "4" },
    connections: { type: "string", default: "64" },
    /** Events to sign and post; without a secret, the same small body is posted again and again. */
    secret: { type: "string" },
    events: { type: "string", default: "60000" },
    run: { type: "string", default: "0" },
    /** Requests a second; without it, every connection always has one on its way. */
    rate: { type: "string" },
  },
});
const { secret } = values;
const address: Address = {
  port: Number(values.port),
  path: values.path ?? "/",
  run: values.run,
};
const seconds = Number(values.seconds);
const connections = Number(values.connections);
const perSecond = values.rate === undefined ? undefined : Number(values.rate);
const count = perSecond === undefined ? Number(values.events) : Math.round(perSecond * seconds);
const requests = secret
  ? Array.from({ length: count }, (_, place) => eventRequest(address, place, secret))
  : [requestOf(address, "{}")];

const answers: Record<string, number> = {};
const times: number[] = [];
const note = (status: string, ms: number) => {
  answers[status] = (answers[status] ?? 0) + 1;
  times.push(ms);
};

if (perSecond === undefined) print(await clocked(keepAllBusy));
else print(await clocked(() => sendAtRate(perSecond)));

/** Every connection always has exactly one request on its way, until the time is over. */
async function keepAllBusy(): Promise<void> {
  let next = 0;
  let isOver = false;
  setTimeout(() => {
    isOver = true;
  }, seconds * 1_000);
  const keepBusy = () =>
    new Promise<void>((resolve, reject) => {
      let sentAt = 0;
      const send = () => {
        const bytes = secret ? requests[next++] : requests[0];
        if (isOver || !bytes) return wire.end();
        sentAt = performance.now();
        wire.send(bytes);
      };
      const answered = (status: string) => {
        note(status, performance.now() - sentAt);
        send();
      };
      const wire = openWire(address.port, {
        ready: send,
        answered,
        closed: resolve,
        failed: reject,
      });
    });
  await Promise.all(Array.from({ length: connections }, keepBusy));
}

/** Connections are opened when they are first needed: one that never asks anything is shut by the server. */
async function sendAtRate(perSecond: number): Promise<void> {
  const lines: (Line | undefined)[] = [];
  const send = async (connection: number, place: number) => {
    const bytes = requests[secret ? place : 0];
    if (!bytes) throw new Error("More requests are due than were made.");
    const known = lines[connection];
    const line = !known || known.isClosed() ? await openLine() : known;
    lines[connection] = line;
    return line.ask(bytes);
  };
  for (const { status, ms } of await atRate({ perSecond, seconds, connections, send })) {
    note(status, ms);
  }
  for (const line of lines) line?.end();
}

type Line = { ask(bytes: Buffer): Promise<string>; isClosed(): boolean; end(): void };

/** A connection that is asked for one answer at a time. One that ended meanwhile answers how. */
function openLine(): Promise<Line> {
  return new Promise((resolve, reject) => {
    let answered: (status: string) => void = () => {};
    let isClosed = false;
    const line: Line = {
      ask: (bytes) =>
        new Promise((told) => {
          answered = told;
          wire.send(bytes);
        }),
      isClosed: () => isClosed,
      end: () => wire.end(),
    };
    const wire = openWire(address.port, {
      ready: () => resolve(line),
      answered: (status) => answered(status),
      closed: () => {
        isClosed = true;
        answered("closed");
      },
      failed: (error: NodeJS.ErrnoException) => {
        reject(error);
        answered(error.code ?? "failed");
      },
    });
  });
}

async function clocked(work: () => Promise<void>): Promise<{ seconds: number; cpuMs: number }> {
  const began = performance.now();
  const beganCpu = process.cpuUsage();
  await work();
  const { user, system } = process.cpuUsage(beganCpu);
  return { seconds: (performance.now() - began) / 1_000, cpuMs: (user + system) / 1_000 };
}

function print({ seconds, cpuMs }: { seconds: number; cpuMs: number }): void {
  const result: LoadResult = {
    answers,
    seconds,
    perSecond: (answers["200"] ?? 0) / seconds,
    answeredPerSecond: times.length / seconds,
    p50Ms: median(times),
    p95Ms: percentile(times, 0.95),
    p99Ms: percentile(times, 0.99),
    p999Ms: percentile(times, 0.999),
    maxMs: percentile(times, 1),
    ownCpuMs: cpuMs / times.length,
  };
  process.stdout.write(`${JSON.stringify(result)}\n`);
}
