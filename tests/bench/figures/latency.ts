import type { Sql } from "#db/client.ts";
import { makeOrganization, tierOf } from "#tests/support/billing.ts";
import { doorAt, signedEvent } from "#tests/support/door.ts";
import {
  BEGINNING,
  checkoutSession,
  event,
  subscription,
  subscriptionItem,
} from "#tests/support/stripe-objects.ts";
import type { Figure } from "../figure.ts";
import { decimals, median, medianAndRange, percentile } from "../numbers.ts";

const EVENTS = 60;
const PAUSE_MS = 150;
const AIM_MS = 30;

type LatencyRun = {
  /** In the order in which they were sent, of every round. */
  readonly timesMs: readonly (readonly number[])[];
};

/** From the first byte sent to the changed tier seen in the database, one event at a time. */
export const latency: Figure<LatencyRun> = {
  name: "latency",
  heading: "From received to applied",
  async measure(stand) {
    const whole = await stand.startBillhook("all");
    await makeOrganization(stand.sql, ORGANIZATION);
    const timesMs: number[][] = [];
    for (let round = 0; round < stand.rounds; round++) {
      timesMs.push(await measureRound(stand.sql, whole.port, round));
      stand.say(`round ${round + 1}: ${median(timesMs.at(-1) ?? []).toFixed(0)} ms`);
    }
    return { timesMs };
  },
  report({ timesMs }) {
    const medians = timesMs.map((times) => median(times));
    const p95s = timesMs.map((times) => percentile(times, 0.95));
    return {
      figures: [
        {
          what: "received → tier committed, idle, payload mode, median",
          measured: medianAndRange(medians, "ms", decimals(0)),
          aim: `at most ${AIM_MS} ms`,
          holds: median(medians) <= AIM_MS,
        },
        { what: "the same, p95", measured: medianAndRange(p95s, "ms", decimals(0)) },
      ],
      body: `${EVENTS} events a round, one at a time with a pause of ${PAUSE_MS} ms, to web and worker in one process. Each moves a
subscription to another price; the clock runs from the request's first byte until the changed tier is seen in
the database, which is asked over and over. No key is set, so the stored payload stands for the fetch: with one,
the gateway's answer comes on top. After each round the tier is the last event's, or the run fails.`,
    };
  },
};

const ORGANIZATION = "org_bench";

async function measureRound(sql: Sql, port: number, round: number): Promise<number[]> {
  const door = doorAt(port);
  const names = { customer: "cus_latency", subscription: "sub_latency" };
  const checkout = checkoutSession({ ...names, client_reference_id: ORGANIZATION });
  if (round === 0) await door.send(signedEvent(event("checkout.session.completed", checkout)));

  const times: number[] = [];
  for (let turn = 0; turn < EVENTS; turn++) {
    await new Promise((resolve) => setTimeout(resolve, PAUSE_MS));
    const before = await changes(sql);
    const isEven = turn % 2 === 0;
    const items = {
      object: "list",
      data: [subscriptionItem({ price: { id: isEven ? "price_pro" : "price_business" } })],
    };
    const moved = subscription({ id: names.subscription, customer: names.customer, items });
    const created = BEGINNING + round * EVENTS + turn;
    const request = signedEvent(event("customer.subscription.updated", moved, { created }));

    const began = performance.now();
    const { status } = await door.send(request);
    if (status !== 200) throw new Error(`The event was answered ${status}.`);
    while ((await changes(sql)) === before) {
      if (performance.now() - began > 10_000) throw new Error("The tier never moved.");
    }
    times.push(performance.now() - began);
  }
  const tier = await tierOf(sql, ORGANIZATION);
  if (tier !== "business") throw new Error(`The tier is ${tier}, not that of the last event.`);
  return times;
}

async function changes(sql: Sql): Promise<number> {
  const [row] = await sql<{ count: number }[]>`
    select count(*)::int as count from tier_changes where organization_id = ${ORGANIZATION}`;
  return row?.count ?? 0;
}
