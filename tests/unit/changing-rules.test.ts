import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { intervalsOf, pricesToOffer } from "#lib/billing/changing/offer-rules.ts";
import {
  blockersOf,
  changedInWords,
  directionOf,
  type Sold,
  scheduledInWords,
  soldInWords,
  timingsFor,
} from "#lib/billing/changing/rules.ts";
import type { SoldPrice } from "#lib/billing/changing/store.ts";

const runs = { numRuns: Number(process.env.PROPERTY_RUNS ?? 200), endOnFailure: true };

function sold(changes: Partial<Sold> = {}): Sold {
  return {
    planName: "Pro",
    isArchived: false,
    isActive: true,
    tierRank: 10,
    terms: { currency: "EUR", amountMinor: 2_900, interval: "month", intervalCount: 1 },
    isPerSeat: false,
    seats: null,
    ...changes,
  };
}

function terms(amountMinor: number, interval: "month" | "year" = "month", currency = "EUR") {
  return { currency, amountMinor, interval, intervalCount: 1 };
}

type Change = Parameters<typeof blockersOf>[0];

function change(
  changes: Partial<Omit<Change, "subscription">> & {
    subscription?: Partial<Change["subscription"]>;
  } = {},
): Change {
  const { subscription, ...rest } = changes;
  return {
    subscription: {
      status: "active",
      items: [{ priceRef: "price_basic", quantity: 1 }],
      currency: "EUR",
      priceRef: "price_basic",
      quantity: 1,
      cancelAt: null,
      unpaidChange: null,
      isCollectionPaused: false,
      ...subscription,
    },
    from: sold({ planName: "Basic", tierRank: 5 }),
    to: sold(),
    priceRef: "price_pro",
    quantity: 1,
    seatsInUse: 1,
    timing: "now",
    timings: ["now", "renewal"],
    isPaymentOpen: false,
    ...rest,
  };
}

describe("the direction of a change", () => {
  test.each([
    [
      "up to a higher tier, even where that costs less",
      sold({ tierRank: 20, terms: terms(100) }),
      1,
      "upgrade",
    ],
    [
      "down to a lower tier, even where that costs more",
      sold({ tierRank: 5, terms: terms(9_900) }),
      1,
      "downgrade",
    ],
    ["up for more seats", sold(), 3, "upgrade"],
    ["up to a dearer price of the same tier", sold({ terms: terms(3_000) }), 1, "upgrade"],
    [
      "up to a year, which is paid for at once, though a month of it costs less",
      sold({ terms: terms(29_000, "year") }),
      1,
      "upgrade",
    ],
    ["nowhere for the same", sold(), 1, "same"],
  ] as const)("goes %s", (_, to, quantity, direction) => {
    expect(directionOf({ sold: sold(), quantity: 1 }, { sold: to, quantity })).toBe(direction);
  });

  test("is the other one on the way back", () => {
    const any = fc.record({
      tierRank: fc.integer({ min: 0, max: 3 }),
      amount: fc.integer({ min: 0, max: 5_000 }),
      interval: fc.constantFrom("month" as const, "year" as const),
      quantity: fc.integer({ min: 1, max: 5 }),
    });
    const back = { upgrade: "downgrade", downgrade: "upgrade", same: "same" } as const;
    fc.assert(
      fc.property(any, any, (one, other) => {
        const side = ({ tierRank, amount, interval, quantity }: typeof one) => ({
          sold: sold({ tierRank, terms: terms(amount, interval) }),
          quantity,
        });
        const there = directionOf(side(one), side(other));
        expect(directionOf(side(other), side(one))).toBe(back[there]);
      }),
      runs,
    );
  });
});

describe("when a change takes effect", () => {
  const policy = { upgrade: "now", downgrade: "renewal", isChoiceFree: true } as const;

  test.each([
    ["upgrade", ["now", "renewal"]],
    ["same", ["now", "renewal"]],
    ["downgrade", ["renewal", "now"]],
  ] as const)("is for an %s what the operator prefers first", (direction, timings) => {
    expect(timingsFor(direction, policy)).toEqual(timings);
  });

  test("is only what the operator says where customers may not choose", () => {
    const strict = { ...policy, isChoiceFree: false };

    expect(timingsFor("upgrade", strict)).toEqual(["now"]);
    expect(timingsFor("downgrade", strict)).toEqual(["renewal"]);
  });

  test("is no other time than one that is allowed", () => {
    expect(blockersOf(change({ timing: "renewal", timings: ["now"] }))).toEqual([
      "This change takes effect at once only.",
    ]);
    expect(blockersOf(change({ timing: "now", timings: ["renewal"] }))).toEqual([
      "This change takes effect at the renewal only.",
    ]);
  });
});

