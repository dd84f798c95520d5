import { type PriceTerms, priceInWords } from "../../catalogue/rules.ts";
import { formatMoney } from "../../money.ts";
import { dayInWords } from "../../time.ts";
import { seatBlockers } from "../seat-rules.ts";
import type { SubscriptionRow } from "../state.ts";

/** More than anybody needs, and few enough for every gateway. */
export const SEATS_MAX = 100_000;

export type Timing = "now" | "renewal";
export type Direction = "upgrade" | "downgrade" | "same";

/** What the operator lets customers choose. */
export type ChangePolicy = {
  readonly upgrade: Timing;
  readonly downgrade: Timing;
  /** Whether customers may pick the other one. */
  readonly isChoiceFree: boolean;
};

/** One way to have a plan: a gateway price that sells it. */
export type Sold = {
  readonly planName: string;
  readonly isArchived: boolean;
  /** Whether the gateway still takes the price, and the catalogue still asks it. */
  readonly isActive: boolean;
  readonly tierRank: number;
  /** Null for a price that cannot be bought so: tiered, metered, one-off. */
  readonly terms: PriceTerms | null;
  readonly isPerSeat: boolean;
  /** How many seats its tier allows; null for any number. */
  readonly seats: number | null;
};

/**
 * By level of service first; then by the time that is paid for at once, since going back to months gives
 * much back; then by what a month costs, where more seats are more.
 */
export function directionOf(
  from: { readonly sold: Sold | undefined; readonly quantity: number },
  to: { readonly sold: Sold; readonly quantity: number },
): Direction {
  const before = { sold: from.sold ?? to.sold, quantity: from.quantity };
  const differences = [
    to.sold.tierRank - (from.sold?.tierRank ?? -1),
    months(to.sold) - months(before.sold),
    monthly(to) - monthly(before),
  ];
  const first = differences.find((difference) => difference !== 0) ?? 0;
  if (first === 0) return "same";
  return first > 0 ? "upgrade" : "downgrade";
}

function monthly({ sold, quantity }: { readonly sold: Sold; readonly quantity: number }): number {
  return sold.terms ? (sold.terms.amountMinor * quantity) / months(sold) : 0;
}

function months({ terms }: Sold): number {
  if (!terms) return 0;
  return terms.interval === "year" ? 12 * terms.intervalCount : terms.intervalCount;
}

/** When a change may take effect: the operator's default first, then the other one if it is free to choose. */
export function timingsFor(direction: Direction, policy: ChangePolicy): readonly Timing[] {
  const usual = direction === "downgrade" ? policy.downgrade : policy.upgrade;
  const other = usual === "now" ? "renewal" : "now";
  return policy.isChoiceFree ? [usual, other] : [usual];
}

export type Change = {
  readonly subscription: Pick<
    SubscriptionRow,
    | "status"
    | "items"
    | "currency"
    | "priceRef"
    | "quantity"
    | "cancelAt"
    | "unpaidChange"
    | "isCollectionPaused"
  >;
  readonly from: Sold | undefined;
  readonly to: Sold;
  readonly priceRef: string;
  readonly quantity: number;
  readonly seatsInUse: number;
  readonly timing: Timing;
  /** When it may take effect for who asks. */
  readonly timings: readonly Timing[];
  readonly isPaymentOpen: boolean;
};

/** What stands in the way of a change, in words, each with the way out. Nothing is sold past one. */
export function blockersOf(change: Change): string[] {
  return [
    ...stateBlockers(change),
    ...offerBlockers(change),
    ...seatBlockers(change.to, change.quantity, change.seatsInUse),
    ...moneyBlockers(change),
  ];
}

function stateBlockers({ subscription, timing, timings }: Change): string[] {
  const { status, items, cancelAt, unpaidChange, isCollectionPaused } = subscription;
  if (status === "canceled") return ["This subscription is over. Subscribe anew."];
  if (status === "incomplete")
    return ["The first payment has not gone through yet. Finish it first."];
  if (status === "paused") return ["The subscription is paused. Resume it first."];
  if (status === "unpaid") return ["An invoice was not paid. Pay it first."];
  if (unpaidChange) return ["A change waits for its payment. Pay it, or give it up, first."];
  if (cancelAt) {
    return [`Your plan ends on ${dayInWords(cancelAt)}. Keep it first, then change it.`];
  }
  if (items.length !== 1) {
    return ["This subscription has several items, which cannot be changed here. Write to us."];
  }
  if (isCollectionPaused && timing === "now") {
    return [
      "Nothing is collected for this subscription at the moment. Change it at the renewal, or write to us.",
    ];
  }
  if (!timings.includes(timing)) {
    return [`This change takes effect ${timing === "now" ? "at the renewal" : "at once"} only.`];
  }
  return [];
}

function offerBlockers({ to, subscription, priceRef, quantity }: Change): string[] {
  const [item] = subscription.items;
  if (item?.priceRef === priceRef && item.quantity === quantity) {
    return [`You have ${to.planName} already.`];
  }
  if (to.isArchived && subscription.priceRef !== priceRef) {
    return [`${to.planName} is no longer sold.`];
  }
  if (!to.isActive && subscription.priceRef !== priceRef) {
    return [`${to.planName} is not sold at this price any more.`];
  }
  const { currency } = subscription;
  if (to.terms && currency && to.terms.currency !== currency) {
    return [
      `Your subscription is paid in ${currency}, and this price is in ${to.terms.currency}. To pay in another currency, let the subscription end and subscribe anew.`,
    ];
  }
  return to.terms ? [] : [`${to.planName} has no fixed price, so it cannot be changed to here.`];
}

/** A credit for what was never paid would be a gift. */
function moneyBlockers({ subscription, timing, isPaymentOpen }: Change): string[] {
  const isOwed = subscription.status === "past_due" || isPaymentOpen;
  return isOwed && timing === "now"
    ? ["A payment is overdue. Pay it first, or change at the renewal."]
    : [];
}

/** "Plan updated, $12.00 charged today", and what else there is to say. */
export function changedInWords(done: {
  readonly chargedMinor: number;
  readonly creditedMinor: number;
  readonly currency: string;
}): string {
  const { chargedMinor, creditedMinor, currency } = done;
  if (chargedMinor > 0) {
    return `Plan updated, ${formatMoney({ amountMinor: chargedMinor, currency })} charged today`;
  }
  if (creditedMinor > 0) {
    return `Plan updated, ${formatMoney({ amountMinor: creditedMinor, currency })} credited`;
  }
  return "Plan updated, nothing charged today";
}

/** "Change scheduled for 3 December 2026". */
export function scheduledInWords(at: Date): string {
  return `Change scheduled for ${dayInWords(at)}`;
}

/** "Pro, €29.00 a month × 3". */
export function soldInWords({ planName, terms }: Sold, quantity: number): string {
  const price = terms ? `, ${priceInWords(terms)}` : "";
  return `${planName}${price}${quantity > 1 ? ` × ${quantity}` : ""}`;
}
