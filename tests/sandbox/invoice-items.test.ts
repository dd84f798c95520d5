import { afterAll, beforeAll, expect, test } from "vitest";
import { type Box, startSandbox } from "#tests/support/sandbox.ts";
import { draft, payer } from "#tests/support/sandbox-billing.ts";

let box: Box;
beforeAll(async () => {
  box = await startSandbox();
});
afterAll(() => box.close());

test("waits for the customer's next invoice and belongs to it then", async () => {
  const { id: customer } = await payer(box);
  const item = await box.stripe.invoiceItems.create({ customer, amount: 800, currency: "usd" });

  const before = await box.stripe.invoiceItems.list({ customer, pending: true });
  const invoice = await draft(box, customer, []);
  const after = await box.stripe.invoiceItems.retrieve(item.id);

  expect(before.data.map(({ id }) => id)).toEqual([item.id]);
  expect(after.invoice).toBe(invoice.id);
  expect(invoice.lines.data[0]?.parent?.invoice_item_details?.invoice_item).toBe(item.id);
});

test("joins a draft that it names, and changes its total", async () => {
  const { id: customer } = await payer(box);
  const { id: invoice } = await draft(box, customer, [800]);

  await box.stripe.invoiceItems.create({ customer, invoice, amount: 200, currency: "usd" });

  expect(await box.stripe.invoices.retrieve(invoice)).toMatchObject({
    total: 1_000,
    amount_due: 1_000,
  });
});

test("takes its amount from a one-time price and a quantity", async () => {
  const { id: customer } = await payer(box);
  const product = await box.stripe.products.create({ name: "Seat" });
  const price = await box.stripe.prices.create({
    product: product.id,
    currency: "usd",
    unit_amount: 250,
  });

  const item = await box.stripe.invoiceItems.create({
    customer,
    pricing: { price: price.id },
    quantity: 3,
  });

  expect(item).toMatchObject({ amount: 750, quantity: 3, description: "Seat" });
  expect(item.pricing?.price_details).toEqual({ price: price.id, product: product.id });
});

test("that is changed or deleted changes the draft that it is on", async () => {
  const { id: customer } = await payer(box);
  const { id: invoice } = await draft(box, customer, [800, 100]);
  const [newest, oldest] = (await box.stripe.invoiceItems.list({ invoice })).data;

  await box.stripe.invoiceItems.update(newest?.id ?? "", { amount: 150 });
  const changed = await box.stripe.invoices.retrieve(invoice);
  await box.stripe.invoiceItems.del(oldest?.id ?? "");
  const reduced = await box.stripe.invoices.retrieve(invoice);

  expect([changed.total, reduced.total]).toEqual([950, 150]);
});

test("of a finalized invoice can be neither changed nor deleted", async () => {
  const { id: customer } = await payer(box);
  const { id: invoice } = await draft(box, customer, [800]);
  const [item] = (await box.stripe.invoiceItems.list({ invoice })).data;
  await box.stripe.invoices.finalizeInvoice(invoice);

  await expect(box.stripe.invoiceItems.update(item?.id ?? "", { amount: 1 })).rejects.toMatchObject(
    { code: "invoice_not_editable" },
  );
  await expect(box.stripe.invoiceItems.del(item?.id ?? "")).rejects.toMatchObject({
    code: "invoice_not_editable",
  });
});

test("needs an amount or a price", async () => {
  const { id: customer } = await payer(box);

  await expect(box.stripe.invoiceItems.create({ customer, currency: "usd" })).rejects.toMatchObject(
    { code: "parameter_missing" },
  );
});
