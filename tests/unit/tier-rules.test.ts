import fc from "fast-check";
import { describe, expect, test } from "vitest";
import type { Entitling } from "#lib/billing/state.ts";
import { tierFor } from "#lib/billing/tier-rules.ts";
import { comp, entitling, inDays, now, plans, tiers } from "#tests/support/billing-state.ts";

type Input = Parameters<typeof tierFor>[0];

/** The tier for these subscriptions, with a week of grace, of an organization that is on Free. */
function tierOf(subscriptions: readonly Entitling[], what: Partial<Input> = {}) {
  const unpaidSince = new Map<string, Date>();
  const setting = { now, graceDays: 7, tiers, plans, unpaidSince, comps: [] };
  const held = { heldTierId: "tir_free", heldUntil: null };
  return tierFor({ ...setting, ...held, subscriptions, ...what });
}

describe("an organization", () => {
  test("without a subscription is on the default tier, without end", () => {
    expect(tierOf([], { heldTierId: "tir_business" })).toEqual({
      tierId: "tir_free",
      validUntil: null,
      because: "No subscription entitles to more.",
    });
  });

  test("keeps its tier where no tier is the default", () => {
    const noDefault = tiers.map((tier) => ({ ...tier, isDefault: false }));

    expect(tierOf([], { tiers: noDefault, heldTierId: "tir_pro" }).tierId).toBe("tir_pro");
  });

  test("has the highest of the tiers that its subscriptions entitle to", () => {
    const pro = entitling({ ref: "sub_pro" });
    const business = entitling({
      ref: "sub_business",
      planId: "pln_business",
      cancelAt: inDays(1),
    });

    expect(tierOf([pro, business])).toEqual({
      tierId: "tir_business",
      validUntil: inDays(1),
      because: "Subscription sub_business is active on Business monthly, ending 2026-07-16.",
    });
  });

  test.each([
    ["a later end", inDays(9)],
    ["no end", null],
  ])("has one tier for as long as the longest of two lasts: %s", (_what, end) => {
    const short = entitling({ ref: "sub_1", cancelAt: inDays(2) });
    const long = entitling({ ref: "sub_2", cancelAt: end });

    expect(tierOf([short, long])).toMatchObject({ tierId: "tir_pro", validUntil: end });
  });
});

describe("a subscription", () => {
  test.each([
    ["active", "Subscription sub_1 is active on Pro monthly."],
    ["trialing", "Subscription sub_1 is in trial on Pro monthly."],
  ] as const)("that is %s entitles without end", (status, because) => {
    const verdict = tierOf([entitling({ status })]);

    expect(verdict).toEqual({ tierId: "tir_pro", validUntil: null, because });
  });

  test.each([
    ["active", "Subscription sub_1 is active on Pro monthly, ending 2026-07-20."],
    ["trialing", "Subscription sub_1 is in trial on Pro monthly, ending 2026-07-20."],
  ] as const)("that is %s and to be cancelled entitles until that day", (status, because) => {
    const verdict = tierOf([entitling({ status, cancelAt: inDays(5) })]);

    expect(verdict).toEqual({ tierId: "tir_pro", validUntil: inDays(5), because });
  });

  test.each([
    ["active", -1],
    ["active", 0],
    ["trialing", -1],
  ] as const)("that is %s entitles to nothing once its end has come (%i days)", (status, days) => {
    const verdict = tierOf([entitling({ status, cancelAt: inDays(days) })]);

    expect(verdict).toEqual({
      tierId: "tir_free",
      validUntil: null,
      because: `Subscription sub_1 ended 2026-07-${15 + days}.`,
    });
  });

  test.each([
    ["incomplete", "Subscription sub_1 is incomplete."],
    ["unpaid", "Subscription sub_1 is unpaid."],
    ["paused", "Subscription sub_1 is paused."],
    ["canceled", "Subscription sub_1 is canceled."],
  ] as const)("that is %s entitles to nothing", (status, because) => {
    const verdict = tierOf([entitling({ status })], { heldTierId: "tir_pro" });

    expect(verdict).toEqual({ tierId: "tir_free", validUntil: null, because });
  });
});