describe("what stands in the way", () => {
  test("is nothing for a plan that is sold, paid and large enough", () => {
    expect(blockersOf(change())).toEqual([]);
  });

  test.each([
    ["has ended", { status: "canceled" }, /over/],
    ["was never paid", { status: "incomplete" }, /first payment/],
    ["is paused", { status: "paused" }, /paused/],
    ["was given up by the gateway", { status: "unpaid" }, /not paid/],
    ["ends soon", { cancelAt: new Date("2026-12-03") }, /ends on 3 December 2026. Keep it first/],
    [
      "waits for a payment",
      { unpaidChange: { until: null, items: [], invoiceRef: "in_1" } },
      /waits for its payment/,
    ],
    [
      "has several items",
      {
        items: [
          { priceRef: "a", quantity: 1 },
          { priceRef: "b", quantity: 1 },
        ],
      },
      /several items/,
    ],
    ["is not collected", { isCollectionPaused: true }, /Nothing is collected/],
  ] as const)("is named where the subscription %s", (_, subscription, words) => {
    const { subscription: usual } = change();
    const blockers = blockersOf({
      ...change(),
      subscription: { ...usual, ...structuredClone(subscription) } as typeof usual,
    });

    expect(blockers).toEqual([expect.stringMatching(words)]);
  });

  test("are the seats in use, where the wanted plan has fewer", () => {
    const basic = sold({ planName: "Basic", seats: 5 });

    expect(blockersOf(change({ to: basic, seatsInUse: 12 }))).toEqual([
      "Basic has 5 seats, you use 12. Remove members first.",
    ]);
    expect(blockersOf(change({ to: basic, seatsInUse: 5 }))).toEqual([]);
  });

  test("are the seats in use, where fewer are to be paid for, down to one", () => {
    const subscription = {
      quantity: 5,
      priceRef: "price_pro",
      items: [{ priceRef: "price_pro", quantity: 5 }],
    };

    const to = sold({ isPerSeat: true });
    expect(blockersOf(change({ to, subscription, quantity: 3, seatsInUse: 4 }))).toEqual([
      "You use 4 seats. Take as many, or remove members first.",
    ]);
    expect(blockersOf(change({ to, subscription, quantity: 1, seatsInUse: 4 }))).toHaveLength(1);
    expect(blockersOf(change({ to, subscription, quantity: 4, seatsInUse: 4 }))).toEqual([]);
  });

  test.each([
    [{ status: "incomplete" }, /^The first payment .* Acme has to finish it first\.$/],
    [{ status: "unpaid" }, /Acme has to pay it first/],
    [{ cancelAt: new Date("2026-12-03") }, /^Its plan ends on 3 December 2026/],
    [
      { unpaidChange: { until: null, items: [], invoiceRef: "in_1" } },
      /Acme has to pay it, or you/,
    ],
    [{ status: "past_due" }, /Acme has to pay it first, or change at the renewal/],
    [{ isCollectionPaused: true }, /at the payment company first/],
    [{ items: [] }, /at the payment company/],
    [{ currency: "USD" }, /^Its subscription .* Acme to subscribe anew/],
    [{ items: [{ priceRef: "price_pro", quantity: 1 }] }, /^Acme has Pro already/],
  ] as const)("are an administrator's to read, not a customer's: %j", (held, words) => {
    const { subscription: usual } = change();
    const blockers = blockersOf({
      ...change({ name: "Acme" }),
      subscription: { ...usual, ...structuredClone(held) } as typeof usual,
    });

    expect(blockers).toEqual([expect.stringMatching(words)]);
    expect(blockers.join(" ")).not.toMatch(/\b[Yy]our\b|\byou use\b|Write to us|[Ww]rite to us/);
  });

  test("are no seats where the plan is sold flat, and it is sold once", () => {
    expect(blockersOf(change({ quantity: 1, seatsInUse: 12 }))).toEqual([]);
    expect(blockersOf(change({ quantity: 2 }))).toEqual(["Pro is not sold by the seat."]);
  });

  test.each([
    ["is archived", { isArchived: true }, /no longer sold/],
    ["has a price that nobody asks any more", { isActive: false }, /not sold at this price/],
    [
      "costs another currency",
      { terms: terms(2_900, "month", "USD") },
      /paid in EUR, and this price is in USD/,
    ],
    ["has no fixed price", { terms: null }, /no fixed price/],
  ] as const)("is named where the plan %s", (_, to, words) => {
    expect(blockersOf(change({ to: sold(to) }))).toEqual([expect.stringMatching(words)]);
  });

  test("is having it already", () => {
    expect(blockersOf(change({ priceRef: "price_basic" }))).toEqual(["You have Pro already."]);
    const to = sold({ isPerSeat: true });
    expect(blockersOf(change({ to, priceRef: "price_basic", quantity: 2 }))).toEqual([]);
  });

  test("is not the old price of one's own, for more seats of it", () => {
    const old = sold({ isArchived: true, isActive: false, isPerSeat: true });

    expect(blockersOf(change({ to: old, priceRef: "price_basic", quantity: 2 }))).toEqual([]);
  });

  test.each([{ isPaymentOpen: true }, { subscription: { status: "past_due" as const } }])(
    "is a payment that is owed, but only for a change at once: %o",
    (owed) => {
      expect(blockersOf(change(owed))).toEqual([expect.stringMatching(/overdue. Pay it first/)]);
      expect(blockersOf(change({ ...owed, timing: "renewal" }))).toEqual([]);
    },
  );
});

