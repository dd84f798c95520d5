import { afterEach, beforeEach, expect, test } from "vitest";
import { failRefund } from "#sandbox/payments/refunds.ts";
import { type Box, eventTypes, failureOf, startSandbox } from "#tests/support/sandbox.ts";
import { eventFaults } from "#tests/support/sdk-shapes.ts";

const NOBODY = { id: null, idempotency_key: null };
const START = Date.UTC(2026, 4, 1);

let box: Box;
let now: number;
beforeEach(async () => {
  now = START;
  box = await startSandbox({ realNow: () => now });
});
afterEach(() => box.close());

async function paid(payment_method = "pm_card_visa"): Promise<{ intent: string; charge: string }> {
  const { id, latest_charge } = await box.stripe.paymentIntents.create({
    amount: 2_000,
    currency: "usd",
    confirm: true,
    payment_method,
  });
  return { intent: id, charge: String(latest_charge) };
}

test("gives all money back, by payment intent", async () => {
  const { intent, charge } = await paid();

  const refund = await box.stripe.refunds.create({
    payment_intent: intent,
    reason: "requested_by_customer",
    metadata: { ticket: "9" },
  });

  const after = await box.stripe.charges.retrieve(charge, {
    expand: ["refunds", "refunds.data.balance_transaction"],
  });
  expect(refund).toMatchObject({
    amount: 2_000,
    charge,
    metadata: { ticket: "9" },
    reason: "requested_by_customer",
    status: "succeeded",
  });
  expect(after).toMatchObject({
    amount_refunded: 2_000,
    refunded: true,
    refunds: { data: [{ id: refund.id, balance_transaction: { amount: -2_000, fee: 0 } }] },
  });
  expect(eventTypes(box).slice(3, 5)).toEqual(["refund.created", "charge.refunded"]);
});

test("gives money back in parts, up to what was paid", async () => {
  const { charge } = await paid();
  await box.stripe.refunds.create({ charge, amount: 500 });
  const half = await box.stripe.charges.retrieve(charge);

  const tooMuch = await failureOf(box.stripe.refunds.create({ charge, amount: 1_501 }));
  await box.stripe.refunds.create({ charge, amount: 1_500 });
  const again = await failureOf(box.stripe.refunds.create({ charge }));

  const listed = await box.stripe.refunds.list({ charge });
  expect(half).toMatchObject({ amount_refunded: 500, refunded: false });
  expect(tooMuch).toMatchObject({ statusCode: 400, param: "amount" });
  expect(tooMuch.message).toBe(
    "Refund amount ($15.01) is greater than unrefunded amount on charge ($15.00)",
  );
  expect(again).toMatchObject({ statusCode: 400, code: "charge_already_refunded" });
  expect(listed.data.map(({ amount }) => amount)).toEqual([1_500, 500]);
});

test("names the bank's reference a moment later", async () => {
  const { charge } = await paid();
  const { id } = await box.stripe.refunds.create({ charge });

  const known = await box.stripe.refunds.retrieve(id);

  expect(known.destination_details?.card).toMatchObject({ reference_status: "available" });
  expect(eventTypes(box).slice(-2)).toEqual(["refund.updated", "charge.refund.updated"]);
});

test("keeps a refund pending until the bank has done it", async () => {
  const { charge } = await paid("pm_card_pendingRefund");
  const pending = await box.stripe.refunds.create({ charge });
  now += 5_000;

  const settled = await box.stripe.refunds.retrieve(pending.id);

  expect(pending).toMatchObject({ status: "pending", pending_reason: "processing" });
  expect(settled.status).toBe("succeeded");
  expect(eventTypes(box)).toContain("refund.updated");
});

test("fails a refund after it had succeeded, and the charge stands again", async () => {
  const { charge } = await paid("pm_card_refundFail");
  const refund = await box.stripe.refunds.create({ charge, amount: 800 });
  now += 5_000;

  const failed = await box.stripe.refunds.retrieve(refund.id, {
    expand: ["failure_balance_transaction"],
  });

  const after = await box.stripe.charges.retrieve(charge);
  expect(refund.status).toBe("succeeded");
  expect(failed).toMatchObject({
    failure_balance_transaction: { amount: 800 },
    failure_reason: "expired_or_canceled_card",
    status: "failed",
  });
  expect(after.amount_refunded).toBe(0);
  expect(eventTypes(box).slice(-3)).toEqual([
    "refund.failed",
    "refund.updated",
    "charge.refund.updated",
  ]);
});

test("fails a refund by hand only while it can", async () => {
  const { charge } = await paid();
  const { id } = await box.stripe.refunds.create({ charge });
  box.world.act(NOBODY, () => failRefund(box.world, id, "lost_or_stolen_card"));

  expect(() => box.world.act(NOBODY, () => failRefund(box.world, id))).toThrow(/cannot fail/);
});

test("refunds neither what failed nor what is nothing", async () => {
  const error = await failureOf(paid("pm_card_chargeDeclined"));
  const intent = error.payment_intent?.id ?? "";
  const { charge } = await paid();

  const unpaid = await failureOf(box.stripe.refunds.create({ payment_intent: intent }));
  const nothing = await failureOf(box.stripe.refunds.create({ charge, amount: 0 }));
  const unnamed = await failureOf(box.stripe.refunds.create({}));

  expect(unpaid.message).toMatch(/does not have a successful charge to refund/);
  expect(nothing.code).toBe("parameter_invalid_integer");
  expect(unnamed.statusCode).toBe(400);
});

test("changes a refund's metadata, and cancels none that has ended", async () => {
  const { charge } = await paid();
  const { id } = await box.stripe.refunds.create({ charge });

  const updated = await box.stripe.refunds.update(id, { metadata: { a: "1" } });
  const error = await failureOf(box.stripe.refunds.cancel(id));

  expect(updated.metadata).toEqual({ a: "1" });
  expect(error.statusCode).toBe(400);
});

test("makes events of exactly the SDK's shape", async () => {
  for (const method of ["pm_card_visa", "pm_card_pendingRefund", "pm_card_refundFail"]) {
    const { charge } = await paid(method);
    await box.stripe.refunds.create({ charge });
  }
  now += 5_000;
  await box.stripe.refunds.list();

  const faults = await eventFaults(box);

  expect(faults).toEqual([]);
});
