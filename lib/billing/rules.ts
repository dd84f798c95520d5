import type { Change } from "#db/schema/inbox.ts";
import type {
  CheckoutSnapshot,
  DisputeSnapshot,
  InvoiceSnapshot,
  PaymentSnapshot,
  SubscriptionSnapshot,
} from "../gateways/gateway.ts";
import { DAY, MINUTE } from "../time.ts";
import { withOrder } from "./ordering/follow-rules.ts";
import { checkoutRow, disputeRow, invoiceRow, paymentRow, subscriptionRow } from "./rows.ts";
import type {
  CheckoutRow,
  Decision,
  DisputeRow,
  Effect,
  Entitling,
  InvoiceRow,
  OwnedSnapshot,
  PaymentRow,
  Reason,
  Setting,
  State,
  SubscriptionRow,
} from "./state.ts";
import { entitles, tierFor } from "./tier-rules.ts";
import { changesBetween, differs } from "./words.ts";

type Saved<Row> = Omit<Row, "id">;
type Held<Row> = Row | undefined;

/**
 * What must follow from a snapshot, given what is held. Pure: the same state and snapshot always give
 * the same effects, and a snapshot that is true already saves nothing. Notices and rings may be asked
 * for again: a notice is sent once by its name and attempt, a ring repeats only where it says so.
 */
export function decide(state: State, snapshot: OwnedSnapshot): Decision {
  return heard(state, whatFollows(state, snapshot));
}

/** What follows from a page or a payment for the order that it is of, where nobody knows whose it is else. */
export function decideOrder(
  state: Setting & Pick<State, "order">,
  snapshot: CheckoutSnapshot | PaymentSnapshot,
): Decision {
  return heard(state, withOrder(state, snapshot, nothing()));
}

function nothing(): Decision {
  return { effects: [], changes: [], reason: undefined };
}

/** Nobody gets a mail about what only a test said, or about money of the mode that is not in use. */
function heard({ countsForTier, isMute }: Setting, decision: Decision): Decision {
  if (countsForTier && !isMute) return decision;
  const effects = decision.effects.filter((effect) => effect.kind !== "notice");
  return { ...decision, effects };
}

function whatFollows(state: State, snapshot: OwnedSnapshot): Decision {
  switch (snapshot.kind) {
    case "customer":
      return withTier(state, nothing());
    case "subscription":
      return subscriptionFollows(state, snapshot);
    case "invoice":
      return invoiceFollows(state, snapshot);
    case "payment":
      return paymentFollows(state, snapshot);
    case "dispute":
      return disputeFollows(state, snapshot);
    case "checkout":
      return checkoutFollows(state, snapshot);
  }
}

/** The tier again, from what is held: for the clock, a mapping, an unlinking. */
export function decideTier(state: State): Decision {
  return withTier(state, nothing());
}

function subscriptionFollows(state: State, snapshot: SubscriptionSnapshot): Decision {
  const held = state.held as Held<SubscriptionRow>;
  const row = subscriptionRow(state, snapshot, held);
  const decision = save(state, `subscription ${row.ref}`, held, row, {
    kind: "save_subscription",
    row,
  });
  if (isTrialEndingSoon(row, state.now)) {
    decision.effects.push({
      kind: "notice",
      notice: "trial_ending",
      object: nameOf(state, row.ref),
      attempt: Math.floor((row.trialEnd?.getTime() ?? 0) / 1000),
    });
  }
  if (
    row.status === "canceled" &&
    held?.status !== "canceled" &&
    hadBegun(row) &&
    isRecent(row.endedAt, state.now)
  ) {
    const notice = { kind: "notice", notice: "subscription_canceled", attempt: 0 } as const;
    decision.effects.push({ ...notice, object: nameOf(state, row.ref) });
  }
  const isLive = row.status !== "canceled" && row.status !== "incomplete";
  if (isLive && !row.planId) decision.reason = noPlan(row.priceRef, entitles(row, state));
  return withTier(state, decision, row);
}

function invoiceFollows(state: State, snapshot: InvoiceSnapshot): Decision {
  const held = state.held as Held<InvoiceRow>;
  const row = invoiceRow(state, snapshot, held);
  const decision = save(state, `invoice ${row.number ?? row.ref}`, held, row, {
    kind: "save_invoice",
    row,
  });
  const unpaid = row.status === "open" && row.attemptCount > 0 && row.amountRemainingMinor > 0;
  if (unpaid && isRecent(row.issuedAt, state.now)) {
    decision.effects.push({
      kind: "notice",
      notice: "payment_failed",
      object: nameOf(state, row.ref),
      attempt: row.attemptCount,
    });
  }
  decision.effects.push(...provisionalRing(row.subscriptionRef, state, held, row));
  return withTier(unpaid ? withUnpaid(state, row) : state, decision);
}

function paymentFollows(state: State, snapshot: PaymentSnapshot): Decision {
  const row = paymentRow(state, snapshot);
  const decision = save(state, `payment ${row.ref}`, state.held as Held<PaymentRow>, row, {
    kind: "save_payment",
    row,
  });
  return withTier(state, withOrder(state, snapshot, decision));
}

function disputeFollows(state: State, snapshot: DisputeSnapshot): Decision {
  const row = disputeRow(state, snapshot);
  return withTier(
    state,
    save(state, `dispute ${row.ref}`, state.held as Held<DisputeRow>, row, {
      kind: "save_dispute",
      row,
    }),
  );
}

