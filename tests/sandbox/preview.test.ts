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
  priced,
  refusal,
  totalsOf,
} from "../support/sandbox-subscriptions.ts";

let box: Box;
beforeAll(async () => {
  box = await startSandbox();
});
afterAll(() => box.close());

const MID_MAY = "2027-05-16T12:00:00Z";

async function subscribed(amount = 10_000) {
  const payer = await payerAt(box, "2027-05-01");
  const subscription = await box.stripe.subscriptions.create({
    customer: payer.customer,
    items: [{ price: await priced(box, amount) }],
  });
  await advanceTo(box, payer, MID_MAY);
  return { payer, subscription, id: subscription.id, item: onlyItem(subscription).id };
}

/** What a preview and the invoice that follows must say alike. */
function said(invoice: Stripe.Invoice) {
  return {
    amounts: invoice.lines.data.map(({ amount, description, period }) => ({
      amount,
      description,
      period,
    })),
    amount_due: invoice.amount_due,
    billing_reason: invoice.billing_reason,
    ending_balance: invoice.ending_balance,
    starting_balance: invoice.starting_balance,
    subtotal: invoice.subtotal,
    total: invoice.total,
  };
}

test("leaves nothing behind", async () => {
  const { id, item } = await subscribed();
  const price = await priced(box, 20_000);
  const before = mark(box);
  const state = JSON.stringify(box.world.snapshot().kinds);

  const preview = await box.stripe.invoices.createPreview({
    subscription: id,
    subscription_details: {
      items: [{ id: item, price }],
      proration_behavior: "always_invoice",
    },
  });

  expect(preview).toMatchObject({ status: "draft", number: null, total: 5_000 });
  expect(preview.id).toMatch(/^upcoming_in_/);
  expect(eventsSince(box, before)).toEqual([]);
  expect(JSON.stringify(box.world.snapshot().kinds)).toBe(state);
});

test("is the next renewal without a change, at its own time", async () => {
  const { payer, id } = await subscribed();

  const preview = await box.stripe.invoices.createPreview({ subscription: id });
  await advanceTo(box, payer, "2027-06-01T02:00:00Z");

  const invoice = await latestInvoice(box, await box.stripe.subscriptions.retrieve(id));
  expect(preview.created).toBe(at("2027-06-01"));
  expect(said(preview)).toEqual(said(invoice));
});

test("is the next renewal with what a change leaves pending", async () => {
  const { payer, id, item } = await subscribed();
  const price = await priced(box, 20_000);

  const preview = await box.stripe.invoices.createPreview({
    subscription: id,
    subscription_details: { items: [{ id: item, price }] },
  });
  await box.stripe.subscriptions.update(id, { items: [{ id: item, price }] });
  await advanceTo(box, payer, "2027-06-01T02:00:00Z");

  expect(preview.total).toBe(25_000);
  expect(await totalsOf(box, payer)).toEqual([10_000, 25_000]);
});

test("counts the customer's balance", async () => {
  const { payer, id, item } = await subscribed();
  await box.stripe.customers.createBalanceTransaction(payer.customer, {
    amount: -1_200,
    currency: "usd",
  });
  const items = [{ id: item, price: await priced(box, 20_000) }];

  const preview = await box.stripe.invoices.createPreview({
    subscription: id,
    subscription_details: { items, proration_behavior: "always_invoice" },
  });

  expect(preview).toMatchObject({
    total: 5_000,
    starting_balance: -1_200,
    ending_balance: 0,
    amount_due: 3_800,
  });
});

test("shows a subscription that is not there yet, with a coupon and its own items", async () => {
  const payer = await payerAt(box, "2027-05-01");
  const coupon = await box.stripe.coupons.create({ duration: "once", percent_off: 10 });

  const preview = await box.stripe.invoices.createPreview({
    customer: payer.customer,
    discounts: [{ coupon: coupon.id }],
    invoice_items: [{ amount: 500, currency: "usd", description: "Set-up" }],
    subscription_details: { items: [{ price: await priced(box, 1_000), quantity: 2 }] },
  });

  expect(preview).toMatchObject({ subtotal: 2_500, total: 2_250 });
  expect((await box.stripe.coupons.retrieve(coupon.id)).times_redeemed).toBe(0);
});

test("shows what canceling now would give back", async () => {
  const { id } = await subscribed();

  const preview = await box.stripe.invoices.createPreview({
    subscription: id,
    subscription_details: { cancel_now: true, proration_behavior: "create_prorations" },
  });

  expect(preview.total).toBe(-5_000);
});

test("follows a schedule", async () => {
  const { id, subscription } = await subscribed();
  const { id: schedule } = await box.stripe.subscriptionSchedules.create({ from_subscription: id });
  const { price, current_period_start, current_period_end } = onlyItem(subscription);
  const phases = [
    {
      items: [{ price: price.id }],
      start_date: current_period_start,
      end_date: current_period_end,
    },
    { items: [{ price: await priced(box, 2_500) }] },
  ];

  const planned = await box.stripe.invoices.createPreview({
    schedule,
    schedule_details: { phases },
  });
  await box.stripe.subscriptionSchedules.update(schedule, { phases });
  const next = await box.stripe.invoices.createPreview({ subscription: id });

  expect([planned.total, next.total]).toEqual([2_500, 2_500]);
});

test("is refused where nothing is to come", async () => {
  const { id } = await subscribed();
  await box.stripe.subscriptions.update(id, { cancel_at_period_end: true });

  const refused = await refusal(box.stripe.invoices.createPreview({ subscription: id }));

  expect(refused).toMatchObject({ statusCode: 404, code: "invoice_upcoming_none" });
});

test("refuses to guess at what always recurs", async () => {
  const { id } = await subscribed();

  const refused = await refusal(
    box.stripe.invoices.createPreview({ subscription: id, preview_mode: "recurring" }),
  );

  expect(refused).toMatchObject({ statusCode: 400, param: "preview_mode" });
});
