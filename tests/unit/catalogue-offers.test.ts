import { expect, test } from "vitest";
import { compared, currenciesOf, offersOf } from "#lib/catalogue/offer-rules.ts";
import type { Catalogue, EntitlementView, PlanView, TierView } from "#lib/catalogue/views.ts";

const limit = (key: string, limitValue: number | null): EntitlementView => ({
  key,
  name: key,
  kind: "limit",
  isIncluded: true,
  limitValue,
});
const feature = (key: string): EntitlementView => ({ ...limit(key, null), kind: "feature" });

function tier(code: string, entitlements: EntitlementView[], isDefault = false): TierView {
  return { id: `tir_${code}`, code, name: code, description: "", rank: 0, isDefault, entitlements };
}

function plan(code: string, prices: [string, "month" | "year", number][]): PlanView {
  return {
    id: `pln_${code}`,
    code,
    name: code,
    description: "",
    trialDays: null,
    isPerSeat: false,
    archivedAt: null,
    tier: { id: `tir_${code}`, code, name: code },
    prices: prices.map(([currency, interval, amountMinor]) => ({
      id: `prc_${code}_${currency}_${interval}`,
      currency,
      interval,
      amountMinor,
      intervalCount: 1,
    })),
  };
}

const sold: Catalogue = {
  tiers: [
    tier("free", [limit("seats", 1)], true),
    tier("pro", [limit("seats", null), feature("sso")]),
    tier("old", []),
  ],
  plans: [
    plan("pro", [
      ["EUR", "month", 2900],
      ["EUR", "year", 29000],
      ["USD", "month", 3200],
    ]),
    { ...plan("old", [["GBP", "month", 100]]), archivedAt: new Date() },
  ],
};

test("what is on sale is shown after the tier for nothing, and archived plans are not", () => {
  const offers = offersOf(sold, "EUR", "month");

  expect(offers.map(({ name }) => name)).toEqual(["free", "pro"]);
  expect(offers[0]?.price).toBe("free");
  expect(offers[1]?.price).toMatchObject({ amountMinor: 2900, currency: "EUR" });
});

test("a year says what it saves, and only where both are sold", () => {
  expect(offersOf(sold, "EUR", "year")[1]).toMatchObject({ savedMinor: 5800 });
  expect(offersOf(sold, "EUR", "month")[1]).toMatchObject({ savedMinor: 0 });
  expect(offersOf(sold, "USD", "year")[1]).toMatchObject({ savedMinor: 0, price: undefined });
});

test("currencies are those of plans on sale, the most used first", () => {
  expect(currenciesOf(sold)).toEqual(["EUR", "USD"]);
});

test("the comparison names everything once, with what each offer allows", () => {
  expect(compared(offersOf(sold, "EUR", "month"))).toEqual([
    { key: "seats", name: "seats", allowances: ["1", "unlimited"] },
    { key: "sso", name: "sso", allowances: [undefined, "included"] },
  ]);
});

test("a tier that names no seats has any number of them, and none of what else it does not name", () => {
  const free = tier("free", [limit("seats", 1), limit("projects", 3)], true);
  const tiers = [free, tier("pro", [])];

  expect(compared(offersOf({ ...sold, tiers }, "EUR", "month"))).toEqual([
    { key: "projects", name: "projects", allowances: ["3", undefined] },
    { key: "seats", name: "seats", allowances: ["1", "unlimited"] },
  ]);
});

test("without a plan nothing is offered, not even for nothing", () => {
  expect(offersOf({ ...sold, plans: [] }, undefined, "month")).toEqual([]);
});