function checkoutFollows(state: State, snapshot: CheckoutSnapshot): Decision {
  const held = state.held as Held<CheckoutRow>;
  const row = checkoutRow(state, snapshot);
  const decision = save(state, `checkout ${row.ref}`, held, row, { kind: "save_checkout", row });
  decision.effects.push(...provisionalRing(row.subscriptionRef, state, held, row));
  const isOnlyHope = state.source === "payload" && !state.isSubscriptionDescribed && !row.planId;
  if (row.subscriptionRef && isOnlyHope) {
    decision.reason = {
      code: "waiting_for_subscription",
      sentence: `Waiting for subscription ${row.subscriptionRef}: nothing has said yet what it buys.`,
    };
  }
  return withTier(state, withOrder(state, snapshot, decision));
}

/** Saves a row if it says anything new, and tells in words what is new. */
function save(
  state: State,
  record: string,
  held: Held<{ id: string; ref: string }>,
  row: { ref: string },
  effect: Effect,
): Decision {
  if (!differs(held, row)) return { effects: [], changes: [], reason: undefined };
  const told = changesBetween(record, held, row, namesIn(state));
  // What differs may be nothing that is told about, such as a link to a page; say at least that.
  const changes =
    told.length > 0 ? told : [{ record, field: "details", before: null, after: "new" }];
  return { effects: [effect], changes, reason: undefined };
}

/** Adds what the decision means for the organization's tier. */
function withTier(state: State, decision: Decision, row?: Saved<SubscriptionRow>): Decision {
  const { organization } = state;
  if (!organization || organization.isTierHeld || !state.countsForTier) return decision;
  const verdict = tierFor({
    ...state,
    subscriptions: row ? replaced(state.subscriptions, row) : state.subscriptions,
    heldTierId: organization.tierId,
    heldUntil: organization.tierValidUntil,
  });
  const moved = verdict.tierId !== organization.tierId;
  const until = verdict.validUntil?.getTime();
  if (!moved && until === organization.tierValidUntil?.getTime()) return decision;
  const effect: Effect = { kind: "set_tier", fromTierId: organization.tierId, ...verdict };
  const changes = moved
    ? [...decision.changes, tierChange(state, verdict.tierId)]
    : decision.changes;
  return { ...decision, effects: [...decision.effects, effect], changes };
}

function tierChange(state: State, tierId: string): Change {
  const name = (id: string | undefined) => state.tiers.find((tier) => tier.id === id)?.name ?? null;
  return {
    record: `organization ${state.organization?.name}`,
    field: "tier",
    before: name(state.organization?.tierId),
    after: name(tierId),
  };
}

/**
 * A subscription that nobody has asked about is to be fetched. In payload mode, one that no event of
 * its own describes is told by its checkout and its invoices, so each of their news rings it.
 */
function provisionalRing(
  subscriptionRef: string | null,
  state: State,
  held: Held<CheckoutRow | InvoiceRow>,
  row: Saved<CheckoutRow> | Saved<InvoiceRow>,
): Effect[] {
  if (!subscriptionRef) return [];
  const refs = [{ type: "subscription", ref: subscriptionRef } as const];
  if (state.source === "fetch") return [{ kind: "ring", refs, evenIfKnown: false }];
  const isNews = state.wasAway || differs(held, row);
  if (state.isSubscriptionDescribed || !isNews) return [];
  return [{ kind: "ring", refs, evenIfKnown: true }];
}

/** The state with this unpaid invoice among those that grace counts from. */
function withUnpaid(state: State, row: Saved<InvoiceRow>): State {
  const { subscriptionRef, issuedAt } = row;
  if (!subscriptionRef || !issuedAt) return state;
  const known = state.unpaidSince.get(subscriptionRef);
  if (known && known <= issuedAt) return state;
  return { ...state, unpaidSince: new Map([...state.unpaidSince, [subscriptionRef, issuedAt]]) };
}

function replaced(subscriptions: readonly Entitling[], row: Saved<SubscriptionRow>): Entitling[] {
  return [...subscriptions.filter((subscription) => subscription.ref !== row.ref), row];
}

function isTrialEndingSoon(row: Saved<SubscriptionRow>, now: Date): boolean {
  if (row.status !== "trialing" || !row.trialEnd || row.cancelAt) return false;
  const left = row.trialEnd.getTime() - now.getTime();
  // It is told once, three days before to the second, by a clock that is not ours.
  return left > 0 && left <= 3 * DAY + 5 * MINUTE;
}

/** A first payment that was never made ends what nobody ever had. */
function hadBegun(row: Saved<SubscriptionRow>): boolean {
  return !row.gatewayStatus.startsWith("incomplete");
}

/** News older than this is history that was imported or replayed late: nobody wants a mail about it. */
function isRecent(at: Date | null, now: Date): boolean {
  return at !== null && now.getTime() - at.getTime() < 60 * DAY;
}

function noPlan(priceRef: string | null, keepsTier: boolean): Reason {
  const what = priceRef ? `${priceRef} is in no plan` : "The subscription names no price";
  const sentence = keepsTier ? `${what}, so the tier stays as it is.` : `${what}.`;
  return { code: "price_in_no_plan", sentence };
}

function nameOf(state: State, ref: string): string {
  return `${state.gateway}:${state.mode}:${ref}`;
}

function namesIn(state: State): ReadonlyMap<string, string> {
  const names = new Map(state.plans.map((plan) => [plan.id, plan.name]));
  if (state.organization) names.set(state.organization.id, state.organization.name);
  return names;
}
