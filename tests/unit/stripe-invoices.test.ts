import { describe, expect, test } from "vitest";
import * as make from "#tests/support/stripe-objects.ts";
import { snapshot, without } from "#tests/support/stripe-readings.ts";

describe("an invoice", () => {
  test.each([
    ["its parent since basil", {}],
    ["itself before", { parent: undefined, subscription: "sub_1" }],
    ["itself, expanded", { parent: undefined, subscription: { id: "sub_1" } }],
    [
      "its lines",
      {
        parent: null,
        lines: { data: [{ parent: { type: "x", x: { subscription: "sub_1" } } }] },
      },
    ],
    [
      "its line's own id in 2017",
      { parent: undefined, lines: { data: [{ id: "sub_1", type: "subscription" }] } },
    ],
  ])("has its subscription in %s", (_, changes) => {
    expect(snapshot("invoice", make.invoice(changes)).subscriptionRef).toBe("sub_1");
  });

  test.each([
    ["payment_intent before basil", { payment_intent: "pi_1", charge: "ch_1" }, ["pi_1"]],
    ["charge in 2017", { charge: "ch_1" }, ["ch_1"]],
    [
      "payments since",
      {
        payments: {
          data: [
            { payment: { type: "payment_intent", payment_intent: "pi_1" } },
            { payment: { type: "payment_intent", payment_intent: { id: "pi_2" } } },
            { payment: { type: "charge", charge: "ch_3" } },
          ],
        },
      },
      ["pi_1", "pi_2", "ch_3"],
    ],
  ])("links to its payments in %s", (_, changes, refs) => {
    const { links } = snapshot("invoice", make.invoice(changes));

    expect(links.filter(({ type }) => type === "payment").map(({ ref }) => ref)).toEqual(refs);
  });

  test.each([
    ["total_taxes", { total_taxes: [{ amount: 300 }, { amount: 170 }] }],
    ["total_tax_amounts", { total_taxes: undefined, total_tax_amounts: [{ amount: 470 }] }],
    ["tax", { total_taxes: undefined, tax: 470 }],
  ])("has its tax in %s", (_, changes) => {
    expect(snapshot("invoice", make.invoice(changes)).taxMinor).toBe(470);
  });

  test.each([
    [
      "total_taxes",
      {
        total_taxes: [
          { amount: 300, tax_behavior: "inclusive" },
          { amount: 170, tax_behavior: "exclusive" },
        ],
      },
    ],
    [
      "total_tax_amounts",
      {
        total_taxes: undefined,
        tax: 470,
        total_tax_amounts: [
          { amount: 300, inclusive: true },
          { amount: 170, inclusive: false },
        ],
      },
    ],
  ])("tells tax that its amounts have in them from tax on top, by %s", (_, changes) => {
    expect(snapshot("invoice", make.invoice(changes))).toMatchObject({
      taxMinor: 470,
      includedTaxMinor: 300,
    });
  });

  test.each([
    [{ paid: true, closed: true }, "paid"],
    [{ paid: false, closed: true, forgiven: true }, "uncollectible"],
    [{ paid: false, closed: true }, "uncollectible"],
    [{ paid: false, closed: false, attempted: true }, "open"],
    [{ paid: false, closed: false, attempted: false }, "draft"],
    [{ status: "something_new" }, "open"],
  ])("of 2017 with %o is %s", (changes, status) => {
    const old = { ...without(make.invoice(), "status"), ...changes };

    expect(snapshot("invoice", old).status).toBe(status);
  });

  test("of 2017 counts as paid in full when it is paid", () => {
    const old = without(make.invoice(), "amount_paid", "amount_remaining");

    expect(snapshot("invoice", old)).toMatchObject({
      amountPaidMinor: 2900,
      amountRemainingMinor: 0,
    });
    expect(snapshot("invoice", { ...old, status: "open" })).toMatchObject({
      amountPaidMinor: 0,
      amountRemainingMinor: 2900,
    });
  });

  test("of four members is what its event says", () => {
    const bare = { object: "invoice", id: "in_1", customer: "cus_1", subscription: "sub_1" };

    expect(snapshot("invoice", bare, "invoice.payment_failed").status).toBe("open");
    expect(snapshot("invoice", bare, "invoice.paid")).toMatchObject({
      status: "paid",
      totalMinor: 0,
      currency: "XXX",
      lines: [],
    });
  });

  test.each([
    ["since basil", {}, "price_1"],
    ["with a price", { pricing: undefined, price: { id: "price_2" } }, "price_2"],
    ["with a plan", { pricing: undefined, plan: { id: "gold" } }, "gold"],
  ])("has lines that name their price %s", (_, changes, priceRef) => {
    const lines = { data: [make.invoiceLine(changes)] };

    expect(snapshot("invoice", make.invoice({ lines })).lines[0]?.priceRef).toBe(priceRef);
  });

  test.each([
    ["on the line before basil", { parent: undefined, proration: true }],
    [
      "for a subscription item",
      {
        parent: {
          type: "subscription_item_details",
          subscription_item_details: { proration: true },
        },
      },
    ],
    [
      "for an invoice item",
      {
        parent: {
          type: "invoice_item_details",
          invoice_item_details: { proration: true },
          subscription_item_details: null,
        },
      },
    ],
  ])("marks prorations told %s", (_, changes) => {
    const lines = { data: [make.invoiceLine(changes)] };

    expect(snapshot("invoice", make.invoice({ lines })).lines[0]?.isProration).toBe(true);
  });

  test("links to addresses that a browser may follow, and to no others", () => {
    const invoice = make.invoice({ hosted_invoice_url: "javascript:alert(1)" });

    expect(snapshot("invoice", invoice).hostedUrl).toBeNull();
  });

  test.each([2 ** 53, 1.5, "2900", true, {}])(
    "with a total of %o is refused in a sentence",
    (total) => {
      expect(() => snapshot("invoice", make.invoice({ total }))).toThrow(
        expect.objectContaining({
          code: "gateway_refused",
          message: expect.stringContaining("total"),
        }),
      );
    },
  );
});
