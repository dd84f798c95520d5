import type { Tx } from "#db/client.ts";
import { AppError } from "../../errors.ts";
import type { SubscriptionRow } from "../state.ts";
import { type Asker, modeFor } from "./authority.ts";
import { revisionOf } from "./intention.ts";
import { type Own, type OwnRow, ownSubscriptions, type Place } from "./store.ts";

/** A subscription that commands are about, with the revision that a page shows of it. */
export type Subject = { readonly subscription: SubscriptionRow; readonly revision: string };

/** The organization's own subscription, or `not_found`: nobody else's can be named. */
export async function subjectOf(
  tx: Tx,
  actor: Asker,
  organizationId: string,
  subscriptionId: string,
): Promise<Subject> {
  const [subject] = await subjects(tx, { organizationId, subscriptionId, mode: modeFor(actor) });
  if (!subject) throw new AppError("not_found", "There is no such subscription.");
  return subject;
}

/** All subscriptions of the organization that are not over. */
export function subjectsOf(tx: Tx, actor: Asker, organizationId: string): Promise<Subject[]> {
  return subjects(tx, { organizationId, mode: modeFor(actor) });
}

async function subjects(tx: Tx, own: Own): Promise<Subject[]> {
  return (await ownSubscriptions(tx, own)).map(subjectIn);
}

/** A row as a subject. */
export function subjectIn({ subscription, settled }: OwnRow): Subject {
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
