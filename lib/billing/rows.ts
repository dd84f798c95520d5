import type {
  CheckoutSnapshot,
  DisputeSnapshot,
  InvoiceSnapshot,
  PaymentSnapshot,
  SubscriptionSnapshot,
} from "../gateways/gateway.ts";
import type {
  CheckoutRow,
  DisputeRow,
  InvoiceRow,
  PaymentRow,
  State,
  SubscriptionRow,
} from "./state.ts";

/** Snapshots turned into the rows that we keep: pure, and complete, so that a save needs no reading. */

type Saved<Row> = Omit<Row, "id">;

export function subscriptionRow(
  state: State,
  snapshot: SubscriptionSnapshot,
  held: SubscriptionRow | undefined,
): Saved<SubscriptionRow> {
  const main = mainItem(state, snapshot);
  return {
    ...identity(state, snapshot.ref),
    customerRef: snapshot.customerRef,
    status: snapshot.status,
    gatewayStatus: snapshot.gatewayStatus,
    planId: main?.planId ?? state.provisional?.planId ?? null,
    priceRef: main?.priceRef ?? null,
    quantity: main?.quantity ?? 1,
    items: snapshot.items.map((item) => ({ ...item })),
    currency: snapshot.currency?.toUpperCase() ?? null,
    periodStart: snapshot.periodStart,
    periodEnd: snapshot.periodEnd,
    trialEnd: snapshot.trialEnd,
    startedAt: snapshot.startedAt,
    cancelAt: snapshot.cancelAt,
    canceledAt: snapshot.canceledAt,
    endedAt: snapshot.endedAt,
    pastDueSince: pastDueSince(state, snapshot, held),
    latestInvoiceRef: snapshot.latestInvoiceRef,
    ...aheadOf(snapshot, held),
    isCollectionPaused: snapshot.isCollectionPaused ?? held?.isCollectionPaused ?? false,
    methodRef: told(snapshot.methodRef, held?.methodRef),
    isProvisional: state.provisional !== undefined,
  };
}

/** What is to become of a subscription. A plan is its schedule's: with another schedule it is not that plan. */
function aheadOf(snapshot: SubscriptionSnapshot, held: SubscriptionRow | undefined) {
  const scheduleRef = told(snapshot.scheduleRef, held?.scheduleRef);
  const isSame = held !== undefined && scheduleRef === held.scheduleRef;
  const { planned, unpaidChange } = snapshot;
  return {
    scheduleRef,
    planned: told(
      planned && { ...planned, at: planned.at.toISOString(), items: [...planned.items] },
      isSame ? held.planned : null,
    ),
    unpaidChange: told(
      unpaidChange && {
        ...unpaidChange,
        until: unpaidChange.until?.toISOString() ?? null,
        items: [...unpaidChange.items],
      },
      held?.unpaidChange,
    ),
  };
}

/** What a snapshot leaves out stays as it is held. */
function told<T>(said: T | null | undefined, held: T | null | undefined): T | null {
  return said === undefined ? (held ?? null) : said;
}

export function invoiceRow(
  state: State,
  snapshot: InvoiceSnapshot,
  held: InvoiceRow | undefined,
): Saved<InvoiceRow> {
  const { kind: _, asOf: __, links: ___, lines, creditNotes, ...fields } = snapshot;
  return {
    ...identity(state, snapshot.ref),
    ...fields,
    currency: snapshot.currency.toUpperCase(),
    lines: lines.map((line) => ({
      ...line,
      periodStart: line.periodStart?.toISOString() ?? null,
      periodEnd: line.periodEnd?.toISOString() ?? null,
    })),
    creditNotes:
      creditNotes?.map((note) => ({
        ...note,
        issuedAt: note.issuedAt?.toISOString() ?? null,
        lines: [...note.lines],
      })) ??
      held?.creditNotes ??
      [],
  };
}

export function paymentRow(state: State, snapshot: PaymentSnapshot): Saved<PaymentRow> {
  const {
    kind: _,
    asOf: __,
    links: ___,
    commandId: ____,
    refundedSoFarMinor,
    ...fields
  } = snapshot;
  return {
    ...identity(state, snapshot.ref),
    ...fields,
    currency: snapshot.currency.toUpperCase(),
    refundedMinor: refundedSoFarMinor,
  };
}

export function disputeRow(state: State, snapshot: DisputeSnapshot): Saved<DisputeRow> {
  const { kind: _, asOf: __, links: ___, ...fields } = snapshot;
  return {
    ...identity(state, snapshot.ref),
    ...fields,
    currency: snapshot.currency.toUpperCase(),
  };
}

export function checkoutRow(state: State, snapshot: CheckoutSnapshot): Saved<CheckoutRow> {
  const priceRef = snapshot.priceRefs.find((ref) => state.planOfPrice.has(ref));
  const named = state.plans.find((plan) => plan.code === snapshot.planCode);
  return {
    ...identity(state, snapshot.ref),
    customerRef: snapshot.customerRef,
    subscriptionRef: snapshot.subscriptionRef,
    paymentRef: snapshot.paymentRef,
    purpose: snapshot.purpose,
    status: snapshot.status,
    isPaid: snapshot.isPaid,
    paymentFailed: snapshot.paymentFailed,
    planId: (priceRef ? state.planOfPrice.get(priceRef) : named?.id) ?? null,
    priceRef: priceRef ?? snapshot.priceRefs[0] ?? null,
    asOf: state.source === "payload" ? snapshot.asOf : heldAsOf(state, snapshot),
  };
}

function identity(state: State, ref: string) {
  return {
    gateway: state.gateway,
    mode: state.mode,
    ref,
    organizationId: state.organization?.id ?? null,
  };
}

/** The item that decides the plan: the one with the highest tier, else the first. */
function mainItem(state: State, snapshot: SubscriptionSnapshot) {
  const rankOf = (planId: string | undefined) => {
    const plan = state.plans.find((candidate) => candidate.id === planId);
    return state.tiers.find((tier) => tier.id === plan?.tierId)?.rank ?? -1;
  };
  const [main] = snapshot.items
    .map((item) => ({ ...item, planId: state.planOfPrice.get(item.priceRef) }))
    .sort((a, b) => rankOf(b.planId) - rankOf(a.planId));
  return main;
}

/**
 * The moment that grace counts from where no unpaid invoice tells it. A payload knows its own moment;
 * a fetch only knows when it looked, so the first look holds.
 */
function pastDueSince(
  state: State,
  snapshot: SubscriptionSnapshot,
  held: SubscriptionRow | undefined,
): Date | null {
  if (snapshot.status !== "past_due") return null;
  if (state.source === "payload") return snapshot.asOf;
  return held?.pastDueSince ?? snapshot.asOf;
}

/** A second look at the same page is not news. */
function heldAsOf(state: State, snapshot: CheckoutSnapshot): Date {
  const held = state.held as CheckoutRow | undefined;
  return held?.status === snapshot.status && held.isPaid === snapshot.isPaid
    ? held.asOf
    : snapshot.asOf;
}
