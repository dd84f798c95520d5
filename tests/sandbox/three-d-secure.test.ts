import type Stripe from "stripe";
import { afterEach, beforeEach, expect, test } from "vitest";
import { approve, refuse } from "#sandbox/payments/bank.ts";
import { confirmIntent, createIntent } from "#sandbox/payments/confirm.ts";
import { type Box, eventTypes, failureOf, startSandbox } from "#tests/support/sandbox.ts";

let box: Box;
let customer: string;
beforeEach(async () => {
  box = await startSandbox();
  customer = (await box.stripe.customers.create()).id;
});
afterEach(() => box.close());

const NOBODY = { id: null, idempotency_key: null };

function pay(payment_method: string, more: Partial<Stripe.PaymentIntentCreateParams> = {}) {
  return box.stripe.paymentIntents.create({
    amount: 2_000,
    currency: "eur",
    confirm: true,
    customer,
    payment_method,
    ...more,
  });
}

test("waits for the holder, who is sent to the sandbox's own page", async () => {
  const asked = await pay("pm_card_authenticationRequired", {
    return_url: "https://example.com/back",
  });

  expect(asked).toMatchObject({ status: "requires_action", latest_charge: null });
  expect(asked.next_action?.redirect_to_url).toEqual({
    return_url: "https://example.com/back",
    url: `${box.url}/_pages/3ds/${asked.id}`,
  });
  expect(eventTypes(box).at(-1)).toBe("payment_intent.requires_action");
});

test("charges the card when the holder approves", async () => {
  const { id } = await pay("pm_card_authenticationRequired");

  box.world.act(NOBODY, () => approve(box.world, id));

  const paid = await box.stripe.paymentIntents.retrieve(id, { expand: ["latest_charge"] });
  expect(paid).toMatchObject({
    latest_charge: {
      payment_method_details: { card: { three_d_secure: { result: "authenticated" } } },
    },
    next_action: null,
    status: "succeeded",
  });
  expect(eventTypes(box).slice(-2)).toEqual(["charge.succeeded", "payment_intent.succeeded"]);
});

test("waits for another card when the holder refuses, and nothing is charged", async () => {
  const { id } = await pay("pm_card_authenticationRequired");

  box.world.act(NOBODY, () => refuse(box.world, id));

  const failed = await box.stripe.paymentIntents.retrieve(id);
  expect(failed).toMatchObject({
    last_payment_error: { code: "payment_intent_authentication_failure" },
    latest_charge: null,
    payment_method: null,
    status: "requires_payment_method",
  });
  expect(eventTypes(box).at(-1)).toBe("payment_intent.payment_failed");
});

test("asks the holder once, not again", async () => {
  const { id } = await pay("pm_card_authenticationRequired");
  box.world.act(NOBODY, () => approve(box.world, id));

  expect(() => box.world.act(NOBODY, () => approve(box.world, id))).toThrow(/Nothing is asked/);
});

test("charges 3155 off session only once it was authenticated for that", async () => {
  const { id: unproven } = await box.stripe.paymentMethods.attach(
    "pm_card_authenticationRequiredOnSetup",
    { customer },
  );
  const refused = await failureOf(pay(unproven, { off_session: true }));
  const setup = await box.stripe.setupIntents.create({
    customer,
    confirm: true,
    payment_method: unproven,
  });

  box.world.act(NOBODY, () => approve(box.world, setup.id));

  const paid = await pay(unproven, { off_session: true });
  expect(refused).toMatchObject({
    statusCode: 402,
    code: "authentication_required",
    decline_code: "authentication_required",
  });
  expect(setup.status).toBe("requires_action");
  expect(paid.status).toBe("succeeded");
});

test("authenticates a card for later by the payment that saves it", async () => {
  const first = await pay("pm_card_authenticationRequiredOnSetup", {
    setup_future_usage: "off_session",
  });
  box.world.act(NOBODY, () => approve(box.world, first.id));

  const later = await pay(String(first.payment_method), { off_session: true });

  expect([first.status, later.status]).toEqual(["requires_action", "succeeded"]);
});

test("asks 3184 each time, also when it was set up", async () => {
  const setup = await box.stripe.setupIntents.create({
    customer,
    confirm: true,
    payment_method: "pm_card_authenticationRequired",
  });
  box.world.act(NOBODY, () => approve(box.world, setup.id));

  const error = await failureOf(pay(String(setup.payment_method), { off_session: true }));

  expect(error.code).toBe("authentication_required");
});

test("has an invoice's payment wait for the holder even off session", async () => {
  const { id: method } = await box.stripe.paymentMethods.attach("pm_card_authenticationRequired", {
    customer,
  });

  const attempt = box.world.act(NOBODY, () => {
    const draft = { amount: 900, currency: "eur", customer, invoice: "in_1" };
    const { id } = createIntent(box.world, draft);
    return confirmIntent(box.world, id, { paymentMethod: method, offSession: true });
  });

  expect(attempt.outcome).toBe("requires_action");
});

test("fails the payment where a question is an error", async () => {
  const error = await failureOf(
    pay("pm_card_authenticationRequired", { error_on_requires_action: true }),
  );

  expect(error).toMatchObject({ statusCode: 402, code: "authentication_required" });
  expect(error.payment_intent?.status).toBe("requires_payment_method");
});

test("waits for another card when the holder refuses to have it saved", async () => {
  const { id } = await box.stripe.setupIntents.create({
    customer,
    confirm: true,
    payment_method: "pm_card_threeDSecure2Required",
  });

  box.world.act(NOBODY, () => refuse(box.world, id));

  const failed = await box.stripe.setupIntents.retrieve(id);
  expect(failed).toMatchObject({
    last_setup_error: { code: "setup_intent_authentication_failure" },
    status: "requires_payment_method",
  });
  expect((await box.stripe.paymentMethods.list({ customer })).data).toEqual([]);
});

test("asks for the next charge of a card when it is told to, and only for that one", async () => {
  const { id } = await box.stripe.paymentMethods.attach("pm_card_visa", { customer });
  const card = box.world.get("card", id);
  if (card) box.world.put("card", { ...card, nextCharge: "asks" });

  const asked = await pay(id);
  const paid = await pay(id);

  expect([asked.status, paid.status]).toEqual(["requires_action", "succeeded"]);
});

test("pays an invoice when the holder approves, and leaves it open when they refuse", async () => {
  const { id: method } = await box.stripe.paymentMethods.attach("pm_card_authenticationRequired", {
    customer,
  });
  await box.stripe.invoiceItems.create({ customer, amount: 2_000, currency: "eur" });
  const { id } = await box.stripe.invoices.create({
    customer,
    currency: "eur",
    default_payment_method: method,
    pending_invoice_items_behavior: "include",
  });
  await failureOf(box.stripe.invoices.pay(id));
  const asked = box.world.all("payment_intent").at(-1)?.id ?? "";

  box.world.act(NOBODY, () => refuse(box.world, asked));
  const open = await box.stripe.invoices.retrieve(id);
  const toldOfRefusal = eventTypes(box).at(-1);
  await box.stripe.paymentIntents.confirm(asked, { payment_method: method });
  box.world.act(NOBODY, () => approve(box.world, asked));

  const paid = await box.stripe.invoices.retrieve(id);
  expect([open.status, paid.status]).toEqual(["open", "paid"]);
  expect(toldOfRefusal).toBe("invoice.payment_failed");
  expect(eventTypes(box)).toContain("invoice.paid");
});
