import { afterAll, beforeAll, beforeEach, describe, expect, test } from "vitest";
import { type Box, startSandbox } from "#tests/support/sandbox.ts";

const NOON = Date.UTC(2026, 0, 31, 12) / 1_000;
const DAY = 86_400;

let box: Box;
beforeAll(async () => {
  box = await startSandbox();
});
afterAll(() => box.close());

let clock = "";
beforeEach(async () => {
  ({ id: clock } = await box.stripe.testHelpers.testClocks.create({ frozen_time: NOON }));
});

function advance(to: number) {
  return box.stripe.testHelpers.testClocks.advance(clock, { frozen_time: to });
}

async function subscribed(interval: "day" | "week" | "month" | "year") {
  const customer = await box.stripe.customers.create({
    test_clock: clock,
    payment_method: "pm_card_visa",
  });
  const { data } = await box.stripe.customers.listPaymentMethods(customer.id);
  const price = await box.stripe.prices.create({
    currency: "usd",
    unit_amount: 1_000,
    recurring: { interval },
    product_data: { name: "P" },
  });
  return box.stripe.subscriptions.create({
    customer: customer.id,
    items: [{ price: price.id }],
    default_payment_method: data[0]?.id ?? "",
  });
}

test("a clock answers that it is advancing, and then is ready at its new time", async () => {
  const said = await advance(NOON + DAY);
  const after = await box.stripe.testHelpers.testClocks.retrieve(clock);

  expect(said).toMatchObject({
    status: "advancing",
    frozen_time: NOON,
    status_details: { advancing: { target_frozen_time: NOON + DAY } },
  });
  expect(after).toMatchObject({ status: "ready", frozen_time: NOON + DAY, status_details: {} });
});

test("a clock tells of itself in events", async () => {
  await advance(NOON + DAY);
  await box.stripe.testHelpers.testClocks.retrieve(clock);

  const told = box.world
    .all("event")
    .filter(({ data }) => "id" in data.object && data.object.id === clock);
  expect(told.map(({ type }) => type)).toEqual([
    "test_helpers.test_clock.created",
    "test_helpers.test_clock.advancing",
    "test_helpers.test_clock.ready",
  ]);
});

test("what belongs to a clock's customer is made at the clock's time", async () => {
  const customer = await box.stripe.customers.create({ test_clock: clock });

  expect(customer.created).toBe(NOON);
  expect(box.world.all("event").at(-1)).toMatchObject({ type: "customer.created", created: NOON });
});

test("a jump of two months is two renewals, in order of time", async () => {
  const { id } = await subscribed("month");

  await advance(Date.UTC(2026, 2, 31, 12) / 1_000);
  await box.stripe.testHelpers.testClocks.retrieve(clock);

  const invoices = await box.stripe.invoices.list({ subscription: id });
  expect(invoices.data.map(({ created }) => new Date(created * 1_000).getUTCMonth())).toEqual([
    2, 1, 0,
  ]);
});

describe("a clock", () => {
  test("does not go back or stand still", async () => {
    await expect(advance(NOON - 1)).rejects.toMatchObject({ param: "frozen_time" });
    await expect(advance(NOON)).rejects.toMatchObject({ param: "frozen_time" });
  });

  test("goes two years at most where nobody subscribes", async () => {
    await expect(advance(Date.UTC(2028, 0, 31, 12) / 1_000 + 1)).rejects.toMatchObject({
      statusCode: 400,
    });
    expect(await advance(Date.UTC(2028, 0, 31, 12) / 1_000)).toMatchObject({ status: "advancing" });
  });

  test("goes two intervals of its shortest subscription at most", async () => {
    await subscribed("year");
    await subscribed("week");

    await expect(advance(NOON + 14 * DAY + 1)).rejects.toMatchObject({ statusCode: 400 });
    expect(await advance(NOON + 14 * DAY)).toMatchObject({ status: "advancing" });
  });

  test("takes its customers with it when it is deleted", async () => {
    const { id } = await box.stripe.customers.create({ test_clock: clock });

    await box.stripe.testHelpers.testClocks.del(clock);

    expect(await box.stripe.customers.retrieve(id)).toMatchObject({ deleted: true });
    await expect(box.stripe.testHelpers.testClocks.retrieve(clock)).rejects.toMatchObject({
      code: "resource_missing",
    });
  });

  test("hides its customers from a list that does not ask for it", async () => {
    const { id } = await box.stripe.customers.create({ test_clock: clock });

    const all = await box.stripe.customers.list({ limit: 100 });
    const own = await box.stripe.customers.list({ test_clock: clock });

    expect(all.data.map((customer) => customer.id)).not.toContain(id);
    expect(own.data.map((customer) => customer.id)).toEqual([id]);
  });
});

describe("the sandbox's own clock", () => {
  test("moves when it is told to, and makes what is due", async () => {
    const customer = await box.stripe.customers.create({ payment_method: "pm_card_visa" });
    const { data } = await box.stripe.customers.listPaymentMethods(customer.id);
    const price = await box.stripe.prices.create({
      currency: "usd",
      unit_amount: 1_000,
      recurring: { interval: "day" },
      product_data: { name: "P" },
    });
    const { id } = await box.stripe.subscriptions.create({
      customer: customer.id,
      items: [{ price: price.id }],
      default_payment_method: data[0]?.id ?? "",
    });
    const before = box.world.now(null);

    await box.control("/clock", { by: 2 * DAY });

    const invoices = await box.stripe.invoices.list({ subscription: id });
    expect(invoices.data).toHaveLength(3);
    expect(box.world.now(null)).toBeGreaterThanOrEqual(before + 2 * DAY);
  });

  test("does not go back", async () => {
    expect((await box.control("/clock", { to: NOON })).status).toBe(400);
  });
});
