import type Stripe from "stripe";
import { afterEach, beforeEach, describe, expect, test } from "vitest";
import { API_VERSION } from "#sandbox/protocol/version.ts";
import { type Box, startSandbox } from "#tests/support/sandbox.ts";

let box: Box;
let stripe: Stripe;

beforeEach(async () => {
  box = await startSandbox();
  stripe = box.stripe;
});
afterEach(() => box.close());

const SUCCESS = "http://shop.localhost/done?cs={CHECKOUT_SESSION_ID}";

type Plan = { amount?: number; interval?: "month" | "year"; currency?: string };

async function monthly({ amount = 2_000, interval = "month", currency = "usd" }: Plan = {}) {
  return stripe.prices.create({
    currency,
    unit_amount: amount,
    recurring: { interval },
    product_data: { name: "Pro" },
  });
}

async function once(amount = 1_500) {
  return stripe.prices.create({
    currency: "usd",
    unit_amount: amount,
    product_data: { name: "Book" },
  });
}

async function subscribing(given: Partial<Stripe.Checkout.SessionCreateParams> = {}) {
  const price = await monthly();
  return stripe.checkout.sessions.create({
    mode: "subscription",
    line_items: [{ price: price.id, quantity: 1 }],
    success_url: SUCCESS,
    ...given,
  });
}

async function buying(given: Partial<Stripe.Checkout.SessionCreateParams> = {}) {
  const price = await once();
  return stripe.checkout.sessions.create({
    mode: "payment",
    line_items: [{ price: price.id, quantity: 2 }],
    success_url: SUCCESS,
    ...given,
  });
}

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

/** Sends the page's form, as a browser would. */
async function pay(session: { id: string }, number = "4242424242424242", form = {}) {
  const fields = { number, expiry: "12 / 40", cvc: "123", name: "Jenny Rosen", ...form };
  const answer = await fetch(`${box.url}/_pages/checkout/${session.id}`, {
    method: "POST",
    body: new URLSearchParams({ email: "jenny@example.com", ...fields }),
    redirect: "manual",
  });
  return { location: answer.headers.get("location") ?? "", text: await answer.text() };
}

async function answerBank(location: string, answer: "approve" | "refuse") {
  const said = await fetch(`${box.url}${location}`, {
    method: "POST",
    body: new URLSearchParams({ answer }),
    redirect: "manual",
  });
  return said.headers.get("location") ?? "";
}

/** Types of all events so far, oldest first. */
async function told() {
  const { data } = await stripe.events.list({ limit: 100 });
  return data.map(({ type }) => type).toReversed();
}

async function toldSince(before: readonly string[]) {
  return (await told()).slice(before.length);
}

