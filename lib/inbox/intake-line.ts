import { db, intakeSql, renewIntake } from "#db/client.ts";
import { countFailedFlush, countFlush } from "../counters.ts";
import { log } from "../log.ts";
import { raiseAlert } from "../notices/store.ts";
import { SECOND } from "../time.ts";
import { batcher } from "./batch.ts";
import type { Arrival } from "./event-rows.ts";
import { failureOf } from "./failures.ts";
import { type Stored, storeArrivals } from "./intake.ts";
import { countVerified, drainVerifiedCounts } from "./verified-counts.ts";
import { drainWaking, wakeWorkers } from "./wake.ts";

const TIME_LIMIT_MS = 2_000;
/** How long a cancelled statement may take to end before its connection counts as dead. */
const CANCEL_LIMIT_MS = 500;
const KIB = 1_024;

const line = batcher<Arrival, Stored>({
  flush,
  failureOf,
  flushesAtOnce: 2,
  rowsBesideAnother: 64,
  rowsPerFlush: 256,
  bytesPerFlush: 4_096 * KIB,
  waitingRowsMax: 10_000,
  waitingBytesMax: 65_536 * KIB,
  timeLimitMs: TIME_LIMIT_MS,
});
const alerts = new Set<Promise<void>>();

/** Stores a proven request together with whatever else is waiting; throws `not_yet` when that is not possible now. */
export async function storeSoon(arrival: Arrival): Promise<Stored> {
  return line.add(arrival, arrival.body.length + KIB);
}

/** Waits until everything that was accepted is stored, and what follows from it is written. */
export async function drainIntake(): Promise<void> {
  await line.drain();
  await Promise.all([...alerts, drainVerifiedCounts(), drainWaking()]);
}

async function flush(arrivals: readonly Arrival[], signal: AbortSignal): Promise<Stored[]> {
  const watch = renewWhenStuck(signal);
  const began = performance.now();
  try {
    const stored = await storeArrivals(intakeSql(), arrivals, signal);
    count(arrivals, stored, began);
    if (stored.some(({ outcome }) => outcome === "new")) wakeWorkers();
    countVerified(arrivals.map(({ secretId }) => secretId));
    for (const [place, arrival] of arrivals.entries()) alertAbout(arrival, stored[place]);
    return stored;
  } catch (error) {
    countFailedFlush();
    throw error;
  } finally {
    watch.end();
  }
}

function count(arrivals: readonly Arrival[], stored: readonly Stored[], began: number): void {
  const outcomes = stored.map(({ outcome }, place) => ({
    gateway: arrivals[place]?.gateway ?? "",
    outcome,
  }));
  countFlush(outcomes, (performance.now() - began) / SECOND);
}

/** A connection whose other end is gone never ends a statement, cancelled or not. */
function renewWhenStuck(signal: AbortSignal): { end(): void } {
  let timer: NodeJS.Timeout | undefined;
  const start = () => {
    timer = setTimeout(() => {
      log().warn("PostgreSQL does not end a cancelled statement; the intake connects anew");
      renewIntake().catch((error: unknown) => log().warn({ err: error }, "closing failed"));
    }, CANCEL_LIMIT_MS);
  };
  signal.addEventListener("abort", start, { once: true });
  return {
    end() {
      signal.removeEventListener("abort", start);
      clearTimeout(timer);
    },
  };
}

/** Written after the answer: the event's own row says the same and is already stored. */
function alertAbout(arrival: Arrival, stored: Stored | undefined): void {
  const alert = stored && ALERTS[stored.outcome];
  if (!alert) return;
  const subject = `${arrival.gateway}:${arrival.mode}:${arrival.event?.eventRef ?? "body"}`;
  const raised = raiseAlert(db(), {
    ...alert,
    subject,
    href: `/admin/webhooks/${stored.eventId}`,
  })
    .catch((error: unknown) => log().error({ err: error, subject }, "an alert was not written"))
    .finally(() => alerts.delete(raised));
  alerts.add(raised);
}

const ALERTS: Partial<Record<Stored["outcome"], { kind: string; message: string }>> = {
  conflict: {
    kind: "event_conflict",
    message:
      "An event arrived again under the same id with another body. The first one counts; compare the two.",
  },
  parked: {
    kind: "not_an_event",
    message: "A webhook was signed with a right secret, but its body is not an event. It is kept.",
  },
};
