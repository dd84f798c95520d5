import type {
  Comp,
  Decision,
  Effect,
  Entitling,
  Organization,
  Plan,
  State,
  Tier,
} from "#lib/billing/state.ts";
import type {
  CheckoutSnapshot,
  CustomerSnapshot,
  DisputeSnapshot,
  InvoiceSnapshot,
  PaymentSnapshot,
  SubscriptionSnapshot,
} from "#lib/gateways/gateway.ts";
import { addDays } from "#lib/time.ts";

/** What billing decides about, as values with every default filled: a test names only what matters. */

/** The clock of these tests stands still. */
export const now = new Date("2026-07-15T12:00:00Z");

export function inDays(days: number): Date {
  return addDays(now, days);
}

export const tiers: readonly Tier[] = [
  { id: "tir_free", code: "free", name: "Free", rank: 0, isDefault: true },
  { id: "tir_pro", code: "pro", name: "Pro", rank: 10, isDefault: false },
  { id: "tir_business", code: "business", name: "Business", rank: 20, isDefault: false },
];

export const plans: readonly Plan[] = [
  { id: "pln_pro", code: "pro", name: "Pro monthly", tierId: "tir_pro" },
  { id: "pln_business", code: "business", name: "Business monthly", tierId: "tir_business" },
];

/** price_pro and price_business are in plans; any other price is in none. */
const planOfPrice: ReadonlyMap<string, string> = new Map([
  ["price_pro", "pln_pro"],
  ["price_business", "pln_business"],
]);

export function organization(what: Partial<Organization> = {}): Organization {
  return {
    id: "org_acme",
    name: "Acme",
    tierId: "tir_free",
    tierValidUntil: null,
    isTierHeld: false,
    ...what,
  };
}

/** Acme on Free, nothing held yet, in payload mode, with a week of grace. */
export function state(what: Partial<State> = {}): State {
  return {
    gateway: "stripe",
    mode: "test",
    source: "payload",
    now,
    graceDays: 7,
    countsForTier: true,
    isMute: false,
    wasAway: false,
    organization: organization(),
    tiers,
    plans,
    planOfPrice,
    subscriptions: [],
    comps: [],
    unpaidSince: new Map(),
    held: undefined,
    isSubscriptionDescribed: true,
    provisional: undefined,
    order: undefined,
    ...what,
  };
}

/** A subscription to Pro as the tier sees it, active without an end. */
export function entitling(what: Partial<Entitling> = {}): Entitling {
  return {
    ref: "sub_1",
    status: "active",
    planId: "pln_pro",
    priceRef: "price_pro",
    cancelAt: null,
    pastDueSince: null,
    endedAt: null,
    ...what,
  };
}

/** Business, given free of charge ten days ago for another ten, to an organization on Free. */
export function comp(what: Partial<Comp> = {}): Comp {
  return {
    id: "cmp_1",
    tierId: "tir_business",
    planId: "pln_business",
    tierBeforeId: "tir_free",
    endsAt: inDays(10),
    endedAt: null,
    ...what,
  };
}

const common = { asOf: now, links: [] };

export function customer(what: Partial<CustomerSnapshot> = {}): CustomerSnapshot {
  return {
    ...common,
    kind: "customer",
    ref: "cus_1",
    email: null,
    name: null,
    claim: undefined,
    ...what,
  };
}

/** Pro for a month, active, begun ten days ago. */
export function subscription(what: Partial<SubscriptionSnapshot> = {}): SubscriptionSnapshot {
  return {
    ...common,
    kind: "subscription",
    ref: "sub_1",
    customerRef: "cus_1",
    status: "active",
    gatewayStatus: what.status ?? "active",
    items: [{ priceRef: "price_pro", quantity: 1 }],
    currency: "eur",
    periodStart: inDays(-10),
    periodEnd: inDays(20),
    trialEnd: null,
    startedAt: inDays(-10),
    cancelAt: null,
    canceledAt: null,
    endedAt: null,
    latestInvoiceRef: "in_1",
    claim: undefined,
    ...what,
  };
}

