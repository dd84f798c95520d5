import fc from "fast-check";
import type Stripe from "stripe";
import { afterAll, beforeAll, expect, test } from "vitest";
import { type Box, startSandbox } from "../support/sandbox.ts";
import { mark } from "../support/sandbox-billing.ts";
import {
  advanceTo,
  at,
  DAY,
  HOUR,
  invoicesOf,
  latestInvoice,
  onlyItem,
  payerAt,
  payWith,
  priced,
} from "../support/sandbox-subscriptions.ts";

let box: Box;
beforeAll(async () => {
  box = await startSandbox({ realNow: () => Date.parse("2026-12-01") });
});
afterAll(() => box.close());

const START = at("2027-05-01");
const PERIOD = 31 * DAY;

/* The model, in integers and written apart from the sandbox's own arithmetic. */

type Coupon = { percent_off: number } | { amount_off: number };

/** Half a unit goes away from zero; both operands are whole and the divisor is positive. */
function divided(dividend: bigint, divisor: bigint): bigint {
  const twice = (dividend < 0n ? -dividend : dividend) * 2n + divisor;
  const magnitude = twice / (divisor * 2n);
  return dividend < 0n ? -magnitude : magnitude;
}

function afterCoupon(gross: bigint, coupon: Coupon | null): bigint {
  if (coupon === null) return gross;
  if ("percent_off" in coupon) return gross - divided(gross * BigInt(coupon.percent_off), 100n);
  const off = BigInt(coupon.amount_off);
  return off > gross ? 0n : gross - off;
}

type Term = { amount: number; quantity: number };

function change(was: bigint, next: bigint, elapsed: number): number {
  const left = BigInt(PERIOD - elapsed);
  const whole = BigInt(PERIOD);
  return Number(divided(next * left, whole) - divided(was * left, whole));
}

const term = fc.record({
  amount: fc.integer({ min: 100, max: 3_000_000 }),
  quantity: fc.integer({ min: 1, max: 40 }),
});
const coupon = fc.option(
  fc.oneof(
    fc.record({ percent_off: fc.integer({ min: 1, max: 100 }) }),
    fc.record({ amount_off: fc.integer({ min: 1, max: 5_000_000 }) }),
  ),
);
const elapsed = fc.integer({ min: 1, max: PERIOD - 2 });

async function begin({ amount, quantity }: Term, given: Coupon | null, duration = "forever") {
  const payer = await payerAt(box, "2027-05-01");
  const discounts: { coupon: string }[] = [];
  if (given !== null) {
    const terms = "amount_off" in given ? { ...given, currency: "usd" } : given;
    const made = await box.stripe.coupons.create({ ...terms, duration });
    discounts.push({ coupon: made.id });
  }
  const subscription = await box.stripe.subscriptions.create({
    customer: payer.customer,
    items: [{ price: await priced(box, amount), quantity }],
    discounts,
  });
  return { payer, subscription };
}

function lines({ lines: { data } }: Stripe.Invoice) {
  return data.map(({ amount, description, period, quantity }) => ({
    amount,
    description,
    period,
    quantity,
  }));
}

test("previews to the cent what is then billed, by the second and net of coupons", async () => {
  await fc.assert(
    fc.asyncProperty(
      term,
      term,
      coupon,
      fc.constantFrom("forever", "once"),
      elapsed,
      fc.boolean(),
      async (was, next, given, duration, after, moves) => {
        const { payer, subscription } = await begin(was, given, duration);
        await advanceTo(box, payer, START + after);
        const items = [
          {
            id: onlyItem(subscription).id,
            price: await priced(box, next.amount),
            quantity: next.quantity,
          },
        ];
        const terms = {
          items,
          proration_behavior: "always_invoice" as const,
          proration_date: START + after,
          ...(moves ? { billing_cycle_anchor: { type: "now" as const } } : {}),
        };

        const preview = await box.stripe.invoices.createPreview({
          subscription: subscription.id,
          subscription_details: terms,
        });
        await advanceTo(box, payer, START + after + 1);
        const changed = await box.stripe.subscriptions.update(subscription.id, terms);

        const invoice = await latestInvoice(box, changed);
        expect(preview.total).toBe(invoice.total);
        expect(preview.amount_due).toBe(invoice.amount_due);
        if (moves) return;
        expect(lines(preview)).toEqual(lines(invoice));
        const used = duration === "once" ? null : given;
        const before = afterCoupon(BigInt(was.amount * was.quantity), given);
        const then = afterCoupon(BigInt(next.amount * next.quantity), used);
        expect(invoice.total).toBe(change(before, then, after));
      },
    ),
    { numRuns: Number(process.env.PROPERTY_RUNS ?? 40), endOnFailure: true },
  );
}, 120_000);

