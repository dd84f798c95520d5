import { formatMoney, type Money } from "../../money.ts";
import { addDays, DAY, dayInWords } from "../../time.ts";
import type { Comp, DisputeRow, PaymentRow, SubscriptionRow } from "../state.ts";

/** Two years: gateways take no longer trial. */
const TRIAL_DAYS_MAX = 730;
/** Ten years: whoever means for good sells it. */
const COMP_DAYS_MAX = 3_653;
/** What gateways take at most for one payment, in minor units. */
export const CREDIT_MINOR_MAX = 99_999_999;

/** The last moment of a day such as 2026-12-03, in UTC; undefined for what is no day. */
export function lastMomentOf(day: string): Date | undefined {
  const at = new Date(`${day}T23:59:59Z`);
  // JavaScript takes the 31st of November for the 1st of December.
  const isDay = !Number.isNaN(at.getTime()) && at.toISOString().startsWith(day);
  return isDay && /^\d{4}-\d{2}-\d{2}$/.test(day) ? at : undefined;
}

/** Why a comp cannot end then; undefined where it can. */
export function compEndFault(endsAt: Date, now: Date): string | undefined {
  if (endsAt <= now) return "Choose a day that is still to come.";
  return endsAt > addDays(now, COMP_DAYS_MAX) ? "Choose a day within ten years." : undefined;
}

/** Whether what was given still counts. */
export function isOpen({ endsAt, endedAt }: Pick<Comp, "endsAt" | "endedAt">, now: Date): boolean {
  return endedAt === null && endsAt > now;
}

/** "Business is free of charge until 3 December 2026." */
export function compInWords(name: string, endsAt: Date): string {
  return `${name} is free of charge until ${dayInWords(endsAt)}.`;
}

type Trial = Pick<
  SubscriptionRow,
  "status" | "trialEnd" | "cancelAt" | "scheduleRef" | "unpaidChange"
>;

/** What stands in the way of a longer trial, with the way out. */
export function trialBlocker(subscription: Trial): string | undefined {
  const { status, trialEnd, cancelAt, scheduleRef, unpaidChange } = subscription;
  if (status !== "trialing" || !trialEnd) return "It is not in a trial.";
  if (cancelAt) return `It ends on ${dayInWords(cancelAt)}. Take that back first.`;
  if (scheduleRef) return "A change is planned for its end. Give that up first.";
  return unpaidChange ? "A change waits for its payment. Give that up first." : undefined;
}

/** The end of a trial moved to another day, at the same time of day; or why that cannot be. */
export function trialMovedTo(trialEnd: Date, day: string, now: Date): Date | string {
  const last = lastMomentOf(day);
  if (!last) return "Choose a day.";
  const midnight = (at: Date) => Math.floor(at.getTime() / DAY) * DAY;
  const until = new Date(midnight(last) + (trialEnd.getTime() - midnight(trialEnd)));
  if (until <= trialEnd) return `Choose a day after ${dayInWords(trialEnd)}.`;
  if (until > addDays(now, TRIAL_DAYS_MAX)) return "Choose a day within two years.";
  return until;
}

type Paid = Pick<PaymentRow, "status" | "amountMinor" | "refundedMinor">;

/** How much of a payment can still be given back. */
export function refundable({ amountMinor, refundedMinor }: Paid): number {
  return Math.max(0, amountMinor - refundedMinor);
}

/** What stands in the way of giving any of it back, by it and by what its payer's bank was asked. */
export function refundBlocker(
  payment: Paid,
  disputes: readonly DisputeRow["status"][],
): string | undefined {
  if (payment.status !== "succeeded") return "It was not paid, so there is nothing to give back.";
  if (disputes.includes("lost")) return "The payer's bank gave it back already.";
  if (disputes.some((status) => status === "open" || status === "under_review")) {
    return "The payer's bank decides about it: given back as well, it would be paid back twice.";
  }
  return refundable(payment) === 0 ? "All of it was given back already." : undefined;
}

/** Why so much cannot be given back. */
export function refundFault(payment: Paid, asked: Money): string | undefined {
  const left = { amountMinor: refundable(payment), currency: asked.currency };
  if (asked.amountMinor === 0) return "Write an amount above zero.";
  return asked.amountMinor > left.amountMinor
    ? `Only ${formatMoney(left)} of it is left to give back.`
    : undefined;
}

/** Why so much cannot be credited. */
export function creditFault(asked: Money): string | undefined {
  if (asked.amountMinor === 0) return "Write an amount above zero.";
  const most = { ...asked, amountMinor: CREDIT_MINOR_MAX };
  return asked.amountMinor > most.amountMinor
    ? `Credit ${formatMoney(most)} at most at once.`
    : undefined;
}
