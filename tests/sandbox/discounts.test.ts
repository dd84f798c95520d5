import fc from "fast-check";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { discountsFrom, netOf } from "#sandbox/billing/discounts.ts";
import { draftInvoice, finalizeInvoice, type LineDraft } from "#sandbox/billing/invoice.ts";
import { type Box, startSandbox } from "#tests/support/sandbox.ts";
import { draft, eventsSince, mark, payer } from "#tests/support/sandbox-billing.ts";

let box: Box;
beforeAll(async () => {
  box = await startSandbox();
});
afterAll(() => box.close());

describe("a coupon", () => {
  test("of a percentage is taken from each line, and the parts are the whole", async () => {
    const { id: customer } = await payer(box);
    const coupon = await box.stripe.coupons.create({ percent_off: 33.3, duration: "once" });

    const invoice = await draft(box, customer, [333, 333, 335], {
      discounts: [{ coupon: coupon.id }],
    });

    const parts = invoice.lines.data.map(({ discount_amounts: taken }) => taken?.[0]?.amount ?? 0);
    expect(invoice).toMatchObject({ subtotal: 1_001, total: 668, amount_due: 668 });
    expect(invoice.total_discount_amounts?.[0]?.amount).toBe(333);
    expect(parts.reduce((sum, part) => sum + part, 0)).toBe(333);
  });

  test("of an amount takes no more than there is", async () => {
    const { id: customer } = await payer(box);
    const coupon = await box.stripe.coupons.create({
      amount_off: 5_000,
      currency: "usd",
      duration: "once",
    });

    const invoice = await draft(box, customer, [700, 300], { discounts: [{ coupon: coupon.id }] });

    expect(invoice).toMatchObject({ subtotal: 1_000, total: 0 });
    expect(invoice.total_discount_amounts?.[0]?.amount).toBe(1_000);
  });

  test("of an amount in another currency takes nothing", async () => {
    const { id: customer } = await payer(box);
    const coupon = await box.stripe.coupons.create({
      amount_off: 500,
      currency: "eur",
      duration: "once",
    });

    const invoice = await draft(box, customer, [700], { discounts: [{ coupon: coupon.id }] });

    expect(invoice.total).toBe(700);
  });

  test("for some products leaves the other lines alone", async () => {
    const { id: customer } = await payer(box);
    const meant = await box.stripe.products.create({ name: "Meant" });
    const other = await box.stripe.products.create({ name: "Other" });
    const coupon = await box.stripe.coupons.create({
      percent_off: 50,
      duration: "once",
      applies_to: { products: [meant.id] },
    });
    for (const product of [meant.id, other.id]) {
      await box.stripe.invoiceItems.create({
        customer,
        price_data: { currency: "usd", product, unit_amount: 400 },
      });
    }

    const invoice = await draft(box, customer, [], { discounts: [{ coupon: coupon.id }] });

    expect(invoice).toMatchObject({ subtotal: 800, total: 600 });
  });

  test("of one item is taken before the invoice's own", async () => {
    const { id: customer } = await payer(box);
    const half = await box.stripe.coupons.create({ percent_off: 50, duration: "once" });
    const hundred = await box.stripe.coupons.create({
      amount_off: 100,
      currency: "usd",
      duration: "once",
    });
    await box.stripe.invoiceItems.create({
      customer,
      amount: 400,
      currency: "usd",
      discounts: [{ coupon: hundred.id }],
    });

    const invoice = await draft(box, customer, [], { discounts: [{ coupon: half.id }] });

    expect(invoice.total).toBe(150);
  });

  test("that is used up is refused, as is one that never was", async () => {
    const { id: customer } = await payer(box);
    const { id } = await box.stripe.coupons.create({
      percent_off: 50,
      duration: "once",
      max_redemptions: 1,
    });
    await draft(box, customer, [700], { discounts: [{ coupon: id }] });

    await expect(
      box.stripe.invoices.create({ customer, discounts: [{ coupon: id }] }),
    ).rejects.toMatchObject({ code: "coupon_expired" });
    await expect(
      box.stripe.invoices.create({ customer, discounts: [{ coupon: "nope" }] }),
    ).rejects.toMatchObject({ code: "resource_missing", param: "discounts[0][coupon]" });
  });
});

