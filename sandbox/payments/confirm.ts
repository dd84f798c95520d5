import type Stripe from "stripe";
import { emit } from "../events/emit.ts";
import { invalid, notModelled, type StripeError } from "../protocol/errors.ts";
import { originOf } from "../state/origin.ts";
import type { World } from "../state/world.ts";
import { accountBalance } from "./balance.ts";
import type { Card } from "./card.ts";
import { chargeCard } from "./charge.ts";
import {
  AUTHENTICATION_REQUIRED,
  cardError,
  type Decline,
  declineOnCharge,
  docOf,
} from "./decline.ts";
import { disputeAsTested } from "./disputes.ts";
import { intentOf, invoiceOf, unexpected } from "./intent.ts";
import { cardBehind, checkOwner, checkUsable, methodNamed, saveFor } from "./methods.ts";

export { cancelIntent } from "./cancel.ts";
export { createIntent, type IntentDraft } from "./intent.ts";

/** What came of an attempt to be paid. A decline is in `error`, ready to be thrown by who must answer it. */
export type Attempt = {
  readonly intent: Stripe.PaymentIntent;
  readonly outcome: "succeeded" | "requires_action" | "declined" | "processing";
  readonly error?: StripeError;
};

export type Confirmation = {
  /** An id, or a test name such as `pm_card_visa`; else the intent's own. */
  readonly paymentMethod?: string | undefined;
  /** Whether nobody is there to answer the bank's questions. */
  readonly offSession: boolean;
  readonly returnUrl?: string | undefined;
  /** Takes a question of the bank for a refusal (`error_on_requires_action`). */
  readonly refuseAction?: boolean | undefined;
};

/**
 * Charges the card. Never throws for a decline: the failed charge stays and the error is in the answer.
 * An invoice's intent asks for 3-D Secure even off session; others are declined `authentication_required`.
 * An intent that is held for capture counts as succeeded.
 */
export function confirmIntent(world: World, id: string, how: Confirmation): Attempt {
  const before = intentOf(world, id);
  checkConfirmable(before);
  const method = methodToCharge(world, before, how.paymentMethod);
  const card = cardBehind(world, method.id);
  const intent = world.put("payment_intent", {
    ...before,
    payment_method: method.id,
    next_action: null,
  });
  if (!asksForHolder(card)) return chargeIntent(world, intent, { isAuthenticated: false });
  if (intent.confirmation_method === "manual") {
    throw notModelled("3-D Secure of payments that are confirmed by hand", "confirmation_method");
  }
  if (card.nextCharge === "asks") world.put("card", { ...card, nextCharge: null });
  if (how.refuseAction || (how.offSession && invoiceOf(intent) === undefined)) {
    return decline(world, intent, method, AUTHENTICATION_REQUIRED);
  }
  return askHolder(world, intent, how.returnUrl);
}

function checkConfirmable({ status }: Stripe.PaymentIntent): void {
  if (status === "succeeded") {
    throw unexpected(
      "You cannot confirm this PaymentIntent because it has already succeeded after being previously confirmed.",
    );
  }
  if (status === "canceled" || status === "requires_capture" || status === "processing") {
    throw unexpected(
      `You cannot confirm this PaymentIntent because it has a status of ${status}. Only a PaymentIntent with one of the following statuses may be confirmed: requires_confirmation, requires_action.`,
    );
  }
}

function methodToCharge(
  world: World,
  intent: Stripe.PaymentIntent,
  given: string | undefined,
): Stripe.PaymentMethod {
  const named = given ?? intent.payment_method;
  if (typeof named !== "string") {
    throw unexpected(
      "You cannot confirm this PaymentIntent because it's missing a payment method. You can either update the PaymentIntent with a payment method and then confirm it again, or confirm it again directly with a payment method or ConfirmationToken.",
    );
  }
  const method = methodNamed(world, named);
  checkUsable(world, method);
  checkOwner(method, intent.customer);
  checkType(method, intent);
  return method;
}

function checkType({ type }: Stripe.PaymentMethod, intent: Stripe.PaymentIntent): void {
  const taken = intent.payment_method_types;
  if (!taken.includes(type)) {
    throw invalid(
      `The PaymentMethod provided (${type}) is not allowed for this PaymentIntent. Please attach a PaymentMethod of one of the following types: ${taken.join(", ")}.`,
      { code: "payment_intent_incompatible_payment_method", param: "payment_method" },
    );
  }
  if (type !== "sepa_debit") return;
  if (intent.currency !== "eur") {
    throw invalid("SEPA Direct Debit takes euros only.", { param: "currency" });
  }
  if (intent.capture_method === "manual") throw notModelled("bank debits captured by hand");
}

