import type Stripe from "stripe";
import type { Due } from "../clock/due.ts";
import { settingsOf } from "../control/settings.ts";
import type { TimeNote } from "../state/kinds.ts";
import type { ClockRef, World } from "../state/world.ts";
import { endSubscription } from "./cancel.ts";
import { voidInvoice } from "./invoice.ts";
import { expirePendingUpdate, latestInvoiceOf } from "./pending-update.ts";
import { DAY, HOUR } from "./period.ts";
import { announceUpcoming } from "./preview-upcoming.ts";
import { renew, renewsAt } from "./renewal.ts";
import { expireIncomplete } from "./subscription-after-invoice.ts";
import { timeNote } from "./subscription-notes.ts";
import { hasEnded, saveSubscription } from "./subscription-object.ts";
import { announceTrialEnd, trialNoticeAt } from "./trial.ts";

/** How long a subscription waits for its first payment. *From memory.* */
const INCOMPLETE_SECONDS = 23 * HOUR;

/** What time does to subscriptions. Of what is due at one moment, the first in the list comes first. */
export function subscriptionDue(world: World, clock: ClockRef): Due | undefined {
  const { upcomingDays } = settingsOf(world);
  let first: Stripe.Subscription | undefined;
  let firstAt = Number.POSITIVE_INFINITY;
  for (const subscription of world.all("subscription")) {
    if (hasEnded(subscription) || (subscription.test_clock ?? null) !== clock) continue;
    const at = nextAt(world, subscription, upcomingDays);
    if (at < firstAt) [first, firstAt] = [subscription, at];
  }
  return first && duesOf(world, first).find(({ at }) => at === firstAt);
}

type Known = {
  readonly note: TimeNote | undefined;
  readonly upcomingDays: number;
  readonly at: number;
};

/** Subscriptions are values: as long as one is the same, so is its next moment, but for the notes of it. */
const known = new WeakMap<Stripe.Subscription, Known>();

function nextAt(world: World, subscription: Stripe.Subscription, upcomingDays: number): number {
  const note = world.get("time_note", subscription.id);
  const before = known.get(subscription);
  if (before?.note === note && before?.upcomingDays === upcomingDays) return before.at;
  const at = Math.min(...duesOf(world, subscription).map((due) => due.at));
  known.set(subscription, { note, upcomingDays, at });
  return at;
}

function duesOf(world: World, subscription: Stripe.Subscription): Due[] {
  const { cancel_at, created, pause_collection, pending_update, status } = subscription;
  const times: [number | null | undefined, () => void][] = [
    [pending_update?.expires_at, () => expirePendingUpdate(world, subscription)],
    [
      status === "incomplete" ? created + INCOMPLETE_SECONDS : null,
      () => giveUp(world, subscription),
    ],
    [cancel_at, () => endSubscription(world, subscription, { reason: null })],
    [pause_collection?.resumes_at, () => resumeCollection(world, subscription)],
    [trialNoticeAt(world, subscription), () => announceTrialEnd(world, subscription)],
    [upcomingAt(world, subscription), () => announceUpcoming(world, subscription)],
    [renewsAt(subscription), () => renew(world, subscription)],
  ];
  return times.flatMap(([at, run]) => (at === null || at === undefined ? [] : [{ at, run }]));
}

/** Some days before a renewal, unless the whole period is shorter than that. */
function upcomingAt(world: World, subscription: Stripe.Subscription): number | undefined {
  const end = renewsAt(subscription);
  if (end === undefined || timeNote(world, subscription.id).upcomingSaid === end) return undefined;
  const at = end - settingsOf(world).upcomingDays * DAY;
  const start = subscription.items.data[0]?.current_period_start ?? end;
  return at > start ? at : undefined;
}

function giveUp(world: World, subscription: Stripe.Subscription): void {
  expireIncomplete(world, subscription);
  const invoice = latestInvoiceOf(world, subscription);
  if (invoice?.status === "open") voidInvoice(world, invoice.id);
}

function resumeCollection(world: World, subscription: Stripe.Subscription): void {
  saveSubscription(world, { ...subscription, pause_collection: null });
}
