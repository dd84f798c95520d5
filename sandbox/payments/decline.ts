import type { ErrorBody, StripeError } from "../protocol/errors.ts";
import { declined } from "../protocol/errors.ts";
import type { Card, CardBehaviour } from "./card.ts";

/** Why a card was not taken, in Stripe's words. */
export type Decline = {
  readonly code: string;
  readonly decline_code: string;
  readonly message: string;
};

const DECLINED = "Your card was declined.";

const DECLINES: { readonly [B in CardBehaviour]?: Decline } = {
  declines: decline("card_declined", "generic_decline", DECLINED),
  attaches_then_fails: decline("card_declined", "generic_decline", DECLINED),
  declines_insufficient_funds: decline(
    "card_declined",
    "insufficient_funds",
    "Your card has insufficient funds.",
  ),
  asks_then_insufficient_funds: decline(
    "card_declined",
    "insufficient_funds",
    "Your card has insufficient funds.",
  ),
  debits_fail_later: decline(
    "payment_intent_payment_attempt_failed",
    "insufficient_funds",
    "The payment failed: the customer's account has insufficient funds.",
  ),
  declines_lost_card: decline("card_declined", "lost_card", DECLINED),
  declines_stolen_card: decline("card_declined", "stolen_card", DECLINED),
  declines_expired_card: decline("expired_card", "expired_card", "Your card has expired."),
  declines_incorrect_cvc: decline(
    "incorrect_cvc",
    "incorrect_cvc",
    "Your card's security code is incorrect.",
  ),
  declines_processing_error: decline(
    "processing_error",
    "processing_error",
    "An error occurred while processing your card. Try again in a little bit.",
  ),
};

export const AUTHENTICATION_REQUIRED = decline(
  "authentication_required",
  "authentication_required",
  "Your card was declined. This transaction requires authentication.",
);

function decline(code: string, decline_code: string, message: string): Decline {
  return { code, decline_code, message };
}

/** Why a charge of this card fails; undefined for one that succeeds. */
export function declineOnCharge({ behaviour, nextCharge }: Card): Decline | undefined {
  return nextCharge === "fails" ? DECLINES.declines : DECLINES[behaviour];
}

/** Why this card cannot be saved. Some fail only when they are charged, as old cards do. */
export function declineOnSaving({ behaviour }: Card): Decline | undefined {
  const failsLater =
    behaviour === "attaches_then_fails" ||
    behaviour === "asks_then_insufficient_funds" ||
    behaviour === "debits_fail_later";
  return failsLater ? undefined : DECLINES[behaviour];
}

/** Where Stripe explains an error code. */
export function docOf(code: string): string {
  return `https://stripe.com/docs/error-codes/${code.replaceAll("_", "-")}`;
}

/** A decline as 402, with what the attempt left. */
export function cardError(
  why: Decline,
  details: Pick<ErrorBody, "charge" | "payment_intent" | "setup_intent" | "payment_method"> = {},
  options = { keepsChanges: true },
): StripeError {
  return declined({ ...why, doc_url: docOf(why.code), ...details }, options);
}
