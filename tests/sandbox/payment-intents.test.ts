import type Stripe from "stripe";
import { afterEach, beforeEach, expect, test } from "vitest";
import { API_VERSION } from "#sandbox/protocol/version.ts";
import { type Box, eventTypes, failureOf, startSandbox } from "#tests/support/sandbox.ts";
import { eventFaults } from "#tests/support/sdk-shapes.ts";

let box: Box;
beforeEach(async () => {
  box = await startSandbox();
});
afterEach(() => box.close());

function pay(payment_method: string, more: Partial<Stripe.PaymentIntentCreateParams> = {}) {
  return box.stripe.paymentIntents.create({
    amount: 2_000,
    currency: "usd",
    confirm: true,
    payment_method,
    ...more,
  });
}

test("charges a card at once when it is confirmed on creation", async () => {
  const paid = await pay("pm_card_visa", { description: "Ten credits", metadata: { order: "7" } });

  const charge = await box.stripe.charges.retrieve(String(paid.latest_charge), {
    expand: ["balance_transaction", "refunds"],
  });
  expect(paid).toMatchObject({ status: "succeeded", amount_received: 2_000, next_action: null });
  expect(charge).toMatchObject({
    amount_captured: 2_000,
    description: "Ten credits",
    metadata: { order: "7" },
    outcome: { type: "authorized", network_status: "approved_by_network" },
    payment_intent: paid.id,
    refunds: { data: [] },
    status: "succeeded",
  });
  expect(charge.balance_transaction).toMatchObject({ amount: 2_000, fee: 88, net: 1_912 });
  expect(eventTypes(box)).toEqual([
    "payment_intent.created",
    "charge.succeeded",
    "payment_intent.succeeded",
  ]);
});

test("answers a decline with 402, the failed intent inside, and keeps what it left", async () => {
  const error = await failureOf(pay("pm_card_visa_chargeDeclined"));

  expect(error).toMatchObject({
    statusCode: 402,
    type: "StripeCardError",
    code: "card_declined",
    decline_code: "generic_decline",
  });
  expect(error.doc_url).toMatch(/card-declined$/);
  const failed = await box.stripe.paymentIntents.retrieve(error.payment_intent?.id ?? "");
  expect(failed).toMatchObject({
    latest_charge: error.charge,
    payment_method: null,
    status: "requires_payment_method",
    last_payment_error: { code: "card_declined", payment_method: { type: "card" } },
  });
  const charge = await box.stripe.charges.retrieve(String(failed.latest_charge));
  expect(charge).toMatchObject({ status: "failed", paid: false, balance_transaction: null });
  expect(eventTypes(box)).toEqual([
    "payment_intent.created",
    "charge.failed",
    "payment_intent.payment_failed",
  ]);
});

test.each([
  ["pm_card_chargeDeclinedInsufficientFunds", "card_declined", "insufficient_funds"],
  ["pm_card_chargeDeclinedLostCard", "card_declined", "lost_card"],
  ["pm_card_chargeDeclinedExpiredCard", "expired_card", "expired_card"],
  ["pm_card_chargeDeclinedIncorrectCvc", "incorrect_cvc", "incorrect_cvc"],
  ["pm_card_chargeDeclinedProcessingError", "processing_error", "processing_error"],
  ["pm_card_chargeCustomerFail", "card_declined", "generic_decline"],
])("declines %s as %s, %s", async (method, code, decline_code) => {
  expect(await failureOf(pay(method))).toMatchObject({ statusCode: 402, code, decline_code });
});

test("pays with another card after a decline", async () => {
  const error = await failureOf(pay("pm_card_chargeDeclined"));
  const id = error.payment_intent?.id ?? "";

  const paid = await box.stripe.paymentIntents.confirm(id, { payment_method: "pm_card_visa" });

  expect(paid).toMatchObject({ status: "succeeded", last_payment_error: null });
  expect((await box.stripe.charges.list({ payment_intent: id })).data).toHaveLength(2);
});

test("holds money until it is captured, and gives the rest back", async () => {
  const held = await pay("pm_card_visa", { capture_method: "manual" });
  const captured = await box.stripe.paymentIntents.capture(held.id, { amount_to_capture: 1_500 });

  const charge = await box.stripe.charges.retrieve(String(captured.latest_charge));
  expect(held).toMatchObject({ status: "requires_capture", amount_capturable: 2_000 });
  expect(captured).toMatchObject({ status: "succeeded", amount_received: 1_500 });
  expect(charge).toMatchObject({ amount_captured: 1_500, amount_refunded: 500, captured: true });
  expect(eventTypes(box)).toEqual([
    "payment_intent.created",
    "charge.succeeded",
    "payment_intent.amount_capturable_updated",
    "charge.captured",
    "payment_intent.succeeded",
  ]);
});

test("gives held money back when the intent is canceled", async () => {
  const held = await pay("pm_card_visa", { capture_method: "manual" });

  const canceled = await box.stripe.paymentIntents.cancel(held.id, {
    cancellation_reason: "abandoned",
  });

  const charge = await box.stripe.charges.retrieve(String(canceled.latest_charge));
  expect(canceled).toMatchObject({ status: "canceled", cancellation_reason: "abandoned" });
  expect(charge).toMatchObject({ captured: false, refunded: true, amount_refunded: 2_000 });
});

