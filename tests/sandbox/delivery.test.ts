import { afterEach, beforeEach, describe, expect, test } from "vitest";
import { type Box, startSandbox } from "#tests/support/sandbox.ts";
import { type Receiver, startReceiver } from "#tests/support/sandbox-receiver.ts";

let box: Box;
let receiver: Receiver;
beforeEach(async () => {
  box = await startSandbox({ retryMilliseconds: [10, 20], timeoutMilliseconds: 200 });
  receiver = await startReceiver();
});
afterEach(async () => {
  await box.close();
  await receiver.close();
});

function listen(names: ["*"] | ("customer.created" | "product.created")[] = ["*"]) {
  return box.stripe.webhookEndpoints.create({ url: receiver.url, enabled_events: names });
}

describe("a webhook", () => {
  test("is signed with real time, whatever the sandbox's clock says", async () => {
    await box.control("/clock", { by: 86_400 * 400 });
    const { secret = "" } = await listen();

    await box.stripe.customers.create({ name: "A" });
    await box.courier.idle();

    const [first] = receiver.received;
    expect(first?.event).toMatchObject({
      object: "event",
      type: "customer.created",
      livemode: false,
      api_version: "2026-10-28.endive",
      data: { object: { name: "A" } },
    });
    expect(first?.event.created).toBeGreaterThan(Date.now() / 1_000 + 86_400 * 399);
    // The client takes signatures from the future, so their time is looked at by itself.
    expect(Number(first?.signature.match(/^t=(\d+),/)?.[1])).toBeLessThan(Date.now() / 1_000 + 5);
    expect(first && receiver.isGenuine(first, secret)).toBe(true);
    expect(first && receiver.isGenuine(first, "whsec_another")).toBe(false);
  });

  test("names the call that caused it", async () => {
    await listen();

    const said = await box.post("/v1/customers", "", { "idempotency-key": "k1" });
    await box.courier.idle();

    expect(receiver.received[0]?.event.request).toEqual({
      id: said.headers.get("request-id"),
      idempotency_key: "k1",
    });
  });

  test("comes in the order in which things happened", async () => {
    await listen();

    for (const name of ["a", "b", "c"]) await box.stripe.products.create({ name });
    const { id } = await box.stripe.customers.create();
    await box.stripe.customers.update(id, { name: "N" });
    await box.courier.idle();

    expect(receiver.types()).toEqual([
      ...Array(3).fill("product.created"),
      "customer.created",
      "customer.updated",
    ]);
  });

  test("goes only to endpoints that asked for it", async () => {
    await listen(["product.created"]);

    await box.stripe.customers.create();
    await box.stripe.products.create({ name: "P" });
    await box.courier.idle();

    expect(receiver.types()).toEqual(["product.created"]);
  });

  test("is not sent for a call that was refused", async () => {
    await listen();

    await box.stripe.customers.create({ payment_method: "pm_none" }).catch(() => {});
    await box.courier.idle();

    expect(receiver.received).toEqual([]);
  });
});

