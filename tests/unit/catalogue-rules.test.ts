import fc from "fast-check";
import { describe, expect, test } from "vitest";
import {
  allowanceInWords,
  amountOf,
  priceInWords,
  repriced,
  writtenAmount,
} from "#lib/catalogue/rules.ts";

describe("an amount", () => {
  test.each([
    ["29", "EUR", 2900],
    ["29.00", "EUR", 2900],
    ["29,5", "EUR", 2950],
    ["0", "USD", 0],
    ["1000", "JPY", 1000],
    ["1.234", "KWD", 1234],
  ])("written as %s %s is %i minor units", (written, currency, amountMinor) => {
    expect(amountOf(written, currency)).toEqual({ amountMinor, currency });
  });

  test.each(["", "abc", "-1", "1.234", "1e3", "29.", ".5", "1 000", "1234567890123"])(
    "cannot be written as %j",
    (written) => {
      expect(() => amountOf(written, "EUR")).toThrow(/Write an amount such as 29.00/);
    },
  );

  test("reads back as it was written, in any currency", () => {
    const amounts = fc.record({
      amountMinor: fc.integer({ min: 0, max: 1e11 }),
      currency: fc.constantFrom("EUR", "USD", "JPY", "KWD"),
    });
    fc.assert(
      fc.property(amounts, (amount) => {
        expect(amountOf(writtenAmount(amount), amount.currency)).toEqual(amount);
      }),
    );
  });
});

describe("new prices", () => {
  const price = (amountMinor: number, interval: "month" | "year" = "month") => ({
    currency: "EUR",
    amountMinor,
    interval,
    intervalCount: 1,
  });

  test("keep what stays, end what goes and begin what is new", () => {
    expect(repriced([price(900), price(9000, "year")], [price(900), price(9900, "year")])).toEqual({
      ended: [price(9000, "year")],
      added: [price(9900, "year")],
    });
  });

  test("read as people say them", () => {
    expect(priceInWords(price(2900))).toBe("€29.00 a month");
    expect(priceInWords({ ...price(2900), intervalCount: 3 })).toBe("€29.00 every 3 months");
  });
});

test("an allowance reads as what somebody gets", () => {
  const limit = { kind: "limit", isIncluded: true } as const;
  expect(allowanceInWords({ ...limit, limitValue: 100_000 })).toBe("100,000");
  expect(allowanceInWords({ ...limit, limitValue: null })).toBe("unlimited");
  expect(allowanceInWords({ ...limit, isIncluded: false, limitValue: 5 })).toBe("none");
  expect(allowanceInWords({ kind: "feature", isIncluded: true, limitValue: null })).toBe(
    "included",
  );
});
