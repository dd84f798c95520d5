import type Stripe from "stripe";
import { idOf } from "../state/reference.ts";
import type { World } from "../state/world.ts";
import { currentPhase, isOver, phaseItem, saveSchedule } from "./schedule-object.ts";

/** Lets the running phase of a schedule say what its subscription was changed to directly. */
export function followSubscription(world: World, subscription: Stripe.Subscription): void {
  const schedule = world.get("subscription_schedule", idOf(subscription.schedule) ?? "");
  const current = schedule && currentPhase(schedule);
  if (!schedule || !current || isOver(schedule)) return;
  const items = itemsLike(subscription);
  const isSame = JSON.stringify(items.map(brief)) === JSON.stringify(current.items.map(brief));
  if (isSame) return;
  saveSchedule(world, {
    ...schedule,
    phases: schedule.phases.map((phase) => (phase === current ? { ...phase, items } : phase)),
  });
}

/** A subscription's items as a phase has them. */
export function itemsLike(
  subscription: Stripe.Subscription,
): Stripe.SubscriptionSchedule.Phase.Item[] {
  return subscription.items.data.map(({ price, quantity, tax_rates }) =>
    phaseItem(price.id, quantity ?? 1, {}, tax_rates ?? []),
  );
}

function brief({ price, quantity }: Stripe.SubscriptionSchedule.Phase.Item) {
  return [idOf(price), quantity];
}
