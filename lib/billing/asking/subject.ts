import type { Tx } from "#db/client.ts";
import { AppError } from "../../errors.ts";
import type { SubscriptionRow } from "../state.ts";
import { type Asker, modeFor } from "./authority.ts";
import { revisionOf } from "./intention.ts";
import { findSubscription, type Place, settledCount } from "./store.ts";

/** A subscription that commands are about, with the revision that a page shows of it. */
export type Subject = { readonly subscription: SubscriptionRow; readonly revision: string };

/** The organization's own subscription, or `not_found`: nobody else's can be named. */
export async function subjectOf(
  tx: Tx,
  actor: Asker,
  organizationId: string,
  subscriptionId: string,
): Promise<Subject> {
  const own = { organizationId, subscriptionId, mode: modeFor(actor) };
  const subscription = await findSubscription(tx, own);
  if (!subscription) throw new AppError("not_found", "There is no such subscription.");
  const settled = await settledCount(tx, placeOf(subscription));
  return { subscription, revision: revisionOf(whatIsSeen(subscription), settled) };
}

/** What commands about a subscription are filed under. */
export function placeOf({ gateway, mode, ref }: SubscriptionRow): Place {
  return { gateway, mode, object: `subscription:${ref}` };
}

/** All that a person decides by: if any of it moves, what was decided is out of date. */
function whatIsSeen(row: SubscriptionRow) {
  return {
    status: row.status,
    items: row.items.map(({ priceRef, quantity }) => ({ priceRef, quantity })),
    periodEnd: row.periodEnd,
    trialEnd: row.trialEnd,
    cancelAt: row.cancelAt,
    scheduleRef: row.scheduleRef,
    unpaidChange: row.unpaidChange !== null,
    isCollectionPaused: row.isCollectionPaused,
  };
}
