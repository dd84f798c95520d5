import { describe, expect, test } from "vitest";
import {
  compEndFault,
  creditFault,
  lastMomentOf,
  refundBlocker,
  refundFault,
  trialBlocker,
  trialMovedTo,
} from "#lib/billing/granting/rules.ts";
import { addDays } from "#lib/time.ts";

const now = new Date("2026-07-15T12:00:00Z");

describe("a day", () => {
  test("lasts until its last second, in UTC", () => {
    expect(lastMomentOf("2026-12-03")).toEqual(new Date("2026-12-03T23:59:59Z"));
  });

  test.each([
    "",
    "soon",
    "2026-02-30",
    "2026-13-01",
    "2026-1-1",
    "2026-12-03T00:00",
    "+002026-12-03",
  ])("is none: %j", (text) => {
    expect(lastMomentOf(text)).toBeUndefined();
  });
});

describe("what is given free of charge", () => {
  test("ends today at the earliest, and within ten years", () => {
    const today = lastMomentOf("2026-07-15") ?? now;

    expect(compEndFault(today, now)).toBeUndefined();
    expect(compEndFault(now, now)).toBe("Choose a day that is still to come.");
    expect(compEndFault(addDays(now, 3_654), now)).toBe("Choose a day within ten years.");
  });
});

describe("a trial", () => {
  const trial = {
    status: "trialing",
    trialEnd: new Date("2026-07-20T23:30:00Z"),
    cancelAt: null,
    scheduleRef: null,
    unpaidChange: null,
  } as const;

  test("moves by whole days, whatever the time of day", () => {
    expect(trialMovedTo(trial.trialEnd, "2026-07-21", now)).toEqual(
      new Date("2026-07-21T23:30:00Z"),
    );
  });

  test.each([
    ["2026-07-20", "Choose a day after 20 July 2026."],
    ["2028-07-16", "Choose a day within two years."],
    ["never", "Choose a day."],
  ])("does not move to %s", (day, sentence) => {
    expect(trialMovedTo(trial.trialEnd, day, now)).toBe(sentence);
  });

  test.each([
    [{}, undefined],
    [{ status: "active" as const }, "It is not in a trial."],
    [{ cancelAt: trial.trialEnd }, "It ends on 20 July 2026. Take that back first."],
    [{ scheduleRef: "sub_sched_1" }, "A change is planned for its end. Give that up first."],
    [
      { unpaidChange: { until: null, items: [], invoiceRef: null } },
      "A change waits for its payment. Give that up first.",
    ],
  ])("with %j is held up by: %s", (changes, sentence) => {
    expect(trialBlocker({ ...trial, ...changes })).toBe(sentence);
  });
});

describe("a payment", () => {
  const paid = { status: "succeeded", amountMinor: 29_00, refundedMinor: 9_00 } as const;

  test.each([
    ["all that is left", 20_00, undefined],
    ["a cent more", 20_01, "Only €20.00 of it is left to give back."],
    ["nothing", 0, "Write an amount above zero."],
  ])("goes back: %s", (_what, amountMinor, fault) => {
    expect(refundFault(paid, { amountMinor, currency: "EUR" })).toBe(fault);
  });

  test.each([
    [{}, ["won", "warning", "closed"] as const, undefined],
    [{}, ["lost"] as const, "The payer's bank gave it back already."],
    [{}, ["won", "under_review"] as const, expect.stringContaining("bank decides")],
    [{ refundedMinor: 29_00 }, [], "All of it was given back already."],
    [{ status: "failed" as const }, [], expect.stringContaining("was not paid")],
  ])("with %j and disputes %j is held up by: %s", (changes, disputes, sentence) => {
    expect(refundBlocker({ ...paid, ...changes }, disputes)).toEqual(sentence);
  });
});

test.each([
  ["EUR", 99_999_999, undefined],
  ["EUR", 100_000_000, "Credit €999,999.99 at most at once."],
  ["JPY", 100_000_000, "Credit ¥99,999,999 at most at once."],
  ["EUR", 0, "Write an amount above zero."],
])("credit in %s of %i is limited: %s", (currency, amountMinor, fault) => {
  expect(creditFault({ amountMinor, currency })).toBe(fault);
});
