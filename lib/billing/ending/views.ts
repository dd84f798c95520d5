import { snapshot, type Tx } from "#db/client.ts";
import { config } from "../../config.ts";
import type { Asker } from "../asking/authority.ts";
import { nameFor, openCommand } from "../asking/store.ts";
import { placeOf, type Subject, subjectOf } from "../asking/subject.ts";
import { isPaymentOpen } from "../changing/store.ts";
import { withSeats } from "../seat-rules.ts";
import { entitlementsOfTier, organizationOf, type Reader, requireMoney } from "../views.ts";
import {
  cancelBlocker,
  givenUpInWords,
  keepBlocker,
  lostInWords,
  pauseBlocker,
  unpauseBlocker,
  wouldEndAt,
} from "./rules.ts";
import { isPauseAllowed, liveSubscriptionId, planNameOf, tierHeld, tierWithout } from "./store.ts";

export type EndingPage = NonNullable<Awaited<ReturnType<typeof findEnding>>>;

/**
 * All that is said before a subscription is cancelled, paused or kept: what is lost and when, and what
 * stands in the way. Undefined where the organization has no subscription that is not over.
 */
export async function findEnding(reader: Reader, subscriptionId?: string) {
  requireMoney(reader);
  const id = organizationOf(reader);
  return snapshot(async (tx) => {
    const named = subscriptionId ?? (await liveSubscriptionId(tx, id, config().mode));
    if (!named) return undefined;
    return endingOf(tx, reader.actor, await subjectOf(tx, reader.actor, id, named));
  });
}

async function endingOf(tx: Tx, actor: Asker, { subscription, revision }: Subject) {
  const left = await tierWithout(tx, subscription);
  const held = await tierHeld(tx, subscription);
  const bought = held?.isPerSeat ? subscription.quantity : undefined;
  const isAllowed = await isPauseAllowed(tx, actor);
  const name = await nameFor(tx, actor, subscription.organizationId ?? "");
  const allowed = (tier: { id: string } | undefined) =>
    tier ? entitlementsOfTier(tier.id, tx) : [];
  return {
    subscription,
    revision,
    planName: await planNameOf(tx, subscription),
    endsAt: wouldEndAt(subscription),
    tierAfter: left?.name ?? null,
    lost: lostInWords(withSeats(await allowed(held), bought), await allowed(left)),
    givenUp: givenUpInWords(subscription),
    onItsWay: (await openCommand(tx, placeOf(subscription))) !== undefined,
    blockers: {
      cancel: cancelBlocker(subscription),
      keep: keepBlocker(subscription),
      pause: pauseBlocker(subscription, isAllowed, name),
      unpause: unpauseBlocker(subscription, await isPaymentOpen(tx, subscription)),
    },
    isPauseAllowed: isAllowed,
  };
}
