import { afterEach, beforeEach, describe, expect, test } from "vitest";
import { type Box, clientOf, startSandbox } from "#tests/support/sandbox.ts";
import { type Receiver, startReceiver } from "#tests/support/sandbox-receiver.ts";

const EVENTS = 40;

let box: Box;
let receiver: Receiver;
beforeEach(async () => {
  box = await startSandbox({ retryMilliseconds: [10, 10, 10] });
  receiver = await startReceiver();
  await box.stripe.webhookEndpoints.create({ url: receiver.url, enabled_events: ["*"] });
});
afterEach(async () => {
  await box.close();
  await receiver.close();
});

async function happen(deliveries: object, seed = 3): Promise<string[]> {
  await box.control("/faults", { seed, deliveries });
  for (let count = 0; count < EVENTS; count += 1) {
    await box.stripe.products.create({ name: String(count) });
  }
  await box.courier.idle();
  return receiver.received.map(({ event }) => namedIn(event.data.object));
}

function namedIn(object: object): string {
  return "name" in object ? String(object.name) : "";
}

const inOrder = Array.from({ length: EVENTS }, (_, count) => String(count));

describe("deliveries", () => {
  test("come once and in order while nothing is switched on", async () => {
    expect(await happen({})).toEqual(inOrder);
  });

  test("come twice each when all are doubled, as the same event", async () => {
    const names = await happen({ duplicate: 1 });

    expect(names).toHaveLength(2 * EVENTS);
    expect(new Set(receiver.received.map(({ event }) => event.id)).size).toBe(EVENTS);
    expect(box.world.all("event").every((event) => event.pending_webhooks === 0)).toBe(true);
  });

  test("come shuffled, and all of them, when the order is a fault", async () => {
    const names = await happen({ reorder: 10 });

    expect(names).not.toEqual(inOrder);
    expect(names.toSorted()).toEqual(inOrder.toSorted());
  });

  test("never come when they are dropped, and are found by listing events", async () => {
    const names = await happen({ drop: 0.3 });
    const pending = await box.stripe.events.list({ delivery_success: false, limit: 100 });

    expect(names.length).toBeGreaterThan(0);
    expect(names.length).toBeLessThan(EVENTS);
    expect(pending.data).toHaveLength(EVENTS - names.length);
  });

  test("come later than those after them when they are delayed", async () => {
    const names = await happen({ delay: 0.2, delayMilliseconds: 300 });

    expect(names).not.toEqual(inOrder);
    expect(names.toSorted()).toEqual(inOrder.toSorted());
  });

  test("come badly signed when that is the fault, and are not genuine", async () => {
    await happen({ badSignature: 1 });
    const [endpoint] = box.world.all("webhook_endpoint");
    const secret = box.world.get("endpoint_secret", endpoint?.id ?? "")?.current ?? "";

    expect(receiver.received.some((webhook) => receiver.isGenuine(webhook, secret))).toBe(false);
  });

  test("go wrong in the same way with the same seed, and in another with another", async () => {
    const first = await happen({ drop: 0.5 }, 11);
    receiver.received.length = 0;
    const second = await happen({ drop: 0.5 }, 11);
    receiver.received.length = 0;
    const third = await happen({ drop: 0.5 }, 12);

    expect(second).toEqual(first);
    expect(third).not.toEqual(first);
  });
});

describe("calls", () => {
  test("fail with 500 and do nothing", async () => {
    await box.control("/faults", { calls: { error: 1 } });

    await expect(box.stripe.customers.create()).rejects.toMatchObject({
      type: "StripeAPIError",
      statusCode: 500,
    });
    expect(box.world.all("customer")).toEqual([]);
  });

  test("are told to slow down", async () => {
    await box.control("/faults", { calls: { rateLimit: 1 } });

    await expect(box.stripe.customers.create()).rejects.toMatchObject({
      type: "StripeRateLimitError",
      statusCode: 429,
    });
  });

  test("that are never answered were done, and are not done twice by a client that retries", async () => {
    await box.control("/faults", { seed: 4, calls: { timeout: 0.5, timeoutMilliseconds: 10 } });
    const { hostname, port } = new URL(box.url);
    const patient = clientOf(`http://${hostname}:${port}`);

    for (let count = 0; count < 3; count += 1) {
      await patient.customers.create({}, { maxNetworkRetries: 20 });
    }

    expect(box.calls.all().filter(({ status }) => status === 504).length).toBeGreaterThan(0);
    expect(box.world.all("customer")).toHaveLength(3);
  });

  test("go on as ever after all is switched off", async () => {
    await box.control("/faults", { calls: { error: 1 } });
    await box.control("/faults", { calls: { error: 0 } });

    expect(await box.stripe.customers.create()).toMatchObject({ object: "customer" });
  });
});

test("a share of more than all is refused", async () => {
  const said = await box.control("/faults", { deliveries: { drop: 2 } });

  expect(said.status).toBe(400);
});
