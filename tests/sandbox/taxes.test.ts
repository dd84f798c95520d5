import fc from "fast-check";
import type Stripe from "stripe";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { addedBy, includedIn, taxesOn } from "#sandbox/billing/taxes.ts";
import { type Box, startSandbox } from "#tests/support/sandbox.ts";
import {
  draft,
  eventsSince,
  finalized,
  mark,
  payer,
  taxedBy,
} from "#tests/support/sandbox-billing.ts";
import {
  advanceTo,
  invoicesOf,
  latestInvoice,
  onlyItem,
  payerAt,
  priced,
  refusal,
} from "#tests/support/sandbox-subscriptions.ts";

let box: Box;
let vat: string;
let included: string;
beforeAll(async () => {
  box = await startSandbox();
  vat = await taxedBy(box);
  included = await taxedBy(box, { inclusive: true });
});
afterAll(() => box.close());

function rate(percentage: number, inclusive = false): Stripe.TaxRate {
  const made = box.world.get("tax_rate", vat);
  if (!made) throw new Error("no rate");
  return { ...made, id: `txr_${percentage}_${inclusive}`, percentage, inclusive };
}

describe("a tax rate", () => {
  test("is made, changed, listed, and archived, and says so", async () => {
    const before = mark(box);
    const made = await box.stripe.taxRates.create({
      display_name: "Sales tax",
      inclusive: false,
      percentage: 8.875,
      jurisdiction: "New York",
    });
    await box.stripe.taxRates.update(made.id, { active: false, display_name: "NY" });

    expect(await box.stripe.taxRates.retrieve(made.id)).toMatchObject({
      active: false,
      display_name: "NY",
      jurisdiction: "New York",
      percentage: 8.875,
    });
    expect(eventsSince(box, before)).toEqual(["tax_rate.created", "tax_rate.updated"]);
    const { data: archived } = await box.stripe.taxRates.list({ active: false });
    expect(archived.map(({ id }) => id)).toEqual([made.id]);
    const { data: inside } = await box.stripe.taxRates.list({ inclusive: true });
    expect(inside.map(({ id }) => id)).toEqual([included]);
  });

  test.each([
    ["more than all", { percentage: 101 }],
    ["five places", { percentage: 1.23456 }],
    ["no name", { display_name: "" }],
  ])("of %s is refused", async (_what, given) => {
    expect(await refusal(taxedBy(box, given))).toMatchObject({ statusCode: 400 });
  });

  test("that is unknown or archived is refused, but where it is in use", async () => {
    const { customer } = await payerAt(box, "2027-05-01");
    const price = await priced(box, 10_000);
    const old = await taxedBy(box);
    const create = (rates: string[]) =>
      box.stripe.subscriptions.create({ customer, items: [{ price }], default_tax_rates: rates });
    const { id } = await create([old]);
    await box.stripe.taxRates.update(old, { active: false });

    expect(await refusal(create(["txr_none"]))).toMatchObject({ code: "resource_missing" });
    expect(await refusal(create([old]))).toMatchObject({ statusCode: 400 });
    const kept = await box.stripe.subscriptions.update(id, { default_tax_rates: [old] });
    expect(kept.default_tax_rates).toMatchObject([{ id: old }]);
    const without = await box.stripe.subscriptions.update(id, { default_tax_rates: "" });
    expect(without.default_tax_rates).toEqual([]);
  });
});

