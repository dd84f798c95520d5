import fc from "fast-check";
import { expect, test } from "vitest";
import { stripe } from "#lib/gateways/stripe/stripe.ts";
import * as make from "#tests/support/stripe-objects.ts";

const root = { type: "invoice", ref: "in_1" } as const;

function note(changes: object = {}) {
  return {
    id: "cn_1",
    object: "credit_note",
    invoice: "in_1",
    number: "F-1-CN-01",
    status: "issued",
    currency: "eur",
    created: make.BEGINNING,
    total: 700,
    post_payment_amount: 700,
    reason: "order_change",
    refunds: [{ refund: "re_1", amount_refunded: 400 }],
    customer_balance_transaction: "cbtxn_1",
    lines: { data: [{ description: "Two days down", amount: 700, quantity: 1 }] },
    pdf: "https://pay.example/cn_1.pdf",
    ...changes,
  };
}

function notesIn(events: make.StripeObject[]) {
  const found = stripe.read(
    root,
    events.map((event) => make.stored(event)),
  );
  return found?.kind === "invoice" ? found.creditNotes : undefined;
}

const invoice = make.event("invoice.paid", make.invoice({ status: "paid" }));

test("a credit note says its tax, and how much of it its amounts have in them", () => {
  const newer = { total_taxes: [{ amount: 70, tax_behavior: "inclusive" }, { amount: 30 }] };
  const older = { tax_amounts: [{ amount: 70, inclusive: true }, { amount: 30 }] };

  for (const changes of [newer, older]) {
    const [said] = notesIn([invoice, make.event("credit_note.created", note(changes))]) ?? [];
    expect(said).toMatchObject({ taxMinor: 100, includedTaxMinor: 70 });
  }
});

test("an invoice that only its own events tell of says nothing of credit notes", () => {
  expect(notesIn([invoice])).toBeUndefined();
});

test("credit notes that events tell of stand with the invoice, in any order", () => {
  const issued = make.event("credit_note.created", note());
  const updated = make.event("credit_note.updated", note({ memo: "Sorry" }));
  const voided = make.event("credit_note.voided", note({ status: "void" }));
  const other = make.event(
    "credit_note.created",
    note({
      id: "cn_2",
      total: 100,
      post_payment_amount: 100,
      refunds: [],
      out_of_band_amount: 100,
    }),
  );

  fc.assert(
    fc.property(
      fc.shuffledSubarray([invoice, issued, updated, voided, other], { minLength: 5 }),
      (events) => {
        expect(notesIn(events)).toMatchObject([
          { ref: "cn_1", status: "void", amountMinor: 700, refundedMinor: 400, creditedMinor: 300 },
          { ref: "cn_2", status: "issued", amountMinor: 100, refundedMinor: 0, creditedMinor: 0 },
        ]);
      },
    ),
  );
});

test("a credit note before 2025 has one refund, and may name no address that a page can lead to", () => {
  const old = note({
    refunds: undefined,
    refund: { id: "re_1", amount: 700 },
    pdf: "javascript:1",
  });

  expect(notesIn([invoice, make.event("credit_note.created", old)])).toMatchObject([
    { refundedMinor: 700, creditedMinor: 0, pdfUrl: null },
  ]);
});

test("amounts are in the currency's own minor units, in its lines too", () => {
  const inKronur = make.event("invoice.paid", make.invoice({ status: "paid", currency: "isk" }));
  const krona = note({ currency: "isk", total: 70_000, lines: { data: [{ amount: 70_000 }] } });

  expect(notesIn([inKronur, make.event("credit_note.created", krona)])).toMatchObject([
    { amountMinor: 700, lines: [{ amountMinor: 700 }] },
  ]);
});
