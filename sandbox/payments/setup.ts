import type Stripe from "stripe";
import { clockOf, emit } from "../events/emit.ts";
import { invalid, missing, notModelled, type StripeError } from "../protocol/errors.ts";
import { originOf } from "../state/origin.ts";
import type { World } from "../state/world.ts";
import type { Card } from "./card.ts";
import { cardError, declineOnSaving, docOf } from "./decline.ts";
import { cardBehind, checkOwner, checkUsable, methodNamed, saveFor } from "./methods.ts";

/** What came of an attempt to save a card; as with payments, a decline is in `error`. */
export type SetupAttempt = {
  readonly intent: Stripe.SetupIntent;
  readonly outcome: "succeeded" | "requires_action" | "declined";
  readonly error?: StripeError;
};

export type SetupDraft = {
  readonly customer?: string | null | undefined;
  readonly paymentMethod?: string | null | undefined;
  readonly usage?: "off_session" | "on_session" | undefined;
  readonly metadata?: Readonly<Record<string, string>> | undefined;
  readonly description?: string | null | undefined;
  /** Null or left out: whatever the account takes, which here is cards. */
  readonly allowedTypes?: readonly string[] | undefined;
  readonly allowRedirects?: "always" | "never" | undefined;
};

/** Makes an intent to save a card for later. */
export function createSetup(world: World, draft: SetupDraft): Stripe.SetupIntent {
  const { customer = null, paymentMethod, allowedTypes } = draft;
  if (customer !== null && !world.get("customer", customer)) {
    throw missing("customer", customer, "customer");
  }
  const method = paymentMethod ? methodNamed(world, paymentMethod) : undefined;
  const id = world.newId("seti");
  const intent = world.put("setup_intent", {
    id,
    object: "setup_intent",
    allowed_payment_method_types: allowedTypes ? [...allowedTypes] : null,
    application: null,
    automatic_payment_methods: allowedTypes
      ? null
      : { allow_redirects: draft.allowRedirects ?? "always", enabled: true },
    cancellation_reason: null,
    client_secret: `${id}_${world.newId("secret", 25)}`,
    created: world.now(clockOf(world, { customer })),
    customer,
    customer_account: null,
    description: draft.description ?? null,
    excluded_payment_method_types: null,
    flow_directions: null,
    last_setup_error: null,
    latest_attempt: null,
    livemode: false,
    managed_payments: null,
    mandate: null,
    metadata: { ...draft.metadata },
    next_action: null,
    on_behalf_of: null,
    payment_method: method?.id ?? null,
    payment_method_configuration_details: null,
    payment_method_options: {
      card: { mandate_options: null, network: null, request_three_d_secure: "automatic" },
    },
    payment_method_types: allowedTypes ? [...allowedTypes] : ["card"],
    single_use_mandate: null,
    status: method ? "requires_confirmation" : "requires_payment_method",
    usage: draft.usage ?? "off_session",
  });
  emit(world, "setup_intent.created", intent);
  return intent;
}

/** Checks the card with its bank and saves it with the customer. Never throws for a decline. */
export function confirmSetup(
  world: World,
  id: string,
  how: { readonly paymentMethod?: string | undefined; readonly returnUrl?: string | undefined },
): SetupAttempt {
  const before = setupOf(world, id);
  if (before.status === "succeeded" || before.status === "canceled") {
    throw unexpectedSetup(
      `You cannot confirm this SetupIntent because it has a status of ${before.status}.`,
    );
  }
  const method = methodToSave(world, before, how.paymentMethod);
  const intent = world.put("setup_intent", {
    ...before,
    latest_attempt: world.newId("setatt"),
    next_action: null,
    payment_method: method.id,
  });
  if (!asksForHolder(cardBehind(world, method.id))) {
    return saveCard(world, intent, { isAuthenticated: false });
  }
  const asked = world.put("setup_intent", {
    ...intent,
    next_action: {
      redirect_to_url: {
        return_url: how.returnUrl ?? null,
        url: `${originOf(world)}/_pages/3ds/${id}`,
      },
      type: "redirect_to_url",
    },
    status: "requires_action",
  });
  emit(world, "setup_intent.requires_action", asked);
  return { intent: asked, outcome: "requires_action" };
}

