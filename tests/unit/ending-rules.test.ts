import { describe, expect, test } from "vitest";
import {
  type Allowance,
  cancelBlocker,
  cancelledInWords,
  cancelNowBlocker,
  type Ending,
  givenUpInWords,
  keepBlocker,
  lostInWords,
  pauseBlocker,
  unpauseBlocker,
  wouldEndAt,
} from "#lib/billing/ending/rules.ts";

const END = new Date("2026-12-03T10:00:00Z");

function ending(changes: Partial<Ending> = {}): Ending {
  return {
    status: "active",
    cancelAt: null,
    periodEnd: END,
    trialEnd: null,
    scheduleRef: null,
    planned: null,
    unpaidChange: null,
    isCollectionPaused: false,
    ...changes,
  };
}

const unpaidChange = { until: null, items: [], invoiceRef: "in_1" };

function limit(name: string, limitValue: number | null): Allowance {
  return { key: name.toLowerCase(), name, kind: "limit", isIncluded: true, limitValue };
}

function feature(name: string, isIncluded = true): Allowance {
  return { key: name.toLowerCase(), name, kind: "feature", isIncluded, limitValue: null };
}

describe("what will be lost", () => {
  test("is told by how much is left of each limit, and by each feature that goes", () => {
    const now = [limit("Seats", 10), limit("Projects", null), feature("API access")];
    const then = [limit("Seats", 1), limit("Projects", 5), feature("API access", false)];

    expect(lostInWords(now, then)).toEqual([
      "1 seat instead of 10",
      "5 projects instead of any number",
      "no API access",
    ]);
  });

  test("names what is gone altogether, and keeps names that are abbreviations", () => {
    expect(lostInWords([limit("SSO connections", 3), feature("Priority support")], [])).toEqual([
      "no SSO connections",
      "no priority support",
    ]);
  });

  test("counts what can be counted, and names the rest", () => {
    const now = [limit("Storage in GB", 100), limit("API calls a month", 500)];

    expect(lostInWords(now, [limit("Storage in GB", 1), limit("API calls a month", 20)])).toEqual([
      "storage in GB: 1 instead of 100",
      "20 API calls a month instead of 500",
    ]);
    expect(lostInWords(now, [now[0] ?? limit("", 0), limit("API calls a month", 1)])).toEqual([
      "API calls a month: 1 instead of 500",
    ]);
  });

  test("leaves out what stays, what grows and what was never there", () => {
    const now = [limit("Seats", 5), limit("Projects", 2), feature("API", false), feature("Logs")];
    const then = [limit("Seats", 5), limit("Projects", null), feature("Logs")];

    expect(lostInWords(now, then)).toEqual([]);
  });

  test("writes large numbers as people do", () => {
    expect(lostInWords([limit("Calls", 250_000)], [limit("Calls", 1_000)])).toEqual([
      "1,000 calls instead of 250,000",
    ]);
  });
});

