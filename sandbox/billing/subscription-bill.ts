import type Stripe from "stripe";
import { settingsOf } from "../control/settings.ts";
import { invalid, StripeError } from "../protocol/errors.ts";
import { idOf } from "../state/reference.ts";
import type { World } from "../state/world.ts";
import { nextAttemptAfter } from "./dunning-retries.ts";
import { collectInvoice, draftInvoice, finalizeInvoice, setNextAttempt } from "./invoice.ts";
import type { LineDraft } from "./lines.ts";
import { HOUR, type Period } from "./period.ts";
import { timeOf } from "./subscription-object.ts";
import type { PaymentBehavior } from "./subscription-terms.ts";

export type Bill = {
  /** The invoice's id, where the subscription names it already as its latest. */
  readonly id: string;
  readonly reason: Stripe.Invoice.BillingReason;
  readonly lines: readonly LineDraft[];
  readonly period: Period;
  readonly withPendingItems: "all" | "subscription" | "none";
  readonly autoAdvance?: boolean;
  readonly prorationDate?: number | undefined;
};

/** A draft for a subscription, on its own terms. */
export function billSubscription(
  world: World,
  subscription: Stripe.Subscription,
  bill: Bill,
): Stripe.Invoice {
  return draftInvoice(world, {
    id: bill.id,
    customer: idOf(subscription.customer),
    currency: subscription.currency,
    subscription: subscription.id,
    billingReason: bill.reason,
    lines: bill.lines,
    periodStart: bill.period.start,
    periodEnd: bill.period.end,
    discounts: discountsOn(world, subscription),
    collectionMethod:
      subscription.collection_method === "send_invoice" ? "send_invoice" : "charge_automatically",
    daysUntilDue: subscription.days_until_due,
    defaultPaymentMethod: null,
    prorationDate: bill.prorationDate,
    ...taxesOfAll(subscription),
    autoAdvance: bill.autoAdvance ?? true,
    finalizesAt: bill.autoAdvance === false ? null : draftEnd(world, subscription),
    withPendingItems: bill.withPendingItems,
  });
}

/** What a subscription says of the taxes on all of its invoices. */
export function taxesOfAll({ automatic_tax, default_tax_rates }: Stripe.Subscription) {
  return { hasAutomaticTax: automatic_tax.enabled, defaultTaxRates: default_tax_rates ?? [] };
}

function draftEnd(world: World, subscription: Stripe.Subscription): number {
  return timeOf(world, subscription) + settingsOf(world).draftHours * HOUR;
}

/** A subscription's own discounts or, where it has none, its customer's. */
export function discountsOn(world: World, { discounts, customer }: Stripe.Subscription): string[] {
  if (discounts.length > 0) return discounts.map((discount) => idOf(discount));
  const theirs = world.get("customer", idOf(customer))?.discount;
  return theirs ? [theirs.id] : [];
}

/** What came of an invoice that was to be paid at once. */
export type Settled = {
  readonly invoice: Stripe.Invoice;
  /** `sent` and `awaited` are for the customer to pay; the last four say why it is not paid. */
  readonly outcome:
    | "paid"
    | "sent"
    | "awaited"
    | "declined"
    | "no_method"
    | "processing"
    | "requires_action";
  readonly error?: StripeError | undefined;
};

/** Makes a draft final and, where the subscription pays by itself, has it paid. */
export function settleAtOnce(
  world: World,
  draft: Stripe.Invoice,
  how: { behavior: PaymentBehavior; offSession: boolean; retries: boolean },
): Settled {
  const final = finalizeInvoice(world, draft.id);
  if (final.status === "paid") return { invoice: final, outcome: "paid" };
  if (final.collection_method === "send_invoice") return { invoice: final, outcome: "sent" };
  if (how.behavior === "default_incomplete") return { invoice: final, outcome: "awaited" };
  const next = how.retries ? nextAttemptAfter(world, final) : null;
  if (next !== null) setNextAttempt(world, final.id, next);
  const settled = collectInvoice(world, final.id, { offSession: how.offSession });
  if (how.behavior === "error_if_incomplete" && settled.outcome !== "paid") throw refusal(settled);
  return settled;
}

/** Under `error_if_incomplete` a payment that does not succeed undoes the whole call. */
function refusal({ outcome, error }: Settled): StripeError {
  if (outcome === "no_method") return noMethod();
  if (error) return new StripeError(error.status, error.body);
  return new StripeError(402, {
    type: "card_error",
    code: "subscription_payment_intent_requires_action",
    message:
      "Payment for this subscription requires additional user action before it can be completed successfully.",
  });
}

export function noMethod(): StripeError {
  return invalid(
    "This customer has no attached payment source or default payment method. Please consider adding a default payment method. For more information, visit https://stripe.com/docs/billing/subscriptions/payment-methods-setting#payment-method-priority.",
    { code: "resource_missing" },
  );
}
