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
  /** The organization's name, where an administrator reads it; its own people are "you". */
  readonly name?: string | undefined;
};

/** What stands in the way of a change, in words, each with the way out. Nothing is sold past one. */
export function blockersOf(change: Change): string[] {
  return [
    ...stateBlockers(change),
    ...offerBlockers(change),
    ...seatBlockers(change.to, change.quantity, change.seatsInUse, change.name),
    ...moneyBlockers(change),
  ];
}

function stateBlockers({ subscription, timing, timings, name }: Change): string[] {
  const { status, items, cancelAt, unpaidChange, isCollectionPaused } = subscription;
  const said = (own: string, elsewhere: string) => [name === undefined ? own : elsewhere];
  const over = "This subscription is over.";
  if (status === "canceled")
    return said(`${over} Subscribe anew.`, `${over} It cannot be changed.`);
  if (status === "incomplete") {
    const first = "The first payment has not gone through yet.";
    return said(`${first} Finish it first.`, `${first} ${name} has to finish it first.`);
  }
  if (status === "paused") return ["The subscription is paused. Resume it first."];
  if (status === "unpaid") {
    const unpaid = "An invoice was not paid.";
    return said(`${unpaid} Pay it first.`, `${unpaid} ${name} has to pay it first.`);
  }
  if (unpaidChange) {
    const waits = "A change waits for its payment.";
    return said(
      `${waits} Pay it, or give it up, first.`,
      `${waits} ${name} has to pay it, or you give it up, first.`,
    );
  }
  if (cancelAt) {
    const whose = name === undefined ? "Your" : "Its";
    return [`${whose} plan ends on ${dayInWords(cancelAt)}. Keep it first, then change it.`];
  }
  if (items.length !== 1) {
    const several = "This subscription has several items, which cannot be changed here.";
    return said(`${several} Write to us.`, `${several} Change them at the payment company.`);
  }
  if (isCollectionPaused && timing === "now") {
    const uncollected = "Nothing is collected for this subscription at the moment.";
    return said(
      `${uncollected} Change it at the renewal, or write to us.`,
      `${uncollected} Change it at the renewal, or collect again at the payment company first.`,
    );
  }
  if (!timings.includes(timing)) {
    return [`This change takes effect ${timing === "now" ? "at the renewal" : "at once"} only.`];
  }
  return [];
}

function offerBlockers({ to, subscription, priceRef, quantity, name }: Change): string[] {
  const [item] = subscription.items;
  if (item?.priceRef === priceRef && item.quantity === quantity) {
    return [`${name === undefined ? "You have" : `${name} has`} ${to.planName} already.`];
  }
  if (to.isArchived && subscription.priceRef !== priceRef) {
    return [`${to.planName} is no longer sold.`];
  }
  if (!to.isActive && subscription.priceRef !== priceRef) {
    return [`${to.planName} is not sold at this price any more.`];
  }
  const { currency } = subscription;
  if (to.terms && currency && to.terms.currency !== currency) {
    const both = `subscription is paid in ${currency}, and this price is in ${to.terms.currency}. To pay in another currency,`;
    return [
      name === undefined
        ? `Your ${both} let the subscription end and subscribe anew.`
        : `Its ${both} it has to end, and ${name} to subscribe anew.`,
    ];
  }
  return to.terms ? [] : [`${to.planName} has no fixed price, so it cannot be changed to here.`];
}

/** A credit for what was never paid would be a gift. */
function moneyBlockers({ subscription, timing, isPaymentOpen, name }: Change): string[] {
  const isOwed = subscription.status === "past_due" || isPaymentOpen;
  if (!isOwed || timing !== "now") return [];
  return [
    name === undefined
      ? "A payment is overdue. Pay it first, or change at the renewal."
      : `A payment is overdue. ${name} has to pay it first, or change at the renewal.`,
  ];
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
