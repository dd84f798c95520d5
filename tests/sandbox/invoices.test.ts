import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { intentOf } from "#sandbox/billing/invoice.ts";
import { settingsOf } from "#sandbox/control/settings.ts";
import { approve, refuse } from "#sandbox/payments/bank.ts";
import { type Box, startSandbox } from "#tests/support/sandbox.ts";
import { draft, eventsSince, finalized, mark, payer } from "#tests/support/sandbox-billing.ts";

let box: Box;
beforeAll(async () => {
  box = await startSandbox();
});
afterAll(() => box.close());

describe("a draft", () => {
  test("bills pending items only when told to, newest first", async () => {
    const { id } = await payer(box);
    await box.stripe.invoiceItems.create({ customer: id, amount: 300, currency: "usd" });

    const without = await box.stripe.invoices.create({ customer: id });
    const withItems = await draft(box, id, [700]);

    expect(without.lines.data).toHaveLength(0);
    expect(withItems.lines.data.map(({ amount }) => amount)).toEqual([700, 300]);
    expect(withItems).toMatchObject({ status: "draft", number: null, total: 1_000 });
  });

  test("can be changed and deleted, and is gone after that", async () => {
    const { id: customer } = await payer(box);
    const { id } = await draft(box, customer, [500]);
    const since = mark(box);

    const changed = await box.stripe.invoices.update(id, {
      description: "Hello",
      metadata: { order: "7" },
    });
    const deleted = await box.stripe.invoices.del(id);

    expect(changed).toMatchObject({ description: "Hello", metadata: { order: "7" } });
    expect(deleted).toEqual(expect.objectContaining({ id, deleted: true }));
    expect(eventsSince(box, since)).toEqual([
      "invoice.updated",
      "invoiceitem.deleted",
      "invoice.deleted",
    ]);
    await expect(box.stripe.invoices.retrieve(id)).rejects.toMatchObject({ statusCode: 404 });
  });

  test("that is billed by mail needs to know when it is due", async () => {
    const { id: customer } = await payer(box);

    await expect(
      box.stripe.invoices.create({ customer, collection_method: "send_invoice" }),
    ).rejects.toMatchObject({ code: "parameter_missing", param: "days_until_due" });
  });
});

describe("a finalized invoice", () => {
  test("has a number of its customer's series, a page, and an intent to pay it", async () => {
    const { id: customer, invoice_prefix } = await payer(box);

    const first = await finalized(box, customer, [500]);
    const second = await finalized(box, customer, [600]);
    const shown = await box.stripe.invoices.retrieve(first.id, {
      expand: ["payments", "confirmation_secret"],
    });

    expect([first.number, second.number]).toEqual([
      `${invoice_prefix}-0001`,
      `${invoice_prefix}-0002`,
    ]);
    expect(first.hosted_invoice_url).toBe(`${box.url}/_pages/invoice/${first.id}`);
    expect(shown.payments?.data[0]).toMatchObject({ amount_requested: 500, status: "open" });
    expect(shown.confirmation_secret?.client_secret).toMatch(/^pi_.+_secret_/);
  });

  test("can no more be edited, finalized again, or deleted", async () => {
    const { id: customer } = await payer(box);
    const { id } = await finalized(box, customer, [500]);

    await expect(box.stripe.invoices.update(id, { description: "No" })).rejects.toMatchObject({
      code: "invoice_not_editable",
    });
    await expect(box.stripe.invoices.finalizeInvoice(id)).rejects.toMatchObject({
      code: "invoice_not_editable",
    });
    await expect(box.stripe.invoices.del(id)).rejects.toMatchObject({ statusCode: 400 });
  });

  test("is paid at once where nothing is due", async () => {
    const { id: customer } = await payer(box);
    const since = mark(box);

    const invoice = await finalized(box, customer, []);

    expect(invoice).toMatchObject({ status: "paid", amount_due: 0, attempt_count: 0 });
    expect(eventsSince(box, since).slice(-4)).toEqual([
      "invoice.finalized",
      "invoice.updated",
      "invoice.paid",
      "invoice.payment_succeeded",
    ]);
  });
});

