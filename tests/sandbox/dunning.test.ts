import { afterAll, afterEach, beforeAll, expect, test } from "vitest";
import { changeSettings } from "#sandbox/control/settings.ts";
import { type Box, startSandbox } from "../support/sandbox.ts";
import { eventsSince, mark } from "../support/sandbox-billing.ts";
import {
  advanceTo,
  at,
  DAY,
  HOUR,
  invoicesOf,
  latestInvoice,
  payerAt,
  payWith,
  priced,
} from "../support/sandbox-subscriptions.ts";

let box: Box;
beforeAll(async () => {
  box = await startSandbox();
});
afterEach(() => {
  changeSettings(box.world, { retryDays: [3, 5, 7], afterRetries: "cancel" });
});
afterAll(() => box.close());

/** The first attempt at the renewal, an hour after the period ends. */
const FIRST = at("2027-06-01") + HOUR;

/** A subscription since 1 May whose card fails from then on. */
async function failing(card = "pm_card_chargeCustomerFail") {
  const payer = await payerAt(box, "2027-05-01");
  const { id } = await box.stripe.subscriptions.create({
    customer: payer.customer,
    items: [{ price: await priced(box, 1_000) }],
  });
  await payWith(box, payer.customer, card);
  const statusNow = async () => (await box.stripe.subscriptions.retrieve(id)).status;
  return { payer, id, statusNow };
}

test("is past due when a renewal fails, and says when it is tried next", async () => {
  const { payer, id, statusNow } = await failing();
  await advanceTo(box, payer, FIRST - 60);
  const before = mark(box);

  await advanceTo(box, payer, FIRST);

  expect(await statusNow()).toBe("past_due");
  expect(await latestInvoice(box, await box.stripe.subscriptions.retrieve(id))).toMatchObject({
    status: "open",
    attempt_count: 1,
    next_payment_attempt: FIRST + 3 * DAY,
  });
  const events = box.world.all("event").slice(before);
  const failed = events.find(({ type }) => type === "invoice.payment_failed");
  expect(failed?.data.object).toMatchObject({
    attempt_count: 1,
    next_payment_attempt: FIRST + 3 * DAY,
  });
  expect(events.map(({ type }) => type)).toEqual(
    expect.arrayContaining(["charge.failed", "payment_intent.payment_failed"]),
  );
});

test("tries again after the set days and then cancels", async () => {
  const { payer, id, statusNow } = await failing();

  await advanceTo(box, payer, FIRST + 14 * DAY);
  const counted = (await invoicesOf(box, payer)).at(-1)?.attempt_count;
  const before = await statusNow();
  await advanceTo(box, payer, FIRST + 15 * DAY);

  const after = await box.stripe.subscriptions.retrieve(id);
  expect([counted, before]).toEqual([3, "past_due"]);
  expect(after).toMatchObject({
    status: "canceled",
    ended_at: FIRST + 15 * DAY,
    cancellation_details: { reason: "payment_failed" },
  });
  expect((await invoicesOf(box, payer)).at(-1)).toMatchObject({
    status: "open",
    attempt_count: 4,
    next_payment_attempt: null,
    auto_advance: false,
  });
  expect(eventsSince(box, 0)).toContain("customer.subscription.deleted");
});

test("is left unpaid where the settings say so, and drafts what follows", async () => {
  changeSettings(box.world, { retryDays: [1], afterRetries: "unpaid" });
  const { payer, statusNow } = await failing();

  await advanceTo(box, payer, FIRST + DAY);
  const status = await statusNow();
  await advanceTo(box, payer, "2027-07-10");

  expect(status).toBe("unpaid");
  expect((await invoicesOf(box, payer)).map((invoice) => invoice.status)).toEqual([
    "paid",
    "open",
    "draft",
  ]);
});

test("stays past due where the settings say so, and goes on billing", async () => {
  changeSettings(box.world, { retryDays: [], afterRetries: "past_due" });
  const { payer, statusNow } = await failing();

  await advanceTo(box, payer, FIRST);
  await advanceTo(box, payer, "2027-07-02");

  expect(await statusNow()).toBe("past_due");
  expect((await invoicesOf(box, payer)).map((invoice) => invoice.status)).toEqual([
    "paid",
    "open",
    "open",
  ]);
});

test("does not pay by a new card alone, but by the next retry", async () => {
  const { payer, statusNow } = await failing();
  await advanceTo(box, payer, FIRST);
  await payWith(box, payer.customer, "pm_card_visa");
  const before = await statusNow();

  await advanceTo(box, payer, FIRST + 3 * DAY);

  expect([before, await statusNow()]).toEqual(["past_due", "active"]);
  expect((await invoicesOf(box, payer)).at(-1)).toMatchObject({
    status: "paid",
    attempt_count: 2,
    next_payment_attempt: null,
  });
});

test("recovers when the open invoice is paid by hand", async () => {
  const { payer, id, statusNow } = await failing();
  await advanceTo(box, payer, FIRST);
  await payWith(box, payer.customer, "pm_card_visa");
  const { latest_invoice } = await box.stripe.subscriptions.retrieve(id);

  await box.stripe.invoices.pay(String(latest_invoice));

  expect(await statusNow()).toBe("active");
});

test("is active again when the open invoice is voided", async () => {
  const { payer, id, statusNow } = await failing();
  await advanceTo(box, payer, FIRST);
  const { latest_invoice } = await box.stripe.subscriptions.retrieve(id);

  await box.stripe.invoices.voidInvoice(String(latest_invoice));

  expect(await statusNow()).toBe("active");
});

test("asks for the customer when a renewal's bank wants 3-D Secure", async () => {
  const { payer, statusNow } = await failing("pm_card_authenticationRequired");
  const before = mark(box);

  await advanceTo(box, payer, FIRST);

  expect(await statusNow()).toBe("past_due");
  expect(eventsSince(box, before)).toContain("invoice.payment_action_required");
});

test("does not try what there is no card for", async () => {
  const { payer, id, statusNow } = await failing();
  const { data } = await box.stripe.paymentMethods.list({ customer: payer.customer });
  for (const method of data) await box.stripe.paymentMethods.detach(method.id);

  await advanceTo(box, payer, "2027-06-28");

  expect(await statusNow()).toBe("past_due");
  expect(await latestInvoice(box, await box.stripe.subscriptions.retrieve(id))).toMatchObject({
    attempt_count: 1,
    next_payment_attempt: null,
  });
});

test("ends a subscription whose first payment never came, and voids its invoice", async () => {
  const payer = await payerAt(box, "2027-05-01", "pm_card_chargeCustomerFail");
  const subscription = await box.stripe.subscriptions.create({
    customer: payer.customer,
    items: [{ price: await priced(box, 1_000) }],
  });

  await advanceTo(box, payer, at("2027-05-01") + 23 * HOUR - 1);
  const before = await box.stripe.subscriptions.retrieve(subscription.id);
  await advanceTo(box, payer, at("2027-05-01") + 23 * HOUR);

  const after = await box.stripe.subscriptions.retrieve(subscription.id);
  expect([before.status, after.status]).toEqual(["incomplete", "incomplete_expired"]);
  expect((await latestInvoice(box, after)).status).toBe("void");
});