describe("what became of a change", () => {
  test.each([
    [
      { chargedMinor: 1_200, creditedMinor: 0, currency: "USD" },
      "Plan updated, $12.00 charged today",
    ],
    [{ chargedMinor: 0, creditedMinor: 300, currency: "EUR" }, "Plan updated, €3.00 credited"],
    [
      { chargedMinor: 1_200, creditedMinor: 0, currency: "JPY" },
      "Plan updated, ¥1,200 charged today",
    ],
    [{ chargedMinor: 0, creditedMinor: 0, currency: "EUR" }, "Plan updated, nothing charged today"],
  ])("is said exactly: %o", (done, words) => {
    expect(changedInWords(done)).toBe(words);
  });

  test("is said with its day", () => {
    expect(scheduledInWords(new Date("2026-12-03T23:59:59Z"))).toBe(
      "Change scheduled for 3 December 2026",
    );
  });

  test("names a plan with its price, and how many", () => {
    expect(soldInWords(sold(), 1)).toBe("Pro, €29.00 a month");
    expect(soldInWords(sold(), 3)).toBe("Pro, €29.00 a month × 3");
    expect(soldInWords(sold({ terms: null }), 1)).toBe("Pro");
  });
});

describe("what is offered", () => {
  const at = (priceRef: string, changes: Partial<SoldPrice> = {}): SoldPrice => ({
    ...sold(changes),
    priceRef,
    planId: "pln_pro",
    description: "",
    ...changes,
  });
  const held = { priceRef: "price_old", currency: "EUR" };

  test("is the price that one has before a newer one of the same plan", () => {
    const all = [at("price_new"), at("price_old", { isActive: false })];

    expect(pricesToOffer(all, held, "month").map(({ price }) => price?.priceRef)).toEqual([
      "price_old",
    ]);
  });

  test("is the newest price in one's currency, else one in another, to say why not", () => {
    const dollars = at("price_usd", { terms: terms(3_200, "month", "USD") });
    const euros = at("price_eur");

    const offered = (all: SoldPrice[]) =>
      pricesToOffer(all, held, "month").map(({ price }) => price?.priceRef);
    expect(offered([dollars, euros, at("price_older")])).toEqual(["price_eur"]);
    expect(offered([dollars])).toEqual(["price_usd"]);
  });

  test("leaves out what is not sold, and says where a plan is not sold by the year", () => {
    const all = [
      at("price_gone", { planId: "pln_gone", isArchived: true }),
      at("price_dead", { planId: "pln_dead", isActive: false }),
      at("price_eur"),
    ];

    expect(pricesToOffer(all, held, "year")).toEqual([{ plan: all[2], price: undefined }]);
    expect(intervalsOf(all)).toEqual(["month"]);
  });
});