describe("the tax of a line", () => {
  test.each([
    // Stripe's own examples of rounding, and what two recorded invoices have.
    [43, 15, false, 6],
    [484, 15, false, 73],
    [4_000, 15, true, 522],
    [2_000, 15, true, 261],
    // Half a unit, either way.
    [50, 1, false, 1],
    [-50, 1, false, -1],
    [49, 1, false, 0],
    [0, 21, false, 0],
  ])("of %i at %f %% (included: %s) is %i", (net, percentage, inclusive, amount) => {
    expect(taxesOn(net, [rate(percentage, inclusive)], "none")).toMatchObject([{ amount }]);
  });

  test("gives back what it took, and is never more than what it is included in", () => {
    const rates = fc.array(
      fc
        .tuple(fc.integer({ min: 0, max: 10_000 }), fc.boolean())
        .map(([percent, inclusive]) => rate(percent / 100, inclusive)),
      { maxLength: 5 },
    );
    fc.assert(
      fc.property(fc.integer({ min: 0, max: 10_000_000 }), rates, (net, given) => {
        const debit = taxesOn(net, given, "none");
        const credit = taxesOn(-net, given, "none");

        expect(credit.map(({ amount }) => 0 - amount)).toEqual(debit.map(({ amount }) => amount));
        const taxable = net - includedIn(debit);
        expect(taxable).toBeGreaterThanOrEqual(-given.length);
        expect(debit.every((tax) => tax.taxable_amount === taxable)).toBe(true);
      }),
    );
  });

  test("is nothing for whoever pays none, and says why", () => {
    const rates = [rate(21), rate(9, true)];

    expect(addedBy(taxesOn(1_000, rates, "exempt"))).toBe(0);
    expect(taxesOn(1_000, rates, "reverse")).toMatchObject([
      { amount: 0, taxability_reason: "reverse_charge" },
      { amount: 0, taxability_reason: "reverse_charge" },
    ]);
  });
});

describe("an invoice", () => {
  test("adds the taxes of its lines, each rounded by itself", async () => {
    const { id: customer } = await payer(box);
    const fifteen = await taxedBy(box, { percentage: 15 });

    const invoice = await finalized(box, customer, [43, 484], { default_tax_rates: [fifteen] });

    expect(invoice).toMatchObject({
      subtotal: 527,
      subtotal_excluding_tax: 527,
      total: 606,
      total_excluding_tax: 527,
      amount_due: 606,
      total_taxes: [
        {
          amount: 79,
          tax_behavior: "exclusive",
          tax_rate_details: { tax_rate: fifteen },
          taxability_reason: "not_available",
          taxable_amount: 527,
          type: "tax_rate_details",
        },
      ],
    });
    expect(invoice.lines.data.map(({ taxes }) => taxes?.[0]?.amount).toSorted()).toEqual([6, 73]);
  });

  test("asks no more for taxes that its amounts have in them", async () => {
    const { id: customer } = await payer(box);

    const invoice = await finalized(box, customer, [12_100], { default_tax_rates: [included] });

    expect(invoice).toMatchObject({
      subtotal: 12_100,
      subtotal_excluding_tax: 10_000,
      total: 12_100,
      total_excluding_tax: 10_000,
      total_taxes: [{ amount: 2_100, tax_behavior: "inclusive", taxable_amount: 10_000 }],
    });
  });

  test("takes discounts before taxes", async () => {
    const { id: customer } = await payer(box);
    const { id: coupon } = await box.stripe.coupons.create({ percent_off: 50, duration: "once" });

    const invoice = await finalized(box, customer, [10_000], {
      default_tax_rates: [vat],
      discounts: [{ coupon }],
    });

    expect(invoice).toMatchObject({ subtotal: 10_000, total: 6_050, total_excluding_tax: 5_000 });
  });

  test("has other taxes on an item that has rates of its own", async () => {
    const { id: customer } = await payer(box);
    const low = await taxedBy(box, { percentage: 9 });
    const shared = { customer, currency: "usd", amount: 1_000 };
    const item = await box.stripe.invoiceItems.create({ ...shared, tax_rates: [low] });
    await box.stripe.invoiceItems.create(shared);
    const before = await draft(box, customer, [], { default_tax_rates: [vat] });

    expect(before).toMatchObject({ subtotal: 2_000, total: 2_300 });
    expect(item.tax_rates).toMatchObject([{ id: low }]);
    await box.stripe.invoiceItems.update(item.id, { tax_rates: "" });
    expect(await box.stripe.invoices.retrieve(before.id)).toMatchObject({ total: 2_420 });
  });

  test("is free of tax for a customer who is exempt", async () => {
    const { id: customer } = await payer(box, "pm_card_visa", { tax_exempt: "exempt" });

    expect(await finalized(box, customer, [1_000], { default_tax_rates: [vat] })).toMatchObject({
      total: 1_000,
      total_taxes: [{ amount: 0, taxability_reason: "customer_exempt" }],
    });
  });

  test("had its taxes under other names in older versions", async () => {
    const { id: customer } = await payer(box);
    const { id } = await finalized(box, customer, [12_100], { default_tax_rates: [included] });

    const { json } = await box.get(`/v1/invoices/${id}`, { "stripe-version": "2024-06-20" });

    const tax = { amount: 2_100, inclusive: true, tax_rate: included, taxable_amount: 10_000 };
    expect(json).toMatchObject({
      tax: 2_100,
      total_tax_amounts: [tax],
      lines: {
        data: [{ amount_excluding_tax: 10_000, tax_amounts: [tax], tax_rates: [{ id: included }] }],
      },
    });
    expect(json).not.toHaveProperty("total_taxes");
  });
});

