import type Stripe from "stripe";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { type Box, startSandbox } from "#tests/support/sandbox.ts";
import { draft, payer, taxedBy } from "#tests/support/sandbox-billing.ts";
import { checkoutOf } from "#tests/support/sandbox-checkout.ts";
import {
  advanceTo,
  invoicesOf,
  latestInvoice,
  onlyItem,
  payerAt,
  priced,
  refusal,
} from "#tests/support/sandbox-subscriptions.ts";

const automatic_tax = { enabled: true };

let box: Box;
let shop: ReturnType<typeof checkoutOf>;
beforeAll(async () => {
  box = await startSandbox();
  shop = checkoutOf(box);
});
afterAll(() => box.close());

describe("a subscription whose tax is worked out", () => {
  async function subscribed(country: string, terms: Partial<Stripe.SubscriptionCreateParams> = {}) {
    const someone = await payerAt(box, "2027-05-01");
    await box.stripe.customers.update(someone.customer, { address: { country } });
    const subscription = await box.stripe.subscriptions.create({
      customer: someone.customer,
      items: [{ price: await priced(box, 10_000) }],
      automatic_tax,
      ...terms,
    });
    return { someone, subscription };
  }

  test.each([
    ["DE", 11_900],
    ["GB", 12_000],
    ["CH", 10_810],
    ["US", 10_000],
  ])("in %s is billed %i for 10,000, and so at each renewal", async (country, total) => {
    const { someone, subscription } = await subscribed(country);

    await advanceTo(box, someone, "2027-06-01T02:00:00Z");

    expect(subscription.automatic_tax).toMatchObject({ enabled: true });
    expect(await invoicesOf(box, someone)).toMatchObject([
      { total, automatic_tax: { enabled: true, status: "complete" } },
      { total },
    ]);
  });

  test("has it in what its price says where the price says so", async () => {
    const { id: price } = await box.stripe.prices.create({
      currency: "eur",
      unit_amount: 11_900,
      tax_behavior: "inclusive",
      recurring: { interval: "month" },
      product_data: { name: "Pro" },
    });

    const { subscription } = await subscribed("DE", { items: [{ price }] });

    expect(await latestInvoice(box, subscription)).toMatchObject({
      total: 11_900,
      total_taxes: [
        { amount: 1_900, tax_behavior: "inclusive", taxability_reason: "standard_rated" },
      ],
    });
  });

  test("is changed with the tax of the country, and gives back that of the country before", async () => {
    const { someone, subscription } = await subscribed("DE");
    await advanceTo(box, someone, "2027-05-16T12:00:00Z");
    await box.stripe.customers.update(someone.customer, { address: { country: "GB" } });
    const items = [{ id: onlyItem(subscription).id, price: await priced(box, 20_000) }];
    const details = { items, proration_behavior: "always_invoice" } as const;
    const preview = await box.stripe.invoices.createPreview({
      subscription: subscription.id,
      subscription_details: details,
    });

    const after = await box.stripe.subscriptions.update(subscription.id, details);

    const { total } = await latestInvoice(box, after);
    expect({ total, previewed: preview.total }).toEqual({
      total: 12_000 - 5_950,
      previewed: 12_000 - 5_950,
    });
  });

  test("keeps it through a schedule made of it", async () => {
    const { subscription } = await subscribed("DE");

    const { phases } = await box.stripe.subscriptionSchedules.create({
      from_subscription: subscription.id,
    });

    expect(phases).toMatchObject([{ automatic_tax: { enabled: true } }]);
  });

  test("goes on without tax, and says why, when nobody knows any more where its customer is", async () => {
    const { someone } = await subscribed("DE");
    await box.stripe.customers.update(someone.customer, { address: "" });

    await advanceTo(box, someone, "2027-06-01T02:00:00Z");

    expect((await invoicesOf(box, someone)).at(-1)).toMatchObject({
      total: 10_000,
      automatic_tax: { enabled: false, disabled_reason: "finalization_requires_location_inputs" },
    });
  });

  test("is refused without a country, and with rates of its own", async () => {
    const { customer } = await payerAt(box, "2027-05-01");
    const items = [{ price: await priced(box, 1_000) }];
    const create = (terms: Partial<Stripe.SubscriptionCreateParams>) =>
      box.stripe.subscriptions.create({ customer, items, automatic_tax, ...terms });

    expect(await refusal(create({}))).toMatchObject({ code: "customer_tax_location_invalid" });
    const rates = [await taxedBy(box)];
    expect(await refusal(create({ default_tax_rates: rates }))).toMatchObject({ statusCode: 400 });
    const { id } = await box.stripe.subscriptions.create({ customer, items });
    expect(await refusal(box.stripe.subscriptions.update(id, { automatic_tax }))).toMatchObject({
      code: "customer_tax_location_invalid",
    });
  });
});

