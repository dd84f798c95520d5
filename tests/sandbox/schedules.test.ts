import type Stripe from "stripe";
import { afterAll, beforeAll, expect, test } from "vitest";
import { type Box, startSandbox } from "../support/sandbox.ts";
import { eventsSince, mark } from "../support/sandbox-billing.ts";
import {
  advanceTo,
  at,
  latestInvoice,
  onlyItem,
  type Payer,
  payerAt,
  priced,
  refusal,
  totalsOf,
} from "../support/sandbox-subscriptions.ts";

let box: Box;
beforeAll(async () => {
  box = await startSandbox();
});
afterAll(() => box.close());

async function subscribed(amount = 20_000) {
  const payer = await payerAt(box, "2027-05-01");
  const subscription = await box.stripe.subscriptions.create({
    customer: payer.customer,
    items: [{ price: await priced(box, amount) }],
  });
  const now = () => box.stripe.subscriptions.retrieve(subscription.id);
  return { payer, id: subscription.id, subscription, now };
}

/** A subscription at 200 that is to cost 50 from the next period on. */
async function downgrading(end_behavior: "release" | "cancel" = "release") {
  const made = await subscribed();
  const schedule = await box.stripe.subscriptionSchedules.create({ from_subscription: made.id });
  const planned = await box.stripe.subscriptionSchedules.update(schedule.id, {
    end_behavior,
    metadata: { change_id: "chg_1" },
    phases: [
      mirrorOf(made.subscription),
      {
        items: [{ price: await priced(box, 5_000) }],
        duration: { interval: "month", interval_count: 1 },
        proration_behavior: "none",
      },
    ],
  });
  return { ...made, schedule: planned };
}

function mirrorOf(
  subscription: Stripe.Subscription,
): Stripe.SubscriptionScheduleUpdateParams.Phase {
  const item = onlyItem(subscription);
  return {
    items: [{ price: item.price.id, quantity: item.quantity ?? 1 }],
    start_date: item.current_period_start,
    end_date: item.current_period_end,
    proration_behavior: "none",
  };
}

const amountOf = (subscription: Stripe.Subscription) => onlyItem(subscription).price.unit_amount;

test("is made of a subscription, with its period as the one phase", async () => {
  const { id, subscription, now } = await subscribed();

  const schedule = await box.stripe.subscriptionSchedules.create({ from_subscription: id });

  expect(schedule).toMatchObject({
    status: "active",
    subscription: id,
    end_behavior: "release",
    current_phase: { start_date: at("2027-05-01"), end_date: at("2027-06-01") },
    phases: [
      {
        start_date: at("2027-05-01"),
        end_date: at("2027-06-01"),
        items: [{ price: onlyItem(subscription).price.id, quantity: 1 }],
      },
    ],
  });
  expect((await now()).schedule).toBe(schedule.id);
});

test("is one to a subscription, and takes nothing else where it is made of one", async () => {
  const { id } = await subscribed();
  const create = (terms: Stripe.SubscriptionScheduleCreateParams) =>
    refusal(box.stripe.subscriptionSchedules.create({ from_subscription: id, ...terms }));

  const more = await create({ end_behavior: "cancel" });
  await box.stripe.subscriptionSchedules.create({ from_subscription: id });
  const second = await create({});

  expect(more).toMatchObject({ statusCode: 400, param: "end_behavior" });
  expect(second.message).toContain("already attached to a schedule");
});

test("changes nothing until the phase begins, and then the price without proration", async () => {
  const { payer, now, schedule } = await downgrading();
  const before = await now();
  await advanceTo(box, payer, "2027-05-31");
  const marked = mark(box);

  await advanceTo(box, payer, "2027-06-01T02:00:00Z");

  expect([amountOf(before), before.schedule]).toEqual([20_000, schedule.id]);
  expect(amountOf(await now())).toBe(5_000);
  expect(await totalsOf(box, payer)).toEqual([20_000, 5_000]);
  const events = eventsSince(box, marked);
  expect(events.slice(1, 5)).toEqual([
    "subscription_schedule.updated",
    "customer.subscription.updated",
    "customer.subscription.updated",
    "invoice.created",
  ]);
});

