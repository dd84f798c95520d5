import { describe, expect, test } from "vitest";
import { differencesOf, missingThere, type Sold } from "#lib/catalogue/drift-rules.ts";
import type { Charge } from "#lib/catalogue/mirrored-rules.ts";
import { mirrored } from "#tests/support/mirrored.ts";

const monthly: Charge = { currency: "EUR", amountMinor: 2900, interval: "month", intervalCount: 1 };
const yearly: Charge = { ...monthly, amountMinor: 29_000, interval: "year" };
const pro = (more: Partial<Sold> = {}): Sold => ({
  noun: "plan",
  name: "Pro",
  isArchived: false,
  prices: [monthly],
  ...more,
});

/** What differs, as a person reads it: what, here, there, and the buttons. */
function shown(plan: Sold, there: Parameters<typeof differencesOf>[1]) {
  return differencesOf(plan, there, "Stripe").map(({ what, here, there: other, remedies }) =>
    [what, here, other, remedies.map(({ kind }) => kind).join(" ")].join(" | "),
  );
}

describe("a plan and what the gateway sells of it", () => {
  test("do not differ where each price is on sale on both sides", () => {
    expect(shown(pro(), [mirrored()])).toEqual([]);
  });

  test.each([
    ["a price that is not there", [], ["Price | €29.00 a month | None | publish"]],
    [
      "another amount",
      [mirrored({ amountMinor: 1900 })],
      ["Amount | €29.00 a month | €19.00 a month | publish adopt"],
    ],
    [
      "a price that is off sale",
      [mirrored({ isActive: false })],
      ["€29.00 a month | On sale | Off sale | publish"],
    ],
    [
      "a price that was deleted",
      [mirrored({ isDeleted: true, isActive: false })],
      ["Price | €29.00 a month | None | publish"],
    ],
    [
      "another currency",
      [mirrored(), mirrored({ ref: "price_2", currency: "USD" })],
      ["Price | None | $29.00 a month, on sale | adopt withdraw"],
    ],
    [
      "another period",
      [mirrored(), mirrored({ ref: "price_2", interval: "year" })],
      ["Price | None | €29.00 a year, on sale | adopt withdraw"],
    ],
    [
      "an amount of before",
      [mirrored(), mirrored({ ref: "price_2", amountMinor: 1900, subscriptions: 3 })],
      ["Old amount | €29.00 a month | €19.00 a month, on sale | withdraw"],
    ],
    [
      "a price by use",
      [mirrored(), mirrored({ ref: "price_2", amountMinor: null })],
      ["Price | None | EUR by use, a month, on sale | withdraw"],
    ],
    [
      "a price that is paid once",
      [mirrored(), mirrored({ ref: "price_2", interval: null })],
      ["Price | None | €29.00 once, on sale | withdraw"],
    ],
    [
      "an archived product",
      [mirrored({ product: { isActive: false } })],
      ["Product | On sale | Pro, archived | publish"],
    ],
    ["another name", [mirrored({ product: { name: "Gold" } })], ["Name | Pro | Gold | rename"]],
    [
      "a price that nothing was told about",
      [mirrored(), mirrored({ ref: "price_2", isActive: null, currency: null })],
      ["Price | In this plan | Not told yet | "],
    ],
  ])("differ by %s", (_, there, expected) => {
    expect(shown(pro(), there)).toEqual(expected);
  });

  test("differ by no name where the product sells other plans as well", () => {
    expect(shown(pro(), [mirrored({ product: { name: "All", isShared: true } })])).toEqual([]);
  });

  test("do not differ by what an archived plan costs, but by what is still on sale of it", () => {
    const archived = pro({ isArchived: true });

    expect(shown(archived, [mirrored({ isActive: false })])).toEqual([]);
    expect(shown(archived, [mirrored()])).toEqual([
      "Price | Archived | €29.00 a month, on sale | withdraw",
    ]);
  });
});

describe("a one-time product and what the gateway sells of it", () => {
  const once: Charge = { ...monthly, amountMinor: 1000, interval: null };
  const pack = (more: Partial<Sold> = {}) =>
    pro({ noun: "product", name: "Pack", prices: [once], ...more });
  const there = (more: Parameters<typeof mirrored>[0] = {}) =>
    mirrored({ interval: null, amountMinor: 1000, product: { name: "Pack" }, ...more });

  test.each([
    ["where nothing does", [there()], []],
    ["by a price that is not there", [], ["Price | €10.00 once | None | publish"]],
    [
      "by another amount",
      [there({ amountMinor: 1200 })],
      ["Amount | €10.00 once | €12.00 once | publish adopt"],
    ],
    [
      "by another currency",
      [there(), there({ ref: "price_2", currency: "USD" })],
      ["Price | None | $10.00 once, on sale | adopt withdraw"],
    ],
    [
      "by a price that costs nothing, which no order can be for",
      [there(), there({ ref: "price_2", currency: "USD", amountMinor: 0 })],
      ["Price | None | $0.00 once, on sale | withdraw"],
    ],
    [
      "by a price that renews",
      [there(), there({ ref: "price_2", interval: "month" })],
      ["Price | None | €10.00 a month, on sale | withdraw"],
    ],
    ["by its name", [there({ product: { name: "Box" } })], ["Name | Pack | Box | rename"]],
  ])("differ %s", (_, mirror, expected) => {
    expect(shown(pack(), mirror)).toEqual(expected);
  });

  test("are spoken of as what is bought, not subscribed to", () => {
    const told = differencesOf(pack({ isArchived: true }), [there()], "Stripe");
    const asked = differencesOf(pack(), [], "Stripe");

    expect([...told, ...asked].map(({ advice }) => advice).join(" ")).not.toMatch(/subscri|plan/i);
  });
});

describe("what is missing at the gateway", () => {
  test("is made, or put on sale again where it is there", () => {
    const there = [mirrored({ isActive: false, product: { isActive: false } })];

    expect(missingThere(pro({ prices: [monthly, yearly] }), there)).toEqual({
      make: [yearly],
      wake: ["price_1"],
      wakeProducts: ["prod_1"],
    });
  });

  test("is nothing of an archived plan", () => {
    expect(missingThere(pro({ isArchived: true }), [])).toMatchObject({ make: [] });
  });
});
