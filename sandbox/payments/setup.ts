import type Stripe from "stripe";
import { notModelled, type StripeError } from "../protocol/errors.ts";
import type { World } from "../state/world.ts";

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
  readonly metadata?: Record<string, string> | undefined;
  readonly description?: string | null | undefined;
};

/** Makes an intent to save a card for later. */
export function createSetup(_world: World, _draft: SetupDraft): Stripe.SetupIntent {
  throw notModelled("this yet");
}

/** Checks the card with its bank and saves it with the customer. Never throws for a decline. */
export function confirmSetup(
  _world: World,
  _id: string,
  _how: {
    readonly paymentMethod?: string | undefined;
    readonly returnUrl?: string | undefined;
  },
): SetupAttempt {
  throw notModelled("this yet");
}

/** Ends an intent whose card was not saved. */
export function cancelSetup(
  _world: World,
  _id: string,
  _reason: Stripe.SetupIntent.CancellationReason | null,
): Stripe.SetupIntent {
  throw notModelled("this yet");
}
