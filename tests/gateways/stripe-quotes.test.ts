import fc from "fast-check";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import type { PaidAnswer, Preview } from "#lib/gateways/asking.ts";
import { stripe } from "#lib/gateways/stripe/stripe.ts";
import {
  askingAt,
  changeOf,
  plansOf,
  type Subscriber,
  subscriberOf,
} from "#tests/support/asking-stripe.ts";
import { type Box, startSandbox } from "#tests/support/sandbox.ts";
import { taxedBy } from "#tests/support/sandbox-billing.ts";
import { advanceTo, invoicesOf, priced } from "#tests/support/sandbox-subscriptions.ts";
import { tapWire } from "#tests/support/wire-tap.ts";

let box: Box;
let plans: Awaited<ReturnType<typeof plansOf>>;
let intentions = 0;
beforeAll(async () => {
  box = await startSandbox();
  plans = await plansOf(box);
});
afterAll(() => box.close());

const { commands } = stripe;

function asking() {
  intentions += 1;
  return askingAt(box.url, `intention${intentions}`);
}

function preview(
  subject: Subscriber,
  price: string,
  { quantity = 1, timing = "now" as "now" | "renewal", at = undefined as Date | undefined } = {},
): Promise<Preview> {
  return commands.previewChange({ ...changeOf(subject, price, quantity), timing, at }, asking());
}

function change(
  subject: Subscriber,
  price: string,
  { proratedAt }: Pick<Preview, "proratedAt">,
  quantity = 1,
): Promise<PaidAnswer> {
  const asked = { ...changeOf(subject, price, quantity), proratedAt, scheduleRef: null };
  return commands.changeNow({ ...asked, isSamePrice: false, commandId: "cmd_1" }, asking());
}

