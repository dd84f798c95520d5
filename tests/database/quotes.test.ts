import fc from "fast-check";
import type Stripe from "stripe";
import { afterAll, beforeAll, expect, test } from "vitest";
import { acceptQuote } from "#lib/billing/changing/commands.ts";
import { lookAfter } from "#lib/inbox/commands.ts";
import { prepareBilling } from "#tests/support/billing.ts";
import {
  askAt,
  askNobody,
  type Customer,
  customerWith,
  look,
  quoteFor,
  sellTiers,
} from "#tests/support/commanding.ts";
import { useDatabase } from "#tests/support/database.ts";
import { type Box, startSandbox } from "#tests/support/sandbox.ts";
import { taxedBy } from "#tests/support/sandbox-billing.ts";
import { advanceTo, at, latestInvoice, onlyItem } from "#tests/support/sandbox-subscriptions.ts";

const database = await useDatabase();
const { sql } = database;
let box: Box;

beforeAll(async () => {
  await prepareBilling(database);
  box = await startSandbox();
  askAt(box.url);
});

afterAll(async () => {
  askNobody();
  await box.close();
});

const PLANS = ["First", "Second", "Third", "Yearly"] as const;
type Plan = (typeof PLANS)[number];

/** One change: after how long, to what, and what the customer is given or owes meanwhile. */
const step = fc.record({
  afterMinutes: fc.integer({ min: 1, max: 20_000 }),
  to: fc.constantFrom(...PLANS),
  quantity: fc.integer({ min: 1, max: 4 }),
  balance: fc.oneof(
    { weight: 3, arbitrary: fc.constant(0) },
    { weight: 1, arbitrary: fc.integer({ min: -20_000, max: 20_000 }) },
  ),
});

const amount = fc.integer({ min: 51, max: 60_000 });

type Rate = { readonly percentage: number; readonly inclusive: boolean };

/** No tax, rates of the subscription or of its item, or what is worked out by the customer's country. */
const tax = fc.oneof(
  fc.constant(undefined),
  fc.record({
    of: fc.constantFrom("subscription", "item"),
    rates: fc.array(
      fc.record({
        percentage: fc.constantFrom(2.5, 7, 8.875, 19, 21),
        inclusive: fc.boolean(),
      }),
      { minLength: 1, maxLength: 2 },
    ),
  }),
  fc.record({ of: fc.constant("country"), country: fc.constantFrom("DE", "CH", "US") }),
);

const story = fc.record({
  currency: fc.constantFrom("eur", "jpy"),
  amounts: fc.tuple(amount, amount, amount, amount),
  tax,
  percentOff: fc.option(fc.integer({ min: 1, max: 99 }), { nil: undefined }),
  begun: fc.constantFrom("2027-05-01", "2027-01-31", "2028-02-29"),
  steps: fc.array(step, { minLength: 1, maxLength: 6 }),
});

test("equals to the cent the invoice that follows it, and the renewal after it", async () => {
  let quotes = 0;
  await fc.assert(
    fc.asyncProperty(story, async ({ currency, amounts, tax, percentOff, begun, steps }) => {
      const [First, Second, Third, Yearly] = amounts;
      const isPerSeat = true;
      const monthly = await sellTiers(box, sql, { First, Second, Third }, { currency, isPerSeat });
      const yearly = await sellTiers(
        box,
        sql,
        { Yearly },
        { currency, isPerSeat, interval: "year" },
      );
      const priceOf = (plan: Plan) => (plan === "Yearly" ? yearly(plan) : monthly(plan));
      const customer = await customerWith(box, sql, priceOf("First"), {
        begun,
        now: `${begun}T06:00:00Z`,
      });
      if (tax) await isTaxed(customer, tax);
      if (percentOff) await discount(customer, percentOff);
      let now = at(`${begun}T06:00:00Z`);
      for (const { afterMinutes, to, quantity, balance } of steps) {
        now += afterMinutes * 60;
        // No clock moves to where it is: then two changes come within one second.
        if (afterMinutes > 0) await advanceTo(box, customer.payer, now);
        if (balance !== 0) {
          await box.stripe.customers.createBalanceTransaction(customer.payer.customer, {
            amount: balance,
            currency,
          });
        }
        await look(customer.payer, customer.subscriptionRef);
        if (await isHeld(customer, priceOf(to), quantity)) continue;
        await changesAsQuoted(customer, priceOf(to), quantity);
        quotes += 1;
      }
      expect(await sql`select message from alerts where kind = 'charged_otherwise'`).toEqual([]);
    }),
    { numRuns: Number(process.env.PROPERTY_RUNS ?? 6), endOnFailure: true },
  );
  expect(quotes).toBeGreaterThan(0);
}, 3_600_000);

