import type Stripe from "stripe";
import type { Due } from "../clock/due.ts";
import { emit } from "../events/emit.ts";
import { idOf } from "../state/reference.ts";
import type { ClockRef, World } from "../state/world.ts";
import { endSubscription } from "./cancel.ts";
import { DAY, isSameInterval } from "./period.ts";
import { markCompleted, markReleased } from "./schedule-end.ts";
import { isOver, type Phase, saveSchedule } from "./schedule-object.ts";
import { createSubscription } from "./subscription-create.ts";
import { changedItems } from "./subscription-items.ts";
import { noteTime, timeNote } from "./subscription-notes.ts";
import {
  intervalOf,
  periodOf,
  saveSubscription,
  timeOf,
  withItems,
} from "./subscription-object.ts";
import type {
  CollectionMethod,
  DiscountGiven,
  ItemChange,
  ProrationBehavior,
  SubscriptionChanges,
} from "./subscription-terms.ts";
import { changeSubscription, withMembers } from "./subscription-update.ts";

type Schedule = Stripe.SubscriptionSchedule;

/**
 * How long before its end a schedule says so. Stripe documents seven days, but its own CLI waits for the
 * event nine days before: the sandbox is later than neither.
 */
const EXPIRY_NOTICE = 9 * DAY;

/** What time does to schedules; before the subscriptions, so that a renewal bills the phase that begins with it. */
export function scheduleDue(world: World, clock: ClockRef): Due | undefined {
  let first: Due | undefined;
  for (const schedule of world.all("subscription_schedule")) {
    if (isOver(schedule) || (schedule.test_clock ?? null) !== clock) continue;
    const due = dueOfSchedule(world, schedule);
    if (due && (!first || due.at < first.at)) first = due;
  }
  return first;
}

export function dueOfSchedule(world: World, schedule: Schedule): Due | undefined {
  const [first] = schedule.phases;
  if (schedule.status === "not_started" && first) {
    return { at: first.start_date, run: () => startSchedule(world, schedule) };
  }
  const current = schedule.current_phase;
  const last = schedule.phases.at(-1);
  if (!current || !last) return undefined;
  const notice = last.end_date - EXPIRY_NOTICE;
  const isSaid = timeNote(world, schedule.id).expirySaid === last.end_date;
  if (!isSaid && notice > current.start_date && notice < current.end_date) {
    return { at: notice, run: () => announceExpiry(world, schedule, last.end_date) };
  }
  return { at: current.end_date, run: () => leavePhase(world, schedule) };
}

function announceExpiry(world: World, schedule: Schedule, end: number): void {
  noteTime(world, schedule.id, { expirySaid: end });
  emit(world, "subscription_schedule.expiring", schedule);
}

/** The first phase begins, and the subscription with it: billed like a renewal, an hour later. */
export function startSchedule(world: World, schedule: Schedule): Schedule {
  const [phase] = schedule.phases;
  if (!phase) throw new Error(`schedule ${schedule.id} has no phase`);
  const { subscription } = createSubscription(
    world,
    {
      ...termsOf(phase),
      customer: idOf(schedule.customer),
      items: phase.items.map((item) => ({
        price: idOf(item.price),
        quantity: item.quantity,
        metadata: item.metadata,
        tax_rates: item.tax_rates?.map(({ id }) => id),
      })),
      trial_end: phase.trial_end ?? undefined,
    },
    { schedule: schedule.id, chargesLater: true },
  );
  return saveSchedule(world, {
    ...schedule,
    current_phase: { start_date: phase.start_date, end_date: phase.end_date },
    status: "active",
    subscription: subscription.id,
  });
}

function leavePhase(world: World, schedule: Schedule): void {
  const next = schedule.phases.find(
    ({ start_date }) => start_date === schedule.current_phase?.end_date,
  );
  if (!next) {
    finish(world, schedule);
    return;
  }
  const after = saveSchedule(world, {
    ...schedule,
    current_phase: { start_date: next.start_date, end_date: next.end_date },
  });
  changeToPhase(world, after, next, undefined);
}

function finish(world: World, schedule: Schedule): void {
  const completed = markCompleted(world, schedule);
  const subscription = world.get("subscription", idOf(schedule.subscription) ?? "");
  if (schedule.end_behavior !== "cancel") markReleased(world, completed);
  else if (subscription) endSubscription(world, subscription, { reason: null });
}

/**
 * Makes the subscription what a phase says. Where its period ends at this moment, the renewal that follows
 * bills the phase and nothing is prorated.
 */