test("saves a card that is to be used again, and takes one without a customer only once", async () => {
  const { id: customer } = await box.stripe.customers.create();
  const saved = await pay("pm_card_visa", { customer, setup_future_usage: "off_session" });
  const lone = await pay("pm_card_visa");

  const cards = await box.stripe.paymentMethods.list({ customer });
  const again = await pay(String(saved.payment_method), { customer, off_session: true });
  const error = await failureOf(pay(String(lone.payment_method)));
  expect(cards.data.map(({ id }) => id)).toEqual([saved.payment_method]);
  expect(again.status).toBe("succeeded");
  expect(error.message).toMatch(/may not be used again/);
});

test("refuses another customer's card", async () => {
  const { id: owner } = await box.stripe.customers.create();
  const { id: other } = await box.stripe.customers.create();
  const { id: method } = await box.stripe.paymentMethods.attach("pm_card_visa", {
    customer: owner,
  });

  const [without, stolen] = await Promise.all([
    failureOf(pay(method)),
    failureOf(pay(method, { customer: other })),
  ]);

  expect(without.message).toMatch(/attached to a customer/);
  expect(stolen).toMatchObject({ statusCode: 400, param: "payment_method" });
});

test("changes an intent until it is paid", async () => {
  const { id } = await box.stripe.paymentIntents.create({ amount: 500, currency: "eur" });
  await box.stripe.paymentIntents.update(id, { amount: 700, metadata: { a: "1" } });
  const paid = await box.stripe.paymentIntents.confirm(id, { payment_method: "pm_card_visa" });

  const error = await failureOf(box.stripe.paymentIntents.update(id, { amount: 900 }));

  expect(paid).toMatchObject({ amount: 700, amount_received: 700, metadata: { a: "1" } });
  expect(error.code).toBe("payment_intent_unexpected_state");
});

test("confirms and cancels only what has not ended", async () => {
  const paid = await pay("pm_card_visa");

  const [confirmed, canceled] = await Promise.all([
    failureOf(box.stripe.paymentIntents.confirm(paid.id)),
    failureOf(box.stripe.paymentIntents.cancel(paid.id)),
  ]);

  expect(confirmed.code).toBe("payment_intent_unexpected_state");
  expect(canceled.code).toBe("payment_intent_unexpected_state");
});

test.each([
  [{ amount: 49, currency: "usd" }, "amount_too_small", "at least $0.50 usd"],
  [{ amount: 100_000_000, currency: "usd" }, "amount_too_large", "no more than $999,999.99"],
])("refuses to charge %o", async (asked, code, words) => {
  const error = await failureOf(box.stripe.paymentIntents.create(asked));

  expect(error).toMatchObject({ statusCode: 400, code, param: "amount" });
  expect(error.message).toContain(words);
});

test("knows payment_method_types only where the newest version is not asked for", async () => {
  const form = "amount=500&currency=usd&payment_method_types[0]=card";

  const pinned = await box.post("/v1/payment_intents", form, { "stripe-version": API_VERSION });
  const plain = await box.post("/v1/payment_intents", form);

  expect(pinned).toMatchObject({
    status: 400,
    json: { error: { code: "parameter_unknown", param: "payment_method_types" } },
  });
  expect(plain).toMatchObject({
    status: 200,
    json: { payment_method_types: ["card"], automatic_payment_methods: null },
  });
});

test("fails the next charge of a card when it is told to, and only that one", async () => {
  const { id: customer } = await box.stripe.customers.create();
  const { id } = await box.stripe.paymentMethods.attach("pm_card_visa", { customer });
  const card = box.world.get("card", id);
  if (card) box.world.put("card", { ...card, nextCharge: "fails" });

  const failed = await failureOf(pay(id, { customer, off_session: true }));
  const paid = await pay(id, { customer, off_session: true });

  expect([failed.code, paid.status]).toEqual(["card_declined", "succeeded"]);
});

test("lists intents and charges of a customer, newest first", async () => {
  const { id: customer } = await box.stripe.customers.create();
  const one = await pay("pm_card_visa", { customer });
  const two = await pay("pm_card_visa", { customer });
  await pay("pm_card_visa");

  const intents = await box.stripe.paymentIntents.list({ customer });
  const charges = await box.stripe.charges.list({ customer });

  expect(intents.data.map(({ id }) => id)).toEqual([two.id, one.id]);
  expect(charges.data.map(({ id }) => id)).toEqual([two.latest_charge, one.latest_charge]);
});

test("makes objects and events of exactly the SDK's shape", async () => {
  const { id: customer } = await box.stripe.customers.create();
  await pay("pm_card_visa", { customer, setup_future_usage: "off_session" });
  await failureOf(pay("pm_card_chargeDeclined"));
  await pay("pm_card_authenticationRequired", { return_url: "https://example.com/back" });
  await pay("pm_card_visa", { capture_method: "manual" });
  await pay("pm_card_createDispute", {
    shipping: { name: "Jenny Rosen", address: { line1: "510 Townsend St", country: "US" } },
  });

  const faults = await eventFaults(box);

  expect(faults).toEqual([]);
});
