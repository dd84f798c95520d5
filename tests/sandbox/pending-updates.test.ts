import type Stripe from "stripe";
import { afterAll, beforeAll, expect, test } from "vitest";
import { type Box, startSandbox } from "../support/sandbox.ts";
import { eventsSince, mark } from "../support/sandbox-billing.ts";
import {
  advanceTo,
  at,
  HOUR,
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

const MID_MAY = "2027-05-16T12:00:00Z";

/** A subscription at 100 whose card has failed since, with a switch to 200 that waits for its payment. */
async function waiting(card = "pm_card_chargeCustomerFail") {
  const payer = await payerAt(box, "2027-05-01");
  const { id, ...before } = await box.stripe.subscriptions.create({
    customer: payer.customer,
    items: [{ price: await priced(box, 10_000) }],
  });
  await payWith(box, payer.customer, card);
  await advanceTo(box, payer, MID_MAY);
  const item = onlyItem({ id, ...before });
  const asked = { price: await priced(box, 20_000), id: item.id };
  const subscription = await change(id, { items: [asked] });
  const now = async () => box.stripe.subscriptions.retrieve(id);
  return { payer, id, subscription, now };
}

function change(id: string, terms: Stripe.SubscriptionUpdateParams) {
  return box.stripe.subscriptions.update(id, {
    payment_behavior: "pending_if_incomplete",
    proration_behavior: "always_invoice",
    ...terms,
  });
}

const amountOf = (subscription: Stripe.Subscription) => onlyItem(subscription).price.unit_amount;

test("is made at once when its payment succeeds", async () => {
  const { subscription } = await waiting("pm_card_visa");

  expect(subscription).toMatchObject({ status: "active", pending_update: null });
  expect(amountOf(subscription)).toBe(20_000);
  expect((await latestInvoice(box, subscription)).status).toBe("paid");
});

test.each(["pm_card_chargeCustomerFail", "pm_card_authenticationRequired"])(
  "waits 23 hours where %s is not charged",
  async (card) => {
    const { subscription } = await waiting(card);

    expect(subscription.status).toBe("active");
    expect(amountOf(subscription)).toBe(10_000);
    expect(subscription.pending_update?.expires_at).toBe(at(MID_MAY) + 23 * HOUR);
    expect(subscription.pending_update?.subscription_items?.[0]?.price.unit_amount).toBe(20_000);
    expect(await latestInvoice(box, subscription)).toMatchObject({ status: "open", total: 5_000 });
  },
);

test("is made when its invoice is paid", async () => {
  const { payer, subscription, now } = await waiting();
  await payWith(box, payer.customer, "pm_card_visa");
  const before = mark(box);

  await box.stripe.invoices.pay(String(subscription.latest_invoice));

  expect(amountOf(await now())).toBe(20_000);
  expect((await now()).pending_update).toBeNull();
  expect(eventsSince(box, before).slice(-2)).toEqual([
    "customer.subscription.updated",
    "customer.subscription.pending_update_applied",
  ]);
});

test("is forgotten after 23 hours, and its invoice voided", async () => {
  const { payer, subscription, now } = await waiting();
  const before = mark(box);

  await advanceTo(box, payer, at(MID_MAY) + 23 * HOUR);

  expect((await now()).pending_update).toBeNull();
  expect(amountOf(await now())).toBe(10_000);
  expect((await latestInvoice(box, subscription)).status).toBe("void");
  expect(eventsSince(box, before)).toContain("customer.subscription.pending_update_expired");
});

test("gives nothing back and bills nothing once it is forgotten", async () => {
  const { payer } = await waiting();
  await advanceTo(box, payer, at(MID_MAY) + 24 * HOUR);
  await payWith(box, payer.customer, "pm_card_visa");

  await advanceTo(box, payer, "2027-06-01T02:00:00Z");

  expect(await totalsOf(box, payer)).toEqual([10_000, 5_000, 10_000]);
});

test("is discarded when its invoice is voided", async () => {
  const { subscription, now } = await waiting();

  await box.stripe.invoices.voidInvoice(String(subscription.latest_invoice));

  expect((await now()).pending_update).toBeNull();
  expect(amountOf(await now())).toBe(10_000);
});

test("makes way for a newer one", async () => {
  const { id, subscription } = await waiting();
  const price = await priced(box, 30_000);

  const after = await change(id, { items: [{ id: onlyItem(subscription).id, price }] });

  expect((await latestInvoice(box, subscription)).status).toBe("void");
  expect(after.pending_update?.subscription_items?.[0]?.price.unit_amount).toBe(30_000);
  expect((await latestInvoice(box, after)).total).toBe(10_000);
});

test("takes only what may wait", async () => {
  const { id } = await waiting("pm_card_visa");

  const refused = await refusal(change(id, { cancel_at_period_end: true }));

  expect(refused).toMatchObject({ statusCode: 400, param: "cancel_at_period_end" });
});
