import { afterAll, beforeAll, expect, test } from "vitest";
import { type Box, startSandbox } from "../support/sandbox.ts";
import { eventsSince, mark } from "../support/sandbox-billing.ts";
import {
  at,
  latestInvoice,
  onlyItem,
  payerAt,
  payWith,
  priced,
  refusal,
} from "../support/sandbox-subscriptions.ts";

let box: Box;
beforeAll(async () => {
  box = await startSandbox();
});
afterAll(() => box.close());

test("begins active once its first invoice is paid", async () => {
  const payer = await payerAt(box, "2027-05-01");
  const price = await priced(box, 1_500);
  const before = mark(box);

  const subscription = await box.stripe.subscriptions.create({
    customer: payer.customer,
    items: [{ price }],
    metadata: { org: "org_1" },
  });

  const invoice = await latestInvoice(box, subscription);
  expect(subscription).toMatchObject({
    status: "active",
    billing_mode: { type: "flexible" },
    metadata: { org: "org_1" },
    billing_cycle_anchor: at("2027-05-01"),
    cancel_at: null,
  });
  expect(onlyItem(subscription)).toMatchObject({
    quantity: 1,
    current_period_start: at("2027-05-01"),
    current_period_end: at("2027-06-01"),
  });
  expect(invoice).toMatchObject({
    status: "paid",
    total: 1_500,
    billing_reason: "subscription_create",
    parent: { subscription_details: { subscription: subscription.id, metadata: { org: "org_1" } } },
  });
  expect(eventsSince(box, before)).toEqual([
    "customer.subscription.created",
    "customer.updated",
    "invoice.created",
    "payment_intent.created",
    "invoice.finalized",
    "charge.succeeded",
    "payment_intent.succeeded",
    "invoice.updated",
    "invoice.paid",
    "invoice.payment_succeeded",
    "invoice_payment.paid",
    "customer.subscription.updated",
  ]);
});

test.each([
  ["allow_incomplete", "pm_card_chargeCustomerFail"],
  ["allow_incomplete", "pm_card_authenticationRequired"],
  ["default_incomplete", "pm_card_visa"],
] as const)("waits incomplete under %s with %s", async (payment_behavior, card) => {
  const payer = await payerAt(box, "2027-05-01", card);
  const price = await priced(box, 1_500);

  const subscription = await box.stripe.subscriptions.create({
    customer: payer.customer,
    items: [{ price }],
    payment_behavior,
    expand: ["latest_invoice.confirmation_secret"],
  });

  expect(subscription.status).toBe("incomplete");
  expect(subscription.latest_invoice).toMatchObject({
    status: "open",
    amount_remaining: 1_500,
    confirmation_secret: { type: "payment_intent" },
  });
});

test("undoes everything when the first payment must succeed and does not", async () => {
  const payer = await payerAt(box, "2027-05-01", "pm_card_chargeCustomerFail");
  const price = await priced(box, 1_500);
  const before = mark(box);

  const refused = await refusal(
    box.stripe.subscriptions.create({
      customer: payer.customer,
      items: [{ price }],
      payment_behavior: "error_if_incomplete",
    }),
  );

  expect(refused).toMatchObject({ statusCode: 402, code: "card_declined" });
  expect(eventsSince(box, before)).toEqual([]);
});

test("refuses to charge a customer without a card", async () => {
  const payer = await payerAt(box, "2027-05-01", null);
  const price = await priced(box, 1_500);

  const refused = await refusal(
    box.stripe.subscriptions.create({ customer: payer.customer, items: [{ price }] }),
  );

  expect(refused).toMatchObject({ statusCode: 400, code: "resource_missing" });
});

test("becomes active when its open first invoice is paid", async () => {
  const payer = await payerAt(box, "2027-05-01", "pm_card_chargeCustomerFail");
  const { id, latest_invoice } = await box.stripe.subscriptions.create({
    customer: payer.customer,
    items: [{ price: await priced(box, 1_500) }],
  });
  await payWith(box, payer.customer, "pm_card_visa");

  await box.stripe.invoices.pay(String(latest_invoice));

  expect((await box.stripe.subscriptions.retrieve(id)).status).toBe("active");
});

