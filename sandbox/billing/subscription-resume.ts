import type Stripe from "stripe";
import { emit } from "../events/emit.ts";
import { invalid, notModelled } from "../protocol/errors.ts";
import { idOf } from "../state/reference.ts";
import type { World } from "../state/world.ts";
import { intervalsAfter } from "./period.ts";
import { billSubscription, noMethod, settleAtOnce } from "./subscription-bill.ts";
import { cancelFields } from "./subscription-cancel-date.ts";
import { periodLines } from "./subscription-lines.ts";
import {
  intervalOf,
  saveSubscription,
  subscriptionNamed,
  timeOf,
  withPeriod,
} from "./subscription-object.ts";

type Resumption = {
  readonly billing_cycle_anchor?: { type: "now" | "unchanged" } | undefined;
  readonly payment_behavior?: "resume_on_payment_attempt" | "resume_on_payment_success" | undefined;
};

/** Begins a paused subscription anew, from now on: active once its invoice is paid, or tried where that is enough. */
export function resumeSubscription(
  world: World,
  id: string,
  { billing_cycle_anchor, payment_behavior }: Resumption,
): Stripe.Subscription {
  const before = subscriptionNamed(world, id);
  if (before.status !== "paused") {
    throw invalid(`This subscription cannot be resumed because it is ${before.status}.`);
  }
  if (billing_cycle_anchor?.type === "unchanged") {
    throw notModelled("resuming with the billing cycle unchanged", "billing_cycle_anchor[type]");
  }
  const now = timeOf(world, before);
  const period = { start: now, end: intervalsAfter(now, intervalOf(before), 1) };
  const invoice = world.newId("in");
  const rolled = saveSubscription(world, {
    ...withPeriod(before, period),
    ...cancelFields({}, { now, period, before }),
    billing_cycle_anchor: now,
    latest_invoice: invoice,
  });
  const draft = billSubscription(world, rolled, {
    id: invoice,
    reason: "subscription_update",
    lines: periodLines(world, rolled.items.data, period),
    period: { start: now, end: now },
    withPendingItems: "all",
  });
  const how = { behavior: "allow_incomplete", offSession: true, retries: false } as const;
  const { outcome } = settleAtOnce(world, draft, how);
  if (outcome === "no_method") throw noMethod();
  const isSettled = outcome === "paid" || outcome === "sent";
  if (isSettled || payment_behavior === "resume_on_payment_attempt") {
    becomeActive(world, id, isSettled ? "active" : "past_due");
  }
  return subscriptionNamed(world, id);
}

function becomeActive(world: World, id: string, status: "active" | "past_due"): void {
  const { status_details: _, ...rest } = subscriptionNamed(world, id);
  const after = saveSubscription(world, { ...rest, status });
  emit(world, "customer.subscription.resumed", after);
}

/** Stops billing and service until it is resumed; nothing is given back. */
export function pauseSubscription(world: World, id: string): Stripe.Subscription {
  const before = subscriptionNamed(world, id);
  if (before.status !== "active" && before.status !== "past_due") {
    throw invalid(`This subscription cannot be paused because it is ${before.status}.`);
  }
  if (before.schedule !== null) {
    throw invalid(
      `The subscription is managed by the subscription schedule \`${idOf(before.schedule)}\` and cannot be paused.`,
    );
  }
  const after = saveSubscription(world, {
    ...before,
    status: "paused",
    status_details: {
      paused: {
        subscription: { type: "pause_requested" },
        transitioned_at: timeOf(world, before),
        type: "subscription",
      },
    },
  });
  emit(world, "customer.subscription.paused", after);
  return after;
}
