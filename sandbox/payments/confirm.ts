import type Stripe from "stripe";
import { notModelled, type StripeError } from "../protocol/errors.ts";
import type { World } from "../state/world.ts";

/** What came of an attempt to be paid. A decline is in `error`, ready to be thrown by who must answer it. */
export type Attempt = {
  readonly intent: Stripe.PaymentIntent;
  readonly outcome: "succeeded" | "requires_action" | "declined" | "processing";
  readonly error?: StripeError;
};

export type IntentDraft = {
  readonly amount: number;
  readonly currency: string;
  readonly customer?: string | null | undefined;
  readonly paymentMethod?: string | null | undefined;
  readonly offSession?: boolean | undefined;
  readonly setupFutureUse?: "off_session" | "on_session" | undefined;
  readonly metadata?: Record<string, string> | undefined;
  readonly description?: string | null | undefined;
  /** The invoice that it pays. */
  readonly invoice?: string | undefined;
  readonly captureMethod?: "automatic" | "automatic_async" | "manual" | undefined;
  readonly receiptEmail?: string | null | undefined;
  readonly shipping?: Stripe.PaymentIntent.Shipping | null | undefined;
};

export type Confirmation = {
  /** An id, or a test name such as `pm_card_visa`; else the intent's own. */
  readonly paymentMethod?: string | undefined;
  /** Whether nobody is there to answer the bank's questions. */
  readonly offSession: boolean;
  readonly returnUrl?: string | undefined;
};

/** Makes an intent to be paid, with the payment method if it is known; nothing is charged yet. */
export function createIntent(_world: World, _draft: IntentDraft): Stripe.PaymentIntent {
  throw notModelled("this yet");
}

/**
 * Charges the card. Never throws for a decline: the failed charge stays and the error is in the answer.
 * An invoice's intent asks for 3-D Secure even off session; others are declined `authentication_required`.
 */
export function confirmIntent(_world: World, _id: string, _how: Confirmation): Attempt {
  throw notModelled("this yet");
}

/** Ends an intent that was not paid; an intent that has ended is left as it is when `reason` comes from an invoice. */
export function cancelIntent(
  _world: World,
  _id: string,
  _reason: Stripe.PaymentIntent.CancellationReason | null,
): Stripe.PaymentIntent {
  throw notModelled("this yet");
}