test("keeps the card that paid, where it is told to", async () => {
  const payer = await payerAt(box, "2027-05-01", null);
  const { id, latest_invoice } = await box.stripe.subscriptions.create({
    customer: payer.customer,
    items: [{ price: await priced(box, 1_500) }],
    payment_behavior: "default_incomplete",
    payment_settings: { save_default_payment_method: "on_subscription" },
  });
  const card = await box.stripe.paymentMethods.attach("pm_card_visa", { customer: payer.customer });

  await box.stripe.invoices.pay(String(latest_invoice), { payment_method: card.id });

  const after = await box.stripe.subscriptions.retrieve(id);
  expect(after).toMatchObject({ status: "active", default_payment_method: card.id });
});

test("sends the first invoice, and is active meanwhile", async () => {
  const payer = await payerAt(box, "2027-05-01", null);

  const subscription = await box.stripe.subscriptions.create({
    customer: payer.customer,
    items: [{ price: await priced(box, 1_500) }],
    collection_method: "send_invoice",
    days_until_due: 14,
  });

  const invoice = await latestInvoice(box, subscription);
  expect(subscription).toMatchObject({ status: "active", days_until_due: 14 });
  expect(invoice).toMatchObject({ status: "draft", due_date: at("2027-05-15") });
});

test("bills quantities, several items and one-time prices together", async () => {
  const payer = await payerAt(box, "2027-05-01");
  const product = await box.stripe.products.create({ name: "Set-up" });

  const subscription = await box.stripe.subscriptions.create({
    customer: payer.customer,
    items: [{ price: await priced(box, 1_500), quantity: 3 }, { price: await priced(box, 250) }],
    add_invoice_items: [
      { price_data: { currency: "usd", product: product.id, unit_amount: 5_000 } },
    ],
  });

  const invoice = await latestInvoice(box, subscription);
  expect(invoice.total).toBe(4_500 + 250 + 5_000);
  expect(subscription.items.data.map(({ quantity }) => quantity)).toEqual([3, 1]);
});

test("gives a coupon for one invoice on the first only", async () => {
  const payer = await payerAt(box, "2027-05-01");
  const coupon = await box.stripe.coupons.create({ duration: "once", percent_off: 25 });

  const subscription = await box.stripe.subscriptions.create({
    customer: payer.customer,
    items: [{ price: await priced(box, 1_000) }],
    discounts: [{ coupon: coupon.id }],
  });

  expect((await latestInvoice(box, subscription)).total).toBe(750);
  expect((await box.stripe.subscriptions.retrieve(subscription.id)).discounts).toEqual([]);
});

test("bills the share of a first period that an anchor cuts short", async () => {
  const payer = await payerAt(box, "2027-05-16T12:00:00Z");

  const subscription = await box.stripe.subscriptions.create({
    customer: payer.customer,
    items: [{ price: await priced(box, 10_000) }],
    billing_cycle_anchor: at("2027-06-01"),
  });

  expect((await latestInvoice(box, subscription)).total).toBe(5_000);
  expect(onlyItem(subscription).current_period_end).toBe(at("2027-06-01"));
});

test("merges metadata and says what it was before", async () => {
  const payer = await payerAt(box, "2027-05-01");
  const { id } = await box.stripe.subscriptions.create({
    customer: payer.customer,
    items: [{ price: await priced(box, 1_000) }],
    metadata: { keep: "1", drop: "2" },
  });

  const after = await box.stripe.subscriptions.update(id, { metadata: { drop: "", more: "3" } });

  expect(after.metadata).toEqual({ keep: "1", more: "3" });
  expect(box.world.all("event").at(-1)).toMatchObject({
    type: "customer.subscription.updated",
    data: { previous_attributes: { metadata: { keep: "1", drop: "2" } } },
  });
});

