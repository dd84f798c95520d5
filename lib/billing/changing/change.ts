import type { Tx } from "#db/client.ts";
import { AppError } from "../../errors.ts";
import type { Preview } from "../../gateways/asking.ts";
import { seatsInUse } from "../../identity/seats/store.ts";
import { together } from "../../together.ts";
import type { Asker } from "../asking/authority.ts";
import { reading } from "../asking/errand.ts";
import { nameFor } from "../asking/store.ts";
import { type Subject, subjectOf } from "../asking/subject.ts";
import type { SubscriptionRow } from "../state.ts";
import { pricesToOffer } from "./offer-rules.ts";
import { blockersOf, directionOf, type Sold, type Timing, timingsFor } from "./rules.ts";
import { changePolicy, isPaymentOpen, soldAt, soldBeside } from "./store.ts";

/** What somebody wants of a subscription: a price, so many times, then. */
export type WantedChange = {
  readonly subscriptionId: string;
  readonly priceRef: string;
  readonly quantity: number;
  /** Left out: when the operator's rule says. */
  readonly timing?: Timing | undefined;
};

/** A change with everything that decides whether it can be made. */
export type Change = {
  readonly wanted: WantedChange & { readonly timing: Timing };
  readonly subject: Subject;
  readonly from: Sold | undefined;
  readonly to: Sold;
  /** When it may take effect, what is usual first. */
  readonly timings: readonly Timing[];
  readonly blockers: readonly string[];
};

export async function changeOf(
  tx: Tx,
  actor: Asker,
  organizationId: string,
  wanted: WantedChange,
): Promise<Change> {
  const { subscriptionId, priceRef, quantity } = wanted;
  const subject = await subjectOf(tx, actor, organizationId, subscriptionId);
  const { subscription } = subject;
  const [to, from, policy, inUse, isOwed, name] = await together([
    soldTo(tx, actor, subscription, priceRef),
    soldAt(tx, subscription, subscription.priceRef),
    changePolicy(tx, actor),
    seatsInUse(tx, organizationId),
    isPaymentOpen(tx, subscription),
    nameFor(tx, actor, organizationId),
  ]);
  if (!to) throw new AppError("not_found", "There is no such plan.");
  const direction = directionOf(
    { sold: from, quantity: subscription.quantity },
    { sold: to, quantity },
  );
  const timings = timingsFor(direction, policy);
  const timing = wanted.timing ?? timings[0] ?? "now";
  const blockers = blockersOf({
    subscription,
    from,
    to,
    priceRef,
    quantity,
    timing,
    timings,
    seatsInUse: inUse,
    isPaymentOpen: isOwed,
    name,
  });
  return { wanted: { ...wanted, timing }, subject, from, to, timings, blockers };
}

/**
 * What a price sells to who asks. Customers get what a page offers: an older price of the plan that the
 * gateway still takes is not for sale to who knows its name.
 */
async function soldTo(
  tx: Tx,
  actor: Asker,
  subscription: SubscriptionRow,
  priceRef: string,
): Promise<Sold | undefined> {
  if (actor.kind === "administrator") return soldAt(tx, subscription, priceRef);
  const all = await soldBeside(tx, subscription, priceRef);
  // Of many hundreds of prices only the newest are read, and an older one is not offered.
  const sold =
    all.find((each) => each.priceRef === priceRef) ?? (await soldAt(tx, subscription, priceRef));
  if (!sold?.terms) return sold;
  const offered = pricesToOffer(all, subscription, sold.terms.interval);
  const isOffered = offered.some(({ price }) => price?.priceRef === priceRef);
  return { ...sold, isActive: sold.isActive && isOffered };
}

/** What the gateway says that a change would cost, reckoned at a moment or as of now. */
export async function previewed(
  { subject: { subscription }, wanted }: Pick<Change, "subject" | "wanted">,
  at: Date | undefined,
): Promise<Preview> {
  const errand = await reading(subscription);
  return errand.gateway.commands.previewChange(
    {
      subscriptionRef: subscription.ref,
      itemRef: itemOf(subscription),
      to: { priceRef: wanted.priceRef, quantity: wanted.quantity },
      timing: wanted.timing,
      at,
    },
    errand,
  );
}

/** The gateway's id of the only item. */
export function itemOf({ items }: SubscriptionRow): string {
  const ref = items[0]?.ref;
  if (!ref) {
    throw new AppError(
      "not_yet",
      "The payment company has not been asked about this subscription yet. Try again in a moment.",
    );
  }
  return ref;
}
