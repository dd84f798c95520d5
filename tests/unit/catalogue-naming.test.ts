import { describe, expect, test } from "vitest";
import {
  codeFromName,
  lookupKeyOf,
  type Naming,
  namedPlan,
  readLookupKey,
  suggestedPlan,
} from "#lib/catalogue/naming-rules.ts";

const price = (more: Partial<Naming> = {}): Naming => ({
  planCode: null,
  productPlanCode: null,
  productCode: null,
  lookupKey: null,
  currency: "EUR",
  interval: "month",
  intervalCount: 1,
  ...more,
});

describe("a lookup key", () => {
  test.each([
    [{ interval: "month", intervalCount: 1, currency: "EUR" }, "pro_monthly_eur"],
    [{ interval: "year", intervalCount: 1, currency: "USD" }, "pro_yearly_usd"],
    [{ interval: "month", intervalCount: 3, currency: "JPY" }, "pro_3months_jpy"],
    [{ interval: null, intervalCount: 1, currency: "EUR" }, "pro_once_eur"],
  ] as const)("of %j is %s, and is read back", (charge, key) => {
    expect(lookupKeyOf("pro", charge)).toBe(key);
    expect(readLookupKey(key)).toMatchObject({ code: "pro", currency: charge.currency });
    expect(namedPlan(price({ ...charge, lookupKey: key }))).toMatchObject({ code: "pro" });
  });

  test.each([
    ["pro_plus_yearly", "pro_plus"],
    ["pro_monthly_monthly", "pro_monthly"],
    ["pro", undefined],
    ["pro_weekly", undefined],
    ["Pro Plan_monthly", undefined],
    [null, undefined],
  ])("%j is of the plan %s", (key, code) => {
    expect(readLookupKey(key)?.code).toBe(code);
  });
});

describe("the plan that a price says it is of", () => {
  test("is what its own metadata name, whatever else is written", () => {
    const named = namedPlan(
      price({ planCode: "pro", productPlanCode: "basic", lookupKey: "team_yearly" }),
    );

    expect(named).toEqual({ kind: "named", code: "pro", by: "its metadata" });
  });

  test("is what its product's metadata name, else what its lookup key does", () => {
    expect(namedPlan(price({ productPlanCode: "pro" }))).toMatchObject({ code: "pro" });
    expect(namedPlan(price({ lookupKey: "pro_monthly" }))).toMatchObject({ code: "pro" });
    expect(namedPlan(price({ lookupKey: "sku-1" }))).toEqual({ kind: "unnamed" });
  });

  test.each([
    [{ productPlanCode: "pro", lookupKey: "basic_monthly" }, /name pro, and its lookup key basic/],
    [{ lookupKey: "pro_yearly" }, /says yearly, and it is charged monthly/],
    [{ lookupKey: "pro_once" }, /says once, and it is charged monthly/],
    [{ lookupKey: "pro_monthly_usd" }, /says USD, and it is in EUR/],
    [{ planCode: "Pro Plan!" }, /is no code of a plan/],
  ])("is unclear with %j", (more, because) => {
    const named = namedPlan(price(more));

    expect(named).toMatchObject({ kind: "unclear", because: expect.stringMatching(because) });
  });

  test("is suggested only if there is such a plan", () => {
    const plans = [{ code: "pro" }];

    expect(suggestedPlan(price({ lookupKey: "pro_monthly" }), plans)?.plan).toBe(plans[0]);
    expect(suggestedPlan(price({ lookupKey: "team_monthly" }), plans)).toBeUndefined();
  });
});

test.each([
  ["Pro Plus", "pro_plus"],
  ["  Équipe (2026) ", "e_quipe_2026"],
  ["99 bottles", "bottles"],
  ["プロ", undefined],
])("a product called %j would be the plan %s", (name, code) => {
  expect(codeFromName(name)).toBe(code);
});

test("a price that names a one-time product is of no plan, whatever its lookup key says", () => {
  const pack = price({ productCode: "pro", lookupKey: "pro_once_eur", interval: null });

  expect(namedPlan(pack)).toMatchObject({
    kind: "unclear",
    because: expect.stringContaining("one-time product pro"),
  });
  expect(suggestedPlan(pack, [{ code: "pro" }])).toBeUndefined();
});