describe("the quote of a change now", () => {
  test("has each line, what is due, and the next invoice", async () => {
    const subject = await subscriberOf(box, plans.basic);

    expect(await preview(subject, plans.pro)).toEqual({
      currency: "USD",
      proratedAt: new Date("2027-05-16T12:00:00Z"),
      lines: expect.toSatisfy(
        (lines: Preview["lines"]) =>
          lines.every(({ isProration }) => isProration) &&
          lines
            .map(({ amountMinor }) => amountMinor)
            .sort((a, b) => a - b)
            .join() === "-5000,10000",
      ),
      taxMinor: 0,
      includedTaxMinor: 0,
      dueMinor: 5_000,
      creditedMinor: 0,
      next: { totalMinor: 20_000, at: new Date("2027-06-01") },
    });
  });

  test("stays the same at its moment, whatever time it is by then", async () => {
    const subject = await subscriberOf(box, plans.basic);
    const first = await preview(subject, plans.pro);
    await advanceTo(box, subject, "2027-05-16T12:10:00Z");

    const second = await preview(subject, plans.pro, { at: first.proratedAt ?? undefined });

    expect(second).toEqual(first);
    expect((await preview(subject, plans.pro)).dueMinor).toBeLessThan(first.dueMinor);
  });

  test("from month to year charges the year, and says when the next one is due", async () => {
    const subject = await subscriberOf(box, plans.basic);

    const quote = await preview(subject, plans.yearly);

    expect(quote).toMatchObject({
      dueMinor: 195_000,
      next: { totalMinor: 200_000, at: new Date("2028-05-16T12:00:00Z") },
    });
    expect(await change(subject, plans.yearly, quote)).toMatchObject({ chargedMinor: 195_000 });
  });

  test("says nothing is due in a trial, and what its end will bring", async () => {
    const subject = await subscriberOf(box, plans.basic, { trial_period_days: 30 });

    const quote = await preview(subject, plans.pro);

    const next = { totalMinor: 20_000, at: new Date("2027-05-31") };
    expect(quote).toMatchObject({
      dueMinor: 0,
      creditedMinor: 0,
      proratedAt: null,
      lines: [],
      next,
    });
    expect(await change(subject, plans.pro, quote)).toMatchObject({
      kind: "paid",
      chargedMinor: 0,
      invoiceRef: null,
    });
    await advanceTo(box, subject, "2027-05-31T02:00:00Z");
    expect((await invoicesOf(box, subject)).at(-1)).toMatchObject({ amount_paid: 20_000 });
  });

  test.each([
    ["on top", false, { due: 6_050, tax: 1_050, included: 0, next: 24_200 }],
    ["included", true, { due: 5_000, tax: 868, included: 868, next: 20_000 }],
  ])("has its tax %s, and so has the next invoice", async (_, inclusive, expected) => {
    const default_tax_rates = [await taxedBy(box, { inclusive })];
    const subject = await subscriberOf(box, plans.basic, { default_tax_rates });

    const quote = await preview(subject, plans.pro);

    expect({
      due: quote.dueMinor,
      tax: quote.taxMinor,
      included: quote.includedTaxMinor,
      next: quote.next?.totalMinor,
    }).toEqual(expected);
    expect(await change(subject, plans.pro, quote)).toMatchObject({ chargedMinor: expected.due });
  });

  test.each([
    ["rates of the subscription", (rate: string) => ({ default_tax_rates: [rate] }), 242_000],
    [
      "rates of the item",
      (rate: string, price: string) => ({ items: [{ price, tax_rates: [rate] }] }),
      242_000,
    ],
  ])("from month to year taxes the next year by %s too", async (_, terms, totalMinor) => {
    const rate = await taxedBy(box);
    const subject = await subscriberOf(box, plans.basic, terms(rate, plans.basic));

    expect((await preview(subject, plans.yearly)).next).toMatchObject({ totalMinor });
  });

  test("from month to year taxes the next year as Stripe works it out", async () => {
    const subject = await subscriberOf(box, plans.basic);
    await box.stripe.customers.update(subject.customer, { address: { country: "DE" } });
    await box.stripe.subscriptions.update(subject.subscriptionRef, {
      automatic_tax: { enabled: true },
    });

    const quote = await preview(subject, plans.yearly);

    expect(quote).toMatchObject({ taxMinor: 38_000, next: { totalMinor: 238_000 } });
  });

  test("has no next invoice for what ends before", async () => {
    const subject = await subscriberOf(box, plans.basic, { cancel_at_period_end: true });

    expect(await preview(subject, plans.pro)).toMatchObject({ dueMinor: 5_000, next: null });
  });

  test("is right beside a planned change, which gives way", async () => {
    const subject = await subscriberOf(box, plans.basic);
    const planned = { ...changeOf(subject, plans.yearly), scheduleRef: null, commandId: "cmd_1" };
    await commands.changeAtRenewal(planned, asking());

    expect(await preview(subject, plans.pro)).toMatchObject({
      dueMinor: 5_000,
      next: { totalMinor: 20_000, at: new Date("2027-06-01") },
    });
  });
});

describe("the quote of a change at the renewal", () => {
  test.each([
    ["another plan", () => plans.pro, 40_000],
    ["another interval", () => plans.yearly, 400_000],
  ])("to %s is the invoice that the renewal makes", async (_, price, totalMinor) => {
    const subject = await subscriberOf(box, plans.basic);

    const quote = await preview(subject, price(), { timing: "renewal", quantity: 2 });

    expect(quote).toMatchObject({
      dueMinor: 0,
      creditedMinor: 0,
      proratedAt: null,
      next: { totalMinor, at: new Date("2027-06-01") },
    });
    expect(quote.lines).toHaveLength(1);
    const asked = { ...changeOf(subject, price(), 2), scheduleRef: null, commandId: "cmd_1" };
    await commands.changeAtRenewal(asked, asking());
    await advanceTo(box, subject, "2027-06-01T02:00:00Z");
    expect((await invoicesOf(box, subject)).at(-1)).toMatchObject({ total: totalMinor });
  });

  test("keeps discounts that still hold", async () => {
    const { id: coupon } = await box.stripe.coupons.create({
      percent_off: 25,
      duration: "forever",
    });
    const subject = await subscriberOf(box, plans.basic, { discounts: [{ coupon }] });

    const quote = await preview(subject, plans.yearly, { timing: "renewal" });

    expect(quote.next).toMatchObject({ totalMinor: 150_000 });
  });
});

