import type Stripe from "stripe";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { type Box, startSandbox } from "#tests/support/sandbox.ts";
import { type Receiver, startReceiver } from "#tests/support/sandbox-receiver.ts";

const JUNE_2024 = { "stripe-version": "2024-06-20" };

let box: Box;
let old: Receiver;
let subscription: Stripe.Subscription;
let invoice = "";
beforeAll(async () => {
  box = await startSandbox();
  old = await startReceiver();
  await box.post(
    "/v1/webhook_endpoints",
    `url=${old.url}&enabled_events[0]=*&api_version=2024-06-20`,
  );
  const customer = await box.stripe.customers.create({ payment_method: "pm_card_visa" });
  const { data } = await box.stripe.customers.listPaymentMethods(customer.id);
  const price = await box.stripe.prices.create({
    currency: "usd",
    unit_amount: 1_000,
    recurring: { interval: "month" },
    product_data: { name: "Pro" },
  });
  const coupon = await box.stripe.coupons.create({ percent_off: 10, duration: "forever" });
  subscription = await box.stripe.subscriptions.create({
    customer: customer.id,
    items: [{ price: price.id, quantity: 2 }],
    default_payment_method: data[0]?.id ?? "",
    discounts: [{ coupon: coupon.id }],
  });
  invoice = String(subscription.latest_invoice);
  await box.courier.idle();
});
afterAll(async () => {
  await box.close();
  await old.close();
});

describe("in the shape of 2024-06-20", () => {
  test("a subscription has its period, its plan and its discount", async () => {
    const [item] = subscription.items.data;

    const { json, headers } = await box.get(`/v1/subscriptions/${subscription.id}`, JUNE_2024);

    expect(headers.get("stripe-version")).toBe("2024-06-20");
    expect(json).toMatchObject({
      current_period_start: item?.current_period_start,
      current_period_end: item?.current_period_end,
      plan: { object: "plan", amount: 1_000, interval: "month" },
      quantity: 2,
      items: { data: [{ plan: { object: "plan" }, price: { object: "price" } }] },
    });
    expect(json).not.toHaveProperty("billing_mode");
  });

  test("an invoice has its subscription, its payment and whether it is paid", async () => {
    const { json } = await box.get(`/v1/invoices/${invoice}`, JUNE_2024);

    expect(json).toMatchObject({
      subscription: subscription.id,
      paid: true,
      paid_out_of_band: false,
      payment_intent: expect.stringMatching(/^pi_/),
      charge: expect.stringMatching(/^ch_/),
      total: 1_800,
    });
    expect(json).not.toHaveProperty("parent");
  });

  test("a line has its price whole and says what it is", async () => {
    const { json } = await box.get(`/v1/invoices/${invoice}`, JUNE_2024);

    expect(json).toMatchObject({
      lines: {
        data: [
          {
            type: "subscription",
            proration: false,
            subscription: subscription.id,
            subscription_item: subscription.items.data[0]?.id,
            price: { object: "price", unit_amount: 1_000 },
            plan: { object: "plan" },
          },
        ],
      },
    });
  });

  test("an invoice's payment can be expanded by its old name, and only there", async () => {
    const address = `/v1/subscriptions/${subscription.id}?expand[]=latest_invoice.payment_intent`;

    const older = await box.get(address, JUNE_2024);
    const newer = await box.get(address);

    expect(older.json).toMatchObject({
      latest_invoice: { payment_intent: { object: "payment_intent", invoice } },
    });
    expect(newer.status).toBe(400);
  });

  test("a charge knows its invoice", async () => {
    const { json } = await box.get("/v1/charges", JUNE_2024);

    expect(json).toMatchObject({ data: [{ invoice }] });
  });

  test("events come to an endpoint of that version, whatever the call spoke", () => {
    const paid = old.received.find(({ event }) => event.type === "invoice.paid")?.event;
    const created = old.received.find(
      ({ event }) => event.type === "customer.subscription.created",
    )?.event;

    expect(paid).toMatchObject({
      api_version: "2024-06-20",
      data: { object: { subscription: subscription.id, paid: true } },
    });
    expect(created).toMatchObject({
      data: { object: { current_period_end: expect.any(Number) } },
    });
  });

  test("a renewal says the period that was as the subscription's own", async () => {
    const before = subscription.items.data[0]?.current_period_end ?? 0;

    await box.control("/clock", { to: before });
    await box.courier.idle();

    const renewed = old.received.find(
      ({ event }) =>
        event.type === "customer.subscription.updated" &&
        "current_period_end" in (event.data.previous_attributes ?? {}),
    )?.event;
    expect(renewed?.data.previous_attributes).toMatchObject({ current_period_end: before });
  });
});

test("the same things keep their newest shape for everybody else", async () => {
  const said = await box.stripe.invoices.retrieve(invoice);

  expect(said.parent?.subscription_details?.subscription).toBe(subscription.id);
  expect(said).not.toHaveProperty("paid");
  expect(await box.stripe.subscriptions.retrieve(subscription.id)).not.toHaveProperty(
    "current_period_end",
  );
});

test("the versions of 2020 and of acacia are spoken in that shape too", async () => {
  for (const version of ["2020-08-27", "2025-02-24.acacia"]) {
    const { json } = await box.get(`/v1/invoices/${invoice}`, { "stripe-version": version });

    expect(json).toMatchObject({ subscription: subscription.id });
  }
});
