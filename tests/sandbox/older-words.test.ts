import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { type Box, type Said, startSandbox } from "#tests/support/sandbox.ts";
import { advanceTo, payerAt, payWith, priced } from "#tests/support/sandbox-subscriptions.ts";

let box: Box;
beforeAll(async () => {
  box = await startSandbox();
});
afterAll(() => box.close());

const NEWEST = { "stripe-version": "2026-10-28.endive" };

/** What a call answered, with a member of it. */
function of({ json }: Said, name: string): unknown {
  return typeof json === "object" && json !== null ? Reflect.get(json, name) : undefined;
}

function told(prefix: string): string[] {
  return box.world
    .all("event")
    .map(({ type }) => type)
    .filter((type) => type.startsWith(prefix));
}

describe("a customer's coupon", () => {
  test("is taken from calls of older versions, and takes its part of invoices", async () => {
    const coupon = await box.stripe.coupons.create({ percent_off: 25, duration: "forever" });

    const customer = of(await box.post("/v1/customers", `coupon=${coupon.id}`), "id");

    const payer = await box.stripe.customers.retrieve(String(customer));
    expect(payer).toMatchObject({ discount: { source: { coupon: coupon.id }, end: null } });
    await box.stripe.customers.update(payer.id, { source: "tok_visa" });
    const subscription = await box.stripe.subscriptions.create({
      customer: payer.id,
      items: [{ price: await priced(box, 1_000) }],
      expand: ["latest_invoice"],
    });
    expect(subscription.latest_invoice).toMatchObject({ total: 750 });
  });

  test("is unknown to the newest version, and so is one in an update", async () => {
    const { id } = await box.stripe.customers.create();

    const said = await Promise.all(
      ["/v1/customers", `/v1/customers/${id}`].map((path) => box.post(path, "coupon=X", NEWEST)),
    );

    for (const { status, json } of said) {
      expect(status).toBe(400);
      expect(json).toMatchObject({ error: { code: "parameter_unknown", param: "coupon" } });
    }
  });

  test("is used up by the one invoice that it is for, and says so", async () => {
    const coupon = await box.stripe.coupons.create({ amount_off: 300, currency: "usd" });
    const { id } = await box.stripe.customers.create({ source: "tok_visa" });
    await box.post(`/v1/customers/${id}`, `coupon=${coupon.id}`);

    for (const total of [700, 1_000]) {
      await box.stripe.invoiceItems.create({ customer: id, amount: 1_000, currency: "usd" });
      const { id: invoice } = await box.stripe.invoices.create({
        customer: id,
        pending_invoice_items_behavior: "include",
      });
      expect(await box.stripe.invoices.pay(invoice)).toMatchObject({ total, status: "paid" });
    }

    expect(await box.stripe.customers.retrieve(id)).toMatchObject({ discount: null });
  });

  test("is changed and taken away by name", async () => {
    const [one, other] = await Promise.all(
      [10, 20].map((percent_off) => box.stripe.coupons.create({ percent_off })),
    );
    const { id } = await box.stripe.customers.create();
    const before = told("customer.discount").length;
    await box.post(`/v1/customers/${id}`, `coupon=${one?.id}`);
    await box.post(`/v1/customers/${id}`, `coupon=${other?.id}`);

    const deleted = await box.stripe.customers.deleteDiscount(id);

    expect(deleted).toMatchObject({ deleted: true, source: { coupon: other?.id } });
    expect(told("customer.discount").slice(before)).toEqual([
      "customer.discount.created",
      "customer.discount.updated",
      "customer.discount.deleted",
    ]);
  });
});

test("a promotion code and a subscription name a coupon the way they used to", async () => {
  const coupon = await box.stripe.coupons.create({ percent_off: 50, duration: "forever" });
  const { id: customer } = await box.stripe.customers.create({ source: "tok_visa" });
  const price = await priced(box, 1_000);

  const code = await box.post("/v1/promotion_codes", `coupon=${coupon.id}`);
  const items = `customer=${customer}&items[0][price]=${price}`;
  const subscription = await box.post(
    "/v1/subscriptions",
    `${items}&promotion_code=${of(code, "id")}`,
  );
  const refused = await box.post("/v1/subscriptions", `${items}&coupon=${coupon.id}`, NEWEST);

  expect(code.json).toMatchObject({ promotion: { coupon: coupon.id } });
  expect(subscription.json).toMatchObject({ discounts: [expect.stringMatching(/^di_/)] });
  expect(refused.json).toMatchObject({ error: { code: "parameter_unknown", param: "coupon" } });
});