/** A change as random as they come: plans, seats, discounts, balances, currencies, moments. */
const anyChange = fc.record({
  currency: fc.constantFrom("usd", "eur", "jpy"),
  from: fc.constantFrom(0, 50, 999, 2_900, 10_000, 123_457),
  to: fc.constantFrom(0, 77, 1_001, 4_900, 19_999, 98_765),
  fromInterval: fc.constantFrom("month" as const, "month" as const, "year" as const),
  toInterval: fc.constantFrom("month" as const, "month" as const, "year" as const),
  seats: fc.tuple(fc.integer({ min: 1, max: 7 }), fc.integer({ min: 1, max: 7 })),
  balance: fc.constantFrom(0, 0, 0, -1_500, -90_000, 700),
  coupon: fc.constantFrom(
    undefined,
    undefined,
    { percent_off: 12.5, duration: "forever" } as const,
    { percent_off: 100, duration: "forever" } as const,
    { percent_off: 30, duration: "once" } as const,
    { amount_off: 333, duration: "forever" } as const,
  ),
  day: fc.integer({ min: 1, max: 30 }),
  second: fc.integer({ min: 0, max: 86_399 }),
  later: fc.integer({ min: 1, max: 900 }),
});

test("a quote is charged or credited to the cent, whatever is changed", async () => {
  await fc.assert(
    fc.asyncProperty(anyChange, async (given) => {
      const { currency, seats, coupon, balance } = given;
      const [price, other] = await Promise.all([
        priced(box, given.from, { currency, interval: given.fromInterval }),
        priced(box, given.to, { currency, interval: given.toInterval }),
      ]);
      const off = coupon && "amount_off" in coupon ? { ...coupon, currency } : coupon;
      const discounts = off ? [{ coupon: (await box.stripe.coupons.create(off)).id }] : [];
      const at = Date.parse("2027-05-01") / 1_000 + given.day * 86_400 - given.second;
      const subject = await subscriberOf(box, price, {
        now: new Date(at * 1_000).toISOString(),
        items: [{ price, quantity: seats[0] }],
        discounts,
      });
      if (balance !== 0) {
        const params = { amount: balance, currency };
        await box.stripe.customers.createBalanceTransaction(subject.customer, params);
      }
      const quote = await preview(subject, other, { quantity: seats[1] });
      await advanceTo(box, subject, at + given.later);

      const answer = await change(subject, other, quote, seats[1]);

      expect(answer).toMatchObject({
        kind: "paid",
        currency: currency.toUpperCase(),
        chargedMinor: quote.dueMinor,
        creditedMinor: quote.creditedMinor,
      });
      const { items } = await box.stripe.subscriptions.retrieve(subject.subscriptionRef);
      expect(items.data[0]).toMatchObject({ price: { id: other }, quantity: seats[1] });
    }),
    { numRuns: Number(process.env.PROPERTY_RUNS ?? 60), endOnFailure: true },
  );
}, 600_000);

test("a renewal that is asked for anew is taxed as the subscription that is there", async () => {
  const subject = await subscriberOf(box, plans.basic);
  const { subscriptionRef } = subject;
  const { items, automatic_tax, ...rest } =
    await box.stripe.subscriptions.retrieve(subscriptionRef);
  const taxed = {
    ...rest,
    automatic_tax: { ...automatic_tax, enabled: true },
    default_tax_rates: [{ id: "txr_all" }],
    items: {
      ...items,
      data: items.data.map((item) => ({ ...item, tax_rates: [{ id: "txr_own" }] })),
    },
  };
  const renewal = await box.stripe.invoices.createPreview({ subscription: subscriptionRef });
  const wire = await tapWire(box.url);
  const isAnew = ({ path, body }: { path: string; body: string }) =>
    path === "/v1/invoices/create_preview" && body.includes("customer=");
  wire.decide((call) => {
    const isSubject = call.path.startsWith(`/v1/subscriptions/${subscriptionRef}`);
    if (isSubject) return { status: 200, body: taxed };
    return isAnew(call) ? { status: 200, body: renewal } : "pass";
  });

  const asked = { ...changeOf(subject, plans.yearly), timing: "now", at: undefined } as const;
  await commands.previewChange(asked, askingAt(wire.url, "taxes"));
  await wire.close();

  const anew = wire.calls.find(isAnew);
  expect(Object.fromEntries(new URLSearchParams(anew?.body))).toMatchObject({
    "automatic_tax[enabled]": "true",
    "subscription_details[default_tax_rates][0]": "txr_all",
    "subscription_details[items][0][tax_rates][0]": "txr_own",
  });
});
