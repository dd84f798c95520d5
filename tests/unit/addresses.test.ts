import { describe, expect, test } from "vitest";
import {
  address,
  dayOf,
  neighbours,
  oneOf,
  pageRequest,
  readAddress,
} from "#app/_server/address.ts";
import { pageOf, pageSize, readPosition, startOf, writePosition } from "#lib/keyset.ts";

const ID = "gev_01m808g821ea9xzwnp59b70qa0";

describe("a page's address", () => {
  test("is read as one trimmed value each, without emptiness, zero bytes or endless text", async () => {
    const read = await readAddress(
      Promise.resolve({ q: " evt_1\u0000 ", type: ["a", "b"], none: "", long: "x".repeat(1000) }),
    );

    expect(read).toEqual({ q: "evt_1", type: "a", none: undefined, long: "x".repeat(300) });
  });

  test("is read as text also under names that every object has", async () => {
    const asked: Record<string, string[]> = JSON.parse('{"constructor":[null,"a"]}');
    Object.assign(asked.constructor ?? [], { 0: Object });

    expect(await readAddress(Promise.resolve(asked))).toEqual({ constructor: "a" });
  });

  test("takes only known choices", () => {
    expect(oneOf("live", ["test", "live"])).toBe("live");
    expect(oneOf("toString", ["test", "live"])).toBeUndefined();
  });

  test("names days by their midnight, and ends by the next", () => {
    expect(dayOf("2026-11-03")?.toISOString()).toBe("2026-11-03T00:00:00.000Z");
    expect(dayOf("2026-11-03", 1)?.toISOString()).toBe("2026-11-04T00:00:00.000Z");
    for (const text of ["", "yesterday", "2026-13-77", "2026-1-1", "0"]) {
      expect(dayOf(text)).toBeUndefined();
    }
  });

  test("names no day that PostgreSQL cannot read", () => {
    expect(dayOf("0000-01-01")).toBeUndefined();
    expect(dayOf("0001-01-01", -1)).toBeUndefined();
    expect(dayOf("9999-12-31")?.toISOString()).toBe("9999-12-31T00:00:00.000Z");
    expect(dayOf("9999-12-31", 1)).toBeUndefined();
  });

  test("leaves out what is empty, and keeps filters while it turns pages", () => {
    expect(address("/x", { a: undefined, b: "" })).toBe("/x");
    expect(
      neighbours("/x", { status: "paid", before: "old" }, { newer: "n", older: null }),
    ).toEqual({
      newer: "/x?status=paid&after=n",
      older: null,
    });
    expect(pageRequest({ limit: "many" })).toEqual({ limit: Number.NaN });
  });
});

describe("a place in a list", () => {
  test("keeps microseconds", () => {
    expect(readPosition(writePosition("1762178700123456", ID))).toEqual({
      at: "2025-11-03T14:05:00.123456Z",
      id: ID,
    });
  });

  test.each(["", "1", `1-${ID}`, `17621787001234567-${ID}`, `1762178700123456-${ID}x`, "x-y"])(
    "is refused when it is %j",
    (text) => {
      expect(() => readPosition(text)).toThrow("does not name a page");
    },
  );

  test("is one end of a page, not both", () => {
    expect(() => startOf({ before: "a", after: "b" })).toThrow("does not name a page");
  });

  test.each([
    [undefined, 50],
    [0, 1],
    [-3, 1],
    [7.9, 7],
    [1e9, 200],
    [Number.NaN, 50],
  ])("asks for %j rows and gets %i", (limit, size) => {
    expect(pageSize({ limit })).toBe(size);
  });

  test("offers what lies beside it, and nothing beyond the ends", () => {
    const place = (row: number) => String(row);

    expect(pageOf([3, 2, 1], { limit: 2 }, place)).toEqual({
      rows: [3, 2],
      newer: null,
      older: "2",
    });
    expect(pageOf([1], { limit: 2, before: "2" }, place)).toEqual({
      rows: [1],
      newer: "1",
      older: null,
    });
    expect(pageOf([2, 3, 4], { limit: 2, after: "1" }, place)).toEqual({
      rows: [3, 2],
      newer: "3",
      older: "2",
    });
    expect(pageOf([3], { limit: 2, after: "2" }, place)).toEqual({
      rows: [3],
      newer: null,
      older: "3",
    });
    expect(pageOf([], {}, place)).toEqual({ rows: [], newer: null, older: null });
  });
});
