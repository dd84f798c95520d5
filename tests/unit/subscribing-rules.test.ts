import { describe, expect, test } from "vitest";
import {
  blockersOf,
  costInWords,
  firstPaymentInWords,
  type Held,
  type Offered,
  progressOf,
  standingOf,
} from "#lib/billing/subscribing/rules.ts";

const price = { currency: "EUR", amountMinor: 29_00, interval: "month", intervalCount: 1 } as const;

function held(status: Held["status"], id = "sub_1"): Held {
  return { id, status, planId: "pln_pro" };
}

function offered(changes: Partial<Offered> = {}): Offered {
  const plan = { planId: "pln_pro", planName: "Pro", isArchived: false, trialDays: null };
  return { ...plan, price, priceRef: "price_1", isPerSeat: false, seats: null, ...changes };
}

describe("an organization stands before subscribing", () => {
  const stands = (statuses: Held["status"][], isArriving = false, isBeingRebuilt = false) =>
    standingOf({
      subscriptions: statuses.map((status) => held(status)),
      isArriving,
      isBeingRebuilt,
      payUrl: "https://pay.example.com",
    });

  test.each(["trialing", "active", "past_due", "unpaid", "paused"] as const)(
    "with a subscription while it is %s",
    (status) => {
      expect(stands(["canceled", status])).toMatchObject({ kind: "subscribed" });
    },
  );

  test("with a first payment to finish while it is incomplete", () => {
    expect(stands(["incomplete"])).toMatchObject({
      kind: "unfinished",
      payUrl: "https://pay.example.com",
    });
  });

  test("with a subscription where another one is incomplete beside it", () => {
    expect(stands(["incomplete", "active"])).toMatchObject({ kind: "subscribed" });
  });

  test("with something on its way where a page was completed that nobody saw the end of", () => {
    expect(stands(["canceled"], true)).toEqual({ kind: "arriving" });
  });

  test("so that nobody can say while a rebuild may have taken a subscription away", () => {
    expect(stands([], false, true)).toEqual({ kind: "unsure" });
    expect(stands(["canceled"], false, true)).toEqual({ kind: "unsure" });
    expect(stands(["active"], false, true)).toMatchObject({ kind: "subscribed" });
  });

  test("free where all that it had is over", () => {
    expect(stands(["canceled"])).toEqual({ kind: "free" });
  });
});

describe("what stands in the way is said", () => {
  const wanted = { currency: "EUR", interval: "month" } as const;
  const blockers = (changes: Partial<Parameters<typeof blockersOf>[0]> = {}) =>
    blockersOf({
      standing: { kind: "free" },
      offered: offered(),
      quantity: 1,
      seatsInUse: 1,
      gatewayTitle: "Stripe",
      wanted,
      ...changes,
    });

  test("where nothing does, by nothing", () => {
    expect(blockers()).toEqual([]);
  });

  test.each([
    [
      "a subscription",
      { standing: { kind: "subscribed", held: held("active") } },
      /^You have a subscription already/,
    ],
    [
      "a first payment",
      { standing: { kind: "unfinished", held: held("incomplete"), payUrl: null } },
      /Finish it first/,
    ],
    ["what is arriving", { standing: { kind: "arriving" } }, /just now/],
    ["an archived plan", { offered: offered({ isArchived: true }) }, /^Pro is no longer sold/],
    [
      "a plan that is not sold so",
      { offered: offered({ price: undefined, priceRef: undefined }) },
      /^Pro is not sold by the month in EUR/,
    ],
    ["no key", { gatewayTitle: undefined }, /no API key/],
    [
      "no price at the gateway",
      { offered: offered({ priceRef: undefined }) },
      /^Pro cannot be bought at €29\.00 a month yet.*price at Stripe/,
    ],
    [
      "more members than seats",
      { offered: offered({ seats: 5 }), seatsInUse: 12 },
      /^Pro has 5 seats, you use 12/,
    ],
    [
      "fewer seats than members",
      { offered: offered({ isPerSeat: true }), quantity: 2, seatsInUse: 3 },
      /^You use 3 seats/,
    ],
    [
      "more seats than there are",
      { offered: offered({ isPerSeat: true, seats: 5 }), quantity: 6 },
      /^Pro has 5 seats at most/,
    ],
    ["seats of a plan without any", { quantity: 2 }, /^Pro is not sold by the seat/],
  ] as const)("for %s", (_, changes, sentence) => {
    expect(blockers(changes)).toEqual([expect.stringMatching(sentence)]);
  });

  test("never for seats that are each paid for", () => {
    const bySeat = offered({ isPerSeat: true });
    expect(blockers({ offered: bySeat, quantity: 3, seatsInUse: 3 })).toEqual([]);
  });
});

describe("what it costs is said", () => {
  test.each([
    [1, null, "€29.00 a month"],
    [1, 14, "14 days free, then €29.00 a month"],
    [1, 1, "1 day free, then €29.00 a month"],
    [3, null, "€29.00 a month for each of 3 seats, €87.00 in all"],
  ])("for %i with a trial of %s days", (quantity, trialDays, words) => {
    expect(costInWords(price, quantity, trialDays)).toBe(words);
  });

  test("with the day of the first payment after a trial", () => {
    const now = new Date("2026-11-03T10:00:00Z");

    expect(firstPaymentInWords(price, 2, 14, now)).toBe(
      "Nothing is charged today. €58.00 is charged on 17 November 2026, unless you cancel before.",
    );
  });
});

describe("the page that people come back to shows", () => {
  const open = { status: "open", paymentFailed: false };
  const complete = { status: "complete", paymentFailed: false };
  const known = {
    command: "needs_person",
    isPageThere: true,
    checkout: open,
    subscription: undefined,
  } as const;

  test.each([
    ["opening", { command: "open", isPageThere: false, checkout: undefined }],
    ["refused", { command: "refused", isPageThere: false, checkout: undefined }],
    ["refused", { command: "unknown", isPageThere: false, checkout: undefined }],
    ["open", {}],
    ["open", { checkout: undefined }],
    ["closed", { checkout: { status: "expired", paymentFailed: false } }],
    ["closed", { command: "refused" }],
    ["arriving", { command: "done" }],
    ["arriving", { checkout: complete }],
    ["paying", { checkout: complete, subscription: "incomplete" }],
    ["unpaid", { checkout: { ...complete, paymentFailed: true }, subscription: "incomplete" }],
    ["subscribed", { checkout: complete, subscription: "active" }],
    ["subscribed", { command: "done", checkout: complete, subscription: "trialing" }],
  ] as const)("%s, as it is known", (progress, changes) => {
    expect(progressOf({ ...known, ...changes })).toBe(progress);
  });
});
