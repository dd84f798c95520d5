import { describe, expect, test } from "vitest";
import { importOf, type KnownPlan, PAGE_MAX, pagesOf } from "#lib/catalogue/import-rules.ts";
import type { Charge } from "#lib/catalogue/mirrored-rules.ts";
import { mirrored } from "#tests/support/mirrored.ts";

const monthly: Charge = { currency: "EUR", amountMinor: 2900, interval: "month", intervalCount: 1 };
const pro: KnownPlan = {
  id: "pln_pro",
  code: "pro",
  name: "Pro",
  isArchived: false,
  prices: [],
};
const unlinked = (more: Parameters<typeof mirrored>[0] = {}) =>
  mirrored({ soldId: null, lookupKey: "pro_monthly", ...more });
const leftOf = (prices: ReturnType<typeof unlinked>[], plans = [pro]) =>
  importOf(prices, plans).left.map(({ because }) => because);

describe("an import", () => {
  test("links a price to the plan that it names, and has the plan ask for it", () => {
    const { proposals, left } = importOf([unlinked()], [pro]);

    expect(left).toEqual([]);
    expect(proposals).toMatchObject([
      {
        code: "pro",
        planId: "pln_pro",
        links: [{ ref: "price_1", words: "Pro · €29.00 a month", adds: monthly, note: null }],
      },
    ]);
  });

  test("makes a plan of a product that names one which is not there, with all of its prices", () => {
    const product = { name: "Team", description: "For teams.", planCode: "team" };
    const of = { product, lookupKey: null };

    const { proposals } = importOf(
      [unlinked(of), unlinked({ ...of, ref: "price_2", interval: "year", amountMinor: 29_000 })],
      [pro],
    );

    expect(proposals).toMatchObject([
      { code: "team", planId: null, name: "Team", description: "For teams.", isNamed: true },
    ]);
    expect(proposals[0]?.links.map(({ adds }) => adds?.interval)).toEqual(["month", "year"]);
  });

  test("cuts names and descriptions where a character ends", () => {
    const product = {
      name: `${"x".repeat(79)}😀`,
      description: `${"y".repeat(499)}😀`,
      planCode: "team",
    };

    const [proposal] = importOf([unlinked({ product, lookupKey: null })], []).proposals;

    expect(proposal).toMatchObject({ name: "x".repeat(79), description: "y".repeat(499) });
  });

  test("only proposes a plan of a product that nothing is written on", () => {
    const { proposals } = importOf([unlinked({ lookupKey: null, product: { name: "Gold" } })], []);

    expect(proposals).toMatchObject([{ code: "gold", planId: null, isNamed: false }]);
  });

  test("makes no plan of two products whose names come to one code, and says which two", () => {
    const ofProduct = (ref: string, productRef: string, name: string) =>
      unlinked({ ref, productRef, lookupKey: null, product: { name } });
    const one = ofProduct("price_a", "prod_1", "Pro!");
    const other = ofProduct("price_b", "prod_2", "PRO");

    const { proposals, left } = importOf([other, one], []);

    expect(proposals.map(({ links }) => links.map(({ ref }) => ref))).toEqual([["price_a"]]);
    expect(left).toEqual([
      {
        ref: "price_b",
        words: expect.stringContaining("PRO"),
        because: expect.stringContaining("comes to the code pro, as that of Pro! (prod_1) does"),
      },
    ]);
  });

  test("never changes what a plan asks", () => {
    const asks = { ...pro, prices: [{ ...monthly, amountMinor: 3900 }] };

    const [proposal] = importOf([unlinked()], [asks]).proposals;

    expect(proposal?.links).toMatchObject([
      { adds: null, note: expect.stringContaining("€39.00 a month") },
    ]);
  });

  test("has a plan ask only one of two amounts: that of the price which has a key", () => {
    const prices = [
      unlinked({ ref: "price_a", lookupKey: null, planCode: "pro", amountMinor: 1900 }),
      unlinked({ ref: "price_b" }),
    ];

    const [proposal] = importOf(prices, [pro]).proposals;

    expect(proposal?.links.map(({ ref, adds }) => [ref, adds?.amountMinor])).toEqual([
      ["price_b", 2900],
      ["price_a", undefined],
    ]);
  });

  test("links what is off sale for those who have it, and sells it to nobody new", () => {
    const [proposal] = importOf([unlinked({ isActive: false, subscriptions: 2 })], [pro]).proposals;

    expect(proposal?.links).toMatchObject([
      { adds: null, note: expect.stringContaining("not sold to anybody new") },
    ]);
  });

  test("links what is paid once, and says so", () => {
    const once = unlinked({ interval: null, lookupKey: "pro_once" });
    const [proposal] = importOf([once], [pro]).proposals;

    expect(proposal?.links).toMatchObject([
      { words: "Pro · €29.00 once", adds: null, note: expect.stringContaining("once") },
    ]);
  });

  test.each([
    ["off sale and unused", { isActive: false }, /off sale/],
    ["of an archived product and unused", { product: { isActive: false } }, /off sale/],
    ["not told about", { isActive: null }, /Nothing was told/],
    ["unclear", { lookupKey: "pro_yearly" }, /charged monthly/],
    ["by use and of no plan", { lookupKey: null, amountMinor: null }, /not by use/],
    ["paid once and of no plan", { lookupKey: null, interval: null }, /paid once/],
    ["paid once and of a plan that is not there", { lookupKey: "x_once", interval: null }, /once/],
    ["called like a plan", { lookupKey: null }, /Nothing says that it is of the plan/],
    ["of no product", { lookupKey: null, product: null }, /by hand/],
  ] as const)("leaves a price that is %s", (_, more, because) => {
    expect(leftOf([unlinked(more)])).toEqual([expect.stringMatching(because)]);
  });

  test("leaves the prices of an archived plan that nobody has", () => {
    expect(leftOf([unlinked()], [{ ...pro, isArchived: true }])).toEqual([
      expect.stringContaining("archived here"),
    ]);
  });

  test("comes to the same in whatever order the prices come", () => {
    const prices = [1, 2, 3].map((n) =>
      unlinked({ ref: `price_${n}`, amountMinor: n * 100, lookupKey: null, planCode: "pro" }),
    );

    expect(importOf(prices.toReversed(), [pro])).toEqual(importOf(prices, [pro]));
  });
});