describe("a subscription", () => {
  test("becomes active when its checkout is paid, and says so step by step", async () => {
    const session = await subscribing({
      client_reference_id: "org_1",
      metadata: { order: "7" },
      subscription_data: { metadata: { org: "1" }, description: "Pro for Jenny" },
    });
    const before = await told();

    const { location } = await pay(session);

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
    const events = await toldSince(before);
    expect(events).toEqual(expect.arrayContaining(STEPS));
    expect(events.at(-1)).toBe("checkout.session.completed");
  });

  test.each([
    ["is declined", "4000000000000002"],
    ["can be saved and not charged", "4000000000000341"],
  ])(
    "leaves nothing but a failed payment when the card %s, and stays open",
    async (_what, card) => {
      const session = await subscribing();
      const before = await told();

      const { location, text } = await pay(session, card);

      expect(location).toBe("");
      expect(text).toContain("The bank declined this card");
      expect(await toldSince(before)).toEqual([
        "payment_intent.created",
        "charge.failed",
        "payment_intent.payment_failed",
      ]);
      expect(await stripe.checkout.sessions.retrieve(session.id)).toMatchObject({ status: "open" });
      expect((await stripe.subscriptions.list()).data).toEqual([]);
      expect((await stripe.customers.list()).data).toEqual([]);

      await pay(session);

      expect(await stripe.checkout.sessions.retrieve(session.id)).toMatchObject({
        status: "complete",
      });
    },
  );

  test("waits for 3-D Secure and is active once the holder has approved", async () => {
    const session = await subscribing();

    const { location } = await pay(session, "4000002500003155");

    expect(location).toMatch(/^\/_pages\/3ds\/pi_/);
    expect(await stripe.checkout.sessions.retrieve(session.id)).toMatchObject({ status: "open" });
    const [waiting] = (await stripe.subscriptions.list({ status: "all" })).data;
    expect(waiting).toMatchObject({ status: "incomplete" });

    const back = await answerBank(location, "approve");

    expect(back).toBe(`http://shop.localhost/done?cs=${session.id}`);
    expect(
      await stripe.checkout.sessions.retrieve(session.id, { expand: ["subscription"] }),
    ).toMatchObject({ status: "complete", subscription: { status: "active" } });
  });

  test("takes another card after a refused 3-D Secure, for the same subscription", async () => {
    const session = await subscribing();
    const { location } = await pay(session, "4000002760003184");

    const back = await answerBank(location, "refuse");

    expect(back).toBe(`/_pages/checkout/${session.id}?refused`);
    expect(await stripe.checkout.sessions.retrieve(session.id)).toMatchObject({ status: "open" });

    await pay(session);

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
    const session = await subscribing({ subscription_data: { trial_period_days: 14 } });

    await pay(session);

    const after = await stripe.checkout.sessions.retrieve(session.id, {
      expand: ["subscription"],
    });
    expect(after).toMatchObject({
      amount_total: 0,
      payment_status: "no_payment_required",
      status: "complete",
      subscription: { status: "trialing" },
    });
    expect(await told()).not.toContain("payment_intent.created");
  });

  test("starts a trial only after 3-D Secure was approved, where the card asks for it", async () => {
    const session = await subscribing({ subscription_data: { trial_period_days: 14 } });

    const { location } = await pay(session, "4000002500003155");

    expect(location).toMatch(/^\/_pages\/3ds\/seti_/);
    expect((await stripe.subscriptions.list({ status: "all" })).data).toEqual([]);

    await answerBank(location, "approve");

    expect(
      await stripe.checkout.sessions.retrieve(session.id, { expand: ["subscription"] }),
    ).toMatchObject({ status: "complete", subscription: { status: "trialing" } });
  });

  test("starts a trial without a card where none has to be given", async () => {
    const session = await subscribing({
      payment_method_collection: "if_required",
      subscription_data: {
        trial_period_days: 3,
        trial_settings: { end_behavior: { missing_payment_method: "cancel" } },
      },
    });

    await pay(session, "");

    const after = await stripe.checkout.sessions.retrieve(session.id, { expand: ["subscription"] });
    expect(after).toMatchObject({
      status: "complete",
      subscription: { status: "trialing", default_payment_method: null },
    });
  });

  test("bills one-time prices on its first invoice", async () => {
    const plan = await monthly();
    const fee = await once(500);
    const session = await subscribing({
      line_items: [
        { price: plan.id, quantity: 2 },
        { price: fee.id, quantity: 1 },
      ],
    });
    expect(session.amount_total).toBe(4_500);

    await pay(session);

    const after = await stripe.checkout.sessions.retrieve(session.id, { expand: ["invoice"] });
    expect(after.invoice).toMatchObject({ total: 4_500, status: "paid" });
  });
});

