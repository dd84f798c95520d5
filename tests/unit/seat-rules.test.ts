import { describe, expect, test } from "vitest";
import { quantityOf, seatBlockers } from "#lib/billing/seat-rules.ts";

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

  test("nowhere else", () => {
    expect(seatBlockers(flat, 1, 5)).toEqual([]);
    expect(seatBlockers({ ...flat, seats: null }, 1, 500)).toEqual([]);
    expect(seatBlockers(bySeat, 4, 4)).toEqual([]);
    expect(seatBlockers({ ...bySeat, seats: 10 }, 10, 10)).toEqual([]);
  });
});
