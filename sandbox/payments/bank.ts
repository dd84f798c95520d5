import type Stripe from "stripe";
import { emit } from "../events/emit.ts";
import { invalid, missing } from "../protocol/errors.ts";
import { settleIntent } from "../settle.ts";
import { idOf } from "../state/reference.ts";
import type { World } from "../state/world.ts";
import { chargeIntent } from "./confirm.ts";
import { docOf } from "./decline.ts";
import { fail, saveCard } from "./setup.ts";

type Intent = Stripe.PaymentIntent | Stripe.SetupIntent;

/**
 * The holder says yes to the bank (3-D Secure) for a payment or setup intent (`pi_` or `seti_`): the card
 * is charged or saved, and what waits for it (invoice, checkout) is told by `settle.ts`.
 */
export function approve(world: World, intentId: string): Intent {
  const intent = askedIntent(world, intentId);
  const { intent: after } =
    intent.object === "payment_intent"
      ? chargeIntent(world, intent, { isAuthenticated: true })
      : saveCard(world, intent, { isAuthenticated: true });
  settleIntent(world, after);
  return after;
}

/** The holder says no, or fails to prove who they are; the intent waits for another card. */
export function refuse(world: World, intentId: string): Intent {
  const intent = askedIntent(world, intentId);
  const after =
    intent.object === "payment_intent" ? failPayment(world, intent) : failSetup(world, intent);
  settleIntent(world, after);
  return after;
}

function askedIntent(world: World, id: string): Intent {
  const intent = world.get("payment_intent", id) ?? world.get("setup_intent", id);
  if (!intent) throw missing("intent", id);
  if (intent.status === "requires_action") return intent;
  throw invalid(`Nothing is asked of the holder for ${id}: its status is ${intent.status}.`);
}

function failPayment(world: World, intent: Stripe.PaymentIntent): Stripe.PaymentIntent {
  const failed = world.put("payment_intent", {
    ...intent,
    last_payment_error: lastError(
      world,
      intent,
      "payment_intent_authentication_failure",
      "The provided PaymentMethod has failed authentication. You can provide payment_method_data or a new PaymentMethod to attempt to fulfill this PaymentIntent again.",
    ),
    next_action: null,
    payment_method: null,
    status: "requires_payment_method",
  });
  emit(world, "payment_intent.payment_failed", failed);
  return failed;
}

function failSetup(world: World, intent: Stripe.SetupIntent): Stripe.SetupIntent {
  const error = lastError(
    world,
    intent,
    "setup_intent_authentication_failure",
    "The latest attempt to set up the payment method has failed because authentication failed.",
  );
  return fail(world, intent, error);
}

function lastError(world: World, intent: Intent, code: string, message: string) {
  const method = world.get("payment_method", idOf(intent.payment_method) ?? "");
  return {
    code,
    doc_url: docOf(code),
    message,
    ...(method ? { payment_method: method } : {}),
    type: "invalid_request_error",
  };
}
