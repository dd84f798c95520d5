import type Stripe from "stripe";
import { invalid } from "../protocol/errors.ts";
import type { World } from "../state/world.ts";
import type { LineDraft } from "./lines.ts";
import { intervalsAfter, isSameInterval, type Period } from "./period.ts";
import { creditLines, isBilledChange, remainderLines } from "./proration.ts";
import { discountsOn } from "./subscription-bill.ts";
import { cancelFields } from "./subscription-cancel-date.ts";
import { checkTrialEnd } from "./subscription-create.ts";
import { type ChangedItem, changedItems, sumOf } from "./subscription-items.ts";
import { periodLines, trialLines } from "./subscription-lines.ts";
import {
  intervalOf,
  periodOf,
  recurringOf,
  timeOf,
  withItems,
  withPeriod,
} from "./subscription-object.ts";
import type { SubscriptionChanges } from "./subscription-terms.ts";

/** What a change comes to: the subscription after it, and what is billed for it, now or with the next invoice. */
export type Plan = {
  readonly next: Stripe.Subscription;
  readonly lines: readonly LineDraft[];
  readonly billsNow: boolean;
  /** Whether the billing cycle begins anew, so that all that is pending comes along. */
  readonly resets: boolean;
  readonly prorationDate: number;
};

/** Works out what a change of items, trial or anchor comes to. `before` has all other changes already. */
export function planChange(
  world: World,
  before: Stripe.Subscription,
  changes: SubscriptionChanges,
): Plan {
  const now = timeOf(world, before);
  const period = periodOf(before);
  const home = { subscription: before.id, created: now, period };
  const changed = changedItems(world, before.items.data, changes.items ?? [], home);
  const next = withItems(
    before,
    changed.flatMap(({ after }) => after ?? []),
  );
  const prorationDate = prorationDateOf(changes, period, now);
  const shared = { changes, changed, next, prorationDate, now };
  if (typeof changes.trial_end === "number") return trialPlan(world, before, shared);
  if (resetsAnchor(before, next, changes)) return resetPlan(world, before, shared);
  return withinPeriod(world, before, shared);
}

type Shared = {
  readonly changes: SubscriptionChanges;
  readonly changed: readonly ChangedItem[];
  readonly next: Stripe.Subscription;
  readonly prorationDate: number;
  readonly now: number;
};

function prorationDateOf(changes: SubscriptionChanges, period: Period, now: number): number {
  const at = changes.proration_date ?? now;
  if (changes.proration_date === undefined || (at >= period.start && at <= period.end)) return at;
  throw invalid("Cannot specify a proration date outside of the current billing period.", {
    param: "proration_date",
  });
}

/** Asked for, by the end of a trial, by another interval, or by the first price that is not free. */
function resetsAnchor(
  before: Stripe.Subscription,
  next: Stripe.Subscription,
  changes: SubscriptionChanges,
): boolean {
  if (changes.billing_cycle_anchor?.type === "now") return true;
  if (before.status === "trialing") return changes.trial_end === "now";
  if (!isSameInterval(intervalOf(before), intervalOf(next))) return true;
  return sumOf(before.items.data) === 0 && sumOf(next.items.data) > 0;
}

/** A trial that begins or is put off: nothing is due until its end, which is the new anchor. */
function trialPlan(
  world: World,
  before: Stripe.Subscription,
  { changes, next, prorationDate, now }: Shared,
): Plan {
  const end = Number(changes.trial_end);
  checkTrialEnd(end, now);
  const isTrialing = before.status === "trialing";
  const period = { start: isTrialing ? periodOf(before).start : now, end };
  const after: Stripe.Subscription = {
    ...withPeriod(next, period),
    billing_cycle_anchor: end,
    status: "trialing",
    trial_end: end,
    trial_start: isTrialing ? before.trial_start : now,
  };
  const credits = isTrialing ? [] : creditsOf(world, before, changes, prorationDate);
  return {
    next: { ...after, ...cancelFields({}, { now, period, before }) },
    lines: isTrialing ? [] : [...credits, ...trialLines(world, after.items.data, period)],
    billsNow: !isTrialing,
    resets: !isTrialing,
    prorationDate,
  };
}

/** A new billing cycle from now on: what is unused comes back, and a whole period is billed at once. */
function resetPlan(
  world: World,
  before: Stripe.Subscription,
  { changes, next, prorationDate, now }: Shared,
): Plan {
  const [first] = next.items.data;
  if (!first) throw new Error(`subscription ${before.id} has no items`);
  const period = { start: now, end: intervalsAfter(now, recurringOf(first.price), 1) };
  const isTrialing = before.status === "trialing";
  const after: Stripe.Subscription = {
    ...withPeriod(next, period),
    billing_cycle_anchor: now,
    status: isTrialing ? "active" : before.status,
    trial_end: isTrialing ? now : before.trial_end,
  };
  return {
    next: { ...after, ...cancelFields({}, { now, period, before }) },
    lines: [
      ...(isTrialing ? [] : creditsOf(world, before, changes, prorationDate)),
      ...periodLines(world, after.items.data, period),
    ],
    billsNow: true,
    resets: true,
    prorationDate,
  };
}

function creditsOf(
  world: World,
  before: Stripe.Subscription,
  changes: SubscriptionChanges,
  at: number,
): LineDraft[] {
  if (changes.proration_behavior === "none") return [];
  return before.items.data.flatMap((item) => creditLines(world, item, at));
}

/** The items change and the period stays: credit for what is unused, debit for what remains. */
function withinPeriod(
  world: World,
  before: Stripe.Subscription,
  { changes, changed, next, prorationDate }: Shared,
): Plan {
  const behavior = changes.proration_behavior ?? "create_prorations";
  const isProrated = behavior !== "none" && before.status !== "trialing";
  const billed = isProrated ? changed.filter(isBilledChange) : [];
  const lines = [
    ...billed.flatMap(({ before: item }) => (item ? creditLines(world, item, prorationDate) : [])),
    ...remainderLines(
      world,
      next.items.data,
      billed.flatMap(({ after }) => after ?? []),
      { at: prorationDate, period: periodOf(before), discounts: discountsOn(world, next) },
    ),
  ];
  const billsNow = behavior === "always_invoice" && lines.length > 0;
  return { next, lines, billsNow, resets: false, prorationDate };
}
