import type {
  CheckoutSnapshot,
  DisputeSnapshot,
  PriceSnapshot,
  ProductSnapshot,
} from "../gateway.ts";
import { COMMAND_KEY } from "./ahead.ts";
import {
  claimIn,
  currencyOf,
  isTrue,
  links,
  planCodeIn,
  priceOf,
  productCodeIn,
  type Told,
  translate,
} from "./concepts.ts";
import {
  amountAt,
  countAt,
  dateAt,
  isName,
  type Json,
  listAt,
  objectAt,
  refAt,
  textAt,
  unsignedAmountAt,
} from "./json.ts";

/** A dispute in our words. Its payment is the intent; the charge where there is none. */
export function disputeSnapshot(ref: string, told: Told): DisputeSnapshot {
  const { object } = told;
  const paymentRef = refAt(object, "payment_intent") ?? refAt(object, "charge");
  const word =
    textAt(object, "status") ?? translate(DISPUTE_STATUS_BY_EVENT, told.event) ?? "unknown";
  return {
    kind: "dispute",
    ref,
    asOf: told.at,
    links: links(["payment", paymentRef]),
    paymentRef,
    // A word that Stripe invents later is open: somebody should look at it.
    status: translate(DISPUTE_STATUSES, word) ?? "open",
    gatewayStatus: word,
    reason: textAt(object, "reason"),
    currency: currencyOf(object.currency),
    amountMinor: unsignedAmountAt(object, "amount") ?? 0,
    evidenceDueAt:
      dateAt(object, "evidence_details", "due_by") ?? dateAt(object, "evidence_due_by"),
    openedAt: dateAt(object, "created"),
  };
}

/** A checkout session in our words. */
export function checkoutSnapshot(ref: string, told: Told): CheckoutSnapshot {
  const { object } = told;
  const customerRef = refAt(object, "customer");
  const subscriptionRef = refAt(object, "subscription");
  const paymentRef = refAt(object, "payment_intent");
  const invoiceRef = refAt(object, "invoice");
  return {
    kind: "checkout",
    ref,
    asOf: told.at,
    links: links(
      ["customer", customerRef],
      ["subscription", subscriptionRef],
      ["payment", paymentRef],
      ["invoice", invoiceRef],
    ),
    purpose: purposeOf(object),
    ...outcomeOf(told),
    customerRef,
    customerEmail: textAt(object, "customer_details", "email") ?? textAt(object, "customer_email"),
    subscriptionRef,
    paymentRef,
    invoiceRef,
    priceRefs: priceRefsOf(object),
    planCode: planCodeIn(object.metadata),
    claim: claimIn(object.metadata, "checkout", textAt(object, "client_reference_id")),
    commandId: textAt(object, "metadata", COMMAND_KEY),
  };
}

function purposeOf(object: Json): CheckoutSnapshot["purpose"] {
  const told = translate(PURPOSES, object.mode);
  if (told) return told;
  if (refAt(object, "subscription")) return "subscription";
  return refAt(object, "setup_intent") ? "setup" : "payment";
}

/**
 * Sessions had no status until 2021 and no payment status until 2020: then a completed one is as paid
 * as can be known. Whether a delayed payment failed is in the event, or in the expanded payment.
 */
function outcomeOf({ object, event }: Told) {
  const paymentStatus = textAt(object, "payment_status");
  const settled = paymentStatus === "paid" || paymentStatus === "no_payment_required";
  const status =
    translate(CHECKOUT_STATUSES, object.status) ??
    translate(CHECKOUT_STATUS_BY_EVENT, event) ??
    (settled ? "complete" : "open");
  const paymentFailed =
    !settled && (event === "checkout.session.async_payment_failed" || intentFailed(object));
  const isPaid =
    settled ||
    event === "checkout.session.async_payment_succeeded" ||
    (status === "complete" && paymentStatus === null && !paymentFailed);
  return { status, isPaid, paymentFailed: paymentFailed && status === "complete" } as const;
}

function intentFailed(session: Json): boolean {
  const intent = objectAt(session, "payment_intent");
  if (!intent) return false;
  if (intent.status === "canceled") return true;
  return (
    intent.status === "requires_payment_method" &&
    objectAt(intent, "last_payment_error") !== undefined
  );
}

function priceRefsOf(object: Json): string[] {
  const lines = [...listAt(object, "line_items"), ...listAt(object, "display_items")];
  const named = lines.map(priceOf).filter(isName);
  const written = refAt(object, "metadata", "price_id") ?? refAt(object, "metadata", "price");
  return [...new Set(named.length > 0 || !written ? named : [written])];
}

/** A price in our words; a plan of the API before 2020 is a price too. */
export function priceSnapshot(ref: string, { object, at }: Told): PriceSnapshot {
  const recurring = objectAt(object, "recurring") ?? object;
  const productRef = refAt(object, "product");
  return {
    kind: "price",
    ref,
    asOf: at,
    links: links(["product", productRef]),
    productRef,
    currency: currencyOf(object.currency),
    amountMinor: isMeteredOrTiered(object, recurring)
      ? null
      : (amountAt(object, "unit_amount") ?? amountAt(object, "amount")),
    interval: translate(INTERVALS, recurring.interval) ?? null,
    intervalCount: countAt(recurring, "interval_count") ?? 1,
    isActive: object.active !== false && !isTrue(object, "deleted"),
    lookupKey: textAt(object, "lookup_key"),
    nickname: textAt(object, "nickname") ?? textAt(object, "name"),
    planCode: planCodeIn(object.metadata),
    productCode: productCodeIn(object.metadata),
  };
}

function isMeteredOrTiered(object: Json, recurring: Json): boolean {
  return object.billing_scheme === "tiered" || recurring.usage_type === "metered";
}

/** A product in our words. */
export function productSnapshot(ref: string, { object, at }: Told): ProductSnapshot {
  return {
    kind: "product",
    ref,
    asOf: at,
    links: [],
    name: textAt(object, "name") ?? ref,
    description: textAt(object, "description"),
    isActive: object.active !== false && !isTrue(object, "deleted"),
    planCode: planCodeIn(object.metadata),
    productCode: productCodeIn(object.metadata),
  };
}

const DISPUTE_STATUSES = {
  warning_needs_response: "warning",
  warning_under_review: "warning",
  warning_closed: "closed",
  needs_response: "open",
  under_review: "under_review",
  appeal_needs_response: "open",
  appeal_under_review: "under_review",
  charge_refunded: "closed",
  prevented: "closed",
  won: "won",
  lost: "lost",
  closed: "closed",
} as const;

const DISPUTE_STATUS_BY_EVENT = { "charge.dispute.closed": "closed" } as const;

const PURPOSES = { subscription: "subscription", payment: "payment", setup: "setup" } as const;

const CHECKOUT_STATUSES = { open: "open", complete: "complete", expired: "expired" } as const;

const CHECKOUT_STATUS_BY_EVENT = {
  "checkout.session.completed": "complete",
  "checkout.session.async_payment_succeeded": "complete",
  "checkout.session.async_payment_failed": "complete",
  "checkout.session.expired": "expired",
} as const;

const INTERVALS = { day: "day", week: "week", month: "month", year: "year" } as const;
