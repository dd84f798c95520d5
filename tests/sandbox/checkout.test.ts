import type Stripe from "stripe";
import { afterEach, beforeEach, describe, expect, test } from "vitest";
import { type Box, startSandbox } from "#tests/support/sandbox.ts";
import { checkoutOf } from "#tests/support/sandbox-checkout.ts";

let box: Box;
let stripe: Stripe;
let shop: ReturnType<typeof checkoutOf>;

beforeEach(async () => {
  box = await startSandbox();
  stripe = box.stripe;
  shop = checkoutOf(box);
});
afterEach(() => box.close());

/** What a paid checkout of a subscription says, in whatever order. */
const STEPS = [
  "payment_method.attached",
  "customer.subscription.created",
  "invoice.created",
  "invoice.finalized",
  "payment_intent.created",
  "payment_intent.succeeded",
  "charge.succeeded",
  "invoice.paid",
  "invoice.payment_succeeded",
  "invoice_payment.paid",
  "customer.subscription.updated",
];

describe("a subscription", () => {
  test("becomes active when its checkout is paid, and says so step by step", async () => {
    const session = await shop.subscribing({
      client_reference_id: "org_1",
      metadata: { order: "7" },
      subscription_data: { metadata: { org: "1" }, description: "Pro for Jenny" },
    });
    const before = await shop.told();

    const { location } = await shop.pay(session);

    expect(location).toBe(`http://shop.localhost/done?cs=${session.id}`);
    const after = await stripe.checkout.sessions.retrieve(session.id, {
      expand: ["line_items", "subscription", "customer"],
    });
    expect(after).toMatchObject({
      amount_total: 2_000,
      client_reference_id: "org_1",
      customer: { email: "jenny@example.com", name: "Jenny Rosen" },
      customer_details: { email: "jenny@example.com", name: "Jenny Rosen" },
      line_items: { data: [{ amount_total: 2_000, description: "Pro", quantity: 1 }] },
      metadata: { order: "7" },
      payment_intent: null,
      payment_status: "paid",
      status: "complete",
      subscription: { status: "active", metadata: { org: "1" }, description: "Pro for Jenny" },
      url: null,
    });
    expect(after.invoice).toMatch(/^in_/);
    const events = await shop.toldSince(before);
    expect(events).toEqual(expect.arrayContaining(STEPS));
    expect(events.at(-1)).toBe("checkout.session.completed");
  });

  test.each([
    ["is declined", "4000000000000002"],
    ["can be saved and not charged", "4000000000000341"],
  ])(
    "leaves nothing but a failed payment when the card %s, and stays open",
    async (_what, card) => {
      const session = await shop.subscribing();
      const before = await shop.told();

      const { location, text } = await shop.pay(session, card);

      expect(location).toBe("");
      expect(text).toContain("The bank declined this card");
      expect(await shop.toldSince(before)).toEqual([
        "payment_intent.created",
        "charge.failed",
        "payment_intent.payment_failed",
      ]);
      expect(await stripe.checkout.sessions.retrieve(session.id)).toMatchObject({ status: "open" });
      expect((await stripe.subscriptions.list()).data).toEqual([]);
      expect((await stripe.customers.list()).data).toEqual([]);

      await shop.pay(session);

      expect(await stripe.checkout.sessions.retrieve(session.id)).toMatchObject({
        status: "complete",
      });
    },
  );

  test("waits for 3-D Secure and is active once the holder has approved", async () => {
    const session = await shop.subscribing();

    const { location } = await shop.pay(session, "4000002500003155");

    expect(location).toMatch(/^\/_pages\/3ds\/pi_/);
    expect(await stripe.checkout.sessions.retrieve(session.id)).toMatchObject({ status: "open" });
    const [waiting] = (await stripe.subscriptions.list({ status: "all" })).data;
    expect(waiting).toMatchObject({ status: "incomplete" });

    const back = await shop.answerBank(location, "approve");

    expect(back).toBe(`http://shop.localhost/done?cs=${session.id}`);
    expect(
      await stripe.checkout.sessions.retrieve(session.id, { expand: ["subscription"] }),
    ).toMatchObject({ status: "complete", subscription: { status: "active" } });
  });

  test("takes another card after a refused 3-D Secure, for the same subscription", async () => {
    const session = await shop.subscribing();
    const { location } = await shop.pay(session, "4000002760003184");

    const back = await shop.answerBank(location, "refuse");

    expect(back).toBe(`/_pages/checkout/${session.id}?refused`);
    expect(await stripe.checkout.sessions.retrieve(session.id)).toMatchObject({ status: "open" });

    await shop.pay(session);

    const after = await stripe.checkout.sessions.retrieve(session.id, {
      expand: ["subscription.default_payment_method"],
    });
    expect(after).toMatchObject({
      status: "complete",
      subscription: { status: "active", default_payment_method: { card: { last4: "4242" } } },
    });
    expect((await stripe.subscriptions.list({ status: "all" })).data).toHaveLength(1);
  });

  test("starts with a trial that costs nothing today", async () => {
    const session = await shop.subscribing({ subscription_data: { trial_period_days: 14 } });

    await shop.pay(session);

    const after = await stripe.checkout.sessions.retrieve(session.id, {
      expand: ["subscription"],
    });
    expect(after).toMatchObject({
      amount_total: 0,
      payment_status: "no_payment_required",
      status: "complete",
      subscription: { status: "trialing" },
    });
    expect(await shop.told()).not.toContain("payment_intent.created");
  });

  test("starts a trial only after 3-D Secure was approved, where the card asks for it", async () => {
    const session = await shop.subscribing({ subscription_data: { trial_period_days: 14 } });

    const { location } = await shop.pay(session, "4000002500003155");

    expect(location).toMatch(/^\/_pages\/3ds\/seti_/);
    expect((await stripe.subscriptions.list({ status: "all" })).data).toEqual([]);

    await shop.answerBank(location, "approve");

    expect(
      await stripe.checkout.sessions.retrieve(session.id, { expand: ["subscription"] }),
    ).toMatchObject({ status: "complete", subscription: { status: "trialing" } });
  });

  test("starts a trial without a card where none has to be given", async () => {
    const session = await shop.subscribing({
      payment_method_collection: "if_required",
      subscription_data: {
        trial_period_days: 3,
        trial_settings: { end_behavior: { missing_payment_method: "cancel" } },
      },
    });

    await shop.pay(session, "");

    const after = await stripe.checkout.sessions.retrieve(session.id, { expand: ["subscription"] });
    expect(after).toMatchObject({
      status: "complete",
      subscription: { status: "trialing", default_payment_method: null },
    });
  });

  test("bills one-time prices on its first invoice", async () => {
    const plan = await shop.monthly();
    const fee = await shop.once(500);
    const session = await shop.subscribing({
      line_items: [
        { price: plan.id, quantity: 2 },
        { price: fee.id, quantity: 1 },
      ],
    });
    expect(session.amount_total).toBe(4_500);

    await shop.pay(session);

    const after = await stripe.checkout.sessions.retrieve(session.id, { expand: ["invoice"] });
    expect(after.invoice).toMatchObject({ total: 4_500, status: "paid" });
  });
});