/** €29.00 for Pro, paid yesterday. */
export function invoice(what: Partial<InvoiceSnapshot> = {}): InvoiceSnapshot {
  return {
    ...common,
    kind: "invoice",
    ref: "in_1",
    customerRef: "cus_1",
    subscriptionRef: "sub_1",
    number: "ACME-0001",
    status: "paid",
    billingReason: "subscription_cycle",
    currency: "eur",
    totalMinor: 2900,
    taxMinor: 0,
    includedTaxMinor: 0,
    amountDueMinor: 2900,
    amountPaidMinor: 2900,
    amountRemainingMinor: 0,
    attemptCount: 1,
    nextAttemptAt: null,
    issuedAt: inDays(-1),
    dueAt: null,
    paidAt: inDays(-1),
    hostedUrl: null,
    pdfUrl: null,
    lines: [],
    ...what,
  };
}

/** The same €29.00, tried once and still owed. */
export function unpaidInvoice(what: Partial<InvoiceSnapshot> = {}): InvoiceSnapshot {
  const owed = { status: "open", amountPaidMinor: 0, amountRemainingMinor: 2900 } as const;
  return invoice({ ...owed, paidAt: null, nextAttemptAt: inDays(3), ...what });
}

export function payment(what: Partial<PaymentSnapshot> = {}): PaymentSnapshot {
  return {
    ...common,
    kind: "payment",
    ref: "pi_1",
    customerRef: "cus_1",
    invoiceRef: "in_1",
    status: "succeeded",
    currency: "eur",
    amountMinor: 2900,
    refundedSoFarMinor: 0,
    isDisputed: false,
    failureCode: null,
    failureMessage: null,
    method: "visa •••• 4242",
    startedAt: inDays(-1),
    ...what,
  };
}

export function dispute(what: Partial<DisputeSnapshot> = {}): DisputeSnapshot {
  return {
    ...common,
    kind: "dispute",
    ref: "dp_1",
    paymentRef: "pi_1",
    status: "under_review",
    gatewayStatus: what.status ?? "under_review",
    reason: "fraudulent",
    currency: "eur",
    amountMinor: 2900,
    evidenceDueAt: inDays(7),
    openedAt: inDays(-1),
    ...what,
  };
}

/** A completed, paid page for a subscription; like Stripe's, it names no price. */
export function checkout(what: Partial<CheckoutSnapshot> = {}): CheckoutSnapshot {
  return {
    ...common,
    kind: "checkout",
    ref: "cs_1",
    purpose: "subscription",
    status: "complete",
    isPaid: true,
    paymentFailed: false,
    customerRef: "cus_1",
    customerEmail: null,
    subscriptionRef: "sub_1",
    paymentRef: null,
    invoiceRef: null,
    priceRefs: [],
    planCode: null,
    claim: undefined,
    ...what,
  };
}

/** The state after a decision was carried out, as the next decision would find it. */
export function applied(before: State, decision: Decision): State {
  return decision.effects.reduce(carriedOut, before);
}

function carriedOut(before: State, effect: Effect): State {
  switch (effect.kind) {
    case "save_subscription": {
      const others = before.subscriptions.filter(({ ref }) => ref !== effect.row.ref);
      const held = { id: "sub_held", ...effect.row };
      const counts = before.countsForTier && before.organization;
      return { ...before, held, subscriptions: counts ? [...others, held] : before.subscriptions };
    }
    case "save_invoice":
      return { ...before, held: { id: "ivc_held", ...effect.row } };
    case "save_payment":
      return { ...before, held: { id: "pay_held", ...effect.row } };
    case "save_dispute":
      return { ...before, held: { id: "dsp_held", ...effect.row } };
    case "save_checkout":
      return { ...before, held: { id: "chk_held", ...effect.row } };
    case "save_order":
      return { ...before, order: effect.row };
    case "set_tier": {
      const { tierId, validUntil: tierValidUntil } = effect;
      return {
        ...before,
        organization: before.organization && { ...before.organization, tierId, tierValidUntil },
      };
    }
    case "ring":
    case "notice":
      return before;
  }
}
