import type Stripe from "stripe";
import { emit } from "../events/emit.ts";
import type { World } from "../state/world.ts";
import { DAY } from "./period.ts";
import { noteTime, timeNote } from "./subscription-notes.ts";
import { timeOf } from "./subscription-object.ts";

/** How long before its end a trial says that it ends. *From memory.* */
const TRIAL_NOTICE = 3 * DAY;

/** When a trial is to say that it ends; undefined where it has said so, or where there is no trial. */
export function trialNoticeAt(world: World, subscription: Stripe.Subscription): number | undefined {
  const { id, status, trial_end } = subscription;
  if (status !== "trialing" || trial_end === null) return undefined;
  return timeNote(world, id).trialEndSaid === trial_end ? undefined : trial_end - TRIAL_NOTICE;
}

/** Says that a trial ends, once it is time: at once for a short one. */
export function announceTrialEnd(world: World, subscription: Stripe.Subscription): void {
  const at = trialNoticeAt(world, subscription);
  if (at === undefined || at > timeOf(world, subscription)) return;
  noteTime(world, subscription.id, { trialEndSaid: subscription.trial_end });
  emit(world, "customer.subscription.trial_will_end", subscription);
}