describe("a promotion code", () => {
  test("gives its coupon, and counts both redemptions", async () => {
    const { id: customer } = await payer(box);
    const coupon = await box.stripe.coupons.create({ percent_off: 10, duration: "once" });
    const code = await box.stripe.promotionCodes.create({
      promotion: { type: "coupon", coupon: coupon.id },
    });

    const invoice = await draft(box, customer, [700], {
      discounts: [{ promotion_code: code.id }],
      expand: ["discounts"],
    });

    expect(invoice.total).toBe(630);
    expect(invoice.discounts[0]).toMatchObject({
      promotion_code: code.id,
      source: { coupon: coupon.id },
    });
    expect((await box.stripe.promotionCodes.retrieve(code.id)).times_redeemed).toBe(1);
    expect((await box.stripe.coupons.retrieve(coupon.id)).times_redeemed).toBe(1);
  });

  test("of another customer is refused", async () => {
    const { id: customer } = await payer(box);
    const { id: stranger } = await payer(box);
    const coupon = await box.stripe.coupons.create({ percent_off: 10, duration: "once" });
    const code = await box.stripe.promotionCodes.create({
      promotion: { type: "coupon", coupon: coupon.id },
      customer: stranger,
    });

    await expect(
      box.stripe.invoices.create({ customer, discounts: [{ promotion_code: code.id }] }),
    ).rejects.toMatchObject({ param: "discounts[0][promotion_code]" });
  });
});

describe("for random lines and coupons", () => {
  const amounts = fc.array(
    fc.record({ amount: fc.integer({ min: -200_000, max: 900_000 }), discountable: fc.boolean() }),
    { minLength: 1, maxLength: 12 },
  );
  const coupons = fc.array(
    fc.oneof(
      fc.record({ percent_off: fc.integer({ min: 1, max: 10_000 }).map((parts) => parts / 100) }),
      fc.record({ amount_off: fc.integer({ min: 1, max: 500_000 }), currency: fc.constant("usd") }),
    ),
    { maxLength: 3 },
  );
  const balance = fc.integer({ min: -300_000, max: 300_000 });

  test("parts sum to wholes, and what is due follows from the total and the balance", async () => {
    await fc.assert(
      fc.asyncProperty(amounts, coupons, balance, async (given, offs, starting) => {
        const { id: customer } = await payer(box);
        const discounts: { coupon: string }[] = [];
        for (const off of offs) {
          const { id } = await box.stripe.coupons.create({ ...off, duration: "once" });
          discounts.push({ coupon: id });
        }
        if (starting !== 0) {
          await box.stripe.customers.createBalanceTransaction(customer, {
            amount: starting,
            currency: "usd",
          });
        }
        for (const item of given) {
          await box.stripe.invoiceItems.create({ customer, currency: "usd", ...item });
        }
        const { id } = await draft(box, customer, [], { discounts });
        const invoice = await box.stripe.invoices.finalizeInvoice(id);
        const { data: lines } = await box.stripe.invoices.listLineItems(id, { limit: 100 });

        const shares = lines.flatMap(({ discount_amounts: taken }) => taken ?? []);
        for (const { amount, discount } of invoice.total_discount_amounts ?? []) {
          const own = shares.filter((share) => share.discount === discount);
          expect(sum(own.map((share) => share.amount))).toBe(amount);
        }
        for (const line of lines) {
          const taken = sum((line.discount_amounts ?? []).map(({ amount }) => amount));
          expect(taken).toBeGreaterThanOrEqual(0);
          expect(taken).toBeLessThanOrEqual(line.discountable ? Math.max(0, line.amount) : 0);
        }
        const off = sum((invoice.total_discount_amounts ?? []).map(({ amount }) => amount));
        expect(invoice.subtotal).toBe(sum(given.map(({ amount }) => amount)));
        expect(invoice.total).toBe(invoice.subtotal - off);
        const owed = invoice.total + starting;
        expect(invoice.amount_due).toBe(owed >= 50 ? owed : 0);
        expect((invoice.ending_balance ?? 0) + invoice.amount_due).toBe(owed);
      }),
      { numRuns: 40 },
    );
  });
});

