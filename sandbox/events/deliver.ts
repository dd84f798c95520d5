import type { FaultSwitch } from "../control/faults.ts";
import { shuffled } from "../control/faults.ts";
import type { SandboxEvent } from "../state/kinds.ts";
import type { World } from "../state/world.ts";
import { type Delivery, type DeliveryLog, deliveryLog } from "./delivery-log.ts";
import { endpointsFor, secretsOf, versionOf } from "./endpoints.ts";
import { renderEvent } from "./render.ts";
import { send } from "./send.ts";

const NOBODY = { id: null, idempotency_key: null };
/** How long events are held back to be shuffled when not enough of them come. */
const HOLD_MILLISECONDS = 250;

export type CourierOptions = {
  /** Waits before each retry, in real time; as many retries as there are waits. */
  readonly retryMilliseconds?: readonly number[] | undefined;
  readonly timeoutMilliseconds?: number | undefined;
};

/** Takes events to webhook endpoints. */
export type Courier = {
  readonly log: DeliveryLog;
  /** Sends an event again: to one endpoint, or to all that ask for it now. */
  resend(eventId: string, endpointId?: string): Delivery[];
  setRetries(milliseconds: readonly number[]): void;
  retries(): readonly number[];
  /** Ends when nothing is being sent, held back or waiting for a retry. */
  idle(): Promise<void>;
  stop(): void;
};

/**
 * Delivers what happens, after each piece of work: to each endpoint one event after the other, in their
 * order. One that fails is tried again later and holds up nobody.
 */
export function createCourier(
  world: World,
  faults: FaultSwitch,
  { retryMilliseconds = [1_000, 5_000, 30_000], timeoutMilliseconds = 10_000 }: CourierOptions = {},
): Courier {
  const log = deliveryLog();
  const lanes = new Map<string, Promise<void>>();
  const held = new Map<string, Delivery[]>();
  const timers = new Set<NodeJS.Timeout>();
  const waiting: (() => void)[] = [];
  let retries = retryMilliseconds;
  let open = 0;
  let isStopped = false;

  /** Work under way, for `idle`. */
  function begin(): () => void {
    open += 1;
    return () => {
      open -= 1;
      if (open === 0) for (const done of waiting.splice(0)) done();
    };
  }

  function later(milliseconds: number, work: () => void): void {
    const done = begin();
    const timer = setTimeout(() => {
      timers.delete(timer);
      if (!isStopped) work();
      done();
    }, milliseconds);
    timers.add(timer);
  }

  function queue(delivery: Delivery): void {
    const done = begin();
    const before = lanes.get(delivery.endpoint) ?? Promise.resolve();
    lanes.set(delivery.endpoint, before.then(() => attempt(delivery)).finally(done));
  }

  async function attempt(delivery: Delivery): Promise<void> {
    if (isStopped) return;
    if (!world.get("webhook_endpoint", delivery.endpoint)) {
      log.change(delivery, { state: "failed" });
      return;
    }
    const at = Math.floor(Date.now() / 1_000);
    const isForged = faults.hits(faults.now().deliveries.badSignature);
    const secrets = isForged ? ["whsec_nobody"] : secretsOf(world, delivery.endpoint, at);
    const tried = await send(delivery, secrets, at, timeoutMilliseconds);
    const wait = retries[delivery.attempts.length];
    const isDelivered = tried.status !== null && tried.status >= 200 && tried.status < 300;
    const state = isDelivered ? "delivered" : wait === undefined ? "failed" : "retrying";
    const after = log.change(delivery, {
      attempts: [...delivery.attempts, { ...tried, isForged }],
      state,
    });
    if (isDelivered) noteDelivered(delivery);
    if (state === "retrying" && wait !== undefined) later(wait, () => queue(after));
  }

  function noteDelivered({ event: id, isRepeat }: Delivery): void {
    if (isRepeat) return;
    world.act(NOBODY, () => {
      const event = world.get("event", id);
      if (!event) return;
      world.put("event", { ...event, pending_webhooks: Math.max(0, event.pending_webhooks - 1) });
    });
  }

  function deliveryOf(event: SandboxEvent, endpointId: string, isRepeat: boolean) {
    const endpoint = world.get("webhook_endpoint", endpointId);
    if (!endpoint) return undefined;
    const body = JSON.stringify(renderEvent(world, event, versionOf(endpoint)), null, 2);
    return log.add({
      endpoint: endpoint.id,
      url: endpoint.url,
      event: event.id,
      type: event.type,
      body,
      isRepeat,
    });
  }

  /** Sends one as the faults of the moment have it. */
  function dispatch(delivery: Delivery): void {
    const { drop, delay, delayMilliseconds, reorder } = faults.now().deliveries;
    if (faults.hits(drop)) {
      log.change(delivery, { state: "dropped" });
      return;
    }
    if (faults.hits(delay)) later(delayMilliseconds, () => queue(delivery));
    else if (reorder > 1) hold(delivery, reorder);
    else queue(delivery);
  }

  function hold(delivery: Delivery, most: number): void {
    const group = held.get(delivery.endpoint) ?? [];
    held.set(delivery.endpoint, group);
    group.push(delivery);
    if (group.length >= most) release(delivery.endpoint);
    else if (group.length === 1) later(HOLD_MILLISECONDS, () => release(delivery.endpoint));
  }

  function release(endpoint: string): void {
    const group = held.get(endpoint) ?? [];
    held.delete(endpoint);
    for (const delivery of shuffled(group, faults.random())) queue(delivery);
  }

  world.onEvents((events) => {
    if (isStopped) return;
    for (const recorded of events) {
      const endpoints = endpointsFor(world, recorded);
      if (endpoints.length === 0) continue;
      const event = { ...recorded, pending_webhooks: endpoints.length };
      world.act(NOBODY, () => world.put("event", event));
      for (const { id } of endpoints) {
        const delivery = deliveryOf(event, id, false);
        if (!delivery) continue;
        dispatch(delivery);
        if (!faults.hits(faults.now().deliveries.duplicate)) continue;
        const twin = deliveryOf(event, id, true);
        if (twin) dispatch(twin);
      }
    }
  });

  return {
    log,
    resend(eventId, endpointId) {
      const event = world.get("event", eventId);
      if (!event) return [];
      const ids = endpointId ? [endpointId] : endpointsFor(world, event).map(({ id }) => id);
      return ids.flatMap((id) => {
        const wasDelivered = log
          .all()
          .some((one) => one.event === eventId && one.endpoint === id && one.state === "delivered");
        const delivery = deliveryOf(event, id, wasDelivered);
        if (!delivery) return [];
        queue(delivery);
        return [delivery];
      });
    },
    setRetries(milliseconds) {
      retries = milliseconds;
    },
    retries: () => retries,
    idle: () => (open === 0 ? Promise.resolve() : new Promise((done) => waiting.push(done))),
    stop() {
      isStopped = true;
      for (const timer of timers) clearTimeout(timer);
      for (const done of waiting.splice(0)) done();
    },
  };
}
