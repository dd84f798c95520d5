import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { type Box, startSandbox } from "#tests/support/sandbox.ts";
import { draft, eventsSince, finalized, mark, payer } from "#tests/support/sandbox-billing.ts";

let box: Box;
beforeAll(async () => {
  box = await startSandbox();
});
afterAll(() => box.close());

async function paidInvoice(amounts = [1_000]) {
  const { id: customer } = await payer(box);
  const { id } = await finalized(box, customer, amounts);
  return box.stripe.invoices.pay(id);
}

describe("on an open invoice", () => {
  test("less is then to be paid, by the invoice and by its intent", async () => {
    const { id: customer } = await payer(box);
    const { id: invoice, number } = await finalized(box, customer, [1_000]);

    const note = await box.stripe.creditNotes.create({ invoice, amount: 400 });
    const after = await box.stripe.invoices.pay(invoice, {
      expand: ["payments.data.payment.payment_intent"],
    });

    expect(note).toMatchObject({
      number: `${number}-CN-01`,
      type: "pre_payment",
      pre_payment_amount: 400,
      status: "issued",
    });
    expect(after).toMatchObject({
      total: 1_000,
      amount_due: 600,
      amount_paid: 600,
      pre_payment_credit_notes_amount: 400,
    });
    expect(after.payments?.data[0]?.payment.payment_intent).toMatchObject({ amount_received: 600 });
  });

  test("all of it pays the invoice without any payment", async () => {
    const { id: customer } = await payer(box);
    const { id: invoice } = await finalized(box, customer, [1_000]);

    await box.stripe.creditNotes.create({ invoice, amount: 1_000 });

    expect(await box.stripe.invoices.retrieve(invoice)).toMatchObject({
      status: "paid",
      amount_paid: 0,
      amount_remaining: 0,
    });
  });

  test("can be voided, and all is to be paid again", async () => {
    const { id: customer } = await payer(box);
    const { id: invoice } = await finalized(box, customer, [1_000]);
    const { id } = await box.stripe.creditNotes.create({ invoice, amount: 400 });

    const voided = await box.stripe.creditNotes.voidCreditNote(id);

    expect(voided.status).toBe("void");
    expect(await box.stripe.invoices.retrieve(invoice)).toMatchObject({
      amount_remaining: 1_000,
      pre_payment_credit_notes_amount: 0,
    });
  });
});

describe("on a paid invoice", () => {
  test("refunds, credits the balance, and leaves the invoice paid", async () => {
    const { id: invoice, customer } = await paidInvoice();
    const since = mark(box);

    const note = await box.stripe.creditNotes.create({
      invoice,
      amount: 900,
      refund_amount: 500,
      credit_amount: 300,
      out_of_band_amount: 100,
      reason: "order_change",
    });

    expect(note).toMatchObject({ type: "post_payment", total: 900, out_of_band_amount: 100 });
    expect(note.refunds).toMatchObject([{ amount_refunded: 500 }]);
    expect(await box.stripe.invoices.retrieve(invoice)).toMatchObject({
      status: "paid",
      post_payment_credit_notes_amount: 900,
    });
    expect(await box.stripe.customers.retrieve(String(customer))).toMatchObject({ balance: -300 });
    expect(eventsSince(box, since)).toEqual(
      expect.arrayContaining(["charge.refunded", "customer.updated", "credit_note.created"]),
    );
  });

  test("must say where all of the money goes, and cannot give back more than was paid", async () => {
    const { id: invoice } = await paidInvoice();

    await expect(
      box.stripe.creditNotes.create({ invoice, amount: 500, refund_amount: 499 }),
    ).rejects.toMatchObject({ statusCode: 400 });
    await expect(
      box.stripe.creditNotes.create({ invoice, amount: 1_001, credit_amount: 1_001 }),
    ).rejects.toMatchObject({ param: "amount" });
  });

  test("cannot be voided", async () => {
    const { id: invoice } = await paidInvoice();
    const { id } = await box.stripe.creditNotes.create({
      invoice,
      amount: 500,
      credit_amount: 500,
    });

    await expect(box.stripe.creditNotes.voidCreditNote(id)).rejects.toMatchObject({
      statusCode: 400,
    });
  });
});

test("a line is credited with its share of the discount", async () => {
  const { id: customer } = await payer(box);
  const coupon = await box.stripe.coupons.create({ percent_off: 25, duration: "once" });
  const { id: invoice, lines } = await finalized(box, customer, [1_000, 400], {
    discounts: [{ coupon: coupon.id }],
  });
  const line = lines.data.find(({ amount }) => amount === 1_000);

  const note = await box.stripe.creditNotes.create({
    invoice,
    lines: [{ type: "invoice_line_item", invoice_line_item: line?.id ?? "", amount: 500 }],
  });

  expect(note).toMatchObject({ subtotal: 500, discount_amount: 125, total: 375 });
});

test("a preview says what the credit note would be and changes nothing", async () => {
  const { id: invoice } = await paidInvoice();
  const since = mark(box);

  const preview = await box.stripe.creditNotes.preview({
    invoice,
    amount: 100,
    refund_amount: 100,
  });

  expect(preview.total).toBe(100);
  expect(eventsSince(box, since)).toEqual([]);
  expect((await box.stripe.creditNotes.list({ invoice })).data).toEqual([]);
});

test("a draft cannot be credited", async () => {
  const { id: customer } = await payer(box);
  const { id: invoice } = await draft(box, customer, [500]);

  await expect(box.stripe.creditNotes.create({ invoice, amount: 100 })).rejects.toMatchObject({
    param: "invoice",
  });
});