test("a subscription is without its discount for one invoice once that was paid", async () => {
  const { id: customer } = await payer(box);
  const { id: coupon } = await box.stripe.coupons.create({ percent_off: 20, duration: "once" });
  const product = await box.stripe.products.create({ name: "Pro" });
  const since = mark(box);

  const { id } = await box.stripe.subscriptions.create({
    customer,
    items: [
      {
        price_data: {
          currency: "usd",
          product: product.id,
          unit_amount: 1_000,
          recurring: { interval: "month" },
        },
      },
    ],
    discounts: [{ coupon }],
  });

  const subscription = await box.stripe.subscriptions.retrieve(id, { expand: ["latest_invoice"] });
  expect(subscription).toMatchObject({ discounts: [], latest_invoice: { amount_paid: 800 } });
  expect(eventsSince(box, since)).toEqual(
    expect.arrayContaining(["customer.discount.created", "customer.discount.deleted"]),
  );
});

test("a discount for some months ends after them, on the month's last day where it is shorter", async () => {
  const coupon = await box.stripe.coupons.create({
    percent_off: 20,
    duration: "repeating",
    duration_in_months: 1,
  });
  const clock = await box.stripe.testHelpers.testClocks.create({
    frozen_time: Date.UTC(2028, 0, 31, 12) / 1_000,
  });
  const { id } = await box.stripe.customers.create({ test_clock: clock.id });

  const [discount = ""] = discountsFrom(box.world, [{ coupon: coupon.id }], { customer: id });

  expect(box.world.get("discount", discount)?.end).toBe(Date.UTC(2028, 1, 29, 12) / 1_000);
});

test("a discount for one invoice is used by the first that it takes something from", () => {
  const { world } = box;
  const line = linesFrom([1_000]);
  const discount = onceDiscount(20);

  const first = draftInvoice(world, {
    ...bill(discount.customer),
    lines: line,
    discounts: [discount.id],
  });
  finalizeInvoice(world, first.id);
  const second = draftInvoice(world, {
    ...bill(discount.customer),
    lines: line,
    discounts: [discount.id],
  });

  expect([first.total, second.total]).toEqual([800, 1_000]);
});

test("an amount alone comes to what a line of it alone on an invoice does", () => {
  const { world } = box;
  const { id, customer } = onceDiscount(12.5);

  const net = netOf(world, { amount: 999, currency: "usd", product: null, discounts: [id] });
  const invoice = draftInvoice(world, {
    ...bill(customer),
    lines: linesFrom([999]),
    discounts: [id],
  });

  expect(net).toBe(invoice.total);
});

function bill(customer: string) {
  return {
    customer,
    currency: "usd",
    billingReason: "manual",
    periodStart: 0,
    periodEnd: 0,
    autoAdvance: false,
    withPendingItems: "none",
  } as const;
}

function linesFrom(amounts: readonly number[]): LineDraft[] {
  return amounts.map((amount) => ({
    amount,
    currency: "usd",
    description: null,
    quantity: 1,
    period: { start: 0, end: 0 },
    proration: false,
    discountable: true,
  }));
}

function onceDiscount(percent: number): { id: string; customer: string } {
  const [customer] = box.world.all("customer");
  if (!customer) throw new Error("no customer was made before");
  const coupon = box.world.put("coupon", {
    id: `once_${percent}`,
    object: "coupon",
    amount_off: null,
    created: 0,
    currency: null,
    duration: "once",
    duration_in_months: null,
    livemode: false,
    max_redemptions: null,
    metadata: {},
    name: null,
    percent_off: percent,
    redeem_by: null,
    times_redeemed: 0,
    valid: true,
  });
  const [id = ""] = discountsFrom(box.world, [{ coupon: coupon.id }], { customer: customer.id });
  return { id, customer: customer.id };
}

function sum(amounts: readonly number[]): number {
  return amounts.reduce((total, amount) => total + amount, 0);
}