test("lets the subscription go at its end", async () => {
  const { payer, id, now, schedule } = await downgrading();
  await advanceTo(box, payer, "2027-06-02");
  const marked = mark(box);

  await advanceTo(box, payer, "2027-07-02");

  const after = await box.stripe.subscriptionSchedules.retrieve(schedule.id);
  expect(after).toMatchObject({
    status: "released",
    released_subscription: id,
    subscription: null,
    current_phase: null,
    metadata: { change_id: "chg_1" },
  });
  expect((await now()).schedule).toBeNull();
  expect(await totalsOf(box, payer)).toEqual([20_000, 5_000, 5_000]);
  const events = eventsSince(box, marked).filter((type) =>
    type.startsWith("subscription_schedule"),
  );
  expect(events).toEqual([
    "subscription_schedule.expiring",
    "subscription_schedule.completed",
    "subscription_schedule.released",
  ]);
});

test("ends the subscription at its end where it is to", async () => {
  const { payer, now, schedule } = await downgrading("cancel");
  await advanceTo(box, payer, "2027-06-02");

  await advanceTo(box, payer, "2027-07-02");

  const after = await box.stripe.subscriptionSchedules.retrieve(schedule.id);
  expect([(await now()).status, after.status]).toEqual(["canceled", "completed"]);
});

test("is released before the change and leaves the price", async () => {
  const { payer, now, schedule } = await downgrading();

  const released = await box.stripe.subscriptionSchedules.release(schedule.id);
  await advanceTo(box, payer, "2027-06-02");

  expect(released.status).toBe("released");
  expect(await now()).toMatchObject({ schedule: null, status: "active" });
  expect(amountOf(await now())).toBe(20_000);
});

test("forbids to say directly when the subscription ends", async () => {
  const { id, schedule } = await downgrading();

  const refused = await refusal(
    box.stripe.subscriptions.update(id, { cancel_at_period_end: true }),
  );

  expect(refused.statusCode).toBe(400);
  expect(refused.message).toContain(`managed by the subscription schedule \`${schedule.id}\``);
});

test("is canceled with its subscription, whichever is canceled", async () => {
  const one = await downgrading();
  const other = await downgrading();

  await box.stripe.subscriptionSchedules.cancel(one.schedule.id);
  await box.stripe.subscriptions.cancel(other.id);

  const after = await box.stripe.subscriptionSchedules.retrieve(other.schedule.id);
  expect((await one.now()).status).toBe("canceled");
  expect(after.status).toBe("canceled");
});

test("follows a direct change of its subscription", async () => {
  const { id, subscription, schedule } = await downgrading();
  const price = await priced(box, 30_000);

  await box.stripe.subscriptions.update(id, {
    items: [{ id: onlyItem(subscription).id, price }],
  });

  const after = await box.stripe.subscriptionSchedules.retrieve(schedule.id);
  expect(after.phases[0]?.items[0]?.price).toBe(price);
});

test("changes the running phase at once, with proration", async () => {
  const { payer, subscription, now, schedule } = await downgrading();
  await advanceTo(box, payer, "2027-05-16T12:00:00Z");
  const mirror = mirrorOf(subscription);

  await box.stripe.subscriptionSchedules.update(schedule.id, {
    phases: [{ ...mirror, items: [{ price: await priced(box, 30_000) }] }],
    proration_behavior: "always_invoice",
  });

  expect(amountOf(await now())).toBe(30_000);
  expect(await totalsOf(box, payer)).toEqual([20_000, 5_000]);
});

test("refuses to move the start of the running phase", async () => {
  const { subscription, schedule } = await downgrading();
  const update = (phase: Stripe.SubscriptionScheduleUpdateParams.Phase) =>
    refusal(box.stripe.subscriptionSchedules.update(schedule.id, { phases: [phase] }));
  const { start_date: _, ...unanchored } = mirrorOf(subscription);

  const moved = await update({ ...mirrorOf(subscription), start_date: at("2027-05-02") });
  const missing = await update(unanchored);

  expect(moved.message).toContain("start date of the current phase");
  expect(missing.message).toContain("missing at least one phase with a `start_date`");
});