function asksForHolder(card: Card): boolean {
  if (card.nextCharge !== null) return card.nextCharge === "asks";
  switch (card.behaviour) {
    case "asks_always":
    case "asks_then_insufficient_funds":
      return true;
    case "asks_until_authenticated":
      return !card.authenticatedForOffSession;
    default:
      return false;
  }
}

function askHolder(
  world: World,
  intent: Stripe.PaymentIntent,
  returnUrl: string | undefined,
): Attempt {
  const asked = world.put("payment_intent", {
    ...intent,
    status: "requires_action",
    next_action: {
      redirect_to_url: {
        return_url: returnUrl ?? null,
        url: `${originOf(world)}/_pages/3ds/${intent.id}`,
      },
      type: "redirect_to_url",
    },
  });
  emit(world, "payment_intent.requires_action", asked);
  return { intent: asked, outcome: "requires_action" };
}

/** Charges an intent's card, all questions being answered. */
export function chargeIntent(
  world: World,
  intent: Stripe.PaymentIntent,
  { isAuthenticated }: { isAuthenticated: boolean },
): Attempt {
  const method = methodToCharge(world, intent, undefined);
  const card = cardBehind(world, method.id);
  if (card.nextCharge !== null) world.put("card", { ...card, nextCharge: null });
  if (method.type === "sepa_debit") return debit(world, intent, method);
  const why = declineOnCharge(card);
  if (why) return decline(world, intent, method, why, isAuthenticated);
  const charge = chargeCard(world, intent, method, { decline: undefined, isAuthenticated });
  const isHeld = intent.capture_method === "manual";
  const paid = world.put("payment_intent", {
    ...intent,
    amount_capturable: isHeld ? intent.amount : 0,
    amount_received: isHeld ? 0 : intent.amount,
    last_payment_error: null,
    latest_charge: charge.id,
    next_action: null,
    status: isHeld ? "requires_capture" : "succeeded",
  });
  keepOrSpend(world, paid, method, isAuthenticated);
  emit(world, "charge.succeeded", charge);
  if (isHeld) emit(world, "payment_intent.amount_capturable_updated", paid);
  else emit(world, "payment_intent.succeeded", paid);
  if (card.behaviour === "is_available_at_once") {
    emit(world, "balance.available", accountBalance(world));
  }
  disputeAsTested(world, charge, card);
  return { intent: paid, outcome: "succeeded" };
}

/** Asks the bank for the money; it answers later, see `debitDue`. */
function debit(world: World, intent: Stripe.PaymentIntent, method: Stripe.PaymentMethod): Attempt {
  const bank = { decline: undefined, isAuthenticated: false, isPending: true };
  const charge = chargeCard(world, intent, method, bank);
  const processing = world.put("payment_intent", {
    ...intent,
    last_payment_error: null,
    latest_charge: charge.id,
    status: "processing",
  });
  keepOrSpend(world, processing, method, false);
  emit(world, "charge.pending", charge);
  emit(world, "payment_intent.processing", processing);
  return { intent: processing, outcome: "processing" };
}

/** A card that is to be used again is saved with its customer; one without a customer is not used again. */
function keepOrSpend(
  world: World,
  intent: Stripe.PaymentIntent,
  method: Stripe.PaymentMethod,
  isAuthenticated: boolean,
): void {
  const card = cardBehind(world, method.id);
  const { customer, setup_future_usage } = intent;
  if (typeof customer === "string" && setup_future_usage !== null) {
    const isSetUp = isAuthenticated && setup_future_usage === "off_session";
    if (isSetUp) world.put("card", { ...card, authenticatedForOffSession: true });
    saveFor(world, method, customer);
  } else if (method.customer === null) {
    world.put("card", { ...card, isSpent: true });
  }
}

function decline(
  world: World,
  intent: Stripe.PaymentIntent,
  method: Stripe.PaymentMethod,
  why: Decline,
  isAuthenticated = false,
): Attempt {
  const charge = chargeCard(world, intent, method, { decline: why, isAuthenticated });
  const failed = world.put("payment_intent", {
    ...intent,
    last_payment_error: {
      charge: charge.id,
      ...why,
      doc_url: docOf(why.code),
      payment_method: method,
      type: "card_error",
    },
    latest_charge: charge.id,
    next_action: null,
    payment_method: null,
    status: "requires_payment_method",
  });
  emit(world, "charge.failed", charge);
  emit(world, "payment_intent.payment_failed", failed);
  const error = cardError(why, {
    charge: charge.id,
    payment_intent: failed,
    payment_method: method,
  });
  return { intent: failed, outcome: "declined", error };
}
