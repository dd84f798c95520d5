import type { CancelReason } from "../../gateways/asking.ts";
import { dayInWords } from "../../time.ts";
import type { SubscriptionRow } from "../state.ts";

/** Why somebody cancels, as people are asked, in the order in which they are. */
export const REASONS: Readonly<Record<CancelReason, string>> = {
  too_expensive: "It is too expensive",
  unused: "We do not use it enough",
  missing_features: "Something that we need is missing",
  switched_service: "We use something else now",
  too_complex: "It is too hard to use",
  low_quality: "It does not do its work well enough",
  customer_service: "We were not helped well",
  other: "Another reason",
};

export type Ending = Pick<
  SubscriptionRow,
  | "status"
  | "cancelAt"
  | "periodEnd"
  | "trialEnd"
  | "scheduleRef"
  | "planned"
  | "unpaidChange"
  | "isCollectionPaused"
>;

/** What is paused has no period to wait for: cancelled, it is over at once. */
export function endsAtOnce({ status }: Pick<Ending, "status">): boolean {
  return status === "paused";
}

/** When a subscription would end that is cancelled now. */
export function wouldEndAt({ status, trialEnd, periodEnd }: Ending): Date | null {
  if (endsAtOnce({ status })) return null;
  return status === "trialing" ? (trialEnd ?? periodEnd) : periodEnd;
}

/** What stands in the way of cancelling, with the way out; undefined where nothing does. */
export function cancelBlocker({ status, cancelAt, unpaidChange }: Ending): string | undefined {
  if (status === "canceled") return "This subscription is over already.";
  if (status === "incomplete") {
    return "The first payment has not gone through, so there is nothing to cancel: it lapses by itself.";
  }
  if (cancelAt) return `It is cancelled already, and ends on ${dayInWords(cancelAt)}.`;
  if (unpaidChange) return CHANGE_WAITS;
  return undefined;
}

/** What stands in the way of ending at once. What is to end later may well end now. */
export function cancelNowBlocker(
  { status }: Pick<Ending, "status">,
  { givesBack, isPaymentOpen }: { readonly givesBack: boolean; readonly isPaymentOpen: boolean },
): string | undefined {
  if (status === "canceled") return "This subscription is over already.";
  const isOwed = isPaymentOpen || status === "past_due" || status === "unpaid";
  return givesBack && isOwed
    ? "A payment is overdue, and what was never paid is not credited. End it without a credit."
    : undefined;
}

/** What stands in the way of taking a cancellation back. */
export function keepBlocker({ status, cancelAt }: Ending): string | undefined {
  if (status === "canceled") return "This subscription is over. Subscribe anew.";
  return cancelAt ? undefined : "It is not cancelled, so there is nothing to take back.";
}

/** What stands in the way of a pause. An administrator reads the organization's name. */
export function pauseBlocker(
  subscription: Ending,
  isAllowed: boolean,
  name?: string,
): string | undefined {
  const { status, cancelAt, unpaidChange, isCollectionPaused } = subscription;
  const said = (own: string, elsewhere: string) => (name === undefined ? own : elsewhere);
  if (!isAllowed) return "Subscriptions cannot be paused here. You can cancel it instead.";
  if (status === "paused") return "It is paused already.";
  if (status === "trialing") {
    return `${said("You are in your", "It is in its")} trial, in which nothing is charged anyway.`;
  }
  if (status === "past_due" || status === "unpaid") {
    return `A payment is overdue. ${said("Pay it first.", `${name} has to pay it first.`)}`;
  }
  if (status !== "active") return "Only a subscription that is active can be paused.";
  if (cancelAt) return `It is cancelled. ${said("Keep your plan first.", "Keep it first.")}`;
  if (unpaidChange) return CHANGE_WAITS;
  if (isCollectionPaused) {
    const uncollected = "Nothing is collected for it at the moment.";
    return `${uncollected} ${said("Write to us.", "Collect again at the payment company first.")}`;
  }
  return undefined;
}

