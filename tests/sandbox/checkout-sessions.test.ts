import type Stripe from "stripe";
import { afterEach, beforeEach, describe, expect, test } from "vitest";
import { API_VERSION } from "#sandbox/protocol/version.ts";
import { type Box, startSandbox } from "#tests/support/sandbox.ts";
import { checkoutOf, SUCCESS } from "#tests/support/sandbox-checkout.ts";

let box: Box;
let stripe: Stripe;
let shop: ReturnType<typeof checkoutOf>;

beforeEach(async () => {
  box = await startSandbox();
  stripe = box.stripe;
  shop = checkoutOf(box);
});
afterEach(() => box.close());

describe("a card", () => {
  test("is saved with its customer, and nothing is charged", async () => {
    const customer = await stripe.customers.create({ email: "jenny@example.com" });
    const session = await stripe.checkout.sessions.create({
      mode: "setup",
      currency: "usd",
      customer: customer.id,
      success_url: SUCCESS,
    });

    await shop.pay(session);

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

    const { text } = await shop.pay(session, "4000000000009995");

    expect(text).toContain("not enough money");
    expect(await shop.told()).toContain("setup_intent.setup_failed");
    expect((await stripe.paymentMethods.list({ customer: customer.id })).data).toEqual([]);
  });
});

describe("discounts", () => {
  test("come off the session and off the invoice alike", async () => {
    const coupon = await stripe.coupons.create({ percent_off: 33.3, duration: "forever" });
    const session = await shop.subscribing({ discounts: [{ coupon: coupon.id }] });
    expect(session).toMatchObject({
      amount_subtotal: 2_000,
      amount_total: 1_334,
      total_details: { amount_discount: 666 },
    });

    await shop.pay(session);

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
    const session = await shop.subscribing({ allow_promotion_codes: true });
    const enter = (code: string) => shop.pay(session, "", { code, enter: "yes" });

    expect((await enter("WINTER")).text).toContain("This code is not valid.");
    await enter("spring");

    expect(await stripe.checkout.sessions.retrieve(session.id)).toMatchObject({
      amount_total: 1_500,
      discounts: [{ coupon: null, promotion_code: promotion.id }],
    });
    await enter("");
    expect((await stripe.checkout.sessions.retrieve(session.id)).amount_total).toBe(2_000);
    await enter("spring");
    await shop.pay(session);
    expect(await stripe.promotionCodes.retrieve(promotion.id)).toMatchObject({
      times_redeemed: 1,
    });
  });

  test("of everything leave nothing to pay, and no payment", async () => {
    const coupon = await stripe.coupons.create({ percent_off: 100, duration: "once" });
    const session = await shop.buying({ discounts: [{ coupon: coupon.id }] });

    await shop.pay(session);

    expect(await stripe.checkout.sessions.retrieve(session.id)).toMatchObject({
      payment_intent: null,
      payment_status: "no_payment_required",
      status: "complete",
    });
  });
});

describe("time and ends", () => {
  test("a session that nobody completes expires after a day", async () => {
    const session = await shop.subscribing();

    await fetch(`${box.url}/_sandbox/api/clock`, {
      method: "POST",
      body: JSON.stringify({ by: 24 * 3_600 }),
    });

    expect(await stripe.checkout.sessions.retrieve(session.id)).toMatchObject({
      status: "expired",
      url: null,
    });
    expect(await shop.told()).toContain("checkout.session.expired");
    const { text } = await shop.pay(session);
    expect(text).toContain("This checkout has expired");
  });

  test("an open session can be expired, once", async () => {
    const session = await shop.buying();

    expect(await stripe.checkout.sessions.expire(session.id)).toMatchObject({ status: "expired" });

    await expect(stripe.checkout.sessions.expire(session.id)).rejects.toThrow(
      /Only Checkout Sessions with a status in \["open"\]/,
    );
  });

  test("a complete session is not completed again", async () => {
    const session = await shop.buying();
    await shop.pay(session);
    const before = await shop.told();

    const { location, text } = await shop.pay(session);

    expect(location).toBe("");
    expect(text).toContain("This checkout is complete");
    expect(await shop.toldSince(before)).toEqual([]);
  });
});

describe("the API", () => {
  test("lists sessions by status, customer and subscription", async () => {
    const done = await shop.subscribing();
    await shop.pay(done);
    const open = await shop.buying();
    const { customer, subscription } = await stripe.checkout.sessions.retrieve(done.id);

    const ids = async (filter: Stripe.Checkout.SessionListParams) =>
      (await stripe.checkout.sessions.list(filter)).data.map(({ id }) => id);

    expect(await ids({})).toEqual([open.id, done.id]);
    expect(await ids({ status: "open" })).toEqual([open.id]);
    expect(await ids({ customer: String(customer) })).toEqual([done.id]);
    expect(await ids({ subscription: String(subscription) })).toEqual([done.id]);
  });

  test("merges metadata", async () => {
    const session = await shop.buying({ metadata: { a: "1", b: "2" } });

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
    [
      "an unknown tax rate",
      { subscription_data: { default_tax_rates: ["txr_no"] } },
      /No such tax/,
    ],
    ["a page of one's own", { ui_mode: "embedded_page" }, /does not model/],
    ["an expiry too soon", { expires_at: 1 }, /at least 30 minutes/],
    ["payment data in another mode", { payment_intent_data: { description: "A book" } }, /mode/],
    ["a trial that is too short", { subscription_data: { trial_period_days: 0 } }, /trial/],
  ])("refuses %s", async (_what, given, words) => {
    await expect(shop.subscribing(given)).rejects.toThrow(words);
  });

  test("refuses a recurring price in payment mode, and one-time ones only in subscription mode", async () => {
    const plan = await shop.monthly();
    const book = await shop.once();

    await expect(shop.buying({ line_items: [{ price: plan.id, quantity: 1 }] })).rejects.toThrow(
      /passed a recurring price/,
    );
    await expect(
      shop.subscribing({ line_items: [{ price: book.id, quantity: 1 }] }),
    ).rejects.toThrow(/at least one recurring price/);
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
