import type Stripe from "stripe";
import { settingsOf } from "../control/settings.ts";
import type { World } from "../state/world.ts";
import { endSubscription } from "./cancel.ts";
import { isAwaitedBy } from "./pending-update.ts";
import { hasEnded, saveSubscription, subscriptionOf } from "./subscription-object.ts";

/** Lets a subscription follow an attempt that has failed: past due, and after the last one what the settings say. */
export function afterFailedAttempt(
  world: World,
  invoice: Stripe.Invoice,
  { isLast }: { isLast: boolean },
): void {
  const subscription = world.get("subscription", subscriptionOf(invoice) ?? "");
  if (!subscription || hasEnded(subscription) || isAwaitedBy(world, subscription, invoice)) return;
  if (subscription.status === "active" || subscription.status === "trialing") {
    saveSubscription(world, { ...subscription, status: "past_due" });
  }
  if (isLast) endDunning(world, subscription.id);
}

function endDunning(world: World, id: string): void {
  const subscription = world.get("subscription", id);
  if (subscription?.status !== "past_due" && subscription?.status !== "unpaid") return;
  switch (settingsOf(world).afterRetries) {
    case "cancel":
      endSubscription(world, subscription, { reason: "payment_failed" });
      return;
    case "unpaid":
      saveSubscription(world, { ...subscription, status: "unpaid" });
      return;
    case "past_due":
      return;
  }
}