async function isHeld(customer: Customer, price: string, quantity: number): Promise<boolean> {
  const { items } = await box.stripe.subscriptions.retrieve(customer.subscriptionRef);
  const [item] = items.data;
  return item?.price.id === price && item.quantity === quantity;
}

/** Quotes, accepts, and compares with what the gateway then billed, and will bill. */
async function changesAsQuoted(customer: Customer, price: string, quantity: number) {
  const { organizationId, owner, subscriptionRef } = customer;
  const quote = await quoteFor(customer, price, { quantity });
  const before = await box.stripe.subscriptions.retrieve(subscriptionRef);
  const creditBefore = await creditOf(customer);
  const accepted = await acceptQuote(owner, { organizationId, quoteId: quote.id });

  if (accepted.kind !== "asked") throw new Error(`Quoted anew: ${accepted.because}`);
  await lookAfter(accepted.command);
  expect(accepted.command).toMatchObject({ status: "done" });
  const after = await box.stripe.subscriptions.retrieve(subscriptionRef);
  if (after.latest_invoice === before.latest_invoice) {
    expect({ due: quote.dueMinor, credited: quote.creditedMinor }).toEqual({ due: 0, credited: 0 });
  } else {
    const invoice = await latestInvoice(box, after);
    expect({
      lines: quote.lines.map(({ amountMinor }) => amountMinor),
      due: quote.dueMinor,
      credited: quote.creditedMinor,
      tax: quote.taxMinor,
      included: quote.includedTaxMinor,
    }).toEqual({
      lines: invoice.lines.data.map((line) => line.amount),
      due: invoice.amount_paid,
      credited: Math.max(0, (await creditOf(customer)) - creditBefore),
      tax: taxOf(invoice),
      included: taxOf(invoice, "inclusive"),
    });
  }
  const next = await box.stripe.invoices.createPreview({ subscription: subscriptionRef });
  expect({ total: quote.nextTotalMinor, at: quote.nextAt?.getTime() }).toEqual({
    total: next.total,
    at: Math.min(...after.items.data.map((item) => item.current_period_end)) * 1_000,
  });
}

/** What the customer has for later invoices. */
async function creditOf({ payer }: Customer): Promise<number> {
  const customer = await box.stripe.customers.retrieve(payer.customer);
  return customer.deleted ? 0 : Math.max(0, -customer.balance);
}

function taxOf({ total_taxes }: Stripe.Invoice, behavior?: "inclusive"): number {
  const taxes = (total_taxes ?? []).filter((each) => !behavior || each.tax_behavior === behavior);
  return taxes.reduce((sum, each) => sum + each.amount, 0);
}

/** From now on: what was billed before had no tax, and is given back without any. */
async function isTaxed(
  { payer, subscriptionRef }: Customer,
  tax: { rates: readonly Rate[]; of: string } | { country: string },
): Promise<void> {
  const { subscriptions, customers } = box.stripe;
  if ("country" in tax) {
    await customers.update(payer.customer, { address: { country: tax.country } });
    await subscriptions.update(subscriptionRef, { automatic_tax: { enabled: true } });
    return;
  }
  const rates: string[] = [];
  for (const rate of tax.rates) rates.push(await taxedBy(box, rate));
  const subscription = await subscriptions.retrieve(subscriptionRef);
  await subscriptions.update(
    subscriptionRef,
    tax.of === "item"
      ? { items: [{ id: onlyItem(subscription).id, tax_rates: rates }] }
      : { default_tax_rates: rates },
  );
}

async function discount({ subscriptionRef }: Customer, percentOff: number): Promise<void> {
  const { id: coupon } = await box.stripe.coupons.create({
    duration: "forever",
    percent_off: percentOff,
  });
  await box.stripe.subscriptions.update(subscriptionRef, { discounts: [{ coupon }] });
}
