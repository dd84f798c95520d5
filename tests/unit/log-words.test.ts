import { expect, test } from "vitest";
import { outcomeSentence } from "#app/admin/_parts/outcome.ts";
import { capitalized, headline, upTo } from "#app/admin/_parts/words.ts";

const tier = { record: "organization Acme", field: "tier", before: "Free", after: "Pro" };
const status = { record: "subscription sub_1", field: "status", before: null, after: "active" };

test.each([
  [[], undefined],
  [[status], "Subscription sub_1: status none → active"],
  [[status, tier], "Acme: Free → Pro, and 1 more"],
  [
    [{ record: "invoice BH-1", field: "details", before: null, after: "new" }],
    "Invoice BH-1: details changed",
  ],
  [
    [{ ...status, field: "period end", before: null, after: "2026-12-12T00:29:00Z" }],
    "Subscription sub_1: period end none → 12 Dec 2026",
  ],
])("tells %j as %j", (changes, line) => {
  expect(headline(changes)).toBe(line);
});

test("begins sentences with a capital, but leaves ids as they are", () => {
  expect(capitalized("payment pi_1 names no customer.")).toBe("Payment pi_1 names no customer.");
  expect(capitalized("cus_1 belongs to another organization.")).toMatch(/^cus_1/);
});

test.each([
  [{ outcome: "changed", reason: null, changes: [tier] }, "1 field changed."],
  [
    { outcome: "changed", reason: "price_1 is in no plan.", changes: [tier, status] },
    "2 fields changed. price_1 is in no plan.",
  ],
  [
    { outcome: "unchanged", reason: null, changes: [] },
    "Nothing to change: all of it is true already.",
  ],
  [{ outcome: "failed", reason: "Stripe did not answer.", changes: [] }, "Stripe did not answer."],
])("says what a sync came to: %j", (outcome, sentence) => {
  expect(outcomeSentence(outcome)).toBe(sentence);
});

test("says where a count stopped counting", () => {
  expect(upTo(9_999, 10_000)).toBe("9,999");
  expect(upTo(10_000, 10_000)).toBe("10,000+");
});
