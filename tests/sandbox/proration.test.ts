import type Stripe from "stripe";
import { afterAll, beforeAll, expect, test } from "vitest";
import { type Box, startSandbox } from "../support/sandbox.ts";
import {
  advanceTo,
  at,
  HOUR,
  invoicesOf,
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

async function subscribed(
  amount: number,
  since = "2027-05-01",
  terms: Partial<Stripe.SubscriptionCreateParams> = {},
): Promise<{ payer: Payer; subscription: Stripe.Subscription }> {
  const payer = await payerAt(box, since);
  const subscription = await box.stripe.subscriptions.create({
    customer: payer.customer,
    items: [{ price: await priced(box, amount) }],
    ...terms,
  });
  return { payer, subscription };
}

async function switchTo(
  subscription: Stripe.Subscription,
  amount: number,
  terms: Stripe.SubscriptionUpdateParams = {},
): Promise<Stripe.Subscription> {
  const { id } = onlyItem(subscription);
  return box.stripe.subscriptions.update(subscription.id, {
    items: [{ id, price: await priced(box, amount) }],
    ...terms,
  });
}

/** Half of the 31 days of May. */
const MID_MAY = "2027-05-16T12:00:00Z";

test("makes 250 on 1 June of 100 on 1 May and a switch to 200 halfway", async () => {
  const { payer, subscription } = await subscribed(10_000);
  await advanceTo(box, payer, MID_MAY);

  await switchTo(subscription, 20_000);
  await advanceTo(box, payer, "2027-06-01T02:00:00Z");

  expect(await totalsOf(box, payer)).toEqual([10_000, 25_000]);
});

test("prorates by the second: on 15 May 17 days of 31 remain", async () => {
  const { payer, subscription } = await subscribed(10_000);
  await advanceTo(box, payer, "2027-05-15");

  await switchTo(subscription, 20_000);
  await advanceTo(box, payer, "2027-06-01T02:00:00Z");

  const [, renewal] = await invoicesOf(box, payer);
  expect(renewal?.lines.data.map(({ amount }) => amount).toSorted((a, b) => a - b)).toEqual([
    -5_484, 10_968, 20_000,
  ]);
});

test("makes 100 and then 200 without proration", async () => {
  const { payer, subscription } = await subscribed(10_000);
  await advanceTo(box, payer, "2027-05-15");

  await switchTo(subscription, 20_000, { proration_behavior: "none" });
  await advanceTo(box, payer, "2027-06-01T02:00:00Z");

  expect(await totalsOf(box, payer)).toEqual([10_000, 20_000]);
});

test("bills a change at once with always_invoice", async () => {
  const { payer, subscription } = await subscribed(2_900, "2026-11-01");
  await advanceTo(box, payer, "2026-11-16T12:00:00Z");

  const after = await switchTo(subscription, 7_900, { proration_behavior: "always_invoice" });

  const invoice = await latestInvoice(box, after);
  expect(invoice).toMatchObject({
    status: "paid",
    billing_reason: "subscription_update",
    total: -1_402 + 3_818,
  });
  expect(invoice.lines.data.map(({ amount }) => amount).toSorted((a, b) => a - b)).toEqual([
    -1_402, 3_818,
  ]);
  expect(invoice.lines.data[0]?.parent?.subscription_item_details).toMatchObject({
    proration: true,
    subscription: subscription.id,
  });
});

test("puts what a downgrade gives back on the customer's balance", async () => {
  const { payer, subscription } = await subscribed(7_900, "2026-11-01");
  await advanceTo(box, payer, "2026-11-22T08:15:30Z");

  const after = await switchTo(subscription, 2_900, { proration_behavior: "always_invoice" });

  expect(await latestInvoice(box, after)).toMatchObject({
    status: "paid",
    total: -2_279 + 837,
    amount_due: 0,
  });
  const customer = await box.stripe.customers.retrieve(payer.customer);
  expect(customer).toMatchObject({ balance: -1_442 });
});

test("gives back what was debited, net of its discount, and not what the price says", async () => {
  const coupon = await box.stripe.coupons.create({ duration: "once", percent_off: 50 });
  const { payer, subscription } = await subscribed(10_000, "2027-05-01", {
    discounts: [{ coupon: coupon.id }],
  });
  await advanceTo(box, payer, MID_MAY);

  const after = await switchTo(subscription, 20_000, { proration_behavior: "always_invoice" });

  expect((await latestInvoice(box, after)).total).toBe(-2_500 + 10_000);
});

test("credits a debit that still waits for its invoice", async () => {
  const { payer, subscription } = await subscribed(10_000);
  await advanceTo(box, payer, MID_MAY);
  const once = await switchTo(subscription, 20_000);
  await switchTo(once, 30_000);

  await advanceTo(box, payer, "2027-06-01T02:00:00Z");

  expect(await totalsOf(box, payer)).toEqual([10_000, 30_000 - 5_000 + 15_000]);
});

test("credits a renewal that is still a draft", async () => {
  const { payer, subscription } = await subscribed(10_000);
  await advanceTo(box, payer, "2027-06-01");

  await switchTo(subscription, 20_000);
  await advanceTo(box, payer, "2027-07-01T02:00:00Z");

  expect(await totalsOf(box, payer)).toEqual([10_000, 10_000, 30_000]);
});

test("takes the quantity to be one again with a new price, unless it is given", async () => {
  const payer = await payerAt(box, "2027-05-01");
  const subscription = await box.stripe.subscriptions.create({
    customer: payer.customer,
    items: [{ price: await priced(box, 1_000), quantity: 7 }],
  });
  const { id } = onlyItem(subscription);

  const same = await box.stripe.subscriptions.update(subscription.id, {
    items: [{ id, metadata: { seen: "1" } }],
  });
  const other = await switchTo(subscription, 500);

  expect(onlyItem(same).quantity).toBe(7);
  expect(onlyItem(other).quantity).toBe(1);
});

test("prorates more seats", async () => {
  const payer = await payerAt(box, "2027-05-01");
  const subscription = await box.stripe.subscriptions.create({
    customer: payer.customer,
    items: [{ price: await priced(box, 1_000), quantity: 5 }],
  });
  await advanceTo(box, payer, MID_MAY);

  const after = await box.stripe.subscriptions.update(subscription.id, {
    items: [{ id: onlyItem(subscription).id, quantity: 8 }],
    proration_behavior: "always_invoice",
  });

  expect((await latestInvoice(box, after)).total).toBe(-2_500 + 4_000);
});

test("credits an item that is taken away and debits one that is added", async () => {
  const payer = await payerAt(box, "2027-05-01");
  const subscription = await box.stripe.subscriptions.create({
    customer: payer.customer,
    items: [{ price: await priced(box, 1_000) }, { price: await priced(box, 400) }],
  });
  await advanceTo(box, payer, MID_MAY);

  const after = await box.stripe.subscriptions.update(subscription.id, {
    items: [
      { id: subscription.items.data[1]?.id ?? "", deleted: true },
      { price: await priced(box, 600) },
    ],
    proration_behavior: "always_invoice",
  });

  expect((await latestInvoice(box, after)).total).toBe(-200 + 300);
  expect(after.items.data).toHaveLength(2);
});

test("prorates from the proration date, and refuses one outside of the period", async () => {
  const { payer, subscription } = await subscribed(10_000);
  await advanceTo(box, payer, "2027-05-20");

  const refused = await refusal(
    switchTo(subscription, 20_000, { proration_date: at("2027-04-20") }),
  );
  const after = await switchTo(subscription, 20_000, {
    proration_behavior: "always_invoice",
    proration_date: at(MID_MAY),
  });

  expect(refused).toMatchObject({ statusCode: 400 });
  expect((await latestInvoice(box, after)).total).toBe(5_000);
});

test("begins a new period and bills it at once when the interval changes", async () => {
  const { payer, subscription } = await subscribed(3_000);
  await advanceTo(box, payer, MID_MAY);
  const yearly = await priced(box, 30_000, { interval: "year" });

  const after = await box.stripe.subscriptions.update(subscription.id, {
    items: [{ id: onlyItem(subscription).id, price: yearly }],
  });

  expect((await latestInvoice(box, after)).total).toBe(-1_500 + 30_000);
  expect(after.billing_cycle_anchor).toBe(at(MID_MAY));
  expect(onlyItem(after).current_period_end).toBe(at("2028-05-16T12:00:00Z"));
});

test("begins a new period when a free plan becomes a paid one", async () => {
  const { payer, subscription } = await subscribed(0);
  await advanceTo(box, payer, "2027-05-10");

  const after = await switchTo(subscription, 2_000, { proration_behavior: "none" });

  expect((await latestInvoice(box, after)).total).toBe(2_000);
  expect(onlyItem(after).current_period_start).toBe(at("2027-05-10"));
});

test("moves the anchor when asked to", async () => {
  const { payer, subscription } = await subscribed(10_000);
  await advanceTo(box, payer, MID_MAY);

  const after = await box.stripe.subscriptions.update(subscription.id, {
    billing_cycle_anchor: { type: "now" },
  });

  expect((await latestInvoice(box, after)).total).toBe(5_000);
  expect(onlyItem(after).current_period_end).toBe(at("2027-06-16T12:00:00Z"));
});

test("leaves one-time items for the next invoice", async () => {
  const { payer, subscription } = await subscribed(10_000);
  const product = await box.stripe.products.create({ name: "Extra" });
  await advanceTo(box, payer, MID_MAY);

  await switchTo(subscription, 20_000, {
    add_invoice_items: [{ price_data: { currency: "usd", product: product.id, unit_amount: 700 } }],
    proration_behavior: "always_invoice",
  });
  await advanceTo(box, payer, at("2027-06-01") + 2 * HOUR);

  expect(await totalsOf(box, payer)).toEqual([10_000, 5_000, 20_700]);
});

test.each([
  ["allow_incomplete", "past_due", 20_000],
  ["default_incomplete", "past_due", 20_000],
] as const)("switches at once under %s and is %s unpaid", async (behavior, status, amount) => {
  const { payer, subscription } = await subscribed(10_000);
  const card = await box.stripe.paymentMethods.attach("pm_card_chargeCustomerFail", {
    customer: payer.customer,
  });
  await box.stripe.subscriptions.update(subscription.id, { default_payment_method: card.id });
  await advanceTo(box, payer, MID_MAY);

  const after = await switchTo(subscription, amount, {
    payment_behavior: behavior,
    proration_behavior: "always_invoice",
  });

  expect(after.status).toBe(status);
  expect(onlyItem(after).price.unit_amount).toBe(amount);
  expect((await latestInvoice(box, after)).status).toBe("open");
});

test("changes nothing under error_if_incomplete when the payment fails", async () => {
  const { payer, subscription } = await subscribed(10_000);
  const card = await box.stripe.paymentMethods.attach("pm_card_chargeCustomerFail", {
    customer: payer.customer,
  });
  await box.stripe.subscriptions.update(subscription.id, { default_payment_method: card.id });
  const before = box.world.all("event").length;

  const refused = await refusal(
    switchTo(subscription, 20_000, {
      payment_behavior: "error_if_incomplete",
      proration_behavior: "always_invoice",
    }),
  );

  expect(refused).toMatchObject({ statusCode: 402, code: "card_declined" });
  const after = await box.stripe.subscriptions.retrieve(subscription.id);
  expect(onlyItem(after).price.unit_amount).toBe(10_000);
  const events = box.world.all("event").slice(before);
  expect(events.map(({ type }) => type)).toEqual(["product.created", "price.created"]);
});