/** What stands in the way of going on after a pause. Two invoices for one period could both be paid. */
export function unpauseBlocker(
  { status }: Pick<Ending, "status">,
  isPaymentOpen: boolean,
): string | undefined {
  if (status !== "paused") return "It is not paused.";
  return isPaymentOpen
    ? "An invoice of it is still open. Pay that one under Invoices: resuming would make a second one."
    : undefined;
}

const CHANGE_WAITS = "A change waits for its payment. Pay it, or give it up, first.";

/** "The change that was planned for 3 December 2026 is given up." Empty where none was planned or waits. */
export function givenUpInWords({ planned, scheduleRef, unpaidChange }: Ending): string {
  if (unpaidChange) return "The change that waits for its payment is given up.";
  if (planned) {
    return `The change that was planned for ${dayInWords(new Date(planned.at))} is given up.`;
  }
  return scheduleRef ? "What was planned for this subscription is given up." : "";
}

/** "Your plan is cancelled. You keep Pro until 3 December 2026." */
export function cancelledInWords(planName: string, at: Date | null): string {
  if (!at) return "Your plan is cancelled. Nothing more is charged.";
  return `Your plan is cancelled. You keep ${planName} until ${dayInWords(at)}, and nothing more is charged.`;
}

/** The same of what somebody else cancelled: "Pro is cancelled. It lasts until 3 December 2026." */
export function cancelledElsewhere(planName: string, at: Date | null): string {
  const lasts = at ? ` It lasts until ${dayInWords(at)}, and nothing more is charged.` : "";
  return `${planName} is cancelled.${lasts || " Nothing more is charged."}`;
}

/** One thing that a tier allows, as far as a person reads it. */
export type Allowance = {
  readonly key: string;
  readonly name: string;
  readonly kind: "feature" | "limit";
  readonly isIncluded: boolean;
  /** Null for any number. */
  readonly limitValue: number | null;
};

/** What there will be less of: "1 seat instead of 10", "no API access". In the order of what there is. */
export function lostInWords(now: readonly Allowance[], then: readonly Allowance[]): string[] {
  return now.flatMap((had) => {
    const left = then.find(({ key }) => key === had.key);
    const lost = had.kind === "feature" ? lostFeature(had, left) : lostLimit(had, left);
    return lost ? [lost] : [];
  });
}

function lostFeature(had: Allowance, left: Allowance | undefined): string | undefined {
  return had.isIncluded && !left?.isIncluded ? `no ${inSentence(had.name)}` : undefined;
}

function lostLimit(had: Allowance, then: Allowance | undefined): string | undefined {
  const before = amountOf(had);
  const after = amountOf(then);
  if (after >= before) return undefined;
  if (after === 0) return `no ${inSentence(had.name)}`;
  const number = new Intl.NumberFormat("en");
  const most = before === Number.POSITIVE_INFINITY ? "any number" : number.format(before);
  const left = number.format(after);
  const noun = countable(had.name, after);
  return noun
    ? `${left} ${noun} instead of ${most}`
    : `${inSentence(had.name)}: ${left} instead of ${most}`;
}

function amountOf(allowance: Allowance | undefined): number {
  if (!allowance?.isIncluded) return 0;
  return allowance.limitValue ?? Number.POSITIVE_INFINITY;
}

/** "Seats" is "seat" where there is one of them; undefined for what is not counted, such as storage. */
function countable(name: string, count: number): string | undefined {
  const noun = inSentence(name);
  if (count !== 1) return /[^s]s(?: |$)/.test(noun) ? noun : undefined;
  return /[^s]s$/.test(noun) ? noun.slice(0, -1) : undefined;
}

/** A name in the middle of a sentence: "Priority support" is "priority support", and "API" stays. */
function inSentence(name: string): string {
  return /^\p{Lu}\p{Ll}/u.test(name) ? name.charAt(0).toLowerCase() + name.slice(1) : name;
}
