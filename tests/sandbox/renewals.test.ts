import type Stripe from "stripe";
import { afterAll, beforeAll, expect, test } from "vitest";
import { billedAfter, intervalsAfter, wholePeriod } from "#sandbox/billing/period.ts";
import { type Box, startSandbox } from "../support/sandbox.ts";
import { eventsSince, mark } from "../support/sandbox-billing.ts";
import {
  advanceTo,
  at,
  DAY,
  HOUR,
  invoicesOf,
  onlyItem,
  payerAt,
  priced,
  totalsOf,
} from "../support/sandbox-subscriptions.ts";

let box: Box;
beforeAll(async () => {
  box = await startSandbox();
});
afterAll(() => box.close());

async function subscribed(since: string, terms: Partial<Stripe.SubscriptionCreateParams> = {}) {
  const payer = await payerAt(box, since);
  const price = await priced(box, 1_000);
  const subscription = await box.stripe.subscriptions.create({
    customer: payer.customer,
    items: [{ price }],
    ...terms,
  });
  return { payer, subscription };
}

const monthly = { interval: "month", interval_count: 1 } as const;

test("keeps the anchor's day through short months, leap years and long intervals", () => {
  const days = (anchor: string, every: typeof monthly | { interval: "year"; interval_count: 1 }) =>
    [1, 2, 3, 4].map((count) =>
      new Date(intervalsAfter(at(anchor), every, count) * 1_000).toISOString().slice(0, 10),
    );

  expect(days("2027-01-31", monthly)).toEqual([
    "2027-02-28",
    "2027-03-31",
    "2027-04-30",
    "2027-05-31",
  ]);
  expect(days("2027-12-31", monthly).slice(0, 2)).toEqual(["2028-01-31", "2028-02-29"]);
  expect(days("2028-02-29", { interval: "year", interval_count: 1 })).toEqual([
    "2029-02-28",
    "2030-02-28",
    "2031-02-28",
    "2032-02-29",
  ]);
});

test("finds the next moment of billing however far the anchor is", () => {
  const anchor = at("2000-01-31T10:00:00Z");

  expect(billedAfter(anchor, monthly, at("2027-02-28T10:00:00Z"))).toBe(at("2027-03-31T10:00:00Z"));
  expect(billedAfter(anchor, monthly, at("2027-02-28T09:59:59Z"))).toBe(at("2027-02-28T10:00:00Z"));
  expect(wholePeriod(anchor, monthly, at("2027-02-10"))).toBe(28 * DAY);
});

test("rolls the period, drafts an invoice, and charges it an hour later", async () => {
  const { payer, subscription } = await subscribed("2027-01-31T08:00:00Z");
  await advanceTo(box, payer, at("2027-02-28T08:00:00Z") - 60);
  const before = mark(box);

  await advanceTo(box, payer, at("2027-02-28T08:00:00Z"));
  const drafted = await invoicesOf(box, payer);
  await advanceTo(box, payer, at("2027-02-28T09:00:00Z"));

  expect(drafted.at(-1)).toMatchObject({
    status: "draft",
    billing_reason: "subscription_cycle",
    automatically_finalizes_at: at("2027-02-28T09:00:00Z"),
    period_start: at("2027-01-31T08:00:00Z"),
    period_end: at("2027-02-28T08:00:00Z"),
  });
  expect((await invoicesOf(box, payer)).at(-1)?.status).toBe("paid");
  expect(eventsSince(box, before).filter((type) => !type.startsWith("test_helpers"))).toEqual([
    "customer.subscription.updated",
    "invoice.created",
    "payment_intent.created",
    "invoice.finalized",
    "invoice.updated",
    "charge.succeeded",
    "payment_intent.succeeded",
    "invoice.updated",
    "invoice.paid",
    "invoice.payment_succeeded",
    "invoice_payment.paid",
  ]);
  const rolled = box.world.all("event").slice(before)[1];
  expect(rolled).toMatchObject({
    created: at("2027-02-28T08:00:00Z"),
    data: {
      object: { latest_invoice: drafted.at(-1)?.id },
      previous_attributes: {
        latest_invoice: subscription.latest_invoice,
        items: { data: [{ current_period_end: at("2027-02-28T08:00:00Z") }] },
      },
    },
  });
  const after = await box.stripe.subscriptions.retrieve(subscription.id);
  expect(onlyItem(after).current_period_end).toBe(at("2027-03-31T08:00:00Z"));
});

