import type Stripe from "stripe";
import { notModelled, type StripeError } from "../protocol/errors.ts";
import type { World } from "../state/world.ts";
import type { NewSubscription } from "./subscription-terms.ts";

/** A new subscription with its first invoice and, where that was declined or asks for more, why. */
export type Started = {
  subscription: Stripe.Subscription;
  invoice?: Stripe.Invoice | undefined;
  error?: StripeError | undefined;
};

export function createSubscription(_world: World, _given: NewSubscription): Started {
  throw notModelled("new subscriptions yet");
}
