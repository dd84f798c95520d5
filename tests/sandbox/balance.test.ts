import { afterAll, beforeAll, expect, test } from "vitest";
import { type Box, startSandbox } from "#tests/support/sandbox.ts";
import { eventsSince, finalized, mark, payer } from "#tests/support/sandbox-billing.ts";

let box: Box;
beforeAll(async () => {
  box = await startSandbox();
});
afterAll(() => box.close());

async function credit(customer: string, amount: number): Promise<void> {
  await box.stripe.customers.createBalanceTransaction(customer, { amount, currency: "usd" });
}

test("a customer's credit pays what it can of an invoice", async () => {
  const { id } = await payer(box);
  await credit(id, -300);
  const since = mark(box);

  const invoice = await finalized(box, id, [1_000]);

  expect(invoice).toMatchObject({
    total: 1_000,
    starting_balance: -300,
    ending_balance: 0,
    amount_due: 700,
    amount_remaining: 700,
  });
  expect(await box.stripe.customers.retrieve(id)).toMatchObject({ balance: 0 });
  expect(eventsSince(box, since)).toContain("customer.updated");
});

test("credit that is more than the total pays the invoice and the rest stays", async () => {
  const { id } = await payer(box);
  await credit(id, -2_500);

  const invoice = await finalized(box, id, [1_000]);

  expect(invoice).toMatchObject({ status: "paid", amount_due: 0, ending_balance: -1_500 });
  const moves = await box.stripe.customers.listBalanceTransactions(id, { invoice: invoice.id });
  expect(moves.data).toMatchObject([
    { amount: 1_000, ending_balance: -1_500, type: "applied_to_invoice" },
  ]);
});

test("what a customer owes is asked for with the next invoice", async () => {
  const { id } = await payer(box);
  await credit(id, 400);

  expect(await finalized(box, id, [1_000])).toMatchObject({ amount_due: 1_400, ending_balance: 0 });
});

test("a total below zero becomes credit and is never refunded", async () => {
  const { id } = await payer(box);

  const invoice = await finalized(box, id, [1_000, -1_800]);

  expect(invoice).toMatchObject({ status: "paid", total: -800, amount_due: 0, amount_paid: 0 });
  expect(await box.stripe.customers.retrieve(id)).toMatchObject({ balance: -800 });
});

test("less than can be charged waits on the balance for the next invoice", async () => {
  const { id } = await payer(box);

  const small = await finalized(box, id, [30]);
  const next = await finalized(box, id, [100]);

  expect(small).toMatchObject({ status: "paid", amount_due: 0, ending_balance: 30 });
  expect(next).toMatchObject({ amount_due: 130, ending_balance: 0 });
});

test("voiding gives back the credit that the invoice had used", async () => {
  const { id } = await payer(box);
  await credit(id, -300);
  const invoice = await finalized(box, id, [1_000]);

  await box.stripe.invoices.voidInvoice(invoice.id);

  expect(await box.stripe.customers.retrieve(id)).toMatchObject({ balance: -300 });
  const [latest] = (await box.stripe.customers.listBalanceTransactions(id)).data;
  expect(latest).toMatchObject({ amount: -300, type: "unapplied_from_invoice" });
});
