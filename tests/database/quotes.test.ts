import fc from "fast-check";
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
import { advanceTo, at, latestInvoice } from "#tests/support/sandbox-subscriptions.ts";

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

const story = fc.record({
  currency: fc.constantFrom("eur", "jpy"),
  amounts: fc.tuple(amount, amount, amount, amount),
  percentOff: fc.option(fc.integer({ min: 1, max: 99 }), { nil: undefined }),
  begun: fc.constantFrom("2027-05-01", "2027-01-31", "2028-02-29"),
  steps: fc.array(step, { minLength: 1, maxLength: 6 }),
});

test("equals to the cent the invoice that follows it, and the renewal after it", async () => {
  let quotes = 0;
  await fc.assert(
    fc.asyncProperty(story, async ({ currency, amounts, percentOff, begun, steps }) => {
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
    }).toEqual({
      lines: invoice.lines.data.map((line) => line.amount),
      due: invoice.amount_paid,
      credited: Math.max(0, (await creditOf(customer)) - creditBefore),
      tax: 0,
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

async function discount({ subscriptionRef }: Customer, percentOff: number): Promise<void> {
  const { id: coupon } = await box.stripe.coupons.create({
    duration: "forever",
    percent_off: percentOff,
  });
  await box.stripe.subscriptions.update(subscriptionRef, { discounts: [{ coupon }] });
}
