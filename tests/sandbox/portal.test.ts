import type Stripe from "stripe";
import { afterEach, beforeEach, describe, expect, test } from "vitest";
import { type Box, startSandbox } from "#tests/support/sandbox.ts";

let box: Box;
let stripe: Stripe;
let customer: Stripe.Customer;
let basic: Stripe.Price;
let pro: Stripe.Price;
let subscription: Stripe.Subscription;

beforeEach(async () => {
  box = await startSandbox();
  stripe = box.stripe;
  customer = await stripe.customers.create({ name: "Jenny Rosen", payment_method: "pm_card_visa" });
  const [card] = (await stripe.paymentMethods.list({ customer: customer.id })).data;
  basic = await plan("Basic", 1_000);
  pro = await plan("Pro", 3_000);
  subscription = await stripe.subscriptions.create({
    customer: customer.id,
    items: [{ price: basic.id }],
    default_payment_method: card?.id ?? "",
  });
});
afterEach(() => box.close());

function plan(name: string, amount: number) {
  return stripe.prices.create({
    currency: "usd",
    unit_amount: amount,
    recurring: { interval: "month" },
    product_data: { name },
  });
}

function visit(flow?: Stripe.BillingPortal.SessionCreateParams.FlowData) {
  return stripe.billingPortal.sessions.create({
    customer: customer.id,
    return_url: "http://shop.localhost/billing",
    ...(flow ? { flow_data: flow } : {}),
  });
}

async function open(url: string) {
  const answer = await fetch(url);
  return { url: answer.url, status: answer.status, text: await answer.text() };
}

async function send(url: string, form: Record<string, string>) {
  const body = new URLSearchParams(form);
  const answer = await fetch(url, { method: "POST", body, redirect: "manual" });
  return { location: answer.headers.get("location") ?? "", text: await answer.text() };
}

const now = () => stripe.subscriptions.retrieve(subscription.id);

test("shows what a customer pays and what they paid, and nothing of others", async () => {
  await stripe.customers.create({ name: "Somebody Else", payment_method: "pm_card_visa" });

  const { text, status } = await open((await visit()).url);

  expect(status).toBe(200);
  expect(text).toContain("Basic, $10.00 per month");
  expect(text).toContain("Visa •••• 4242");
  expect(text).toMatch(/\/_pages\/invoice\/in_/);
  expect(text).not.toContain("Somebody Else");
});

test("says that a visit is unknown", async () => {
  expect(await open(`${box.url}/_pages/portal/bps_none`)).toMatchObject({ status: 404 });
});

describe("canceling", () => {
  test("ends the subscription with its period, with the reason, and can be undone", async () => {
    const { url } = await visit();

    await send(`${url}/subscriptions/${subscription.id}/cancel`, {
      reason: "too_expensive",
      comment: "Sorry",
    });

    expect(await now()).toMatchObject({
      cancel_at_period_end: true,
      cancellation_details: { comment: "Sorry", feedback: "too_expensive" },
      status: "active",
    });
    expect((await open(url)).text).toContain("Keep the subscription");

    await send(`${url}/subscriptions/${subscription.id}/undo`, {});

    expect(await now()).toMatchObject({ cancel_at: null, cancel_at_period_end: false });
  });

  test("is the first page of a visit for it, and sends back afterwards", async () => {
    const { url, flow } = await visit({
      type: "subscription_cancel",
      subscription_cancel: { subscription: subscription.id },
      after_completion: { type: "redirect", redirect: { return_url: "http://shop.localhost/bye" } },
    });
    expect(flow).toMatchObject({
      subscription_cancel: { subscription: subscription.id },
      type: "subscription_cancel",
    });

    const page = await open(url);
    const { location } = await send(page.url, {});

    expect(page.text).toContain("Cancel Basic, $10.00 per month?");
    expect(location).toBe("http://shop.localhost/bye");
  });

  test("does not reach another customer's subscription", async () => {
    const other = await stripe.customers.create({ payment_method: "pm_card_visa" });
    const { url } = await stripe.billingPortal.sessions.create({ customer: other.id });

    const { status } = await open(`${url}/subscriptions/${subscription.id}/cancel`);

    expect(status).toBe(404);
  });
});

