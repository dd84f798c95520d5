import { StripeError } from "../protocol/errors.ts";

export { amountInWords as money } from "../payments/words.ts";

export function day(seconds: number): string {
  return new Intl.DateTimeFormat("en-GB", { dateStyle: "medium", timeZone: "UTC" }).format(
    seconds * 1_000,
  );
}

export function moment(seconds: number): string {
  const format = new Intl.DateTimeFormat("en-GB", {
    dateStyle: "medium",
    timeStyle: "medium",
    timeZone: "UTC",
  });
  return `${format.format(seconds * 1_000)} UTC`;
}

/** How often a price comes again, such as `per month` or `every 3 months`; empty for one-time ones. */
export function every(
  recurring: { interval: string; interval_count: number } | null | undefined,
): string {
  if (!recurring) return "";
  const { interval, interval_count: count } = recurring;
  return count === 1 ? `per ${interval}` : `every ${count} ${interval}s`;
}

/** A status or reason of Stripe's in words: `past_due` reads `Past due`. */
export function plain(code: string): string {
  const words = code.replaceAll(/[._]/g, " ");
  return words.charAt(0).toUpperCase() + words.slice(1);
}

const DECLINES: Readonly<Record<string, string>> = {
  generic_decline: "The bank declined this card.",
  insufficient_funds: "The bank declined this card: there is not enough money on it.",
  authentication_required: "The bank wants to know that it is you. Pay with the card again.",
};

/** What a refused call means to the person in front of the page. Anything else is a bug, and thrown. */
export function sentenceOf(error: unknown): string {
  if (!(error instanceof StripeError)) throw error;
  const { decline_code: decline, code, type, message } = error.body;
  if (type !== "card_error") return message;
  if (
    code === "payment_intent_authentication_failure" ||
    code === "setup_intent_authentication_failure"
  ) {
    return "The bank did not confirm that it is you. Try again or use another card.";
  }
  return `${DECLINES[decline ?? ""] ?? message} Nothing was charged. Use another card.`;
}
