import { describe, expect, test } from "vitest";
import { quantityOf, seatBlockers, withSeats } from "#lib/billing/seat-rules.ts";
import { boughtBySeat, fullInWords, inSeatsOf } from "#lib/identity/seats/rules.ts";

const flat = { planName: "Basic", isPerSeat: false, seats: 5 };
const bySeat = { planName: "Team", isPerSeat: true, seats: null };

describe("how many of a plan are bought", () => {
  test.each([
    ["one of a flat one, whatever is said and used", flat, 7, 4, 1],
    ["as many seats as are said", bySeat, 7, 4, 7],
    ["else as many as are used", bySeat, undefined, 4, 4],
    ["and at least one", bySeat, undefined, 0, 1],
  ] as const)("is %s", (_, terms, wanted, used, quantity) => {
    expect(quantityOf(terms, wanted, used)).toBe(quantity);
  });
});

describe("seats stand in the way", () => {
  test.each([
    ["where a flat plan's tier has fewer", flat, 1, 6, /^Basic has 5 seats, you use 6/],
    ["where a flat plan is wanted twice", flat, 2, 1, /^Basic is not sold by the seat/],
    ["where fewer are bought than used", bySeat, 3, 4, /^You use 4 seats\. Take as many/],
    ["where the tier allows fewer", { ...bySeat, seats: 10 }, 11, 4, /^Team has 10 seats at most/],
  ] as const)("%s", (_, terms, quantity, used, sentence) => {
    expect(seatBlockers(terms, quantity, used)).toEqual([expect.stringMatching(sentence)]);
  });

  test.each([
    [flat, 1, 12, "Acme uses 12 seats; Basic has 5. Members have to be removed first."],
    [bySeat, 3, 4, "Acme uses 4 seats. Take as many, or have members removed first."],
    [{ ...bySeat, seats: 10 }, 11, 4, "Team has 10 seats at most. Take fewer, or another plan."],
  ] as const)("and an administrator reads whose: %o × %i", (terms, quantity, used, sentence) => {
    expect(seatBlockers(terms, quantity, used, "Acme")).toEqual([sentence]);
  });

  test("nowhere else", () => {
    expect(seatBlockers(flat, 1, 5)).toEqual([]);
    expect(seatBlockers({ ...flat, seats: null }, 1, 500)).toEqual([]);
    expect(seatBlockers(bySeat, 4, 4)).toEqual([]);
    expect(seatBlockers({ ...bySeat, seats: 10 }, 10, 10)).toEqual([]);
  });
});

describe("seats that are there", () => {
  const seats = (quantity: number) => ({ isPerSeat: true, quantity });
  const flatly = { isPerSeat: false, quantity: 1 };

  test.each([
    ["those that are bought", [seats(4)], 4],
    ["all that are bought, of two subscriptions", [seats(4), seats(3)], 7],
    ["as many as the tier allows, where it is sold flat", [flatly], undefined],
    ["as many as the tier allows, where it is had in both ways", [seats(4), flatly], undefined],
    ["as many as the tier allows, where nothing is bought", [], undefined],
  ] as const)("are %s", (_, sources, bought) => {
    expect(boughtBySeat(sources)).toBe(bought);
  });

  test("stand in the place of the tier's number, and of nothing else", () => {
    const allowed = [
      { key: "seats", isIncluded: false, limitValue: null },
      { key: "projects", isIncluded: true, limitValue: 3 },
    ];

    expect(withSeats(allowed, 4)).toEqual([
      { key: "seats", isIncluded: true, limitValue: 4 },
      { key: "projects", isIncluded: true, limitValue: 3 },
    ]);
    expect(withSeats(allowed, undefined)).toEqual(allowed);
  });

  test.each([
    [4, 5, undefined],
    [500, null, undefined],
    [5, 5, "All 5 seats are in use."],
    [1_200, 1_000, "All 1,000 seats are in use."],
    [1, 1, "The only seat is in use."],
    [1, 0, "There are no seats."],
  ])("are said to be full where %i of %j are used: %j", (used, all, sentence) => {
    expect(fullInWords(used, all)).toBe(sentence);
  });

  test("are counted in words", () => {
    expect(inSeatsOf({ used: 3, all: 10 })).toMatch(/^3 of 10 seats in use/);
    expect(inSeatsOf({ used: 1, all: 1 })).toMatch(/^1 of 1 seat in use/);
    expect(inSeatsOf({ used: 3, all: null })).toMatch(/^3 seats in use/);
  });
});
