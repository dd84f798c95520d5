import type Stripe from "stripe";
import { afterAll, beforeAll, expect, test } from "vitest";
import { type Box, startSandbox } from "../support/sandbox.ts";
import { eventsSince, mark } from "../support/sandbox-billing.ts";
import {
  advanceTo,
  at,
  invoicesOf,
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

async function subscribed(terms: Partial<Stripe.SubscriptionCreateParams> = {}) {
  const payer = await payerAt(box, "2027-05-01");
  const subscription = await box.stripe.subscriptions.create({
    customer: payer.customer,
    items: [{ price: await priced(box, 10_000) }],
    ...terms,
  });
  const now = () => box.stripe.subscriptions.retrieve(subscription.id);
  return { payer, id: subscription.id, subscription, now };
}

const MID_MAY = "2027-05-16T12:00:00Z";

test("ends at once without giving anything back", async () => {
  const { payer, id } = await subscribed();
  await advanceTo(box, payer, MID_MAY);
  const before = mark(box);

  const after = await box.stripe.subscriptions.cancel(id, {
    cancellation_details: { comment: "Too dear", feedback: "too_expensive" },
  });

  expect(after).toMatchObject({
    status: "canceled",
    canceled_at: at(MID_MAY),
    ended_at: at(MID_MAY),
    cancellation_details: {
      comment: "Too dear",
      feedback: "too_expensive",
      reason: "cancellation_requested",
    },
  });
  expect(eventsSince(box, before)).toEqual(["customer.subscription.deleted"]);
  await advanceTo(box, payer, "2027-06-10");
  expect(await totalsOf(box, payer)).toEqual([10_000]);
});

test("gives back what is unused with a last invoice, when asked to", async () => {
  const { payer, id } = await subscribed();
  await advanceTo(box, payer, MID_MAY);

  const after = await box.stripe.subscriptions.cancel(id, { invoice_now: true, prorate: true });

  expect(await latestInvoice(box, after)).toMatchObject({ status: "paid", total: -5_000 });
  expect(await box.stripe.customers.retrieve(payer.customer)).toMatchObject({ balance: -5_000 });
});

test("leaves what is unused for a later invoice without one now", async () => {
  const { payer, id } = await subscribed();
  await advanceTo(box, payer, MID_MAY);

  await box.stripe.subscriptions.cancel(id, { prorate: true });

  const { data } = await box.stripe.invoiceItems.list({ customer: payer.customer, pending: true });
  expect(data.map(({ amount }) => amount)).toEqual([-5_000]);
});

test("ends with the period", async () => {
  const { payer, id, now } = await subscribed();
  await advanceTo(box, payer, MID_MAY);

  const marked = await box.stripe.subscriptions.update(id, { cancel_at_period_end: true });
  await advanceTo(box, payer, "2027-06-01");

  expect(marked).toMatchObject({
    status: "active",
    cancel_at: at("2027-06-01"),
    cancel_at_period_end: true,
    canceled_at: at(MID_MAY),
    cancellation_details: { reason: "cancellation_requested" },
  });
  expect(await now()).toMatchObject({
    status: "canceled",
    canceled_at: at(MID_MAY),
    ended_at: at("2027-06-01"),
    cancellation_details: { reason: "cancellation_requested" },
  });
  expect(await totalsOf(box, payer)).toEqual([10_000]);
});

test.each([{ cancel_at_period_end: false }, { cancel_at: "" as const }])(
  "goes on when that is taken back by %j",
  async (undo) => {
    const { payer, id, now } = await subscribed();
    await box.stripe.subscriptions.update(id, { cancel_at_period_end: true });

    const kept = await box.stripe.subscriptions.update(id, undo);
    await advanceTo(box, payer, "2027-06-02");

    expect(kept).toMatchObject({
      cancel_at: null,
      cancel_at_period_end: false,
      canceled_at: null,
      cancellation_details: { reason: null },
    });
    expect((await now()).status).toBe("active");
  },
);

test("ends with the shortest period, said without the flag", async () => {
  const { id } = await subscribed();

  const marked = await box.stripe.subscriptions.update(id, { cancel_at: "min_period_end" });

  expect(marked).toMatchObject({ cancel_at: at("2027-06-01"), cancel_at_period_end: false });
});

test("stops collecting its invoices", async () => {
  const { payer, id } = await subscribed();
  await advanceTo(box, payer, "2027-06-01");

  await box.stripe.subscriptions.cancel(id);
  await advanceTo(box, payer, "2027-06-20");

  expect((await invoicesOf(box, payer)).at(-1)).toMatchObject({
    status: "draft",
    auto_advance: false,
  });
});

test("is final", async () => {
  const { id, subscription } = await subscribed();
  await box.stripe.subscriptions.cancel(id);
  const items = [{ id: onlyItem(subscription).id, quantity: 2 }];

  const changed = await refusal(box.stripe.subscriptions.update(id, { items }));
  const again = await refusal(box.stripe.subscriptions.cancel(id));

  expect(changed).toMatchObject({ statusCode: 400 });
  expect(again).toMatchObject({ statusCode: 404, code: "resource_missing" });
  const noted = await box.stripe.subscriptions.update(id, { metadata: { seen: "1" } });
  expect(noted.metadata).toEqual({ seen: "1" });
});