export function changeToPhase(
  world: World,
  schedule: Schedule,
  phase: Phase,
  proration: ProrationBehavior | undefined,
): void {
  const before = world.get("subscription", idOf(schedule.subscription) ?? "");
  if (!before) return;
  const now = timeOf(world, before);
  const items = itemChanges(before, phase);
  const begins = phase.start_date === now;
  const members = begins ? { ...termsOf(phase), discounts: discountsOf(world, before, phase) } : {};
  const changes: SubscriptionChanges = {
    ...members,
    ...(phase.metadata ? { metadata: { ...phase.metadata } } : {}),
  };
  const startsTrial = begins && phase.trial_end !== null && phase.trial_end > now;
  if (periodOf(before).end === now && !startsTrial) {
    changeAtRenewal(world, before, { changes, items, phase, now });
    return;
  }
  changeSubscription(world, before, {
    ...changes,
    ...(items.length > 0 ? { items } : {}),
    ...(startsTrial ? { trial_end: phase.trial_end ?? undefined } : {}),
    ...(begins && phase.billing_cycle_anchor === "phase_start"
      ? { billing_cycle_anchor: { type: "now" } }
      : {}),
    off_session: true,
    proration_behavior: proration ?? behaviorOf(phase),
  });
}

function changeAtRenewal(
  world: World,
  before: Stripe.Subscription,
  how: { changes: SubscriptionChanges; items: ItemChange[]; phase: Phase; now: number },
): void {
  const changed = withMembers(world, before, how.changes);
  const home = { subscription: before.id, created: how.now, period: periodOf(before) };
  const items = changedItems(world, before.items.data, how.items, home);
  const after = withItems(
    changed,
    items.flatMap((item) => item.after ?? []),
  );
  const moves =
    how.phase.billing_cycle_anchor === "phase_start" ||
    !isSameInterval(intervalOf(before), intervalOf(after));
  saveSubscription(world, moves ? { ...after, billing_cycle_anchor: how.now } : after);
}

/** Items of the same price stay; others are changed in their order; what is over is added or taken away. */
function itemChanges(subscription: Stripe.Subscription, phase: Phase): ItemChange[] {
  const wanted = phase.items.map((item) => ({
    price: idOf(item.price),
    quantity: item.quantity ?? 1,
    tax_rates: item.tax_rates?.map(({ id }) => id) ?? [],
  }));
  const held = subscription.items.data;
  const same = held.filter(({ price }) => wanted.some((want) => want.price === price.id));
  const others = held.filter((item) => !same.includes(item));
  const missing = wanted.filter((want) => !same.some(({ price }) => price.id === want.price));
  return [
    ...same.flatMap((item) => {
      const want = wanted.find(({ price }) => price === item.price.id);
      if (!want) return [];
      const { quantity, tax_rates } = want;
      const rates = (item.tax_rates ?? []).map((rate) => rate.id);
      const isSame = quantity === (item.quantity ?? 1) && rates.join() === tax_rates.join();
      return isSame ? [] : [{ id: item.id, quantity, tax_rates }];
    }),
    ...missing.map((want, place) => {
      const item = others[place];
      return item ? { id: item.id, ...want } : want;
    }),
    ...others.slice(missing.length).map(({ id }) => ({ id, deleted: true })),
  ];
}

function termsOf(phase: Phase) {
  const { collection_method, default_payment_method, description, metadata } = phase;
  const method: CollectionMethod | undefined =
    collection_method === "charge_automatically" ? "charge_automatically" : undefined;
  return {
    automatic_tax: { enabled: phase.automatic_tax?.enabled ?? false },
    collection_method: method,
    default_payment_method: idOf(default_payment_method),
    default_tax_rates: phase.default_tax_rates?.map(({ id }) => id) ?? [],
    description: description ?? undefined,
    discounts: phase.discounts.map(
      (given): DiscountGiven => ({
        coupon: idOf(given.coupon),
        discount: idOf(given.discount),
        promotion_code: idOf(given.promotion_code),
      }),
    ),
    metadata: metadata ? { ...metadata } : undefined,
  };
}

/** A phase's discounts; a coupon that the subscription has already is not redeemed again. */
function discountsOf(
  world: World,
  subscription: Stripe.Subscription,
  phase: Phase,
): DiscountGiven[] {
  const held = subscription.discounts.map((discount) => world.get("discount", idOf(discount)));
  return termsOf(phase).discounts.map((given) => {
    const there = held.find((discount) => idOf(discount?.source.coupon) === given.coupon);
    return given.coupon !== undefined && there ? { discount: there.id } : given;
  });
}

const BEHAVIORS = ["always_invoice", "create_prorations", "none"] as const;

function behaviorOf({ proration_behavior }: Phase): ProrationBehavior {
  return BEHAVIORS.find((known) => known === proration_behavior) ?? "create_prorations";
}