describe("paying", () => {
  test("charges the customer's card and says so in Stripe's order", async () => {
    const { id: customer } = await payer(box);
    const { id } = await finalized(box, customer, [1_200]);
    const since = mark(box);

    const paid = await box.stripe.invoices.pay(id);

    expect(paid).toMatchObject({
      status: "paid",
      amount_paid: 1_200,
      amount_remaining: 0,
      attempt_count: 1,
    });
    const events = eventsSince(box, since);
    expect(events.slice(-4)).toEqual([
      "invoice.updated",
      "invoice.paid",
      "invoice.payment_succeeded",
      "invoice_payment.paid",
    ]);
    expect(events).toEqual(
      expect.arrayContaining(["payment_intent.succeeded", "charge.succeeded"]),
    );
  });

  test("finalizes a draft first", async () => {
    const { id: customer } = await payer(box);
    const { id } = await draft(box, customer, [1_200]);

    expect(await box.stripe.invoices.pay(id)).toMatchObject({ status: "paid" });
  });

  test("with a card that is declined answers 402 with the payment, and counts the attempt", async () => {
    const { id: customer } = await payer(box, "pm_card_chargeCustomerFail");
    const { id } = await finalized(box, customer, [1_200]);
    const since = mark(box);

    await expect(box.stripe.invoices.pay(id)).rejects.toMatchObject({
      statusCode: 402,
      code: "card_declined",
      payment_intent: { status: "requires_payment_method" },
    });

    expect(await box.stripe.invoices.retrieve(id)).toMatchObject({
      status: "open",
      attempted: true,
      attempt_count: 1,
    });
    expect(eventsSince(box, since)).toContain("invoice.payment_failed");
  });

  test("without any card is refused and changes nothing", async () => {
    const { id: customer } = await box.stripe.customers.create();
    const { id } = await finalized(box, customer, [1_200]);

    await expect(box.stripe.invoices.pay(id)).rejects.toMatchObject({ statusCode: 400 });
    expect(await box.stripe.invoices.retrieve(id)).toMatchObject({ attempt_count: 0 });
  });

  test("by a card that asks for its holder leaves the invoice open", async () => {
    const { id: customer } = await payer(box);
    const { id } = await finalized(box, customer, [1_200]);
    const asking = await box.stripe.paymentMethods.attach("pm_card_authenticationRequired", {
      customer,
    });
    const since = mark(box);

    await expect(box.stripe.invoices.pay(id, { payment_method: asking.id })).rejects.toMatchObject({
      statusCode: 402,
    });

    expect(await box.stripe.invoices.retrieve(id)).toMatchObject({ status: "open" });
    expect(eventsSince(box, since)).toContain("invoice.payment_action_required");
  });

  test("is done when the holder says yes to the bank, and failed when not", async () => {
    const outcomes = [];
    for (const answer of [approve, refuse]) {
      const { id: customer } = await payer(box);
      const { id } = await finalized(box, customer, [1_200]);
      const asking = await box.stripe.paymentMethods.attach("pm_card_authenticationRequired", {
        customer,
      });
      await box.stripe.invoices.pay(id, { payment_method: asking.id }).catch(() => undefined);
      const since = mark(box);

      answer(box.world, intentOf(box.world, id)?.id ?? "");

      const { status } = await box.stripe.invoices.retrieve(id);
      outcomes.push([status, eventsSince(box, since).includes("invoice.payment_failed")]);
    }

    expect(outcomes).toEqual([
      ["paid", false],
      ["open", true],
    ]);
  });

  test("out of band settles it and gives its intent up", async () => {
    const { id: customer } = await payer(box);
    const { id } = await finalized(box, customer, [1_200]);

    const paid = await box.stripe.invoices.pay(id, {
      paid_out_of_band: true,
      expand: ["payments"],
    });

    expect(paid).toMatchObject({ status: "paid", amount_paid_off_stripe: 1_200 });
    expect(paid.payments?.data[0]?.status).toBe("canceled");
  });

  test("twice is refused", async () => {
    const { id: customer } = await payer(box);
    const { id } = await finalized(box, customer, [1_200]);
    await box.stripe.invoices.pay(id);

    await expect(box.stripe.invoices.pay(id)).rejects.toThrow("Invoice is already paid");
  });
});

describe("an open invoice", () => {
  test("can be voided, which cancels its payment", async () => {
    const { id: customer } = await payer(box);
    const { id } = await finalized(box, customer, [900]);
    const since = mark(box);

    const voided = await box.stripe.invoices.voidInvoice(id, { expand: ["payments"] });

    expect(voided.status).toBe("void");
    expect(voided.payments?.data[0]?.status).toBe("canceled");
    expect(eventsSince(box, since)).toEqual([
      "payment_intent.canceled",
      "invoice.updated",
      "invoice.voided",
    ]);
    await expect(box.stripe.invoices.pay(id)).rejects.toMatchObject({ statusCode: 400 });
  });

  test("can be given up and paid nevertheless", async () => {
    const { id: customer } = await payer(box);
    const { id } = await finalized(box, customer, [900]);

    const givenUp = await box.stripe.invoices.markUncollectible(id);
    const paid = await box.stripe.invoices.pay(id);

    expect([givenUp.status, paid.status]).toEqual(["uncollectible", "paid"]);
  });
});

