import type Stripe from "stripe";

/** How often something is billed. */
export type Recurring = Pick<Stripe.Price.Recurring, "interval" | "interval_count">;
export type Period = { readonly start: number; readonly end: number };

export const HOUR = 3_600;
export const DAY = 86_400;

/** A moment so many whole intervals after another. The anchor's day of the month is kept where the month has it. */
export function intervalsAfter(anchor: number, every: Recurring, intervals: number): number {
  const count = every.interval_count * intervals;
  switch (every.interval) {
    case "day":
      return anchor + count * DAY;
    case "week":
      return anchor + count * 7 * DAY;
    case "month":
      return monthsAfter(anchor, count);
    case "year":
      return monthsAfter(anchor, count * 12);
    default:
      throw new Error(`no interval: ${every.interval}`);
  }
}

/** The first moment of billing after a given one: the anchor itself or a whole number of intervals from it. */
export function billedAfter(anchor: number, every: Recurring, moment: number): number {
  return intervalsAfter(anchor, every, intervalsUntil(anchor, every, moment));
}

/** How long the whole period is that a moment lies in. */
export function wholePeriod(anchor: number, every: Recurring, moment: number): number {
  const intervals = intervalsUntil(anchor, every, moment);
  return intervalsAfter(anchor, every, intervals) - intervalsAfter(anchor, every, intervals - 1);
}

function intervalsUntil(anchor: number, every: Recurring, moment: number): number {
  if (anchor > moment) return 0;
  const longest = intervalsAfter(0, every, 1) + 3 * DAY;
  let intervals = Math.max(1, Math.floor((moment - anchor) / longest));
  while (intervalsAfter(anchor, every, intervals) <= moment) intervals += 1;
  return intervals;
}

export function isSameInterval(one: Recurring, other: Recurring): boolean {
  return one.interval === other.interval && one.interval_count === other.interval_count;
}

/** A share of an amount by time, rounded half away from zero. */
export function shareOf(amount: number, part: number, whole: number): number {
  if (whole <= 0) return 0;
  const product = BigInt(amount) * BigInt(part);
  const magnitude = product < 0n ? -product : product;
  const rounded = (2n * magnitude + BigInt(whole)) / (2n * BigInt(whole));
  return Number(product < 0n ? -rounded : rounded);
}

function monthsAfter(moment: number, months: number): number {
  const from = new Date(moment * 1_000);
  const month = from.getUTCMonth() + months;
  const lastDay = new Date(Date.UTC(from.getUTCFullYear(), month + 1, 0)).getUTCDate();
  const to = Date.UTC(
    from.getUTCFullYear(),
    month,
    Math.min(from.getUTCDate(), lastDay),
    from.getUTCHours(),
    from.getUTCMinutes(),
    from.getUTCSeconds(),
  );
  return to / 1_000;
}