test("a plan is a recurring price, and both say what becomes of it", async () => {
  const { id: product } = await box.stripe.products.create({ name: "Pro" });
  const before = { plan: told("plan.").length, price: told("price.").length };

  const plan = await box.stripe.plans.create({
    product,
    amount: 1_500,
    currency: "usd",
    interval: "month",
  });
  await box.stripe.plans.update(plan.id, { nickname: "Monthly" });
  const price = await box.stripe.prices.retrieve(plan.id);
  await box.stripe.plans.del(plan.id);

  expect(price).toMatchObject({ nickname: "Monthly", recurring: { interval: "month" } });
  expect(told("plan.").slice(before.plan)).toEqual([
    "plan.created",
    "plan.updated",
    "plan.deleted",
  ]);
  expect(told("price.").slice(before.price)).toEqual([
    "price.created",
    "price.updated",
    "price.deleted",
  ]);
  await expect(box.stripe.plans.retrieve(plan.id)).rejects.toMatchObject({ statusCode: 404 });
});

test("a trial that is ended now without a card pauses where that was asked for", async () => {
  const { id: customer } = await box.stripe.customers.create();
  const { id } = await box.stripe.subscriptions.create({
    customer,
    items: [{ price: await priced(box, 1_000) }],
    trial_period_days: 7,
    trial_settings: { end_behavior: { missing_payment_method: "pause" } },
  });

  const paused = await box.stripe.subscriptions.update(id, { trial_end: "now" });

  expect(paused.status).toBe("paused");
  expect(paused.trial_end).toBeLessThanOrEqual(box.world.now(null));
  expect(told("customer.subscription.paused")).toHaveLength(1);
});

test("a schedule is aborted when its subscription ends unpaid", async () => {
  const payer = await payerAt(box, "2027-05-01");
  const { id } = await box.stripe.subscriptions.create({
    customer: payer.customer,
    items: [{ price: await priced(box, 1_000) }],
  });
  const schedule = await box.stripe.subscriptionSchedules.create({ from_subscription: id });
  await box.stripe.subscriptionSchedules.update(schedule.id, {
    phases: [
      {
        start_date: schedule.phases[0]?.start_date ?? 0,
        items: [{ price: await priced(box, 1_000) }],
        duration: { interval: "month", interval_count: 6 },
      },
    ],
  });
  await payWith(box, payer.customer, "pm_card_chargeCustomerFail");

  await advanceTo(box, payer, "2027-06-25");

  expect(await box.stripe.subscriptionSchedules.retrieve(schedule.id)).toMatchObject({
    status: "canceled",
  });
  expect(told("subscription_schedule.aborted")).toHaveLength(1);
});

test("a checkout by bank account completes unpaid, and says later what the bank said", async () => {
  const start = async (iban: string) => {
    const session = await box.stripe.checkout.sessions.create({
      mode: "payment",
      allowed_payment_method_types: ["sepa_debit"],
      line_items: [{ price_data: ONCE, quantity: 1 }],
      payment_intent_data: { setup_future_usage: "off_session" },
      success_url: "https://example.com",
    });
    const method = await box.stripe.paymentMethods.create({
      type: "sepa_debit",
      sepa_debit: { iban },
      billing_details: { email: "jenny@example.com", name: "Jenny" },
    });
    const confirm = `/v1/payment_pages/${session.id}/confirm`;
    const { json } = await box.post(confirm, `payment_method=${method.id}`);
    return { id: session.id, completed: json };
  };
  const paying = await start("AT611904300234573201");
  const failing = await start("AT861904300235473202");

  await box.control("/clock", { by: 10 });

  const unpaid = { status: "complete", payment_status: "unpaid" };
  expect([paying.completed, failing.completed]).toMatchObject([unpaid, unpaid]);
  const paid = await box.stripe.checkout.sessions.retrieve(paying.id);
  expect(paid.payment_status).toBe("paid");
  expect(await box.stripe.checkout.sessions.retrieve(failing.id)).toMatchObject(unpaid);
  expect(told("checkout.session.async")).toEqual([
    "checkout.session.async_payment_succeeded",
    "checkout.session.async_payment_failed",
  ]);
  const saved = await box.stripe.customers.listPaymentMethods(String(paid.customer));
  expect(saved.data).toMatchObject([{ type: "sepa_debit" }]);
});

const ONCE = { currency: "eur", unit_amount: 2_000, product_data: { name: "A book" } };