describe("cancelling", () => {
  test("is free for what is active, on trial, past due, unpaid or paused", () => {
    for (const status of ["active", "trialing", "past_due", "unpaid", "paused"] as const) {
      expect(cancelBlocker(ending({ status })), status).toBeUndefined();
    }
  });

  test.each([
    ["is over", ending({ status: "canceled" }), /over already/],
    ["was never paid for", ending({ status: "incomplete" }), /lapses by itself/],
    ["is cancelled", ending({ cancelAt: END }), /ends on 3 December 2026/],
    ["waits for the payment of a change", ending({ unpaidChange }), /Pay it, or give it up/],
  ])("is told what stands in the way where the subscription %s", (_, held, sentence) => {
    expect(cancelBlocker(held)).toMatch(sentence);
  });

  test("ends with the trial, with the period, or at once where there is no period", () => {
    const trialEnd = new Date("2026-11-30T00:00:00Z");

    expect(wouldEndAt(ending())).toEqual(END);
    expect(wouldEndAt(ending({ status: "trialing", trialEnd }))).toEqual(trialEnd);
    expect(wouldEndAt(ending({ status: "paused" }))).toBeNull();
  });

  test("at once is possible for what is to end anyway, and not for what is over", () => {
    const paid = { givesBack: true, isPaymentOpen: false };

    expect(cancelNowBlocker(ending({ cancelAt: END }), paid)).toBeUndefined();
    expect(cancelNowBlocker(ending({ status: "canceled" }), paid)).toMatch(/over already/);
  });

  test.each([
    ["past due", ending({ status: "past_due" }), false],
    ["unpaid", ending({ status: "unpaid" }), false],
    ["active with an open invoice", ending(), true],
  ])("at once gives nothing back of what is %s", (_, held, isPaymentOpen) => {
    expect(cancelNowBlocker(held, { givesBack: true, isPaymentOpen })).toMatch(/never paid/);
    expect(cancelNowBlocker(held, { givesBack: false, isPaymentOpen })).toBeUndefined();
  });

  test("says until when the plan is kept", () => {
    expect(cancelledInWords("Pro", END)).toBe(
      "Your plan is cancelled. You keep Pro until 3 December 2026, and nothing more is charged.",
    );
  });

  test("names the change that is given up with it", () => {
    const planned = { at: END.toISOString(), items: [], commandId: null };

    expect(givenUpInWords(ending({ planned, scheduleRef: "sub_sched_1" }))).toBe(
      "The change that was planned for 3 December 2026 is given up.",
    );
    expect(givenUpInWords(ending({ scheduleRef: "sub_sched_1" }))).toMatch(/is given up/);
    expect(givenUpInWords(ending({ unpaidChange }))).toBe(
      "The change that waits for its payment is given up.",
    );
    expect(givenUpInWords(ending())).toBe("");
  });
});

describe("keeping the plan", () => {
  test("is possible while it is cancelled and not over", () => {
    expect(keepBlocker(ending({ cancelAt: END }))).toBeUndefined();
    expect(keepBlocker(ending())).toMatch(/nothing to take back/);
    expect(keepBlocker(ending({ status: "canceled", cancelAt: END }))).toMatch(/Subscribe anew/);
  });
});

describe("a pause", () => {
  test("is possible where it is allowed and the subscription is active", () => {
    expect(pauseBlocker(ending(), true)).toBeUndefined();
    expect(pauseBlocker(ending(), false)).toMatch(/cannot be paused here/);
  });

  test.each([
    ["is paused", ending({ status: "paused" }), /paused already/],
    ["is on trial", ending({ status: "trialing" }), /nothing is charged anyway/],
    ["is owed for", ending({ status: "past_due" }), /Pay it first/],
    ["is unpaid", ending({ status: "unpaid" }), /Pay it first/],
    ["is over", ending({ status: "canceled" }), /active/],
    ["is cancelled", ending({ cancelAt: END }), /Keep your plan first/],
    ["has a change that waits", ending({ unpaidChange }), /Pay it, or give it up/],
    ["is not collected", ending({ isCollectionPaused: true }), /Write to us/],
  ])("is told what stands in the way where the subscription %s", (_, held, sentence) => {
    expect(pauseBlocker(held, true)).toMatch(sentence);
  });

  test.each([
    [ending({ status: "trialing" }), "It is in its trial, in which nothing is charged anyway."],
    [ending({ status: "unpaid" }), "A payment is overdue. Acme has to pay it first."],
    [ending({ cancelAt: END }), "It is cancelled. Keep it first."],
    [ending({ isCollectionPaused: true }), /Collect again at the payment company first\.$/],
  ])("is told to an administrator as somebody else's", (held, sentence) => {
    expect(pauseBlocker(held, true, "Acme")).toMatch(sentence);
  });

  test("can be ended only while it lasts, and not by a second invoice", () => {
    expect(unpauseBlocker(ending({ status: "paused" }), false)).toBeUndefined();
    expect(unpauseBlocker(ending(), false)).toMatch(/not paused/);
    expect(unpauseBlocker(ending({ status: "paused" }), true)).toMatch(/still open/);
  });
});
