import type Stripe from "stripe";
import { emit } from "../events/emit.ts";
import { paymentMethodFor } from "../payments/methods.ts";
import { idOf } from "../state/reference.ts";
import type { World } from "../state/world.ts";
import { endSubscription } from "./cancel.ts";
import { saveSubscription, timeOf } from "./subscription-object.ts";

/** Ends a trial that has no payment method the way its settings say; undefined where it is to be billed. */
export function endTrialWithoutMethod(
  world: World,
  subscription: Stripe.Subscription,
): Stripe.Subscription | undefined {
  switch (insteadOfBilling(world, subscription)) {
    case "cancel":
      return endSubscription(world, subscription, { reason: null });
    case "pause":
      return pauseAfterTrial(world, subscription);
    case undefined:
      return undefined;
  }
}

/** What a trial that ends without a payment method does instead of billing; undefined where it bills. */
function insteadOfBilling(
  world: World,
  subscription: Stripe.Subscription,
): "cancel" | "pause" | undefined {
  if (subscription.status !== "trialing") return undefined;
  if (subscription.collection_method !== "charge_automatically") return undefined;
  const asked = subscription.trial_settings?.end_behavior.missing_payment_method;
  const behavior = (["cancel", "pause"] as const).find((known) => known === asked);
  if (!behavior) return undefined;
  const customer = idOf(subscription.customer);
  const method = paymentMethodFor(world, { subscription: subscription.id, customer });
  return method ? undefined : behavior;
}

function pauseAfterTrial(world: World, before: Stripe.Subscription): Stripe.Subscription {
  const now = timeOf(world, before);
  const after = saveSubscription(world, {
    ...before,
    status: "paused",
    status_details: {
      paused: {
        subscription: { type: "trial_end_without_payment_method" },
        transitioned_at: now,
        type: "subscription",
      },
    },
    trial_end: Math.min(before.trial_end ?? now, now),
  });
  emit(world, "customer.subscription.paused", after);
  return after;
}