describe("changing the plan", () => {
  async function allowingChanges(behavior: "always_invoice" | "create_prorations") {
    const products = [basic, pro].map((price) => ({
      product: String(price.product),
      prices: [price.id],
    }));
    return stripe.billingPortal.configurations.create({
      features: {
        subscription_update: {
          enabled: true,
          default_allowed_updates: ["price"],
          products,
          proration_behavior: behavior,
        },
      },
    });
  }

  test("shows what is charged today before it is, and charges that", async () => {
    const configuration = await allowingChanges("always_invoice");
    const { url } = await stripe.billingPortal.sessions.create({
      customer: customer.id,
      configuration: configuration.id,
    });
    const address = `${url}/subscriptions/${subscription.id}/change`;
    expect((await open(address)).text).toContain("Pro, $30.00 per month");

    const asked = await open(`${address}/confirm?price=${pro.id}`);
    expect(asked.text).toMatch(/\$\d+\.\d\d<\/strong>\s+is charged today/);
    const [, charged = ""] = /\$(\d+\.\d\d)<\/strong>/.exec(asked.text) ?? [];
    await send(`${address}/confirm`, {
      item: subscription.items.data[0]?.id ?? "",
      price: pro.id,
      quantity: "1",
    });

    const after = await stripe.subscriptions.retrieve(subscription.id, {
      expand: ["latest_invoice"],
    });
    expect(after).toMatchObject({
      items: { data: [{ price: { id: pro.id } }] },
      latest_invoice: { amount_paid: Math.round(Number(charged) * 100), status: "paid" },
    });
  });

  test("waits for the period's end where the configuration puts off what costs less", async () => {
    const item = subscription.items.data[0]?.id ?? "";
    await stripe.subscriptions.update(subscription.id, { items: [{ id: item, price: pro.id }] });
    const { id } = await stripe.billingPortal.configurations.create({
      features: {
        subscription_update: {
          enabled: true,
          default_allowed_updates: ["price"],
          products: [{ product: String(basic.product), prices: [basic.id] }],
          schedule_at_period_end: { conditions: [{ type: "decreasing_item_amount" }] },
        },
      },
    });
    const { url } = await stripe.billingPortal.sessions.create({
      customer: customer.id,
      configuration: id,
    });
    const address = `${url}/subscriptions/${subscription.id}`;

    const asked = await open(`${address}/change/confirm?price=${basic.id}`);
    await send(`${address}/change/confirm`, { item, price: basic.id, quantity: "1" });

    expect(asked.text).toContain("Nothing is charged today. The plan changes on");
    expect(await now()).toMatchObject({
      items: { data: [{ price: { id: pro.id } }] },
      schedule: expect.stringMatching(/^sub_sched_/),
    });
    expect((await open(url)).text).toContain("it is Basic, $10.00 per month.");

    await send(`${address}/undo`, {});

    expect(await now()).toMatchObject({ schedule: null });
  });

  test("is confirmed on one page in a visit that is for one change", async () => {
    const configuration = await allowingChanges("create_prorations");
    const { url } = await stripe.billingPortal.sessions.create({
      customer: customer.id,
      configuration: configuration.id,
      flow_data: {
        type: "subscription_update_confirm",
        subscription_update_confirm: {
          subscription: subscription.id,
          items: [{ id: subscription.items.data[0]?.id ?? "", price: pro.id }],
        },
        after_completion: {
          type: "hosted_confirmation",
          hosted_confirmation: { custom_message: "Welcome to Pro." },
        },
      },
    });

    const asked = await open(url);
    const { location } = await send(asked.url, {
      item: subscription.items.data[0]?.id ?? "",
      price: pro.id,
      quantity: "1",
    });

    expect(asked.text).toContain("Change to Pro, $30.00 per month?");
    expect((await open(box.url + location)).text).toContain("Welcome to Pro.");
    expect(await now()).toMatchObject({ items: { data: [{ price: { id: pro.id } }] } });
  });

  test("is refused where the configuration does not offer it", async () => {
    await expect(
      stripe.billingPortal.configurations
        .create({ features: { subscription_update: { enabled: false } } })
        .then(({ id }) =>
          stripe.billingPortal.sessions.create({
            customer: customer.id,
            configuration: id,
            flow_data: {
              type: "subscription_update",
              subscription_update: { subscription: subscription.id },
            },
          }),
        ),
    ).rejects.toThrow(/disabled in the portal configuration/);
  });
});

describe("updating the card", () => {
  const CARD = { number: "5555555555554444", expiry: "12/40", cvc: "123" };

  test("saves it, and lets it pay for everything", async () => {
    const { url } = await visit({ type: "payment_method_update" });
    const page = await open(url);

    await send(page.url, CARD);

    const after = await stripe.customers.retrieve(customer.id, {
      expand: ["invoice_settings.default_payment_method"],
    });
    expect(after).toMatchObject({
      invoice_settings: { default_payment_method: { card: { last4: "4444" } } },
    });
    const { default_payment_method: own } = await stripe.subscriptions.retrieve(subscription.id, {
      expand: ["default_payment_method"],
    });
    expect(own).toMatchObject({ card: { last4: "4444" } });
  });

  test("goes by 3-D Secure where the card asks for it", async () => {
    const { url } = await visit();

    const { location } = await send(`${url}/card`, { ...CARD, number: "4000002500003155" });
    const back = await send(box.url + location, { answer: "approve" });

    expect(back.location).toMatch(/\/card\/return\?setup_intent=seti_/);
    expect((await open(back.location)).text).toContain("The card is saved");
  });

  test("keeps the old one where the new one is declined", async () => {
    const { url } = await visit();

    const { text } = await send(`${url}/card`, { ...CARD, number: "4000000000000002" });

    expect(text).toContain("The bank declined this card");
    expect((await stripe.paymentMethods.list({ customer: customer.id })).data).toHaveLength(1);
  });

  test("says beside each field what is wrong with it", async () => {
    const { url } = await visit();

    const { text } = await send(`${url}/card`, { number: "4242", expiry: "13/40", cvc: "1" });

    expect(text).toContain("Enter a card number");
    expect(text).toContain("Enter a month and a year");
    expect(text).toContain("Enter three or four digits");
    expect(text).toContain('value="4242"');
  });
});
