import { describe, expect, test } from "vitest";
import { safeLink } from "#app/_billing/safe-link.ts";
import { inOwnersWords } from "#app/portal/[org]/billing/words.ts";

describe("the reason for a change of tier, for its owner", () => {
  test.each([
    ["Subscription sub_1Nx is active on Pro.", "Your subscription is active on Pro."],
    [
      "Subscription sub_1 is active on Pro, ending 2026-12-03.",
      "Your subscription is active on Pro, ending 3 Dec 2026.",
    ],
    [
      "Subscription sub_1 is past due on Pro, with grace until 2026-11-10.",
      "Your subscription is past due on Pro; you keep it until 10 Nov 2026.",
    ],
    [
      "Subscription sub_1 is past due and its grace ended 2026-11-10.",
      "Your subscription is past due and the time to pay it ended 10 Nov 2026.",
    ],
    ["Subscription sub_1 ended 2026-11-10.", "Your subscription ended 10 Nov 2026."],
    ["No subscription entitles to more.", "There is no active subscription."],
    [
      "price_1 of subscription sub_1 is in no plan, so the tier stays as it is.",
      "Your subscription’s price is not set up here yet, so nothing changes for you.",
    ],
    ["Something about cus_123 and in_9.", "Your subscription changed."],
  ])("says %j as %j", (because, said) => {
    expect(inOwnersWords(because)).toBe(said);
  });
});

describe("an address that came from outside", () => {
  test("becomes a link only on the secured web", () => {
    expect(safeLink("https://invoice.stripe.com/i/1")).toBe("https://invoice.stripe.com/i/1");
    for (const url of [
      null,
      "",
      "http://a.example",
      "javascript:alert(1)",
      "data:text/html,x",
      "//x",
    ]) {
      expect(safeLink(url)).toBeUndefined();
    }
  });
});