describe("a purchase", () => {
  test("is paid by one payment, without a customer or an invoice", async () => {
    const session = await buying({
      payment_intent_data: { metadata: { order: "9" }, description: "Two books" },
    });

    await pay(session);

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
    const session = await buying({
      customer_creation: "always",
      payment_intent_data: { setup_future_usage: "off_session" },
    });

    await pay(session);

    const { customer } = await stripe.checkout.sessions.retrieve(session.id);
    const { data } = await stripe.paymentMethods.list({ customer: String(customer) });
    expect(data).toMatchObject([{ card: { last4: "4242" } }]);
  });

  test("is invoiced where an invoice is asked for", async () => {
    const session = await buying({ invoice_creation: { enabled: true } });

    await pay(session);

    const after = await stripe.checkout.sessions.retrieve(session.id, {
      expand: ["invoice", "payment_intent"],
    });
    expect(after).toMatchObject({
      invoice: { status: "paid", total: 3_000 },
      payment_intent: { status: "succeeded" },
    });
  });

  test("sells at a price that is written into the session, and nowhere else", async () => {
    const session = await buying({
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

describe("a card", () => {
  test("is saved with its customer, and nothing is charged", async () => {
    const customer = await stripe.customers.create({ email: "jenny@example.com" });
    const session = await stripe.checkout.sessions.create({
      mode: "setup",
      currency: "usd",
      customer: customer.id,
      success_url: SUCCESS,
    });

    await pay(session);

    const after = await stripe.checkout.sessions.retrieve(session.id, {
      expand: ["setup_intent.payment_method"],
    });
    expect(after).toMatchObject({
      amount_total: null,
      payment_status: "no_payment_required",
      setup_intent: { status: "succeeded", payment_method: { customer: customer.id } },
      status: "complete",
    });
  });

  test("that declines is not saved", async () => {
    const customer = await stripe.customers.create();
    const session = await stripe.checkout.sessions.create({
      mode: "setup",
      currency: "usd",
      customer: customer.id,
      success_url: SUCCESS,
    });

    const { text } = await pay(session, "4000000000009995");

    expect(text).toContain("not enough money");
    expect(await told()).toContain("setup_intent.setup_failed");
    expect((await stripe.paymentMethods.list({ customer: customer.id })).data).toEqual([]);
  });
});

describe("discounts", () => {
  test("come off the session and off the invoice alike", async () => {
    const coupon = await stripe.coupons.create({ percent_off: 33.3, duration: "forever" });
    const session = await subscribing({ discounts: [{ coupon: coupon.id }] });
    expect(session).toMatchObject({
      amount_subtotal: 2_000,
      amount_total: 1_334,
      total_details: { amount_discount: 666 },
    });

    await pay(session);

    const after = await stripe.checkout.sessions.retrieve(session.id, { expand: ["invoice"] });
    expect(after.invoice).toMatchObject({ total: 1_334, amount_paid: 1_334 });
  });

  test("are entered as a code on the page, and taken away again", async () => {
    const coupon = await stripe.coupons.create({
      amount_off: 500,
      currency: "usd",
      duration: "once",
    });
    const promotion = await stripe.promotionCodes.create({
      code: "SPRING",
      promotion: { type: "coupon", coupon: coupon.id },
    });
    const session = await subscribing({ allow_promotion_codes: true });
    const enter = (code: string) => pay(session, "", { code, enter: "yes" });

    expect((await enter("WINTER")).text).toContain("This code is not valid.");
    await enter("spring");

    expect(await stripe.checkout.sessions.retrieve(session.id)).toMatchObject({
      amount_total: 1_500,
      discounts: [{ coupon: null, promotion_code: promotion.id }],
    });
    await enter("");
    expect((await stripe.checkout.sessions.retrieve(session.id)).amount_total).toBe(2_000);
    await enter("spring");
    await pay(session);
    expect(await stripe.promotionCodes.retrieve(promotion.id)).toMatchObject({
      times_redeemed: 1,
    });
  });

  test("of everything leave nothing to pay, and no payment", async () => {
    const coupon = await stripe.coupons.create({ percent_off: 100, duration: "once" });
    const session = await buying({ discounts: [{ coupon: coupon.id }] });

    await pay(session);

    expect(await stripe.checkout.sessions.retrieve(session.id)).toMatchObject({
      payment_intent: null,
      payment_status: "no_payment_required",
      status: "complete",
    });
  });
});

describe("time and ends", () => {
  test("a session that nobody completes expires after a day", async () => {
    const session = await subscribing();

    await fetch(`${box.url}/_sandbox/api/clock`, {
      method: "POST",
      body: JSON.stringify({ by: 24 * 3_600 }),
    });

    expect(await stripe.checkout.sessions.retrieve(session.id)).toMatchObject({
      status: "expired",
      url: null,
    });
    expect(await told()).toContain("checkout.session.expired");
    const { text } = await pay(session);
    expect(text).toContain("This checkout has expired");
  });

  test("an open session can be expired, once", async () => {
    const session = await buying();

    expect(await stripe.checkout.sessions.expire(session.id)).toMatchObject({ status: "expired" });

    await expect(stripe.checkout.sessions.expire(session.id)).rejects.toThrow(
      /Only Checkout Sessions with a status in \["open"\]/,
    );
  });

  test("a complete session is not completed again", async () => {
    const session = await buying();
    await pay(session);
    const before = await told();

    const { location, text } = await pay(session);

    expect(location).toBe("");
    expect(text).toContain("This checkout is complete");
    expect(await toldSince(before)).toEqual([]);
  });
});

describe("the API", () => {
  test("lists sessions by status, customer and subscription", async () => {
    const done = await subscribing();
    await pay(done);
    const open = await buying();
    const { customer, subscription } = await stripe.checkout.sessions.retrieve(done.id);

    const ids = async (filter: Stripe.Checkout.SessionListParams) =>
      (await stripe.checkout.sessions.list(filter)).data.map(({ id }) => id);

    expect(await ids({})).toEqual([open.id, done.id]);
    expect(await ids({ status: "open" })).toEqual([open.id]);
    expect(await ids({ customer: String(customer) })).toEqual([done.id]);
    expect(await ids({ subscription: String(subscription) })).toEqual([done.id]);
  });

  test("merges metadata", async () => {
    const session = await buying({ metadata: { a: "1", b: "2" } });

    const after = await stripe.checkout.sessions.update(session.id, {
      metadata: { b: "", c: "3" },
    });

    expect(after.metadata).toEqual({ a: "1", c: "3" });
  });

  test.each<[string, Partial<Stripe.Checkout.SessionCreateParams>, RegExp]>([
    [
      "both a customer and an e-mail",
      { customer_email: "a@b.co", customer: "cus_1" },
      /only specify one|No such customer/,
    ],
    ["an unknown customer", { customer: "cus_none" }, /No such customer/],
    ["no line items", { line_items: [] }, /line_items/],
    ["an unknown price", { line_items: [{ price: "price_none", quantity: 1 }] }, /No such price/],
    ["tax", { automatic_tax: { enabled: true } }, /does not model/],
    ["a page of one's own", { ui_mode: "embedded_page" }, /does not model/],
    ["an expiry too soon", { expires_at: 1 }, /at least 30 minutes/],
    ["payment data in another mode", { payment_intent_data: { description: "A book" } }, /mode/],
    ["a trial that is too short", { subscription_data: { trial_period_days: 0 } }, /trial/],
  ])("refuses %s", async (_what, given, words) => {
    await expect(subscribing(given)).rejects.toThrow(words);
  });

  test("refuses a recurring price in payment mode, and one-time ones only in subscription mode", async () => {
    const plan = await monthly();
    const book = await once();

    await expect(buying({ line_items: [{ price: plan.id, quantity: 1 }] })).rejects.toThrow(
      /passed a recurring price/,
    );
    await expect(subscribing({ line_items: [{ price: book.id, quantity: 1 }] })).rejects.toThrow(
      /at least one recurring price/,
    );
  });

  test("refuses payment_method_types, which this version has no more", async () => {
    const said = await box.post(
      "/v1/checkout/sessions",
      "mode=setup&currency=usd&success_url=http://x.localhost&payment_method_types[0]=card",
      { "Stripe-Version": API_VERSION },
    );

    expect(said).toMatchObject({ status: 400, json: { error: { code: "parameter_unknown" } } });
  });
});
