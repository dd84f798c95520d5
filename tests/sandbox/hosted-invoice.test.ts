import type Stripe from "stripe";
import { afterEach, beforeEach, expect, test } from "vitest";
import { type Box, startSandbox } from "#tests/support/sandbox.ts";

/* The page on which an invoice is paid. */

let box: Box;
let stripe: Stripe;
let customer: Stripe.Customer;

beforeEach(async () => {
  box = await startSandbox();
  stripe = box.stripe;
  customer = await stripe.customers.create({ name: "Jenny Rosen", payment_method: "pm_card_visa" });
});
afterEach(() => box.close());

async function open(url: string) {
  const answer = await fetch(url);
  return { text: await answer.text() };
}

async function send(url: string, form: Record<string, string>) {
  const body = new URLSearchParams(form);
  const answer = await fetch(url, { method: "POST", body, redirect: "manual" });
  return { text: await answer.text() };
}

async function owing() {
  await stripe.invoiceItems.create({ customer: customer.id, amount: 700, currency: "usd" });
  const draft = await stripe.invoices.create({
    customer: customer.id,
    pending_invoice_items_behavior: "include",
  });
  return stripe.invoices.finalizeInvoice(draft.id, { auto_advance: false });
}

test("an open invoice is paid on its page with a saved card or a new one", async () => {
  const [card] = (await stripe.paymentMethods.list({ customer: customer.id })).data;
  for (const form of [
    { method: card?.id ?? "" },
    { method: "new", number: "4242 4242 4242 4242", expiry: "12/40", cvc: "123" },
  ]) {
    const invoice = await owing();
    const page = invoice.hosted_invoice_url ?? "";
    expect((await open(page)).text).toContain("Pay $7.00");

    await send(page, form);

    expect(await stripe.invoices.retrieve(invoice.id)).toMatchObject({ status: "paid" });
  }
});

test("an invoice stays open when the card is declined, and says why", async () => {
  const invoice = await owing();
  const page = invoice.hosted_invoice_url ?? "";

  const { text } = await send(page, {
    method: "new",
    number: "4000000000009995",
    expiry: "12/40",
    cvc: "123",
  });

  expect(text).toContain("not enough money");
  expect(await stripe.invoices.retrieve(invoice.id)).toMatchObject({ status: "open" });
});

test("an invoice is a genuine PDF as well", async () => {
  const invoice = await owing();

  const answer = await fetch(invoice.invoice_pdf ?? "");
  const text = Buffer.from(await answer.arrayBuffer()).toString("latin1");

  expect(answer.headers.get("content-type")).toBe("application/pdf");
  expect(text).toMatch(/^%PDF-1\.4\n/);
  expect(text).toMatch(/%%EOF\n$/);
  const start = Number(/startxref\n(\d+)/.exec(text)?.[1]);
  expect(text.slice(start, start + 4)).toBe("xref");
  expect(text).toContain(`Invoice ${invoice.number}`);
});
