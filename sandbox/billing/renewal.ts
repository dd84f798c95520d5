import type Stripe from "stripe";
import type { World } from "../state/world.ts";
import type { LineDraft } from "./lines.ts";
import { billedAfter, type Period, wholePeriod } from "./period.ts";
import { billSubscription } from "./subscription-bill.ts";
import { periodLines } from "./subscription-lines.ts";
import { intervalOf, periodOf, saveSubscription, withPeriod } from "./subscription-object.ts";
import { endTrialWithoutMethod } from "./trial-end.ts";

const RENEWING = new Set<string>(["active", "past_due", "trialing", "unpaid"]);

/** When a subscription is billed next by itself; undefined where it is not. */
export function renewsAt({ status, items, cancel_at }: Stripe.Subscription): number | undefined {
  const end = items.data[0]?.current_period_end;
  if (end === undefined || !RENEWING.has(status)) return undefined;
  return cancel_at !== null && cancel_at <= end ? undefined : end;
}

/** The end of a period, with the clock standing there: the next begins, or the trial ends without one. */
export function renew(world: World, subscription: Stripe.Subscription): void {
  if (!endTrialWithoutMethod(world, subscription)) startPeriod(world, subscription);
}

/** Rolls the period and then drafts its invoice, which waits a while until it is final. */
export function startPeriod(world: World, before: Stripe.Subscription): Stripe.Invoice {
  const last = periodOf(before);
  const { period, whole } = nextPeriod(before);
  const advances =
    before.status !== "unpaid" && before.pause_collection?.behavior !== "keep_as_draft";
  const id = world.newId("in");
  const rolled = saveSubscription(world, {
    ...withPeriod(before, period),
    latest_invoice: id,
    status: before.status === "trialing" ? "active" : before.status,
  });
  const lines: LineDraft[] = periodLines(world, rolled.items.data, period, whole);
  return billSubscription(world, rolled, {
    id,
    reason: "subscription_cycle",
    lines,
    period: last,
    withPendingItems: "all",
    autoAdvance: advances,
  });
}

/** From the end of the last to the anchor's next moment, or to an end that was set before it. */
function nextPeriod(subscription: Stripe.Subscription): { period: Period; whole: number } {
  const { billing_cycle_anchor: anchor, cancel_at } = subscription;
  const every = intervalOf(subscription);
  const start = periodOf(subscription).end;
  const natural = billedAfter(anchor, every, start);
  const end = cancel_at === null ? natural : Math.min(natural, cancel_at);
  return { period: { start, end }, whole: wholePeriod(anchor, every, start) };
}
