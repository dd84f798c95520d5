import type Stripe from "stripe";
import { createSchedule, releaseSchedule, updateSchedule } from "../billing/schedule.ts";
import { updateSubscription } from "../billing/subscription.ts";
import { idOf } from "../state/reference.ts";
import type { World } from "../state/world.ts";
import type { Visit } from "./portal-visit.ts";

/** Another price or quantity of one item. */
export type Change = { readonly id: string; readonly price: string; readonly quantity: number };

type Subscription = Stripe.Subscription;

/** Changes a plan as the portal's configuration has it: at once, or when the period ends. */
export function changePlan(
  world: World,
  visit: Visit,
  subscription: Subscription,
  change: Change,
): Subscription {
  stopPlanned(world, subscription);
  if (isAtPeriodEnd(world, visit, subscription, change)) {
    return changeAtPeriodEnd(world, subscription, change);
  }
  return updateSubscription(world, subscription.id, {
    items: [{ id: change.id, price: change.price, quantity: change.quantity }],
    proration_behavior: prorationOf(visit.features.subscription_update.proration_behavior),
    payment_behavior: "pending_if_incomplete",
    off_session: false,
  });
}

/** Gives up a change that waits for the period's end. */
export function stopPlanned(world: World, { schedule }: Subscription): void {
  const id = idOf(schedule);
  if (id !== undefined) releaseSchedule(world, id);
}

function prorationOf(behavior: string) {
  return behavior === "always_invoice" || behavior === "create_prorations" ? behavior : "none";
}

function changeAtPeriodEnd(world: World, { id, items }: Subscription, change: Change) {
  const schedule = createSchedule(world, { from_subscription: id });
  const [phase] = schedule.phases;
  const recurring = world.get("price", change.price)?.recurring;
  if (!phase || !recurring || !isInterval(recurring.interval))
    throw new Error(`nothing to plan for ${id}`);
  const now = items.data.map((item) => ({ price: item.price.id, quantity: item.quantity ?? 1 }));
  const then = items.data.map((item, place) =>
    item.id === change.id ? { price: change.price, quantity: change.quantity } : now[place],
  );
  updateSchedule(world, schedule.id, {
    end_behavior: "release",
    phases: [
      { items: now, start_date: phase.start_date, end_date: phase.end_date },
      {
        items: then.flatMap((item) => item ?? []),
        duration: { interval: recurring.interval, interval_count: recurring.interval_count },
        proration_behavior: "none",
      },
    ],
  });
  const after = world.get("subscription", id);
  if (!after) throw new Error(`a subscription is gone: ${id}`);
  return after;
}

function isInterval(text: string | undefined): text is "day" | "week" | "month" | "year" {
  return text !== undefined && Object.hasOwn(DAYS, text);
}

/** Whether a change is one of those that the configuration puts off. */
export function isAtPeriodEnd(
  world: World,
  { features: { subscription_update: how } }: Visit,
  subscription: Subscription,
  change: Change,
): boolean {
  const before = subscription.items.data.find(({ id }) => id === change.id);
  const after = world.get("price", change.price);
  if (!before || !after) return false;
  const isLess =
    (after.unit_amount ?? 0) * change.quantity <
    (before.price.unit_amount ?? 0) * (before.quantity ?? 1);
  const isSooner = daysOf(after) < daysOf(before.price);
  return how.schedule_at_period_end.conditions.some(
    ({ type }) =>
      (type === "decreasing_item_amount" && isLess) || (type === "shortening_interval" && isSooner),
  );
}

const DAYS: Readonly<Record<string, number>> = { day: 1, week: 7, month: 30, year: 365 };

function daysOf({ recurring }: Stripe.Price): number {
  return (DAYS[recurring?.interval ?? "month"] ?? 30) * (recurring?.interval_count ?? 1);
}
