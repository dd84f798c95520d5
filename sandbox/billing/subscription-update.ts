import type Stripe from "stripe";
import { notModelled } from "../protocol/errors.ts";
import type { World } from "../state/world.ts";
import type { SubscriptionChanges } from "./subscription-terms.ts";

export function updateSubscription(
  _world: World,
  _id: string,
  _changes: SubscriptionChanges,
): Stripe.Subscription {
  throw notModelled("changed subscriptions yet");
}
