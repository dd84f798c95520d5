import { afterAll, beforeAll, beforeEach, expect, test } from "vitest";
import { findInvoice, listInvoices } from "#lib/billing/views.ts";
import { deliver, prepareBilling, settle } from "#tests/support/billing.ts";
import {
  askAt,
  askNobody,
  type Customer,
  customerWith,
  sellTiers,
} from "#tests/support/commanding.ts";
import { useDatabase } from "#tests/support/database.ts";
import { type Box, startSandbox } from "#tests/support/sandbox.ts";
import * as make from "#tests/support/stripe-objects.ts";

/* What is taken back of an invoice stands with the invoice. */

const database = await useDatabase();
const { sql } = database;

let box: Box;
let customer: Customer;

beforeAll(async () => {
  await prepareBilling(database);
  box = await startSandbox();
  askAt(box.url);
});

beforeEach(async () => {
  const sold = await sellTiers(box, sql, { Pro: 29_00 });
  customer = await customerWith(box, sql, sold("Pro"));
});

afterAll(async () => {
  askNobody();
  await box.close();
});

async function invoiceRef(): Promise<string> {
  const { data } = await box.stripe.invoices.list({ customer: customer.payer.customer });
  return data[0]?.id ?? "";
}

/** The gateway's word that something happened to a credit note, and what the page then has. */
async function told(type: string, note: object) {
  await deliver(make.event(type, { ...note }));
  await settle(sql);
  const reader = { actor: customer.owner };
  const [row] = (await listInvoices(reader, "test")).rows;
  return findInvoice(reader, row?.id ?? "");
}

test("a credit note of a paid invoice says what went back and what is kept for later", async () => {
  const note = await box.stripe.creditNotes.create({
    invoice: await invoiceRef(),
    lines: [
      { type: "custom_line_item", description: "Two days down", unit_amount: 5_00, quantity: 1 },
      { type: "custom_line_item", description: "Said sorry", unit_amount: 1_00, quantity: 2 },
    ],
    refund_amount: 4_00,
    credit_amount: 3_00,
    reason: "product_unsatisfactory",
    memo: "We are sorry.",
  });

  const invoice = await told("credit_note.created", note);

  expect(invoice?.creditNotes).toEqual([
    {
      ref: note.id,
      number: note.number,
      status: "issued",
      amountMinor: 7_00,
      refundedMinor: 4_00,
      creditedMinor: 3_00,
      taxMinor: 0,
      includedTaxMinor: 0,
      reason: "product_unsatisfactory",
      memo: "We are sorry.",
      issuedAt: expect.stringMatching(/^2027-05-16/),
      pdfUrl: note.pdf,
      lines: [
        { description: "Two days down", amountMinor: 5_00, quantity: 1 },
        { description: "Said sorry", amountMinor: 2_00, quantity: 2 },
      ],
    },
  ]);
});

test("a credit note that was voided counts for nothing and is gone where it was the only one", async () => {
  const item = { customer: customer.payer.customer, currency: "eur", amount: 10_00 };
  await box.stripe.invoiceItems.create(item);
  const draft = await box.stripe.invoices.create({
    customer: customer.payer.customer,
    pending_invoice_items_behavior: "include",
    collection_method: "send_invoice",
    days_until_due: 30,
  });
  const open = await box.stripe.invoices.finalizeInvoice(draft.id ?? "");
  const note = await box.stripe.creditNotes.create({ invoice: open.id ?? "", amount: 2_00 });

  const before = await told("credit_note.created", note);
  const voided = await box.stripe.creditNotes.voidCreditNote(note.id);
  const after = await told("credit_note.voided", voided);

  expect(before).toMatchObject({
    ref: open.id,
    amountRemainingMinor: 8_00,
    creditNotes: [{ status: "issued", amountMinor: 2_00, refundedMinor: 0, creditedMinor: 0 }],
  });
  expect(after).toMatchObject({ amountRemainingMinor: 10_00, creditNotes: [] });
});

test("an invoice tells what changed of its credit notes in words", async () => {
  const note = await box.stripe.creditNotes.create({
    invoice: await invoiceRef(),
    amount: 1_00,
    credit_amount: 1_00,
  });

  const invoice = await told("credit_note.created", note);

  const [row] = await sql<{ changes: { field: string; after: string }[] }[]>`
    select changes from syncs where changes::text like ${`%${note.number}%`} order by at desc limit 1`;
  expect(row?.changes).toContainEqual(
    expect.objectContaining({
      record: `invoice ${invoice?.number}`,
      field: "credit notes",
      before: null,
      after: `${note.number} €1.00`,
    }),
  );
});
