import { type PriceTerms, priceInWords } from "../../catalogue/rules.ts";
import { counted } from "../../counted.ts";
import type { SubscriptionStatus } from "../../gateways/gateway.ts";
import { formatMoney } from "../../money.ts";
import { dayInWords } from "../../time.ts";
import { seatBlockers } from "../seat-rules.ts";

/** A subscription as far as it decides whether another one may begin. */
export type Held = {
  readonly id: string;
  readonly status: SubscriptionStatus;
  readonly planId: string | null;
};

/** Where an organization stands before it subscribes: it may have one subscription. */
export type Standing =
  | { readonly kind: "free" }
  | { readonly kind: "subscribed"; readonly held: Held }
  /** Its first payment has not gone through; it can still be paid. */
  | { readonly kind: "unfinished"; readonly held: Held; readonly payUrl: string | null }
  /** A payment page was completed, and what it began is not seen here yet. */
  | { readonly kind: "arriving" }
  /** A rebuild is under way, and not all that it has is back. */
  | { readonly kind: "unsure" };

export function standingOf(about: {
  readonly subscriptions: readonly Held[];
  readonly isArriving: boolean;
  readonly isBeingRebuilt: boolean;
  readonly payUrl: string | null;
}): Standing {
  const live = about.subscriptions.filter(({ status }) => status !== "canceled");
  const begun = live.find(({ status }) => status !== "incomplete");
  if (begun) return { kind: "subscribed", held: begun };
  const [unfinished] = live;
  if (unfinished) return { kind: "unfinished", held: unfinished, payUrl: about.payUrl };
  if (about.isBeingRebuilt) return { kind: "unsure" };
  return about.isArriving ? { kind: "arriving" } : { kind: "free" };
}

/** What is sold, as the catalogue says it, and how it can be bought. */
export type Offered = {
  readonly planId: string;
  readonly planName: string;
  readonly isArchived: boolean;
  readonly trialDays: number | null;
  /** What the catalogue asks; undefined where it is not sold this way. */
  readonly price: PriceTerms | undefined;
  /** The gateway's price for just that. */
  readonly priceRef: string | undefined;
  readonly isPerSeat: boolean;
  /** How many seats its tier allows; null for any number. */
  readonly seats: number | null;
};

/** What stands in the way of subscribing, in words, each with the way out. */
export function blockersOf(about: {
  readonly standing: Standing;
  readonly offered: Offered;
  readonly quantity: number;
  readonly seatsInUse: number;
  /** The gateway that sells, where one has a key. */
  readonly gatewayTitle: string | undefined;
  readonly wanted: { readonly currency: string; readonly interval: "month" | "year" };
}): string[] {
  return [
    ...standingBlockers(about.standing),
    ...offerBlockers(about.offered, about.gatewayTitle, about.wanted),
    ...seatBlockers(about.offered, about.quantity, about.seatsInUse),
  ];
}

function standingBlockers(standing: Standing): string[] {
  switch (standing.kind) {
    case "free":
      return [];
    case "subscribed":
      return ["You have a subscription already. Change it instead of beginning another one."];
    case "unfinished":
      return ["The first payment of a subscription has not gone through yet. Finish it first."];
    case "arriving":
      return ["You have subscribed just now. It takes a moment until it shows here."];
    case "unsure":
      return ["What you have is being read anew. Look again in a few minutes, and subscribe then."];
  }
}

function offerBlockers(
  { planName, isArchived, price, priceRef }: Offered,
  gatewayTitle: string | undefined,
  { currency, interval }: { readonly currency: string; readonly interval: "month" | "year" },
): string[] {
  if (isArchived) return [`${planName} is no longer sold. Choose another plan.`];
  if (!price) return [`${planName} is not sold by the ${interval} in ${currency}.`];
  if (!gatewayTitle) {
    return [
      "Nothing can be bought here yet: there is no API key of a payment company. An administrator adds it under Settings.",
    ];
  }
  if (!priceRef) {
    return [
      `${planName} cannot be bought at ${priceInWords(price)} yet. An administrator puts the price at ${gatewayTitle} that costs just this into the plan, under Plans › Gateway prices.`,
    ];
  }
  return [];
}

/** Days for nothing, for those who never had a subscription. */
export function trialDaysFor({ trialDays }: Offered, hadOne: boolean): number | null {
  return hadOne ? null : trialDays;
}

/** "14 days free, then €29.00 a month", "€29.00 a month for each of 3 seats, €87.00 in all". */
export function costInWords(price: PriceTerms, quantity: number, trialDays: number | null): string {
  const cost = quantity > 1 ? seatsInWords(price, quantity) : priceInWords(price);
  if (trialDays === null) return cost;
  return `${counted(trialDays, "day")} free, then ${cost}`;
}

function seatsInWords(price: PriceTerms, quantity: number): string {
  const all = formatMoney({ ...price, amountMinor: price.amountMinor * quantity });
  return `${priceInWords(price)} for each of ${counted(quantity, "seat")}, ${all} in all`;
}

/** When the first payment is due, as the page and the answer say it. */
export function firstPaymentInWords(
  price: PriceTerms,
  quantity: number,
  trialDays: number | null,
  now: Date,
): string {
  const sum = formatMoney({ ...price, amountMinor: price.amountMinor * quantity });
  if (trialDays === null)
    return `${sum} is charged when you confirm, and then every ${price.interval}.`;
  const at = dayInWords(new Date(now.getTime() + trialDays * 86_400_000));
  return `Nothing is charged today. ${sum} is charged on ${at}, unless you cancel before.`;
}

/** How far subscribing has come, for the page that people come back to. */
export type Progress =
  /** The gateway has not answered yet. */
  | "opening"
  /** The page is there, and nobody has finished it. */
  | "open"
  /** It was closed before anybody finished it. */
  | "closed"
  /** Nothing was opened; the command says why. */
  | "refused"
  /** The page was finished; what it began is not seen here yet. */
  | "arriving"
  /** Begun, and its first payment is under way. */
  | "paying"
  /** Begun, and its first payment failed. */
  | "unpaid"
  | "subscribed";

export function progressOf(known: {
  readonly command: "open" | "done" | "needs_person" | "refused" | "unknown";
  readonly isPageThere: boolean;
  readonly checkout: { readonly status: string; readonly paymentFailed: boolean } | undefined;
  readonly subscription: SubscriptionStatus | undefined;
}): Progress {
  const { command, isPageThere, checkout, subscription } = known;
  if (command === "open") return "opening";
  if (!isPageThere) return "refused";
  if (checkout?.status === "complete") {
    if (!subscription) return "arriving";
    if (subscription !== "incomplete") return "subscribed";
    return checkout.paymentFailed ? "unpaid" : "paying";
  }
  // A page that its command knows to be paid, and its own row does not yet.
  if (command === "done") return "arriving";
  return checkout?.status === "expired" || command === "refused" ? "closed" : "open";
}
