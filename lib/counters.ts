import { Counter, collectDefaultMetrics, Gauge, Histogram, Registry } from "prom-client";

/*
 * What a process counts about itself while it works: nothing but additions in memory, and in the intake
 * one for a whole flush. Who scrapes several processes adds them up.
 */

type Counters = ReturnType<typeof makeCounters>;

/** Next bundles its own copies of modules; one process counts once, through the global object. */
const shared = globalThis as { billhookCounters?: Counters };

/** A fact that is the same whichever process tells it, such as a count in the database. */
export type Fact = {
  readonly name: string;
  readonly help: string;
  readonly samples: readonly {
    readonly labels?: Readonly<Record<string, string>>;
    readonly value: number;
  }[];
};

/** Counts what one flush of the intake stored, by what became of each request. */
export function countFlush(
  stored: readonly { readonly gateway: string; readonly outcome: string }[],
  seconds: number,
): void {
  const { received, flushEvents, flushSeconds } = counters();
  const counts = new Map<string, { gateway: string; outcome: string; count: number }>();
  for (const { gateway, outcome } of stored) {
    const key = `${gateway} ${outcome}`;
    const known = counts.get(key);
    if (known) known.count += 1;
    else counts.set(key, { gateway, outcome, count: 1 });
  }
  for (const { gateway, outcome, count } of counts.values()) {
    received.inc({ gateway, outcome }, count);
  }
  flushEvents.observe(stored.length);
  flushSeconds.observe(seconds);
}

export function countFailedFlush(): void {
  counters().failedFlushes.inc();
}

/** Counts a request that was not believed. */
export function countRefused(gateway: string, reason: string): void {
  counters().refused.inc({ gateway, reason });
}

/** Counts a webhook request that was answered otherwise than with 200. */
export function countUnwelcome(status: number): void {
  counters().unwelcome.inc({ status: String(status) });
}

export function countFetch(gateway: string, outcome: string, seconds: number): void {
  counters().fetchSeconds.observe({ gateway, outcome }, seconds);
}

export function countSync(
  { gateway, source, outcome }: { gateway: string; source: string; outcome: string },
  seconds: number,
): void {
  counters().syncSeconds.observe({ gateway, source, outcome }, seconds);
}

/** Everything this process counted, and the facts, in Prometheus' text format. */
export async function exposition(facts: readonly Fact[]): Promise<string> {
  const { registry, watchProcess } = counters();
  watchProcess();
  const told = new Registry();
  for (const { name, help, samples } of facts) {
    const labelNames = Object.keys(samples[0]?.labels ?? {});
    const gauge = new Gauge({ name, help, labelNames, registers: [told] });
    for (const { labels, value } of samples) gauge.set(labels ?? {}, value);
  }
  return `${await registry.metrics()}\n${await told.metrics()}`;
}

/** The content type of that text. */
export const EXPOSITION_TYPE = Registry.PROMETHEUS_CONTENT_TYPE;

function counters(): Counters {
  shared.billhookCounters ??= makeCounters();
  return shared.billhookCounters;
}

function makeCounters() {
  const registry = new Registry();
  const registers = [registry];
  let isWatching = false;
  return {
    registry,
    /** Memory, processor time and the event loop's delay: watched from the first question on. */
    watchProcess() {
      if (!isWatching) collectDefaultMetrics({ register: registry });
      isWatching = true;
    },
    received: new Counter({
      name: "billhook_webhooks_received_total",
      help: "Proven webhook requests that were stored, by what became of them.",
      labelNames: ["gateway", "outcome"],
      registers,
    }),
    refused: new Counter({
      name: "billhook_webhooks_refused_total",
      help: "Webhook requests that were not believed, by reason.",
      labelNames: ["gateway", "reason"],
      registers,
    }),
    unwelcome: new Counter({
      name: "billhook_webhooks_not_ok_total",
      help: "Webhook requests that were answered otherwise than with 200, by status.",
      labelNames: ["status"],
      registers,
    }),
    flushEvents: new Histogram({
      name: "billhook_flush_events",
      help: "How many requests one flush of the intake stored together.",
      buckets: [1, 2, 4, 8, 16, 32, 64, 128, 256],
      registers,
    }),
    flushSeconds: new Histogram({
      name: "billhook_flush_seconds",
      help: "How long one flush of the intake took, its commit included.",
      buckets: [0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2],
      registers,
    }),
    failedFlushes: new Counter({
      name: "billhook_flushes_failed_total",
      help: "Flushes of the intake that stored nothing; each may have been tried again.",
      registers,
    }),
    fetchSeconds: new Histogram({
      name: "billhook_fetch_seconds",
      help: "How long looks at a gateway took, by what they found.",
      labelNames: ["gateway", "outcome"],
      buckets: [0.05, 0.1, 0.25, 0.5, 1, 2, 4, 8],
      registers,
    }),
    syncSeconds: new Histogram({
      name: "billhook_sync_seconds",
      help: "How long syncs took, their looks included, by what they came to.",
      labelNames: ["gateway", "source", "outcome"],
      buckets: [0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2, 5, 10],
      registers,
    }),
  };
}