describe("a purchase", () => {
  test("is paid by one payment, without a customer or an invoice", async () => {
    const session = await shop.buying({
      payment_intent_data: { metadata: { order: "9" }, description: "Two books" },
    });

    await shop.pay(session);

    const after = await stripe.checkout.sessions.retrieve(session.id, {
      expand: ["payment_intent"],
    });
    expect(after).toMatchObject({
      amount_total: 3_000,
      customer: null,
      customer_details: { email: "jenny@example.com" },
      invoice: null,
      payment_intent: {
        amount: 3_000,
        description: "Two books",
        metadata: { order: "9" },
        status: "succeeded",
      },
      payment_status: "paid",
    });
  });

  test("makes a customer where one is asked for, and saves the card for later", async () => {
    const session = await shop.buying({
      customer_creation: "always",
      payment_intent_data: { setup_future_usage: "off_session" },
    });

    await shop.pay(session);

    const { customer } = await stripe.checkout.sessions.retrieve(session.id);
    const { data } = await stripe.paymentMethods.list({ customer: String(customer) });
    expect(data).toMatchObject([{ card: { last4: "4242" } }]);
  });

  test("is invoiced where an invoice is asked for", async () => {
    const session = await shop.buying({ invoice_creation: { enabled: true } });

    await shop.pay(session);

    const after = await stripe.checkout.sessions.retrieve(session.id, {
      expand: ["invoice", "payment_intent"],
    });
    expect(after).toMatchObject({
      invoice: { status: "paid", total: 3_000 },
      payment_intent: { status: "succeeded" },
    });
  });

  test("sells at a price that is written into the session, and nowhere else", async () => {
    const session = await shop.buying({
      line_items: [
        {
          price_data: { currency: "eur", unit_amount: 990, product_data: { name: "Mug" } },
          quantity: 3,
        },
      ],
    });

    const { data } = await stripe.checkout.sessions.listLineItems(session.id);

    expect(session).toMatchObject({ amount_total: 2_970, currency: "eur" });
    expect(data).toMatchObject([
      { amount_total: 2_970, description: "Mug", price: { active: false, unit_amount: 990 } },
    ]);
  });
});
