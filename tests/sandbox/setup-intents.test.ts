import { afterEach, beforeEach, expect, test } from "vitest";
import { type Box, eventTypes, failureOf, startSandbox } from "#tests/support/sandbox.ts";
import { eventFaults } from "#tests/support/sdk-shapes.ts";

let box: Box;
let customer: string;
beforeEach(async () => {
  box = await startSandbox();
  customer = (await box.stripe.customers.create()).id;
});
afterEach(() => box.close());

test("saves a card with its customer", async () => {
  const made = await box.stripe.setupIntents.create({ customer, usage: "off_session" });
  const saved = await box.stripe.setupIntents.confirm(made.id, { payment_method: "pm_card_visa" });

  const { data } = await box.stripe.paymentMethods.list({ customer });
  expect(made).toMatchObject({ status: "requires_payment_method", mandate: null });
  expect(made.client_secret).toMatch(new RegExp(`^${made.id}_secret_\\w{25}$`));
  expect(saved).toMatchObject({ status: "succeeded", payment_method: data[0]?.id });
  expect(eventTypes(box).slice(1)).toEqual([
    "setup_intent.created",
    "payment_method.attached",
    "setup_intent.succeeded",
  ]);
});

test("answers a card that declines with 402 and the intent inside", async () => {
  const error = await failureOf(
    box.stripe.setupIntents.create({
      customer,
      confirm: true,
      payment_method: "pm_card_chargeDeclined",
    }),
  );

  const failed = await box.stripe.setupIntents.retrieve(error.setup_intent?.id ?? "");
  expect(error).toMatchObject({ statusCode: 402, code: "card_declined" });
  expect(failed).toMatchObject({
    last_setup_error: { code: "card_declined", type: "card_error" },
    payment_method: null,
    status: "requires_payment_method",
  });
  expect(eventTypes(box).at(-1)).toBe("setup_intent.setup_failed");
});

test("asks for 3-D Secure where the card does", async () => {
  const asked = await box.stripe.setupIntents.create({
    confirm: true,
    payment_method: "pm_card_authenticationRequired",
    return_url: "https://example.com/back",
  });

  expect(asked.status).toBe("requires_action");
  expect(asked.next_action).toEqual({
    redirect_to_url: {
      return_url: "https://example.com/back",
      url: `${box.url}/_pages/3ds/${asked.id}`,
    },
    type: "redirect_to_url",
  });
  expect(eventTypes(box).at(-1)).toBe("setup_intent.requires_action");
});

test("ends an intent once", async () => {
  const { id } = await box.stripe.setupIntents.create({ customer });

  const canceled = await box.stripe.setupIntents.cancel(id, {
    cancellation_reason: "abandoned",
  });
  const again = await failureOf(box.stripe.setupIntents.cancel(id));
  const confirmed = await failureOf(
    box.stripe.setupIntents.confirm(id, { payment_method: "pm_card_visa" }),
  );

  expect(canceled).toMatchObject({ status: "canceled", cancellation_reason: "abandoned" });
  expect(again.code).toBe("setup_intent_unexpected_state");
  expect(confirmed.code).toBe("setup_intent_unexpected_state");
});

test("changes and lists intents", async () => {
  const { id } = await box.stripe.setupIntents.create({ metadata: { a: "1" } });

  const updated = await box.stripe.setupIntents.update(id, {
    customer,
    metadata: { b: "2" },
    payment_method: "pm_card_visa",
  });

  const listed = await box.stripe.setupIntents.list({ customer });
  expect(updated).toMatchObject({
    customer,
    metadata: { a: "1", b: "2" },
    status: "requires_confirmation",
  });
  expect(listed.data).toEqual([expect.objectContaining({ id })]);
});

test("makes events of exactly the SDK's shape", async () => {
  const base = { customer, confirm: true } as const;
  await box.stripe.setupIntents.create({ ...base, payment_method: "pm_card_visa" });
  await box.stripe.setupIntents.create({
    ...base,
    payment_method: "pm_card_threeDSecure2Required",
  });
  await failureOf(
    box.stripe.setupIntents.create({ ...base, payment_method: "pm_card_chargeDeclined" }),
  );
  const { id } = await box.stripe.setupIntents.create({});
  await box.stripe.setupIntents.cancel(id);

  const faults = await eventFaults(box);

  expect(faults).toEqual([]);
});
