import type Stripe from "stripe";
import { notModelled } from "../protocol/errors.ts";
import type { World } from "../state/world.ts";
import type { Cancellation } from "./subscription-terms.ts";

export function cancelSubscription(
  _world: World,
  _id: string,
  _cancellation: Cancellation = {},
): Stripe.Subscription {
  throw notModelled("canceled subscriptions yet");
}
