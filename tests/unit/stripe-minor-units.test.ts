import { expect, test } from "vitest";
import { stripe } from "#lib/gateways/stripe/stripe.ts";
import {
  event,
  invoice,
  invoiceLine,
  paymentIntent,
  stored,
} from "#tests/support/stripe-objects.ts";

test.each([
  ["isk", 500, 5],
  ["ugx", 100_000, 1_000],
  ["jpy", 500, 500],
  ["eur", 500, 500],
  ["kwd", 5_000, 5_000],
])("reads %s amounts in the currency's own minor units", (currency, written, minor) => {
  const ref = { type: "payment", ref: "pi_1" } as const;
  const told = event(
    "payment_intent.succeeded",
    paymentIntent({ currency, amount: written, amount_received: written }),
  );

  const payment = stripe.read(ref, [stored(told)]);

  expect(payment).toMatchObject({ currency: currency.toUpperCase(), amountMinor: minor });
});

test("reads an invoice's lines in the same units as its total", () => {
  const line = invoiceLine({ currency: "isk", amount: 290_000 });
  const bill = invoice({
    currency: "isk",
    total: 290_000,
    lines: { object: "list", data: [line], has_more: false },
  });

  const read = stripe.read({ type: "invoice", ref: "in_1" }, [stored(event("invoice.paid", bill))]);

  expect(read).toMatchObject({ totalMinor: 2_900, lines: [{ amountMinor: 2_900 }] });
});
