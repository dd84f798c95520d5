import { DAY, HOUR, MINUTE } from "#lib/time.ts";

const MONTHS = [
  "January",
  "February",
  "March",
  "April",
  "May",
  "June",
  "July",
  "August",
  "September",
  "October",
  "November",
  "December",
];

type Wall = { day: string; dayInFull: string; time: string; seconds: string };

/**
 * The clock on the wall of a zone. Only numbers are taken from Intl: its month names and separators
 * differ between Node and browsers, and server and browser must write the same.
 */
function wallClock(at: Date, zone: string): Wall {
  const parts = new Intl.DateTimeFormat("en-GB", {
    timeZone: zone,
    hourCycle: "h23",
    year: "numeric",
    month: "numeric",
    day: "numeric",
    hour: "2-digit",
    minute: "2-digit",
    second: "2-digit",
  }).formatToParts(at);
  const part = (type: Intl.DateTimeFormatPartTypes) =>
    parts.find((each) => each.type === type)?.value ?? "";
  const month = MONTHS[Number(part("month")) - 1] ?? "";
  const dayWith = (name: string) => `${Number(part("day"))} ${name} ${part("year")}`;
  return {
    day: dayWith(month.slice(0, 3)),
    dayInFull: dayWith(month),
    time: `${part("hour")}:${part("minute")}`,
    seconds: part("second"),
  };
}

/** "3 Nov 2026, 14:05", or the day alone. */
export function formatTime(at: Date, zone: string, dateOnly = false): string {
  const { day, time } = wallClock(at, zone);
  return dateOnly ? day : `${day}, ${time}`;
}

/** "3 November 2026": a day in a sentence. */
export function formatDay(at: Date, zone: string): string {
  return wallClock(at, zone).dayInFull;
}

/** The whole truth for a hover: seconds, the zone by name, and UTC, which logs and gateways speak. */
export function formatExactTime(at: Date, zone: string): string {
  const utc = wallClock(at, "UTC");
  const utcText = `${utc.day}, ${utc.time}:${utc.seconds} UTC`;
  if (zone === "UTC") return utcText;
  const local = wallClock(at, zone);
  return `${local.day}, ${local.time}:${local.seconds} ${zone} (${utcText})`;
}

/** Pages know now by the half minute: what seems that much ahead has just been. */
const CLOCK_BEHIND_MS = 30_000;

/** "5 min ago" or "in 3 h" within two days of now; nothing further away, where a date says more. */
export function formatRelative(at: Date, now: Date): string | undefined {
  const distance = at.getTime() - now.getTime();
  const away = Math.abs(distance);
  if (away >= 2 * DAY) return undefined;
  if (away < MINUTE) return distance > CLOCK_BEHIND_MS ? "in a moment" : "just now";
  const amount = away < HOUR ? `${Math.floor(away / MINUTE)} min` : `${Math.floor(away / HOUR)} h`;
  return distance > 0 ? `in ${amount}` : `${amount} ago`;
}

/** The zone, if it is one that this runtime knows; else UTC. It comes from a cookie. */
export function knownZone(zone: string | undefined): string {
  if (!zone) return "UTC";
  try {
    return new Intl.DateTimeFormat("en", { timeZone: zone }).resolvedOptions().timeZone;
  } catch {
    return "UTC";
  }
}