describe("a webhook that is not taken", () => {
  test("comes again as the same event until it is", async () => {
    await listen();
    receiver.answer(500, 302);

    await box.stripe.customers.create();
    await box.courier.idle();

    expect(new Set(receiver.received.map(({ event }) => event.id)).size).toBe(1);
    expect(receiver.received).toHaveLength(3);
    expect(box.courier.log.all()).toMatchObject([
      { state: "delivered", attempts: [{ status: 500 }, { status: 302 }, { status: 200 }] },
    ]);
  });

  test("is given up after the last retry, and still counts as pending", async () => {
    await listen();
    receiver.answer(500, 500, 500);

    await box.stripe.customers.create();
    await box.courier.idle();

    const pending = await box.stripe.events.list({ delivery_success: false });
    expect(box.courier.log.all()).toMatchObject([{ state: "failed" }]);
    expect(pending.data).toMatchObject([{ type: "customer.created", pending_webhooks: 1 }]);
  });

  test("holds up nothing that comes after it", async () => {
    await listen();
    receiver.answer(500);

    await box.stripe.customers.create();
    await box.stripe.products.create({ name: "P" });
    await box.courier.idle();

    expect(receiver.types()).toEqual(["customer.created", "product.created", "customer.created"]);
  });

  test("is sent again by hand, with the same id and a new signature", async () => {
    const { secret = "" } = await listen();
    receiver.answer(500, 500, 500);
    await box.stripe.customers.create();
    await box.courier.idle();
    const [delivery] = box.courier.log.all();

    await box.control(`/deliveries/${delivery?.id}/resend`, {});
    await box.courier.idle();

    const last = receiver.received.at(-1);
    expect(last?.event.id).toBe(delivery?.event);
    expect(last && receiver.isGenuine(last, secret)).toBe(true);
    expect((await box.stripe.events.list({ delivery_success: false })).data).toEqual([]);
  });
});

test("a delivery keeps what was sent and what was answered", async () => {
  await listen();

  await box.stripe.customers.create();
  await box.courier.idle();

  const { json } = await box.control("/deliveries");
  expect(json).toMatchObject([
    {
      url: receiver.url,
      type: "customer.created",
      body: receiver.received[0]?.body,
      attempts: [{ status: 200, answer: "so it says", signature: receiver.received[0]?.signature }],
    },
  ]);
});

test("an event counts the endpoints that have not taken it yet", async () => {
  await listen();
  await listen();

  await box.stripe.customers.create();
  await box.courier.idle();

  expect(receiver.received.map(({ event }) => event.pending_webhooks)).toEqual([2, 2]);
  expect(box.world.all("event").at(-1)?.pending_webhooks).toBe(0);
});

describe("an endpoint", () => {
  test("tells its secret once", async () => {
    const made = await listen();

    expect(made.secret).toMatch(/^whsec_\w{32}$/);
    expect(await box.stripe.webhookEndpoints.retrieve(made.id)).not.toHaveProperty("secret");
    expect((await box.stripe.webhookEndpoints.list()).data[0]).not.toHaveProperty("secret");
  });

  test("is signed for with both secrets while one replaces the other", async () => {
    const { id, secret: old = "" } = await listen();
    const { json } = await box.control(`/endpoints/${id}/roll`, { keepSeconds: 60 });
    const next = json && typeof json === "object" && "secret" in json ? String(json.secret) : "";

    await box.stripe.customers.create();
    await box.courier.idle();

    const [first] = receiver.received;
    expect(first?.signature.match(/v1=/g)).toHaveLength(2);
    expect(first && receiver.isGenuine(first, old)).toBe(true);
    expect(first && receiver.isGenuine(first, next)).toBe(true);
  });

  test("that is disabled or deleted hears nothing", async () => {
    const disabled = await listen();
    const deleted = await listen();
    await box.stripe.webhookEndpoints.update(disabled.id, { disabled: true });
    await box.stripe.webhookEndpoints.del(deleted.id);

    await box.stripe.customers.create();
    await box.courier.idle();

    expect(receiver.received).toEqual([]);
  });

  test.each([
    ["an event that there is not", "enabled_events[0]=customer.creeated", "enabled_events[0]"],
    ["no events", "", "enabled_events"],
    ["a version that is not modelled", "enabled_events[0]=*&api_version=2019-02-11", "api_version"],
  ])("is refused with %s", async (_name, form, param) => {
    const said = await box.post("/v1/webhook_endpoints", `url=${receiver.url}&${form}`);

    expect(said.status).toBe(400);
    expect(said.json).toMatchObject({ error: { param } });
  });

  test("is refused without a scheme in its address", async () => {
    const said = await box.post("/v1/webhook_endpoints", "url=example.com&enabled_events[0]=*");

    expect(said.json).toMatchObject({ error: { param: "url", code: "url_invalid" } });
  });
});