describe("a past-due subscription", () => {
  const pastDue = (what: Partial<Entitling> = {}) => entitling({ status: "past_due", ...what });

  test("entitles while grace lasts, counted from its unpaid invoice", () => {
    const unpaidSince = new Map([["sub_1", inDays(-3)]]);

    expect(tierOf([pastDue({ pastDueSince: inDays(-1) })], { unpaidSince })).toEqual({
      tierId: "tir_pro",
      validUntil: inDays(4),
      because: "Subscription sub_1 is past due on Pro monthly, with grace until 2026-07-19.",
    });
  });

  test("has its grace counted from when it was first seen, where no invoice says since when", () => {
    const unpaidSince = new Map([["sub_another", inDays(-3)]]);

    expect(tierOf([pastDue({ pastDueSince: inDays(-1) })], { unpaidSince })).toMatchObject({
      tierId: "tir_pro",
      validUntil: inDays(6),
    });
  });

  test("entitles to nothing from the moment that grace ends", () => {
    expect(tierOf([pastDue({ pastDueSince: inDays(-7) })])).toEqual({
      tierId: "tir_free",
      validUntil: null,
      because: "Subscription sub_1 is past due and its grace ended 2026-07-15.",
    });
  });

  test("has no grace where the operator gives none", () => {
    const verdict = tierOf([pastDue({ pastDueSince: now })], { graceDays: 0 });

    expect(verdict.tierId).toBe("tir_free");
  });

  test("entitles until it is cancelled, where that comes before the end of grace", () => {
    expect(tierOf([pastDue({ pastDueSince: inDays(-1), cancelAt: inDays(2) })])).toEqual({
      tierId: "tir_pro",
      validUntil: inDays(2),
      because: "Subscription sub_1 is past due on Pro monthly, ending 2026-07-17.",
    });
  });

  test("that was cancelled before its grace was over says that it ended", () => {
    expect(tierOf([pastDue({ pastDueSince: inDays(-2), cancelAt: inDays(-1) })])).toMatchObject({
      tierId: "tir_free",
      because: "Subscription sub_1 ended 2026-07-14.",
    });
  });

  test("entitles without end where nothing says since when, unless it is cancelled", () => {
    expect(tierOf([pastDue()])).toEqual({
      tierId: "tir_pro",
      validUntil: null,
      because: "Subscription sub_1 is past due on Pro monthly.",
    });
    expect(tierOf([pastDue({ cancelAt: inDays(-1) })]).tierId).toBe("tir_free");
  });
});

describe("a price that is in no plan", () => {
  test("takes nothing from another subscription's tier, and makes it last no longer", () => {
    const ending = entitling({ ref: "sub_2", cancelAt: inDays(2) });
    const unknown = entitling({ ref: "sub_1", planId: null, priceRef: "price_new" });
    const held = { heldTierId: "tir_pro", heldUntil: inDays(2) };

    expect(tierOf([unknown, ending], held)).toEqual({
      tierId: "tir_pro",
      validUntil: inDays(2),
      because: "Subscription sub_2 is active on Pro monthly, ending 2026-07-17.",
    });
  });

  const unmapped = (what: Partial<Entitling> = {}) =>
    entitling({ planId: null, priceRef: "price_new", ...what });

  test("leaves the tier as it is", () => {
    const verdict = tierOf([unmapped({ cancelAt: inDays(5) })], { heldTierId: "tir_business" });

    expect(verdict).toEqual({
      tierId: "tir_business",
      validUntil: inDays(5),
      because: "price_new of subscription sub_1 is in no plan, so the tier stays as it is.",
    });
  });

  test("does not keep a higher tier from another subscription", () => {
    const business = entitling({ ref: "sub_2", planId: "pln_business" });

    expect(tierOf([unmapped(), business]).tierId).toBe("tir_business");
  });

  test("keeps nothing once its subscription does not entitle any more", () => {
    const verdict = tierOf([unmapped({ status: "unpaid" })], { heldTierId: "tir_pro" });

    expect(verdict.tierId).toBe("tir_free");
  });

  test("is called the price where it is not even named", () => {
    expect(tierOf([unmapped({ priceRef: null })]).because).toBe(
      "The price of subscription sub_1 is in no plan, so the tier stays as it is.",
    );
  });
});