function methodToSave(
  world: World,
  intent: Stripe.SetupIntent,
  given: string | undefined,
): Stripe.PaymentMethod {
  const named = given ?? intent.payment_method;
  if (typeof named !== "string") {
    throw unexpectedSetup(
      "You cannot confirm this SetupIntent because it's missing a payment method. Update the SetupIntent with a payment method and then confirm it again.",
    );
  }
  const method = methodNamed(world, named);
  checkUsable(world, method);
  checkOwner(method, intent.customer);
  if (method.type !== "card") throw notModelled("bank accounts that are saved for later");
  return method;
}

function asksForHolder({ behaviour, authenticatedForOffSession }: Card): boolean {
  if (behaviour === "asks_until_authenticated") return !authenticatedForOffSession;
  return behaviour === "asks_always" || behaviour === "asks_then_insufficient_funds";
}

/** Saves an intent's card, all questions being answered. */
export function saveCard(
  world: World,
  intent: Stripe.SetupIntent,
  { isAuthenticated }: { isAuthenticated: boolean },
): SetupAttempt {
  const method = methodToSave(world, intent, undefined);
  const card = cardBehind(world, method.id);
  const why = declineOnSaving(card);
  if (why) {
    const last = { ...why, doc_url: docOf(why.code), payment_method: method };
    const failed = fail(world, intent, { ...last, type: "card_error" });
    const error = cardError(why, { setup_intent: failed, payment_method: method });
    return { intent: failed, outcome: "declined", error };
  }
  const saved = world.put("setup_intent", {
    ...intent,
    last_setup_error: null,
    next_action: null,
    status: "succeeded",
  });
  if (isAuthenticated && intent.usage === "off_session") {
    world.put("card", { ...card, authenticatedForOffSession: true });
  }
  if (typeof intent.customer === "string") saveFor(world, method, intent.customer);
  emit(world, "setup_intent.succeeded", saved);
  return { intent: saved, outcome: "succeeded" };
}

/** The card was not saved; the intent waits for another one. */
export function fail(
  world: World,
  intent: Stripe.SetupIntent,
  last_setup_error: Stripe.SetupIntent.LastSetupError,
): Stripe.SetupIntent {
  const failed = world.put("setup_intent", {
    ...intent,
    last_setup_error,
    next_action: null,
    payment_method: null,
    status: "requires_payment_method",
  });
  emit(world, "setup_intent.setup_failed", failed);
  return failed;
}

/** Ends an intent whose card was not saved. */
export function cancelSetup(
  world: World,
  id: string,
  reason: Stripe.SetupIntent.CancellationReason | null,
): Stripe.SetupIntent {
  const before = setupOf(world, id);
  if (before.status === "succeeded" || before.status === "canceled") {
    throw unexpectedSetup(
      `You cannot cancel this SetupIntent because it has a status of ${before.status}. Only a SetupIntent with one of the following statuses may be canceled: requires_payment_method, requires_confirmation, requires_action, processing.`,
    );
  }
  const canceled = world.put("setup_intent", {
    ...before,
    cancellation_reason: reason,
    next_action: null,
    status: "canceled",
  });
  emit(world, "setup_intent.canceled", canceled);
  return canceled;
}

export function setupOf(world: World, id: string, param = "intent"): Stripe.SetupIntent {
  const intent = world.get("setup_intent", id);
  if (!intent) throw missing("setupintent", id, param);
  return intent;
}

/** The intent is not where the call takes it to be. */
export function unexpectedSetup(message: string): StripeError {
  return invalid(message, { code: "setup_intent_unexpected_state" });
}