test("tells of a renewal a week before, without an id", async () => {
  const { payer, subscription } = await subscribed("2027-05-01");
  const before = mark(box);

  await advanceTo(box, payer, "2027-05-25");

  const told = box.world
    .all("event")
    .slice(before)
    .filter(({ type }) => type === "invoice.upcoming");
  expect(told).toHaveLength(1);
  expect(told[0]).toMatchObject({
    created: at("2027-05-25"),
    data: {
      object: {
        object: "invoice",
        total: 1_000,
        parent: { subscription_details: { subscription: subscription.id } },
      },
    },
  });
  expect(told[0]?.data.object).not.toHaveProperty("id");
});

test("makes two renewals of two months, in the order of time", async () => {
  const { payer } = await subscribed("2027-05-01");

  await advanceTo(box, payer, "2027-07-01");
  await advanceTo(box, payer, at("2027-07-01") + HOUR);

  expect(await totalsOf(box, payer)).toEqual([1_000, 1_000, 1_000]);
  const created = box.world
    .all("event")
    .filter(({ data }) => "customer" in data.object && data.object.customer === payer.customer)
    .map((event) => event.created);
  expect(created).toEqual(created.toSorted((a, b) => a - b));
});

test("ends a repeating discount when its months are over", async () => {
  const coupon = await box.stripe.coupons.create({
    amount_off: 300,
    currency: "usd",
    duration: "repeating",
    duration_in_months: 2,
  });
  const { payer } = await subscribed("2027-05-01", { discounts: [{ coupon: coupon.id }] });

  await advanceTo(box, payer, "2027-06-15");
  await advanceTo(box, payer, "2027-08-02");

  expect(await totalsOf(box, payer)).toEqual([700, 700, 1_000, 1_000]);
});

test("bills a last period only until it is to be canceled", async () => {
  const { payer, subscription } = await subscribed("2027-05-01");
  await box.stripe.subscriptions.update(subscription.id, { cancel_at: at("2027-06-16") });

  await advanceTo(box, payer, "2027-06-20");

  expect(await totalsOf(box, payer)).toEqual([1_000, 500]);
  expect((await box.stripe.subscriptions.retrieve(subscription.id)).status).toBe("canceled");
});

test.each([
  ["keep_as_draft", "draft"],
  ["void", "void"],
  ["mark_uncollectible", "uncollectible"],
] as const)("while collection is paused by %s, leaves an invoice %s", async (behavior, status) => {
  const { payer, subscription } = await subscribed("2027-05-01");
  await box.stripe.subscriptions.update(subscription.id, {
    pause_collection: { behavior, resumes_at: at("2027-06-20") },
  });

  await advanceTo(box, payer, "2027-06-10");
  const paused = await invoicesOf(box, payer);
  await advanceTo(box, payer, "2027-07-02");

  const after = await box.stripe.subscriptions.retrieve(subscription.id);
  expect(paused.at(-1)?.status).toBe(status);
  expect((await invoicesOf(box, payer)).at(-1)?.status).toBe("paid");
  expect(after).toMatchObject({ status: "active", pause_collection: null });
});

test("sends invoices and is past due when one is not paid in time", async () => {
  const { payer, subscription } = await subscribed("2027-05-01", {
    collection_method: "send_invoice",
    days_until_due: 10,
  });

  await advanceTo(box, payer, "2027-05-12");

  const after = await box.stripe.subscriptions.retrieve(subscription.id);
  expect(after.status).toBe("past_due");
  expect(eventsSince(box, 0)).toContain("invoice.overdue");
  await box.stripe.invoices.pay(String(after.latest_invoice), { paid_out_of_band: true });
  expect((await box.stripe.subscriptions.retrieve(subscription.id)).status).toBe("active");
});