describe("the reason for falling to the default tier", () => {
  const old = entitling({ ref: "sub_old", status: "canceled", endedAt: inDays(-400) });

  test("names the subscription that ended last", () => {
    const last = entitling({ ref: "sub_last", status: "canceled", endedAt: inDays(-1) });

    expect(tierOf([old, last]).because).toBe("Subscription sub_last is canceled.");
    expect(tierOf([last, old]).because).toBe("Subscription sub_last is canceled.");
  });

  test.each([
    ["is unpaid", { status: "unpaid" }, "is unpaid."],
    ["is paused", { status: "paused" }, "is paused."],
    [
      "has outlived its grace",
      { status: "past_due", pastDueSince: inDays(-20) },
      "is past due and its grace ended 2026-07-02.",
    ],
    ["reached its end", { status: "active", cancelAt: inDays(-2) }, "ended 2026-07-13."],
  ] as const)("names the one that %s, not one that ended long ago", (_what, how, told) => {
    const current = entitling({ ref: "sub_current", ...how });

    expect(tierOf([old, current]).because).toBe(`Subscription sub_current ${told}`);
  });

  test("names what ended, not what never began", () => {
    const begun = entitling({ ref: "sub_begun", status: "incomplete" });

    expect(tierOf([begun, old]).because).toBe("Subscription sub_old is canceled.");
  });
});

describe("what was given free of charge", () => {
  const given = { heldTierId: "tir_business", heldUntil: inDays(10) };

  test("entitles until its day", () => {
    expect(tierOf([], { comps: [comp()] })).toEqual({
      tierId: "tir_business",
      validUntil: inDays(10),
      because: "Business monthly is free of charge until 2026-07-25.",
    });
  });

  test("is called by its tier where no plan was given", () => {
    const { because } = tierOf([], { comps: [comp({ planId: null })] });

    expect(because).toBe("Business is free of charge until 2026-07-25.");
  });

  test.each([
    ["ran out", comp({ endsAt: now }), "2026-07-15"],
    ["was ended before", comp({ endedAt: inDays(-1) }), "2026-07-14"],
  ])("entitles to nothing when it %s, and is told as the reason", (_what, over, day) => {
    expect(tierOf([], { comps: [over], ...given })).toEqual({
      tierId: "tir_free",
      validUntil: null,
      because: `Business monthly was free of charge until ${day}.`,
    });
  });

  test("counts beside a subscription, and the higher of the two wins", () => {
    const pro = entitling({ ref: "sub_pro" });
    const business = entitling({ ref: "sub_1", planId: "pln_business" });
    const little = comp({ tierId: "tir_pro", planId: "pln_pro" });

    expect(tierOf([pro], { comps: [comp()] })).toMatchObject({
      tierId: "tir_business",
      validUntil: inDays(10),
    });
    expect(tierOf([business], { comps: [little] })).toMatchObject({
      tierId: "tir_business",
      validUntil: null,
      because: "Subscription sub_1 is active on Business monthly.",
    });
  });

  test("is not the reason where a subscription to the same lasts longer", () => {
    const business = entitling({ planId: "pln_business" });

    expect(tierOf([business], { comps: [comp()] })).toMatchObject({
      validUntil: null,
      because: "Subscription sub_1 is active on Business monthly.",
    });
  });

  test.each([
    ["a subscription ended after it", -1, "Subscription sub_1 is canceled."],
    ["a subscription ended before it", -9, "Business monthly was free of charge until 2026-07-10."],
  ])("is the reason, or not, where %s", (_what, days, because) => {
    const canceled = entitling({ status: "canceled", endedAt: inDays(days) });
    const over = comp({ endedAt: inDays(-5) });

    expect(tierOf([canceled], { comps: [over] })).toMatchObject({ tierId: "tir_free", because });
  });

  test("does not stay with a subscription whose price is in no plan", () => {
    const unknown = entitling({ planId: null, priceRef: "price_9" });
    const over = comp({ endedAt: inDays(-1), tierBeforeId: "tir_pro" });

    expect(tierOf([unknown], { comps: [over], ...given })).toMatchObject({
      tierId: "tir_pro",
      because: "price_9 of subscription sub_1 is in no plan, so the tier stays as it is.",
    });
  });

  test("does not stay with it when something else was given in its place", () => {
    const unknown = entitling({ planId: null, priceRef: "price_9" });
    const before = comp({ endedAt: now });
    const little = comp({ id: "cmp_2", tierId: "tir_pro", planId: "pln_pro", endsAt: inDays(20) });

    expect(tierOf([unknown], { comps: [little, before], ...given })).toMatchObject({
      tierId: "tir_pro",
      validUntil: inDays(20),
    });
  });

  test("is not what an organization without a default tier keeps", () => {
    const noDefault = tiers.map((tier) => ({ ...tier, isDefault: false }));
    const over = comp({ endsAt: now });

    expect(tierOf([], { comps: [over], ...given, heldUntil: now, tiers: noDefault })).toMatchObject(
      { tierId: "tir_free" },
    );
  });
});

