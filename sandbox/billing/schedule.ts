import type Stripe from "stripe";
import { clockOf, emit } from "../events/emit.ts";
import { invalid, missing, notModelled } from "../protocol/errors.ts";
import { mergeMetadata } from "../protocol/params.ts";
import { idOf } from "../state/reference.ts";
import type { World } from "../state/world.ts";
import { endSubscription } from "./cancel.ts";
import { markCanceled, markReleased } from "./schedule-end.ts";
import { changeToPhase, startSchedule } from "./schedule-move.ts";
import {
  currentPhase,
  isOver,
  saveSchedule,
  scheduleNamed,
  scheduleObject,
} from "./schedule-object.ts";
import { phaseLike, phasesFrom, refusePastChange } from "./schedule-phases.ts";
import type { NewSchedule, ScheduleChanges } from "./schedule-terms.ts";
import { hasEnded, saveSubscription, subscriptionNamed, timeOf } from "./subscription-object.ts";

type Schedule = Stripe.SubscriptionSchedule;

/** Plans a subscription ahead: one that is there, or one that begins with the first phase. */
export function createSchedule(world: World, given: NewSchedule): Schedule {
  if (given.from_subscription !== undefined) return fromSubscription(world, given);
  if (given.customer === undefined) {
    throw invalid("Missing required param: customer.", {
      code: "parameter_missing",
      param: "customer",
    });
  }
  const customer = world.get("customer", given.customer);
  if (!customer) throw missing("customer", given.customer, "customer");
  const now = world.now(clockOf(world, customer));
  const start = given.start_date === "now" ? now : (given.start_date ?? now);
  if (start < now) throw notModelled("schedules that begin in the past", "start_date");
  const schedule = world.put(
    "subscription_schedule",
    scheduleObject({
      id: world.newId("sub_sched"),
      created: now,
      current_phase: null,
      customer: customer.id,
      end_behavior: given.end_behavior ?? "release",
      metadata: mergeMetadata({}, given.metadata),
      phases: phasesFrom(world, given.phases ?? [], { start, customer: customer.id, now }),
      status: "not_started",
      subscription: null,
      test_clock: idOf(customer.test_clock) ?? null,
    }),
  );
  emit(world, "subscription_schedule.created", schedule);
  return start === now ? startSchedule(world, schedule) : schedule;
}

function fromSubscription(world: World, given: NewSchedule): Schedule {
  for (const [name, value] of Object.entries(given)) {
    if (value === undefined || name === "from_subscription") continue;
    throw invalid(`You cannot set \`${name}\` if \`from_subscription\` is set.`, { param: name });
  }
  const id = given.from_subscription ?? "";
  const subscription = subscriptionNamed(world, id, "from_subscription");
  if (subscription.schedule !== null) {
    throw invalid(
      `You cannot migrate a subscription that is already attached to a schedule: \`${idOf(subscription.schedule)}\`.`,
      { param: "from_subscription" },
    );
  }
  if (hasEnded(subscription) || subscription.status === "incomplete") {
    throw invalid(`You cannot migrate a subscription that is ${subscription.status}.`, {
      param: "from_subscription",
    });
  }
  const phase = phaseLike(subscription);
  const schedule = world.put(
    "subscription_schedule",
    scheduleObject({
      id: world.newId("sub_sched"),
      created: timeOf(world, subscription),
      current_phase: { start_date: phase.start_date, end_date: phase.end_date },
      customer: idOf(subscription.customer),
      end_behavior: subscription.cancel_at === null ? "release" : "cancel",
      metadata: {},
      phases: [phase],
      status: "active",
      subscription: subscription.id,
      test_clock: idOf(subscription.test_clock) ?? null,
    }),
  );
  emit(world, "subscription_schedule.created", schedule);
  saveSubscription(world, { ...subscription, schedule: schedule.id });
  return schedule;
}

/** Changes what is planned; what the running phase says anew is done at once. */
export function updateSchedule(world: World, id: string, changes: ScheduleChanges): Schedule {
  const before = scheduleNamed(world, id);
  const now = timeOf(world, before);
  if (isOver(before)) {
    const { metadata: _, ...others } = changes;
    if (Object.values(others).some((value) => value !== undefined)) {
      throw invalid(`You cannot update a subscription schedule that is ${before.status}.`);
    }
  }
  const phases = changes.phases
    ? phasesFrom(world, changes.phases, {
        start: refusePastChange(before, changes.phases, now),
        customer: idOf(before.customer),
        currency: world.get("subscription", idOf(before.subscription) ?? "")?.currency,
        heldRates: before.phases.flatMap((phase) => [
          ...(phase.default_tax_rates ?? []),
          ...phase.items.flatMap((item) => item.tax_rates ?? []),
        ]),
        held: new Set(before.phases.flatMap(({ items }) => items.map(({ price }) => idOf(price)))),
        now,
      })
    : before.phases;
  const first = changes.phases && phases[0];
  const current = first && before.current_phase;
  if (current && first.end_date <= now) {
    throw invalid("The end date of the current phase must be in the future.", {
      param: "phases[0][end_date]",
    });
  }
  const past = changes.phases ? before.phases.filter(({ end_date }) => end_date <= now) : [];
  const after = saveSchedule(world, {
    ...before,
    current_phase: current
      ? { start_date: first.start_date, end_date: first.end_date }
      : before.current_phase,
    end_behavior: changes.end_behavior ?? before.end_behavior,
    metadata: mergeMetadata(before.metadata, changes.metadata),
    phases: [...past, ...phases],
  });
  const running = changes.phases && currentPhase(after);
  if (running) changeToPhase(world, after, running, changes.proration_behavior);
  return scheduleNamed(world, id);
}

/** Lets the subscription go on as it is. */
export function releaseSchedule(world: World, id: string): Schedule {
  const schedule = scheduleNamed(world, id);
  refuseOver(schedule, "release");
  return markReleased(world, schedule);
}

/** Ends the schedule and the subscription with it. */
export function cancelSchedule(
  world: World,
  id: string,
  {
    invoice_now = true,
    prorate = true,
  }: { invoice_now?: boolean | undefined; prorate?: boolean | undefined },
): Schedule {
  const schedule = scheduleNamed(world, id);
  refuseOver(schedule, "cancel");
  const after = markCanceled(world, schedule);
  const subscription = world.get("subscription", idOf(schedule.subscription) ?? "");
  if (subscription && !hasEnded(subscription)) {
    endSubscription(world, subscription, {
      invoice_now,
      prorate,
      reason: "cancellation_requested",
    });
  }
  return after;
}

function refuseOver(schedule: Schedule, wish: string): void {
  if (!isOver(schedule)) return;
  throw invalid(
    `You cannot ${wish} a subscription schedule that is currently in the \`${schedule.status}\` status. It must be in \`not_started\` or \`active\`.`,
  );
}