test("an invoice by hand works its tax out, and cannot begin to afterwards", async () => {
  const { id: customer } = await payer(box, "pm_card_visa", { address: { country: "SE" } });
  const first = await draft(box, customer, [1_000], { automatic_tax });
  const second = await draft(box, customer, [1_000]);

  expect(first).toMatchObject({ total: 1_250, automatic_tax: { enabled: true } });
  const begun = box.stripe.invoices.update(second.id, { automatic_tax });
  expect(await refusal(begun)).toMatchObject({ code: "sandbox_not_modelled" });
});

describe("a checkout", () => {
  test("costs what its tax rates make of it, and says so line by line", async () => {
    const [added, included] = [await taxedBy(box), await taxedBy(box, { inclusive: true })];
    const [one, two] = [await shop.once(1_000), await shop.once(1_210)];
    const session = await shop.buying({
      line_items: [
        { price: one.id, quantity: 2, tax_rates: [added] },
        { price: two.id, quantity: 1, tax_rates: [included] },
      ],
      invoice_creation: { enabled: true },
    });

    await shop.pay(session);

    const after = await box.stripe.checkout.sessions.retrieve(session.id, {
      expand: ["invoice", "line_items"],
    });
    expect(after).toMatchObject({
      amount_subtotal: 3_210,
      amount_total: 3_630,
      total_details: { amount_tax: 630 },
      line_items: {
        data: [
          { amount_subtotal: 2_000, amount_tax: 420, amount_total: 2_420 },
          { amount_subtotal: 1_210, amount_tax: 210, amount_total: 1_210 },
        ],
      },
      invoice: { total: 3_630, amount_paid: 3_630 },
    });
  });

  test("subscribes with the tax rates that it was opened with", async () => {
    const vat = await taxedBy(box);
    const session = await shop.subscribing({ subscription_data: { default_tax_rates: [vat] } });

    await shop.pay(session);

    expect(session).toMatchObject({ amount_subtotal: 2_000, amount_total: 2_420 });
    const { subscription } = await box.stripe.checkout.sessions.retrieve(session.id, {
      expand: ["subscription.latest_invoice"],
    });
    expect(subscription).toMatchObject({
      default_tax_rates: [{ id: vat }],
      latest_invoice: { total: 2_420, amount_paid: 2_420 },
    });
  });

  test("asks for the country, shows what it makes of the price, and is paid then", async () => {
    const session = await shop.subscribing({ automatic_tax });

    const nowhere = await shop.pay(session);
    const shown = await shop.pay(session, undefined, { country: "DE" });
    const paid = await shop.pay(session, undefined, { country: "DE" });

    expect(session).toMatchObject({
      amount_total: 2_000,
      automatic_tax: { enabled: true, status: "requires_location_inputs" },
    });
    expect(nowhere.text).toContain("Choose the country that you are in.");
    expect(shown.text).toContain("Nothing was charged yet");
    expect(shown.text).toContain("23.80");
    expect(paid.location).toContain(session.id);
    const { subscription, customer, ...after } = await box.stripe.checkout.sessions.retrieve(
      session.id,
      { expand: ["customer", "subscription.latest_invoice"] },
    );
    expect(after).toMatchObject({
      amount_total: 2_380,
      automatic_tax: { status: "complete" },
      total_details: { amount_tax: 380 },
    });
    expect(customer).toMatchObject({ address: { country: "DE" } });
    expect(subscription).toMatchObject({
      automatic_tax: { enabled: true },
      latest_invoice: { amount_paid: 2_380 },
    });
  });

  test("charges a one-time purchase with the tax of a customer who is known", async () => {
    const { id: customer } = await payer(box, "pm_card_visa", { address: { country: "FR" } });
    const session = await shop.buying({ automatic_tax, customer });

    await shop.pay(session, undefined, { country: "FR" });

    expect(
      await box.stripe.checkout.sessions.retrieve(session.id, { expand: ["payment_intent"] }),
    ).toMatchObject({ status: "complete", payment_intent: { amount_received: 3_600 } });
  });

  test("is refused for a customer whose address it may not keep, and with rates besides", async () => {
    const { id: customer } = await payer(box);
    const opened = (given: Partial<Stripe.Checkout.SessionCreateParams>) =>
      shop.subscribing({ automatic_tax, ...given });

    expect(await refusal(opened({ customer }))).toMatchObject({
      code: "customer_tax_location_invalid",
    });
    const kept = await opened({ customer, customer_update: { address: "auto" } });
    expect(kept.status).toBe("open");
    const rates = { subscription_data: { default_tax_rates: [await taxedBy(box)] } };
    expect(await refusal(opened(rates))).toMatchObject({ statusCode: 400 });
  });
});