async function planned(payer: Payer, start_date: number | "now", duration = 1) {
  return box.stripe.subscriptionSchedules.create({
    customer: payer.customer,
    start_date,
    phases: [
      {
        items: [{ price: await priced(box, 1_000), quantity: 1 }],
        duration: { interval: "month", interval_count: duration },
        metadata: { phase: "one" },
      },
      {
        items: [{ price: await priced(box, 2_000), quantity: 2 }],
        duration: { interval: "month" },
        metadata: { phase: "two" },
      },
    ],
  });
}

test("begins a subscription now, billed an hour later", async () => {
  const payer = await payerAt(box, "2027-05-01");

  const schedule = await planned(payer, "now");
  await advanceTo(box, payer, "2027-06-01T02:00:00Z");

  expect(schedule).toMatchObject({ status: "active" });
  const subscription = await box.stripe.subscriptions.retrieve(String(schedule.subscription));
  expect(subscription).toMatchObject({ status: "active", metadata: { phase: "two" } });
  expect(await totalsOf(box, payer)).toEqual([1_000, 4_000]);
});

test("begins a subscription later", async () => {
  const payer = await payerAt(box, "2027-05-01");

  const schedule = await planned(payer, at("2027-05-10"));
  await advanceTo(box, payer, "2027-05-11");

  expect(schedule).toMatchObject({ status: "not_started", subscription: null });
  const after = await box.stripe.subscriptionSchedules.retrieve(schedule.id);
  expect(after.status).toBe("active");
  expect(await totalsOf(box, payer)).toEqual([1_000]);
});

test("prorates a phase that begins within a period", async () => {
  const payer = await payerAt(box, "2027-05-01");
  const first = await priced(box, 10_000);

  await box.stripe.subscriptionSchedules.create({
    customer: payer.customer,
    start_date: "now",
    phases: [
      { items: [{ price: first }], end_date: at("2027-05-16T12:00:00Z") },
      { items: [{ price: await priced(box, 20_000) }], proration_behavior: "always_invoice" },
    ],
  });
  await advanceTo(box, payer, "2027-05-20");

  expect(await totalsOf(box, payer)).toEqual([10_000, 5_000]);
});

test("renews at another interval from the boundary on", async () => {
  const { payer, id, subscription, now } = await subscribed();
  const { id: schedule } = await box.stripe.subscriptionSchedules.create({ from_subscription: id });
  const yearly = await priced(box, 90_000, { interval: "year" });
  await box.stripe.subscriptionSchedules.update(schedule, {
    phases: [mirrorOf(subscription), { items: [{ price: yearly }] }],
  });

  await advanceTo(box, payer, "2027-06-01T02:00:00Z");

  expect(onlyItem(await now()).current_period_end).toBe(at("2028-06-01"));
  expect(await latestInvoice(box, await now())).toMatchObject({
    billing_reason: "subscription_cycle",
    total: 90_000,
  });
  expect(await totalsOf(box, payer)).toEqual([20_000, 90_000]);
});

test("begins with a phase of trial", async () => {
  const payer = await payerAt(box, "2027-05-01");
  const items = [{ price: await priced(box, 1_000) }];

  const schedule = await box.stripe.subscriptionSchedules.create({
    customer: payer.customer,
    start_date: "now",
    phases: [{ items, end_date: at("2027-05-11"), trial: true }, { items }],
  });
  const first = await box.stripe.subscriptions.retrieve(String(schedule.subscription));
  await advanceTo(box, payer, "2027-05-11T02:00:00Z");

  expect(first).toMatchObject({ status: "trialing", trial_end: at("2027-05-11") });
  expect((await box.stripe.subscriptions.retrieve(first.id)).status).toBe("active");
  expect(await totalsOf(box, payer)).toEqual([0, 1_000]);
});

test("lists by customer and by what has not begun", async () => {
  const payer = await payerAt(box, "2027-05-01");
  const { customer } = payer;
  const running = await planned(payer, "now");
  const coming = await planned(payer, at("2027-06-10"));

  const all = await box.stripe.subscriptionSchedules.list({ customer });
  const scheduled = await box.stripe.subscriptionSchedules.list({ customer, scheduled: true });

  expect(all.data.map(({ id }) => id)).toEqual([coming.id, running.id]);
  expect(scheduled.data.map(({ id }) => id)).toEqual([coming.id]);
});
