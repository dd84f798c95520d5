import { describe, expect, test } from "vitest";
import { formatDay, formatRelative } from "#app/_ui/time-format.ts";

describe("a time that is near", () => {
  const now = new Date("2026-11-03T14:05:00Z");
  const said = (seconds: number) => formatRelative(new Date(now.getTime() + seconds * 1_000), now);

  test("has just been, also where the page's clock is up to half a minute behind", () => {
    expect(said(-5)).toBe("just now");
    expect(said(25)).toBe("just now");
  });

  test("is to come in a moment, in minutes or in hours", () => {
    expect(said(45)).toBe("in a moment");
    expect(said(5 * 60)).toBe("in 5 min");
    expect(said(3 * 3_600)).toBe("in 3 h");
  });

  test("was minutes or hours ago, and further away the date says more", () => {
    expect(said(-5 * 60)).toBe("5 min ago");
    expect(said(-47 * 3_600)).toBe("47 h ago");
    expect(said(-48 * 3_600)).toBeUndefined();
  });
});

test("a day in a sentence has its month in full, in the reader's zone", () => {
  expect(formatDay(new Date("2026-11-30T23:30:00Z"), "UTC")).toBe("30 November 2026");
  expect(formatDay(new Date("2026-11-30T23:30:00Z"), "Europe/Vienna")).toBe("1 December 2026");
});
