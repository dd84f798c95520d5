import type Stripe from "stripe";
import { emit } from "../events/emit.ts";
import { idOf } from "../state/reference.ts";
import type { World } from "../state/world.ts";
import { isOver } from "./schedule-object.ts";
import { saveSubscription, timeOf } from "./subscription-object.ts";

type Schedule = Stripe.SubscriptionSchedule;

/** Ends the schedule of a subscription that ends, be it because nobody paid. */
export function cancelScheduleOf(
  world: World,
  subscription: Stripe.Subscription,
  { isUnpaid }: { isUnpaid: boolean },
): void {
  const schedule = world.get("subscription_schedule", idOf(subscription.schedule) ?? "");
  if (schedule && !isOver(schedule)) markCanceled(world, schedule, { isAborted: isUnpaid });
}

/**
 * Ends a schedule. One that was never begun is aborted too: Stripe's CLI waits for that event then, though
 * the documents speak only of subscriptions that nobody paid.
 */
export function markCanceled(
  world: World,
  schedule: Schedule,
  { isAborted = schedule.status === "not_started" } = {},
): Schedule {
  const after = world.put("subscription_schedule", {
    ...schedule,
    canceled_at: timeOf(world, schedule),
    current_phase: null,
    status: "canceled",
  });
  emit(world, "subscription_schedule.canceled", after);
  if (isAborted) emit(world, "subscription_schedule.aborted", after);
  return after;
}

/** Lets the subscription go on without its schedule. */
export function markReleased(world: World, schedule: Schedule): Schedule {
  const id = idOf(schedule.subscription) ?? null;
  const after = world.put("subscription_schedule", {
    ...schedule,
    current_phase: null,
    released_at: timeOf(world, schedule),
    released_subscription: id,
    status: "released",
    subscription: null,
  });
  emit(world, "subscription_schedule.released", after);
  const subscription = world.get("subscription", id ?? "");
  if (subscription) saveSubscription(world, { ...subscription, schedule: null });
  return after;
}

/** The last phase is over. */
export function markCompleted(world: World, schedule: Schedule): Schedule {
  const after = world.put("subscription_schedule", {
    ...schedule,
    completed_at: timeOf(world, schedule),
    current_phase: null,
    status: "completed",
  });
  emit(world, "subscription_schedule.completed", after);
  return after;
}
