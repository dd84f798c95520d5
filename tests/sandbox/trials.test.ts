import type Stripe from "stripe";
import { afterAll, beforeAll, expect, test } from "vitest";
import { type Box, startSandbox } from "../support/sandbox.ts";
import { eventsSince, mark } from "../support/sandbox-billing.ts";
import {
  advanceTo,
  at,
  latestInvoice,
  onlyItem,
  payerAt,
  payWith,
  priced,
  refusal,
  totalsOf,
} from "../support/sandbox-subscriptions.ts";

let box: Box;
beforeAll(async () => {
  box = await startSandbox();
});
afterAll(() => box.close());

async function trying(
  terms: Partial<Stripe.SubscriptionCreateParams> = {},
  card: string | null = "pm_card_visa",
) {
  const payer = await payerAt(box, "2027-05-01", card);
  const subscription = await box.stripe.subscriptions.create({
    customer: payer.customer,
    items: [{ price: await priced(box, 1_000) }],
    trial_period_days: 14,
    ...terms,
  });
  return { payer, subscription };
}

test("begins with an invoice over nothing, and bills at its end", async () => {
  const { payer, subscription } = await trying();

  const first = await latestInvoice(box, subscription);
  await advanceTo(box, payer, "2027-05-15T01:00:00Z");

  const after = await box.stripe.subscriptions.retrieve(subscription.id);
  expect(subscription).toMatchObject({
    status: "trialing",
    trial_start: at("2027-05-01"),
    trial_end: at("2027-05-15"),
    billing_cycle_anchor: at("2027-05-15"),
  });
  expect(first).toMatchObject({ status: "paid", total: 0 });
  expect(after.status).toBe("active");
  expect(onlyItem(after).current_period_end).toBe(at("2027-06-15"));
  expect(await totalsOf(box, payer)).toEqual([0, 1_000]);
});

test("says three days before its end that it ends", async () => {
  const { payer } = await trying();
  const before = mark(box);

  await advanceTo(box, payer, at("2027-05-12") - 1);
  const early = eventsSince(box, before);
  await advanceTo(box, payer, "2027-05-14");

  expect(early).not.toContain("customer.subscription.trial_will_end");
  const told = box.world
    .all("event")
    .slice(before)
    .filter(({ type }) => type === "customer.subscription.trial_will_end");
  expect(told.map(({ created }) => created)).toEqual([at("2027-05-12")]);
});

test("says so at once when it is shorter than that", async () => {
  const before = mark(box);

  await trying({ trial_period_days: 2 });

  expect(eventsSince(box, before)).toContain("customer.subscription.trial_will_end");
});

test.each([
  ["cancel", "canceled", [0]],
  ["pause", "paused", [0]],
  ["create_invoice", "past_due", [0, 1_000]],
] as const)("without a card at its end: %s", async (missing_payment_method, status, totals) => {
  const trial_settings = { end_behavior: { missing_payment_method } };
  const { payer, subscription } = await trying({ trial_settings }, null);

  await advanceTo(box, payer, "2027-05-16");

  expect((await box.stripe.subscriptions.retrieve(subscription.id)).status).toBe(status);
  expect(await totalsOf(box, payer)).toEqual(totals);
});

test("resumes after a pause for want of a card", async () => {
  const trial_settings = { end_behavior: { missing_payment_method: "pause" } } as const;
  const { payer, subscription } = await trying({ trial_settings }, null);
  await advanceTo(box, payer, "2027-05-20");
  await payWith(box, payer.customer, "pm_card_visa");

  const resumed = await box.stripe.subscriptions.resume(subscription.id);

  expect(resumed.status).toBe("active");
  expect(resumed).not.toHaveProperty("status_details");
  expect(onlyItem(resumed).current_period_start).toBe(at("2027-05-20"));
});

test("ends at once when told to, and bills a whole period", async () => {
  const { payer, subscription } = await trying();
  await advanceTo(box, payer, "2027-05-05");

  const after = await box.stripe.subscriptions.update(subscription.id, { trial_end: "now" });

  expect(after).toMatchObject({ status: "active", trial_end: at("2027-05-05") });
  expect((await latestInvoice(box, after)).total).toBe(1_000);
});

test("is put off without a bill", async () => {
  const { payer, subscription } = await trying();

  const after = await box.stripe.subscriptions.update(subscription.id, {
    trial_end: at("2027-06-01"),
  });

  expect(after).toMatchObject({ status: "trialing", trial_end: at("2027-06-01") });
  expect(onlyItem(after).current_period_end).toBe(at("2027-06-01"));
  expect(await totalsOf(box, payer)).toEqual([0]);
});

test("does not charge for a change of plan while it lasts", async () => {
  const { payer, subscription } = await trying();
  const items = [{ id: onlyItem(subscription).id, price: await priced(box, 9_000) }];

  const after = await box.stripe.subscriptions.update(subscription.id, {
    items,
    proration_behavior: "always_invoice",
  });
  await advanceTo(box, payer, "2027-05-16");

  expect(after.status).toBe("trialing");
  expect(await totalsOf(box, payer)).toEqual([0, 9_000]);
});

test.each(["2027-04-01", "2029-06-01"])("refuses to end on %s", async (end) => {
  const payer = await payerAt(box, "2027-05-01");
  const items = [{ price: await priced(box, 1_000) }];

  const refused = await refusal(
    box.stripe.subscriptions.create({ customer: payer.customer, items, trial_end: at(end) }),
  );

  expect(refused).toMatchObject({ statusCode: 400, param: "trial_end" });
});