describe("a credit note", () => {
  test("gives the tax of a line back with it", async () => {
    const { id: customer } = await payer(box);
    const { id, lines } = await finalized(box, customer, [10_000], { default_tax_rates: [vat] });
    const paid = await box.stripe.invoices.pay(id);
    const line = { type: "invoice_line_item", invoice_line_item: lines.data[0]?.id ?? "" } as const;

    const note = await box.stripe.creditNotes.create({
      invoice: id,
      lines: [
        { ...line, amount: 5_000 },
        { type: "custom_line_item", unit_amount: 100, quantity: 1, tax_rates: [vat] },
        { type: "custom_line_item", unit_amount: 100, quantity: 1 },
      ],
      refund_amount: 6_271,
    });

    expect(paid).toMatchObject({ amount_paid: 12_100 });
    expect(note).toMatchObject({
      subtotal: 5_200,
      total: 6_271,
      total_excluding_tax: 5_200,
      total_taxes: [{ amount: 1_071, taxable_amount: 5_100 }],
      lines: { data: [{ taxes: [{ amount: 1_050 }] }, { taxes: [{ amount: 21 }] }, { taxes: [] }] },
    });
  });
});

describe("a subscription", () => {
  async function subscribed(terms: Partial<Stripe.SubscriptionCreateParams>, currency = "usd") {
    const someone = await payerAt(box, "2027-05-01");
    const subscription = await box.stripe.subscriptions.create({
      customer: someone.customer,
      items: [{ price: await priced(box, 10_000, { currency }) }],
      ...terms,
    });
    return { someone, subscription };
  }

  test.each([
    ["usd", 12_100],
    ["jpy", 12_100],
  ])("in %s is billed with its taxes, at first and at each renewal", async (currency, total) => {
    const { someone } = await subscribed({ default_tax_rates: [vat] }, currency);

    await advanceTo(box, someone, "2027-06-01T02:00:00Z");

    const paid = (await invoicesOf(box, someone)).map(({ amount_paid }) => amount_paid);
    expect(paid).toEqual([total, total]);
  });

  test("gives back with tax what it took with tax, as its preview says", async () => {
    const { someone, subscription } = await subscribed({ default_tax_rates: [vat] });
    await advanceTo(box, someone, "2027-05-16T12:00:00Z");
    const items = [{ id: onlyItem(subscription).id, price: await priced(box, 20_000) }];
    const preview = await box.stripe.invoices.createPreview({
      subscription: subscription.id,
      subscription_details: { items, proration_behavior: "always_invoice" },
    });

    const after = await box.stripe.subscriptions.update(subscription.id, {
      items,
      proration_behavior: "always_invoice",
    });

    const invoice = await latestInvoice(box, after);
    const amounts = ({ lines, total, total_taxes }: Stripe.Invoice) => ({
      lines: lines.data.map(({ amount, taxes }) => [amount, taxes?.[0]?.amount]),
      total,
      tax: total_taxes?.map(({ amount }) => amount),
    });
    expect(amounts(invoice)).toEqual({
      lines: [
        [10_000, 2_100],
        [-5_000, -1_050],
      ],
      total: 6_050,
      tax: [1_050],
    });
    expect(amounts(preview)).toEqual(amounts(invoice));
  });

  test("gives back the tax of then, whatever its rates are now", async () => {
    const { someone, subscription } = await subscribed({ default_tax_rates: [vat] });
    await box.stripe.subscriptions.update(subscription.id, { default_tax_rates: "" });
    await advanceTo(box, someone, "2027-05-16T12:00:00Z");

    const after = await box.stripe.subscriptions.update(subscription.id, {
      items: [{ id: onlyItem(subscription).id, price: await priced(box, 20_000) }],
      proration_behavior: "always_invoice",
    });

    expect(await latestInvoice(box, after)).toMatchObject({ subtotal: 5_000, total: 3_950 });
  });

  test("gives back no tax that was not taken, even on a taxed invoice", async () => {
    const { someone, subscription } = await subscribed({});
    await box.stripe.subscriptions.update(subscription.id, { default_tax_rates: [vat] });
    await advanceTo(box, someone, "2027-05-16T12:00:00Z");

    const after = await box.stripe.subscriptions.update(subscription.id, {
      items: [{ id: onlyItem(subscription).id, price: await priced(box, 20_000) }],
      proration_behavior: "always_invoice",
    });

    expect(await latestInvoice(box, after)).toMatchObject({ subtotal: 5_000, total: 7_100 });
  });

  test.each([
    ["was taxed, to who is exempt now", "none", "exempt", -1_050],
    ["was not taxed, to who is not exempt any more", "exempt", "none", 0],
  ] as const)("gives back what %s, as it was", async (_, before, now, tax) => {
    const someone = await payerAt(box, "2027-05-01");
    await box.stripe.customers.update(someone.customer, { tax_exempt: before });
    const { id } = await box.stripe.subscriptions.create({
      customer: someone.customer,
      items: [{ price: await priced(box, 10_000) }],
      default_tax_rates: [vat],
    });
    await box.stripe.customers.update(someone.customer, { tax_exempt: now });
    await advanceTo(box, someone, "2027-05-16T12:00:00Z");

    const ended = await box.stripe.subscriptions.cancel(id, { prorate: true, invoice_now: true });

    expect(await latestInvoice(box, ended)).toMatchObject({
      subtotal: -5_000,
      total: -5_000 + tax,
    });
  });

  test("has an item taxed by its own rates", async () => {
    const price = await priced(box, 10_000);
    const { subscription } = await subscribed({
      items: [{ price, tax_rates: [included] }],
      default_tax_rates: [vat],
    });

    expect(await latestInvoice(box, subscription)).toMatchObject({
      total: 10_000,
      total_taxes: [{ tax_behavior: "inclusive" }],
    });
    expect(onlyItem(subscription).tax_rates).toMatchObject([{ id: included }]);
  });

  test("keeps its taxes through a schedule that repeats them, and loses them through one that does not", async () => {
    for (const [rates, total] of [
      [[vat], 24_200],
      [[], 20_000],
    ] as const) {
      const { someone, subscription } = await subscribed({ default_tax_rates: [vat] });
      const schedule = await box.stripe.subscriptionSchedules.create({
        from_subscription: subscription.id,
      });
      const [phase] = schedule.phases;
      if (!phase) throw new Error("no phase");
      expect(phase.default_tax_rates).toMatchObject([{ id: vat }]);
      const price = onlyItem(subscription).price.id;
      const then = await priced(box, 20_000);
      await box.stripe.subscriptionSchedules.update(schedule.id, {
        phases: [
          {
            start_date: phase.start_date,
            end_date: phase.end_date,
            items: [{ price }],
            default_tax_rates: [vat],
          },
          {
            items: [{ price: then }],
            duration: { interval: "month" },
            default_tax_rates: [...rates],
          },
        ],
      });

      await advanceTo(box, someone, "2027-06-01T02:00:00Z");

      expect((await invoicesOf(box, someone)).at(-1)).toMatchObject({ total });
    }
  });
});
