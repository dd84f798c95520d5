export const SECOND = 1_000;
export const MINUTE = 60 * SECOND;
export const HOUR = 60 * MINUTE;
export const DAY = 24 * HOUR;

/** Gateways count in Unix seconds; anything that is not a plausible one is nothing. */
export function fromUnixSeconds(seconds: unknown): Date | null {
  if (typeof seconds !== "number" || !Number.isFinite(seconds)) return null;
  // Year 9999 is the last that PostgreSQL and JavaScript both print the same way.
  if (seconds < 0 || seconds > 253_402_300_799) return null;
  return new Date(seconds * SECOND);
}

export function addDays(from: Date, days: number): Date {
  return new Date(from.getTime() + days * DAY);
}

/** The earlier of two instants, where a missing one does not count. */
export function earliest(...instants: (Date | null | undefined)[]): Date | null {
  let found: Date | null = null;
  for (const instant of instants) {
    if (instant && (!found || instant < found)) found = instant;
  }
  return found;
}

export function sameInstant(a: Date | null, b: Date | null): boolean {
  return a?.getTime() === b?.getTime();
}

/** The day of an instant as sentences say it, in UTC: "3 December 2026". */
export function dayInWords(at: Date): string {
  return new Intl.DateTimeFormat("en-GB", { dateStyle: "long", timeZone: "UTC" }).format(at);
}