describe("lists", () => {
  test("of invoices are found by status, of payments by their intent", async () => {
    const { id: customer } = await payer(box);
    await draft(box, customer, [100]);
    const open = await finalized(box, customer, [900]);

    const found = await box.stripe.invoices.list({ customer, status: "open" });
    const [payment] = (await box.stripe.invoicePayments.list({ invoice: open.id })).data;
    const again = await box.stripe.invoicePayments.list({
      payment: { type: "payment_intent", payment_intent: String(payment?.payment.payment_intent) },
    });

    expect(found.data.map(({ id }) => id)).toEqual([open.id]);
    expect(again.data.map(({ invoice }) => invoice)).toEqual([open.id]);
  });

  test("of lines go on where the invoice shows ten", async () => {
    const { id: customer } = await payer(box);
    const amounts = Array.from({ length: 12 }, (_, place) => 100 + place);
    const { id, lines } = await draft(box, customer, amounts);
    const seen: number[] = [];

    for await (const line of box.stripe.invoices.listLineItems(id, { limit: 5 })) {
      seen.push(line.amount);
    }

    expect([lines.data.length, lines.has_more]).toEqual([10, true]);
    expect(seen).toEqual(amounts.toReversed());
  });

  test("cannot be searched, and the sandbox says that it is its lack", async () => {
    await expect(box.stripe.invoices.search({ query: "x" })).rejects.toMatchObject({
      code: "sandbox_not_modelled",
    });
  });
});

describe("time", () => {
  test("finalizes and collects a draft that advances by itself, an hour later", async () => {
    const clock = await box.stripe.testHelpers.testClocks.create({ frozen_time: 1_800_000_000 });
    const { id: customer } = await payer(box, "pm_card_visa", { test_clock: clock.id });
    const { id } = await draft(box, customer, [900], { auto_advance: true });

    await box.stripe.testHelpers.testClocks.advance(clock.id, { frozen_time: 1_800_003_599 });
    await ready(clock.id);
    const before = await box.stripe.invoices.retrieve(id);
    await box.stripe.testHelpers.testClocks.advance(clock.id, { frozen_time: 1_800_003_600 });
    await ready(clock.id);
    const after = await box.stripe.invoices.retrieve(id);

    expect(before).toMatchObject({ status: "draft", automatically_finalizes_at: 1_800_003_600 });
    expect(after).toMatchObject({
      status: "paid",
      status_transitions: { finalized_at: 1_800_003_600, paid_at: 1_800_003_600 },
    });
  });

  test("tries an invoice again that was declined, and stops after the last try", async () => {
    const start = 1_800_000_000;
    const clock = await box.stripe.testHelpers.testClocks.create({ frozen_time: start });
    const { id: customer } = await payer(box, "pm_card_chargeCustomerFail", {
      test_clock: clock.id,
    });
    const { id } = await draft(box, customer, [900], { auto_advance: true });

    await box.stripe.testHelpers.testClocks.advance(clock.id, {
      frozen_time: start + 60 * 86_400,
    });
    await ready(clock.id);

    const { retryDays } = settingsOf(box.world);
    expect(await box.stripe.invoices.retrieve(id)).toMatchObject({
      status: "open",
      attempt_count: retryDays.length + 1,
      next_payment_attempt: null,
    });
  });

  test("makes an invoice overdue that was sent, once", async () => {
    const clock = await box.stripe.testHelpers.testClocks.create({ frozen_time: 1_800_000_000 });
    const { id: customer } = await box.stripe.customers.create({ test_clock: clock.id });
    const { id } = await draft(box, customer, [900], {
      collection_method: "send_invoice",
      days_until_due: 7,
    });
    await box.stripe.invoices.sendInvoice(id);
    const since = mark(box);

    for (const days of [8, 9]) {
      await box.stripe.testHelpers.testClocks.advance(clock.id, {
        frozen_time: 1_800_000_000 + days * 86_400,
      });
      await ready(clock.id);
    }

    const overdue = eventsSince(box, since).filter((name) => name === "invoice.overdue");
    expect(overdue).toHaveLength(1);
  });

  async function ready(clock: string): Promise<void> {
    await expect
      .poll(async () => (await box.stripe.testHelpers.testClocks.retrieve(clock)).status, {
        timeout: 5_000,
      })
      .toBe("ready");
  }
});
