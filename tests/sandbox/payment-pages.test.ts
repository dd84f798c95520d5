import { afterEach, beforeEach, expect, test } from "vitest";
import { type Box, startSandbox } from "#tests/support/sandbox.ts";

/* How Stripe's CLI goes through a checkout: `stripe trigger checkout.session.completed`. */

let box: Box;
beforeEach(async () => {
  box = await startSandbox();
});
afterEach(() => box.close());

async function session() {
  const price = await box.stripe.prices.create({
    currency: "usd",
    unit_amount: 1_500,
    product_data: { name: "myproduct" },
  });
  return box.stripe.checkout.sessions.create({
    mode: "payment",
    line_items: [{ price: price.id, quantity: 2 }],
    success_url: "https://httpbin.org/post",
    payment_intent_data: {
      shipping: {
        name: "Jenny Rosen",
        address: { line1: "510 Townsend St", city: "San Francisco", country: "US" },
      },
    },
  });
}

async function methodOf(token: string) {
  return box.stripe.paymentMethods.create({
    type: "card",
    card: { token },
    billing_details: { email: "stripe@example.com", name: "Jenny Rosen" },
  });
}

test("completes a session with a payment method and the amount that it expects", async () => {
  const { id } = await session();
  expect(await box.get(`/v1/payment_pages/${id}`)).toMatchObject({ status: 200, json: { id } });
  const method = await methodOf("tok_visa");

  const said = await box.post(
    `/v1/payment_pages/${id}/confirm`,
    `payment_method=${method.id}&expected_amount=3000`,
  );

  expect(said).toMatchObject({ status: 200, json: { status: "complete" } });
  const after = await box.stripe.checkout.sessions.retrieve(id, { expand: ["payment_intent"] });
  expect(after).toMatchObject({
    customer_details: { email: "stripe@example.com" },
    payment_intent: { shipping: { name: "Jenny Rosen" }, status: "succeeded" },
    payment_status: "paid",
  });
});

test("refuses an amount that is not the session's", async () => {
  const { id } = await session();
  const method = await methodOf("tok_visa");

  const said = await box.post(
    `/v1/payment_pages/${id}/confirm`,
    `payment_method=${method.id}&expected_amount=1`,
  );

  expect(said).toMatchObject({ status: 400, json: { error: { param: "expected_amount" } } });
});

test("answers a declined card as Stripe does, and leaves the failed payment", async () => {
  const { id } = await session();
  const method = await methodOf("tok_chargeDeclined");

  const said = await box.post(`/v1/payment_pages/${id}/confirm`, `payment_method=${method.id}`);

  expect(said).toMatchObject({
    status: 402,
    json: { error: { type: "card_error", decline_code: "generic_decline" } },
  });
  const { data } = await box.stripe.events.list({ types: ["payment_intent.payment_failed"] });
  expect(data).toHaveLength(1);
});