test("never gives back more than was paid", async () => {
  const step = fc.record({ to: term, wait: fc.integer({ min: 0, max: 4 * DAY }) });
  await fc.assert(
    fc.asyncProperty(
      term,
      coupon,
      fc.array(step, { minLength: 1, maxLength: 6 }),
      fc.constantFrom("always_invoice", "create_prorations", "none"),
      async (first, given, steps, proration_behavior) => {
        const { payer, subscription } = await begin(first, given);
        let now = START;
        for (const { to, wait } of steps) {
          if (wait > 0) await advanceTo(box, payer, now + wait);
          now += wait;
          await box.stripe.subscriptions.update(subscription.id, {
            items: [
              {
                id: onlyItem(subscription).id,
                price: await priced(box, to.amount),
                quantity: to.quantity,
              },
            ],
            proration_behavior,
          });
        }
        await box.stripe.subscriptions.cancel(subscription.id, {
          invoice_now: true,
          prorate: true,
        });

        // An invoice shows ten of its lines; the rest is in its list.
        const all: Stripe.InvoiceLineItem[] = [];
        for (const { id } of await invoicesOf(box, payer)) {
          all.push(...(await box.stripe.invoices.listLineItems(id, { limit: 100 })).data);
        }
        const net = (line: Stripe.InvoiceLineItem) =>
          (line.discount_amounts ?? []).reduce((left, off) => left - off.amount, line.amount);
        const sum = (amounts: number[]) => amounts.reduce((total, amount) => total + amount, 0);
        const credits = sum(all.map(net).filter((amount) => amount < 0));
        const debits = sum(all.map(net).filter((amount) => amount > 0));
        expect(-credits).toBeLessThanOrEqual(debits);
      },
    ),
    { numRuns: Number(process.env.PROPERTY_RUNS ?? 25), endOnFailure: true },
  );
}, 120_000);

type Story = {
  first: Term;
  given: Coupon | null;
  day: number;
  trial: number;
  card: string;
  ends: boolean;
};

/** Names of ids by the order in which they are first seen, so that two stories can be compared. */
function withoutIds(value: unknown): unknown {
  const names = new Map<string, string>();
  const id = /\b([a-z_]+)_(?:test_)?[A-Za-z0-9]{8,}\b/g;
  const text = JSON.stringify(value)
    .replace(id, (found, prefix) => {
      const name = names.get(found) ?? `${prefix}#${names.size}`;
      names.set(found, name);
      return name;
    })
    .replace(/"(number|invoice_prefix|fingerprint)":"[^"]*"/g, '"$1":"…"');
  return JSON.parse(text);
}

test("comes to the same by two advances of a month as by one of two", async () => {
  const story = fc.record({
    first: term,
    given: coupon,
    day: fc.integer({ min: 0, max: 30 }),
    trial: fc.constantFrom(0, 2, 20),
    card: fc.constantFrom("pm_card_visa", "pm_card_chargeCustomerFail"),
    ends: fc.boolean(),
  });
  async function told({ first, given, day, trial, card, ends }: Story, halts: readonly number[]) {
    const since = new Date((at("2027-01-01") + day * DAY) * 1_000).toISOString();
    const payer = await payerAt(box, since);
    const terms = given && ("amount_off" in given ? { ...given, currency: "usd" } : given);
    const made = terms && (await box.stripe.coupons.create({ ...terms, duration: "forever" }));
    const { id } = await box.stripe.subscriptions.create({
      customer: payer.customer,
      items: [{ price: await priced(box, first.amount), quantity: first.quantity }],
      discounts: made ? [{ coupon: made.id }] : [],
      ...(trial > 0 ? { trial_period_days: trial } : {}),
    });
    await payWith(box, payer.customer, card);
    if (ends) await box.stripe.subscriptions.update(id, { cancel_at: at(since) + 45 * DAY });
    const before = mark(box);
    for (const halt of halts) await advanceTo(box, payer, at(since) + halt);
    const events = box.world.all("event").slice(before);
    return {
      events: events
        .filter(({ type }) => !type.startsWith("test_helpers"))
        .map(({ type, created }) => `${created} ${type}`),
      state: withoutIds([
        await box.stripe.subscriptions.retrieve(id),
        await invoicesOf(box, payer),
      ]),
    };
  }
  await fc.assert(
    fc.asyncProperty(story, async (each) => {
      const once = await told(each, [59 * DAY]);
      const twice = await told(each, [29 * DAY + 7 * HOUR, 59 * DAY]);

      expect(twice.events).toEqual(once.events);
      expect(twice.state).toEqual(once.state);
    }),
    { numRuns: Number(process.env.PROPERTY_RUNS ?? 20), endOnFailure: true },
  );
}, 120_000);