describe("for any subscriptions", () => {
  // Few days, and often active: so that several of them often entitle to the same.
  const day = fc.constantFrom(-12, -5, 0, 1, 5, 12).map(inDays);
  const some = fc
    .array(
      fc.record({
        status: fc.constantFrom(
          "active" as const,
          "active" as const,
          "active" as const,
          "trialing" as const,
          "past_due" as const,
          "incomplete" as const,
          "unpaid" as const,
          "paused" as const,
          "canceled" as const,
        ),
        planId: fc.constantFrom("pln_pro", "pln_business", null),
        priceRef: fc.constantFrom("price_1", null),
        cancelAt: fc.oneof(fc.constant(null), day),
        pastDueSince: fc.oneof(fc.constant(null), day),
        endedAt: fc.option(day),
      }),
      { maxLength: 5 },
    )
    .map((all) => all.map((each, at) => ({ ref: `sub_${at}`, ...each })));
  const what = fc.record({
    heldTierId: fc.constantFrom("tir_free", "tir_pro", "tir_business"),
    heldUntil: fc.option(day),
    comps: fc.array(
      fc.record({
        id: fc.constant("cmp_1"),
        tierId: fc.constantFrom("tir_free", "tir_pro", "tir_business"),
        planId: fc.constantFrom("pln_pro", null),
        tierBeforeId: fc.constantFrom("tir_free", "tir_pro"),
        endsAt: day,
        endedAt: fc.option(fc.constant(inDays(-13))),
      }),
      { maxLength: 1 },
    ),
    graceDays: fc.integer({ min: 0, max: 10 }),
    unpaidSince: fc.dictionary(fc.constantFrom("sub_0", "sub_1"), day).map((known) => {
      return new Map(Object.entries(known));
    }),
  });
  const later = fc.integer({ min: 0, max: 30 }).map(inDays);

  test("their order never matters", () => {
    const shuffled = some.chain((all) =>
      fc.record({
        all: fc.constant(all),
        mixed: fc.shuffledSubarray(all, { minLength: all.length }),
      }),
    );
    fc.assert(
      fc.property(shuffled, what, ({ all, mixed }, input) => {
        expect(tierOf(mixed, input)).toEqual(tierOf(all, input));
      }),
    );
  });

  test("a later clock never raises the tier", () => {
    fc.assert(
      fc.property(some, what, later, (all, input, at) => {
        const before = tierOf(all, input);
        const after = tierOf(all, { ...input, now: at });

        expect(rankOf(after.tierId)).toBeLessThanOrEqual(rankOf(before.tierId));
      }),
    );
  });

  test("the verdict holds until its end, and no longer", () => {
    fc.assert(
      fc.property(some, what, later, (all, input, at) => {
        const before = tierOf(all, input);
        const after = tierOf(all, { ...input, now: at });
        const holds = before.validUntil === null || at < before.validUntil;

        if (holds) expect(after).toEqual(before);
        else expect(after).not.toEqual(before);
      }),
    );
  });
});

function rankOf(tierId: string): number {
  return tiers.find((tier) => tier.id === tierId)?.rank ?? Number.NaN;
}