test("lists all but canceled ones, and by status, customer, price and period", async () => {
  const payer = await payerAt(box, "2027-05-01");
  const price = await priced(box, 1_000);
  const { customer } = payer;
  const kept = await box.stripe.subscriptions.create({ customer, items: [{ price }] });
  const gone = await box.stripe.subscriptions.create({
    customer,
    items: [{ price: await priced(box, 2_000) }],
  });
  await box.stripe.subscriptions.cancel(gone.id);
  const listed = async (filters: object) =>
    (await box.stripe.subscriptions.list({ customer, ...filters })).data.map(({ id }) => id);

  expect(await listed({})).toEqual([kept.id]);
  expect(await listed({ status: "all" })).toEqual([gone.id, kept.id]);
  expect(await listed({ status: "ended" })).toEqual([gone.id]);
  expect(await listed({ status: "all", price })).toEqual([kept.id]);
  expect(await listed({ current_period_end: { gt: at("2027-06-01") } })).toEqual([]);
  expect(await listed({ current_period_end: at("2027-06-01") })).toEqual([kept.id]);
  expect(await listed({ collection_method: "send_invoice" })).toEqual([]);
});

test.each([
  [{ billing_mode: { type: "classic" } }, "sandbox_not_modelled"],
  [{ application_fee_percent: 5 }, "sandbox_not_modelled"],
  [{ automatic_tax: { enabled: true } }, "customer_tax_location_invalid"],
  [{ payment_behavior: "pending_if_incomplete" }, undefined],
  [{ trial_end: 1, trial_period_days: 3 }, undefined],
  [{ nonsense: "1" }, "parameter_unknown"],
])("refuses %j loudly", async (terms, code) => {
  const payer = await payerAt(box, "2027-05-01");
  const price = await priced(box, 1_000);
  const given = { customer: payer.customer, items: [{ price }], ...terms };

  const refused = await refusal(box.stripe.rawRequest("POST", "/v1/subscriptions", given));

  expect(refused).toMatchObject({ statusCode: 400 });
  expect(refused.code).toBe(code);
});

test("refuses items of different intervals, one-time prices and prices of other currencies", async () => {
  const payer = await payerAt(box, "2027-05-01");
  const monthly = await priced(box, 1_000);
  const create = (items: { price: string }[]) =>
    refusal(box.stripe.subscriptions.create({ customer: payer.customer, items }));
  const yearly = await priced(box, 9_000, { interval: "year" });
  const euro = await priced(box, 900, { currency: "eur" });
  const once = await box.stripe.prices.create({
    currency: "usd",
    product_data: { name: "Once" },
    unit_amount: 5,
  });

  expect((await create([{ price: monthly }, { price: yearly }])).code).toBe("sandbox_not_modelled");
  expect((await create([{ price: monthly }, { price: euro }])).message).toContain("currency");
  expect((await create([{ price: once.id }])).message).toContain("type=one_time");
  expect((await create([{ price: "price_none" }])).code).toBe("resource_missing");
});

test("changes items one by one by the same way", async () => {
  const payer = await payerAt(box, "2027-05-01");
  const { id } = await box.stripe.subscriptions.create({
    customer: payer.customer,
    items: [{ price: await priced(box, 1_000) }],
  });
  const price = await priced(box, 500);

  const added = await box.stripe.subscriptionItems.create({
    subscription: id,
    price,
    quantity: 2,
    proration_behavior: "none",
  });
  await box.stripe.subscriptionItems.update(added.id, { quantity: 5, proration_behavior: "none" });

  const { data } = await box.stripe.subscriptionItems.list({ subscription: id });
  expect(data.map(({ quantity }) => quantity)).toEqual([1, 5]);
  expect(await box.stripe.subscriptionItems.del(added.id)).toMatchObject({ deleted: true });
  expect((await box.stripe.subscriptions.retrieve(id)).items.data).toHaveLength(1);
});

test("pauses and begins anew with a new period when it is resumed", async () => {
  const payer = await payerAt(box, "2027-05-01");
  const { id } = await box.stripe.subscriptions.create({
    customer: payer.customer,
    items: [{ price: await priced(box, 1_000) }],
  });

  const paused = await box.stripe.subscriptions.pause(id);
  const resumed = await box.stripe.subscriptions.resume(id);

  expect(paused).toMatchObject({
    status: "paused",
    status_details: { paused: { subscription: { type: "pause_requested" } } },
  });
  expect(resumed.status).toBe("active");
  expect(eventsSince(box, 0)).toContain("customer.subscription.paused");
  expect(eventsSince(box, 0)).toContain("customer.subscription.resumed");
});
