import { describe, expect, test } from "vitest";
import {
  methodToTry,
  nameOfTaxId,
  payBlocker,
  payingMethodRef,
  removalBlocker,
  taxIdKindInWords,
  taxIdsAfter,
} from "#lib/billing/paying/rules.ts";
import { expiresAt, expiryOf, methodInWords } from "#lib/payment-method.ts";

describe("a card", () => {
  test.each([
    [{ kind: "card", brand: "visa", last4: "4242" }, "Visa •••• 4242"],
    [{ kind: "card", brand: "amex", last4: "0005" }, "American Express •••• 0005"],
    [{ kind: "sepa_debit", brand: null, last4: "3000" }, "SEPA Direct Debit •••• 3000"],
    [{ kind: "revolut_pay", brand: null, last4: null }, "Revolut pay"],
    [{ kind: "card", brand: "constructor", last4: null }, "Constructor"],
  ])("is told as people know it: %j", (method, words) => {
    expect(methodInWords(method)).toBe(words);
  });

  test("is good through the whole of its month", () => {
    const card = { expMonth: 12, expYear: 2026 };

    expect(expiresAt(card)).toEqual(new Date("2027-01-01T00:00:00Z"));
    expect(expiryOf(card, new Date("2026-11-30T23:59:59Z"))).toBeUndefined();
    expect(expiryOf(card, new Date("2026-12-01T00:00:00Z"))).toBe("this_month");
    expect(expiryOf(card, new Date("2026-12-31T23:59:59Z"))).toBe("this_month");
    expect(expiryOf(card, new Date("2027-01-01T00:00:00Z"))).toBe("expired");
  });

  test("has no end where the gateway tells none", () => {
    expect(expiryOf({ expMonth: null, expYear: null }, new Date())).toBeUndefined();
  });
});

describe("what pays for a subscription", () => {
  test("is its own means of payment, else its customer's", () => {
    const customer = { defaultMethodRef: "pm_1" };

    expect(payingMethodRef({ methodRef: "pm_2" }, customer)).toBe("pm_2");
    expect(payingMethodRef({ methodRef: null }, customer)).toBe("pm_1");
  });
});

describe("removing a card", () => {
  const method = { ref: "pm_1" };
  const live = [{ methodRef: null }];

  test("is free while nothing is paid with any", () => {
    const removal = { method, others: 0, defaultMethodRef: "pm_1", live: [] };

    expect(removalBlocker(removal)).toBeUndefined();
  });

  test("is refused for the last one of a live subscription", () => {
    const removal = { method, others: 0, defaultMethodRef: null, live };

    expect(removalBlocker(removal)).toMatch(/Add another one first/);
  });

  test("is refused for the one that pays, and for the customer's default", () => {
    const removal = { method, others: 1, live };

    expect(removalBlocker({ ...removal, defaultMethodRef: "pm_1" })).toMatch(/the default first/);
    expect(
      removalBlocker({ ...removal, defaultMethodRef: null, live: [{ methodRef: "pm_1" }] }),
    ).toMatch(/the default first/);
    expect(
      removalBlocker({ ...removal, defaultMethodRef: "pm_1", live: [{ methodRef: "pm_2" }] }),
    ).toMatch(/the default first/);
  });

  test("is free for one that pays for nothing", () => {
    const removal = { method, others: 1, defaultMethodRef: "pm_2", live };

    expect(removalBlocker(removal)).toBeUndefined();
  });
});

describe("what to try next for what is owed", () => {
  const cards = [{ ref: "old" }, { ref: "mid" }, { ref: "new" }];

  test.each([
    ["the newest other one, where the one that pays has failed", cards, "old", "past_due", "new"],
    ["the newest other one, where nothing lives any more", cards, "new", undefined, "mid"],
    ["the one that pays, where it has not failed", cards, "mid", "active", "mid"],
    ["the only one there is, though it has failed", [{ ref: "old" }], "old", "past_due", "old"],
    ["the newest one, where the one that pays is gone", cards, "lost", "active", "new"],
  ] as const)("is %s", (_, methods, pays, status, expected) => {
    expect(methodToTry(methods, pays, status)?.ref).toBe(expected);
  });

  test("is nothing where there is nothing", () => {
    expect(methodToTry([], null, "active")).toBeUndefined();
  });
});

describe("paying an invoice", () => {
  test("is possible while it is open and something is left of it", () => {
    expect(payBlocker({ status: "open", amountRemainingMinor: 29_00 })).toBeUndefined();
    expect(payBlocker({ status: "open", amountRemainingMinor: 0 })).toMatch(/Nothing/);
  });

  test.each(["paid", "void", "draft", "uncollectible"] as const)(
    "is told why it is not, where it is %s",
    (status) => {
      expect(payBlocker({ status, amountRemainingMinor: 29_00 })).toMatch(/\.$/);
    },
  );
});

describe("tax ids", () => {
  const held = [
    { type: "eu_vat", value: "DE123456789" },
    { type: "gb_vat", value: "GB123456789" },
  ];

  const [german, british] = ["eu_vat:DE123456789", "gb_vat:GB123456789"] as const;

  test.each([
    ["are added to", [], { type: "us_ein", value: "12-3456789" }, 3, [], ["us_ein:12-3456789"]],
    ["are removed one by one", [german], null, 1, [german], []],
    ["are all removed", [german, british], null, 0, [german, british], []],
    ["are not added twice", [], held[0], 2, [], []],
    ["stay where one is removed and added at once", [german], held[0], 2, [], []],
    ["stay where one is to be removed that is not there", ["eu_vat:FR1"], null, 2, [], []],
  ] as const)("%s", (_, names, added, count, isRemoved, isAdded) => {
    const after = taxIdsAfter(held, names, added ?? null);

    expect(after.after).toHaveLength(count);
    expect(after.removed.map(nameOfTaxId)).toEqual(isRemoved);
    expect(after.added.map(nameOfTaxId)).toEqual(isAdded);
  });

  test("are told in words where there are some", () => {
    expect(taxIdKindInWords("eu_vat")).toBe("EU VAT number");
    expect(taxIdKindInWords("kz_bin")).toBe("KZ BIN");
  });
});
