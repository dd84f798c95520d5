import type Stripe from "stripe";
import { afterEach, beforeEach, expect, test } from "vitest";
import { type Box, failureOf, startSandbox } from "#tests/support/sandbox.ts";
import { eventType, shapeFaults } from "#tests/support/sdk-shapes.ts";

const PAYS = "AT321904300235473204";
const REFUSES = "AT861904300235473202";

let box: Box;
let now: number;
beforeEach(async () => {
  now = Date.UTC(2026, 4, 1);
  box = await startSandbox({ realNow: () => now });
});
afterEach(() => box.close());

function account(iban: string): Promise<Stripe.PaymentMethod> {
  return box.stripe.paymentMethods.create({
    type: "sepa_debit",
    sepa_debit: { iban },
    billing_details: { name: "Jenny Rosen", email: "jenny@example.com" },
  });
}

async function debit(iban: string, more: Partial<Stripe.PaymentIntentCreateParams> = {}) {
  const { id: payment_method } = await account(iban);
  return box.stripe.paymentIntents.create({
    amount: 1_000,
    currency: "eur",
    confirm: true,
    payment_method,
    allowed_payment_method_types: ["sepa_debit"],
    mandate_data: { customer_acceptance: { type: "offline" } },
    ...more,
  });
}

test("waits for the bank, which pays minutes later", async () => {
  const asked = await debit(PAYS);
  const waiting = await box.stripe.charges.retrieve(String(asked.latest_charge));
  now += 180_000;

  const paid = await box.stripe.paymentIntents.retrieve(asked.id, { expand: ["latest_charge"] });

  expect(asked.status).toBe("processing");
  expect(waiting).toMatchObject({ status: "pending", paid: false, balance_transaction: null });
  expect(paid).toMatchObject({
    amount_received: 1_000,
    latest_charge: { status: "succeeded", payment_method_details: { type: "sepa_debit" } },
    status: "succeeded",
  });
});

test("waits for another account when the bank has not the money", async () => {
  const asked = await debit(REFUSES);
  now += 180_000;

  const failed = await box.stripe.paymentIntents.retrieve(asked.id);

  expect(failed).toMatchObject({
    last_payment_error: { code: "payment_intent_payment_attempt_failed" },
    status: "requires_payment_method",
  });
});

test("takes accounts only where they are allowed, in euros, and never as a default", async () => {
  const { id: payment_method } = await account(PAYS);
  const { id: customer } = await box.stripe.customers.create();
  const saved = await account(PAYS);
  await box.stripe.paymentMethods.attach(saved.id, { customer });

  const [byCard, inDollars, asDefault, mistyped] = await Promise.all([
    failureOf(
      box.stripe.paymentIntents.create({
        amount: 1_000,
        currency: "eur",
        confirm: true,
        payment_method,
      }),
    ),
    failureOf(debit(PAYS, { currency: "usd" })),
    failureOf(
      box.stripe.customers.update(customer, {
        invoice_settings: { default_payment_method: saved.id },
      }),
    ),
    failureOf(account("AT321904300235473205")),
  ]);

  expect(byCard.code).toBe("payment_intent_incompatible_payment_method");
  expect(inDollars.param).toBe("currency");
  expect(asDefault.code).toBe("sandbox_not_modelled");
  expect(mistyped.param).toBe("sepa_debit[iban]");
});

test("makes events of exactly the SDK's shape", async () => {
  await debit(PAYS);
  await debit(REFUSES);
  now += 180_000;
  await box.stripe.charges.list();

  const events = box.world.all("event");
  const faults = await shapeFaults(
    events.map(({ data: { object }, ...event }) => ({
      type: eventType(event.type),
      json: { ...event, data: { object } },
      says: event.type,
    })),
  );
  expect(faults).toEqual([]);
  expect(events.map(({ type }) => type)).toEqual(
    expect.arrayContaining(["charge.pending", "payment_intent.processing", "charge.failed"]),
  );
});
