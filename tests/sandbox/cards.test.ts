import type Stripe from "stripe";
import { afterAll, beforeAll, expect, test } from "vitest";
import { type Box, startSandbox } from "#tests/support/sandbox.ts";

let box: Box;
beforeAll(async () => {
  box = await startSandbox();
});
afterAll(() => box.close());

/** What is refused, in the words of the error. */
async function refused(work: Promise<unknown>) {
  const error: Stripe.errors.StripeError = await work.then(
    () => expect.fail("was not refused"),
    (thrown) => thrown,
  );
  const { statusCode: status, type, code, decline_code: declined, param, message } = error;
  return { status, type, code, declined, param, message };
}

function card(number: string, more: Partial<Stripe.PaymentMethodCreateParams.Card> = {}) {
  const year = new Date().getUTCFullYear() + 2;
  return box.stripe.paymentMethods.create({
    type: "card",
    card: { number, exp_month: 8, exp_year: year, cvc: "123", ...more },
  });
}

test.each([
  ["4242424242424242", "visa", "4242", "credit"],
  ["4000056655665556", "visa", "5556", "debit"],
  ["5555555555554444", "mastercard", "4444", "credit"],
  ["378282246310005", "amex", "0005", "credit"],
])("reads the card %s as %s", async (number, brand, last4, funding) => {
  const { card: read, type, customer } = await card(number);

  expect(read).toMatchObject({ brand, last4, funding, exp_month: 8, wallet: null });
  expect(read?.checks?.cvc_check).toBe("pass");
  expect([type, customer]).toEqual(["card", null]);
});

test("gives one number one fingerprint, and two numbers two", async () => {
  const [one, again, other] = await Promise.all([
    card("4242424242424242"),
    card("4242 4242 4242 4242"),
    card("5555555555554444"),
  ]);

  expect(again?.card?.fingerprint).toBe(one?.card?.fingerprint);
  expect(other?.card?.fingerprint).not.toBe(one?.card?.fingerprint);
});

test.each([
  ["tok_visa", "4242"],
  ["tok_mastercard", "4444"],
  ["tok_amex", "0005"],
  ["tok_visa_debit", "5556"],
  ["tok_chargeCustomerFail", "0341"],
  ["tok_createDispute", "0259"],
])("makes a card of the token %s", async (token, last4) => {
  const method = await box.stripe.paymentMethods.create({ type: "card", card: { token } });

  expect(method.card?.last4).toBe(last4);
});

test("makes a fresh payment method each time a test name is used", async () => {
  const { id: customer } = await box.stripe.customers.create();

  const one = await box.stripe.paymentMethods.attach("pm_card_visa", { customer });
  const two = await box.stripe.paymentMethods.attach("pm_card_visa", { customer });

  expect(one.id).toMatch(/^pm_\w{24}$/);
  expect(two.id).not.toBe(one.id);
});

test("refuses a token that there is not", async () => {
  const work = box.stripe.paymentMethods.create({ type: "card", card: { token: "tok_gold" } });

  expect(await refused(work)).toMatchObject({
    status: 400,
    type: "StripeInvalidRequestError",
    code: "resource_missing",
    param: "card[token]",
    message: "No such token: 'tok_gold'",
  });
});

test("refuses a number whose check digit is wrong", async () => {
  expect(await refused(card("4242424242424241"))).toMatchObject({
    status: 402,
    type: "StripeCardError",
    code: "incorrect_number",
    param: "card[number]",
  });
});

test("declines a card that could be somebody's own", async () => {
  expect(await refused(card("4111111111111111"))).toMatchObject({
    status: 402,
    code: "card_declined",
    declined: "test_mode_live_card",
  });
});

test.each([
  [{ exp_month: 13 }, "invalid_expiry_month"],
  [{ exp_year: 2019 }, "invalid_expiry_year"],
  [{ cvc: "12" }, "invalid_cvc"],
])("refuses a card that says %o", async (face, code) => {
  expect(await refused(card("4242424242424242", face))).toMatchObject({ status: 402, code });
});

test("refuses a way to pay that is not a card", async () => {
  const work = box.stripe.paymentMethods.create({
    type: "us_bank_account",
    us_bank_account: { account_number: "000123456789", routing_number: "110000000" },
  });

  expect(await refused(work)).toMatchObject({ status: 400, code: "sandbox_not_modelled" });
});