describe("the pages of an import", () => {
  const named = (code: string, prices: number) =>
    Array.from({ length: prices }, (_, n) =>
      unlinked({
        ref: `price_${code}${n}`,
        lookupKey: null,
        planCode: code,
        amountMinor: n + 1,
      }),
    );
  const cut = (sizes: number[]) => {
    const prices = sizes.flatMap((size, n) => named(`plan${n}`, size));
    const { proposals, left } = importOf(prices, []);
    return pagesOf(proposals, left).map((page) => page.proposals.map(({ links }) => links.length));
  };

  test("hold so many prices, and never part of a plan", () => {
    expect(cut([200, 200, 200, 100])).toEqual([
      [200, 200],
      [200, 100],
    ]);
    expect(cut([PAGE_MAX])).toEqual([[PAGE_MAX]]);
    expect(cut([PAGE_MAX + 1, 1])).toEqual([[PAGE_MAX + 1], [1]]);
  });

  test("are one where there is nothing", () => {
    expect(pagesOf([], [])).toEqual([{ proposals: [], left: [] }]);
  });

  test("are as many as what is left needs, each price on one of them", () => {
    const left = Array.from({ length: PAGE_MAX + 3 }, (_, n) => ({
      ref: `price_${n}`,
      words: "",
      because: "",
    }));

    const pages = pagesOf([], left);

    expect(pages.map((page) => page.left.length)).toEqual([PAGE_MAX, 3]);
    expect(pages.flatMap((page) => page.left)).toEqual(left);
  });
});
