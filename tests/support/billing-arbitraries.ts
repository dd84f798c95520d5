import fc from "fast-check";
import type { OwnedSnapshot, State } from "#lib/billing/state.ts";
import {
  checkout,
  customer,
  dispute,
  entitling,
  inDays,
  invoice,
  organization,
  payment,
  subscription,
} from "./billing-state.ts";

/** Any snapshots, in any setting that they may meet: for what must hold whatever a gateway says. */

const instant = fc.integer({ min: -100, max: 100 }).map(inDays);
const perhaps = fc.oneof(fc.constant(null), instant);
const minor = fc.integer({ min: 0, max: 1_000_000 });
const currency = fc.constantFrom("eur", "jpy", "kwd", "USD");
const priceRef = fc.constantFrom("price_pro", "price_business", "price_new");
const subscriptionRef = fc.constantFrom("sub_1", "sub_2", null);

const subscriptionStatus = fc.constantFrom(
  "incomplete" as const,
  "trialing" as const,
  "active" as const,
  "past_due" as const,
  "unpaid" as const,
  "paused" as const,
  "canceled" as const,
);

const anySubscription = fc
  .record({
    status: subscriptionStatus,
    items: fc.array(fc.record({ priceRef, quantity: fc.integer({ min: 1, max: 9 }) }), {
      maxLength: 3,
    }),
    currency: fc.option(currency),
    periodEnd: perhaps,
    trialEnd: fc.oneof(perhaps, fc.constant(inDays(2))),
    cancelAt: perhaps,
    endedAt: perhaps,
    asOf: instant,
  })
  .map(subscription);

const anyInvoice = fc
  .record({
    subscriptionRef,
    number: fc.constantFrom("ACME-0001", null),
    status: fc.constantFrom(
      "draft" as const,
      "open" as const,
      "paid" as const,
      "uncollectible" as const,
      "void" as const,
    ),
    currency,
    totalMinor: minor,
    amountPaidMinor: minor,
    amountRemainingMinor: minor,
    attemptCount: fc.integer({ min: 0, max: 4 }),
    nextAttemptAt: perhaps,
    issuedAt: perhaps,
    lines: fc.array(
      fc.record({
        description: fc.string(),
        amountMinor: fc.integer(),
        quantity: fc.option(fc.nat(9)),
        priceRef: fc.option(priceRef),
        isProration: fc.boolean(),
        periodStart: perhaps,
        periodEnd: perhaps,
      }),
      { maxLength: 2 },
    ),
    asOf: instant,
  })
  .map(invoice);

const anyPayment = fc
  .record({
    status: fc.constantFrom("pending" as const, "succeeded" as const, "failed" as const),
    currency,
    amountMinor: minor,
    refundedSoFarMinor: minor,
    isDisputed: fc.boolean(),
    failureMessage: fc.option(fc.string()),
    asOf: instant,
  })
  .map(payment);

const anyDispute = fc
  .record({
    status: fc.constantFrom("warning" as const, "open" as const, "lost" as const),
    currency,
    amountMinor: minor,
    evidenceDueAt: perhaps,
    asOf: instant,
  })
  .map(dispute);

const anyCheckout = fc
  .record({
    purpose: fc.constantFrom("subscription" as const, "payment" as const, "setup" as const),
    status: fc.constantFrom("open" as const, "complete" as const, "expired" as const),
    isPaid: fc.boolean(),
    paymentFailed: fc.boolean(),
    subscriptionRef,
    priceRefs: fc.array(priceRef, { maxLength: 2 }),
    planCode: fc.constantFrom("pro", "unheard_of", null),
    asOf: instant,
  })
  .map(checkout);

/** What is said of one object, earlier and later. */
export const twice: fc.Arbitrary<[OwnedSnapshot, OwnedSnapshot]> = fc.oneof(
  fc.constant<[OwnedSnapshot, OwnedSnapshot]>([customer(), customer()]),
  { arbitrary: fc.tuple(anySubscription, anySubscription), weight: 3 },
  { arbitrary: fc.tuple(anyInvoice, anyInvoice), weight: 3 },
  fc.tuple(anyPayment, anyPayment),
  fc.tuple(anyDispute, anyDispute),
  fc.tuple(anyCheckout, anyCheckout),
);

const anotherSubscription = fc
  .record({
    ref: fc.constant("sub_2"),
    status: subscriptionStatus,
    planId: fc.constantFrom("pln_pro", "pln_business", null),
    cancelAt: perhaps,
    pastDueSince: perhaps,
    endedAt: perhaps,
  })
  .map(entitling);

const owner = fc
  .record({
    tierId: fc.constantFrom("tir_free", "tir_pro", "tir_business"),
    tierValidUntil: perhaps,
  })
  .map(organization);

export const settings: fc.Arbitrary<Partial<State>> = fc.record({
  source: fc.constantFrom("fetch" as const, "payload" as const),
  countsForTier: fc.boolean(),
  graceDays: fc.integer({ min: 0, max: 30 }),
  organization: fc.option(owner, { nil: undefined }),
  subscriptions: fc.array(anotherSubscription, { maxLength: 1 }),
  isSubscriptionDescribed: fc.boolean(),
  provisional: fc.constantFrom(undefined, { planId: null }, { planId: "pln_pro" }),
});
