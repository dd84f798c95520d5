import { createHmac } from "node:crypto";
import type { SigningSecret, StoredPayload } from "#lib/gateways/gateway.ts";

/** A Stripe object as JSON. Builders fill every member that Billhook reads, in the current API's shape. */
export type StripeObject = Record<string, unknown> & { object: string; id: string };
type Changes = Record<string, unknown>;

/** Unix seconds of 2026-11-02 10:00 UTC, when the stories of the tests begin. */
export const BEGINNING = Date.UTC(2026, 10, 2, 10) / 1_000;
export const MONTH = 30 * 86_400;

export const testSecret = secret("test");
export const liveSecret = secret("live");

function secret(mode: SigningSecret["mode"]): SigningSecret {
  return { id: `sec_${mode}`, mode, secret: `whsec_${mode}0123456789abcdef` };
}

/** The value of the `Stripe-Signature` header that Stripe would send with this body. */
export function signed(
  body: Buffer | string,
  secret: string = testSecret.secret,
  { at = new Date() }: { at?: Date } = {},
): string {
  const timestamp = Math.floor(at.getTime() / 1_000);
  return `t=${timestamp},v1=${hmac(body, secret, String(timestamp))}`;
}

/** The bare signature, for headers put together by hand. */
export function hmac(body: Buffer | string, secret: string, timestamp: string): string {
  return createHmac("sha256", secret).update(`${timestamp}.`).update(body).digest("hex");
}

/** An event around an object; every one gets an id of its own. */
export function event(type: string, object: Changes, changes: Changes = {}): StripeObject {
  const { data, ...rest } = changes;
  made += 1;
  return {
    id: `evt_${String(made).padStart(6, "0")}`,
    object: "event",
    api_version: "2026-10-28.endive",
    created: BEGINNING,
    livemode: false,
    pending_webhooks: 1,
    request: { id: null, idempotency_key: null },
    type,
    ...rest,
    data: { object, ...(typeof data === "object" ? data : {}) },
  };
}

let made = 0;

/** The bytes that Stripe would post: two-space indentation. */
export function bodyOf(json: unknown): Buffer {
  return Buffer.from(JSON.stringify(json, null, 2));
}

/** An event as the inbox keeps it. */
export function stored(json: StripeObject, receivedAt = new Date(0)): StoredPayload {
  const created = json.created;
  return {
    eventRef: json.id,
    type: String(json.type),
    createdAt: typeof created === "number" ? new Date(created * 1_000) : undefined,
    receivedAt,
    body: bodyOf(json),
  };
}

const common = { created: BEGINNING, livemode: false, metadata: {} };
const priced = { ...common, currency: "eur" };

export function customer(changes: Changes = {}): StripeObject {
  return {
    id: "cus_1",
    object: "customer",
    ...priced,
    delinquent: false,
    email: "owner@example.com",
    name: "Ada Owner",
    ...changes,
  };
}

export function product(changes: Changes = {}): StripeObject {
  return {
    id: "prod_1",
    object: "product",
    ...common,
    active: true,
    name: "Pro",
    ...changes,
  };
}

export function price(changes: Changes = {}): StripeObject {
  return {
    id: "price_1",
    object: "price",
    ...priced,
    active: true,
    billing_scheme: "per_unit",
    lookup_key: null,
    nickname: null,
    product: "prod_1",
    recurring: { interval: "month", interval_count: 1, usage_type: "licensed" },
    type: "recurring",
    unit_amount: 2900,
    ...changes,
  };
}

export function subscriptionItem(changes: Changes = {}): StripeObject {
  return {
    id: "si_1",
    object: "subscription_item",
    ...common,
    current_period_end: BEGINNING + MONTH,
    current_period_start: BEGINNING,
    price: price(),
    quantity: 1,
    subscription: "sub_1",
    ...changes,
  };
}

export function subscription(changes: Changes = {}): StripeObject {
  return {
    id: "sub_1",
    object: "subscription",
    ...priced,
    billing_cycle_anchor: BEGINNING,
    cancel_at: null,
    cancel_at_period_end: false,
    canceled_at: null,
    collection_method: "charge_automatically",
    customer: "cus_1",
    ended_at: null,
    items: { object: "list", data: [subscriptionItem()], has_more: false },
    latest_invoice: "in_1",
    pause_collection: null,
    start_date: BEGINNING,
    status: "active",
    status_details: null,
    trial_end: null,
    trial_start: null,
    ...changes,
  };
}

export function invoiceLine(changes: Changes = {}): StripeObject {
  return {
    id: "il_1",
    object: "line_item",
    amount: 2900,
    currency: "eur",
    description: "1 × Pro (at €29.00 / month)",
    parent: {
      subscription_item_details: { proration: false, subscription: "sub_1" },
      type: "subscription_item_details",
    },
    period: { start: BEGINNING, end: BEGINNING + MONTH },
    pricing: { price_details: { price: "price_1", product: "prod_1" }, type: "price_details" },
    quantity: 1,
    ...changes,
  };
}

export function invoice(changes: Changes = {}): StripeObject {
  return {
    id: "in_1",
    object: "invoice",
    ...priced,
    amount_due: 2900,
    amount_paid: 2900,
    amount_remaining: 0,
    attempt_count: 1,
    attempted: true,
    billing_reason: "subscription_create",
    customer: "cus_1",
    hosted_invoice_url: "https://invoice.example.com/in_1",
    invoice_pdf: "https://invoice.example.com/in_1.pdf",
    lines: { object: "list", data: [invoiceLine()], has_more: false },
    next_payment_attempt: null,
    number: "BH-0001",
    parent: {
      subscription_details: { metadata: {}, subscription: "sub_1" },
      type: "subscription_details",
    },
    status: "paid",
    status_transitions: { finalized_at: BEGINNING, paid_at: BEGINNING, voided_at: null },
    total: 2900,
    total_taxes: [],
    ...changes,
  };
}

/** What ties a payment to its invoice since basil (2025-03-31). */
export function invoicePayment(changes: Changes = {}): StripeObject {
  return {
    id: "inpay_1",
    object: "invoice_payment",
    ...priced,
    amount_paid: 2900,
    invoice: "in_1",
    is_default: true,
    payment: { type: "payment_intent", payment_intent: "pi_1" },
    status: "paid",
    ...changes,
  };
}

export function paymentIntent(changes: Changes = {}): StripeObject {
  return {
    id: "pi_1",
    object: "payment_intent",
    ...priced,
    amount: 2900,
    amount_received: 2900,
    canceled_at: null,
    customer: "cus_1",
    last_payment_error: null,
    latest_charge: "ch_1",
    payment_method: "pm_1",
    status: "succeeded",
    ...changes,
  };
}

export function charge(changes: Changes = {}): StripeObject {
  return {
    id: "ch_1",
    object: "charge",
    ...priced,
    amount: 2900,
    amount_captured: 2900,
    amount_refunded: 0,
    captured: true,
    customer: "cus_1",
    disputed: false,
    failure_code: null,
    failure_message: null,
    paid: true,
    payment_intent: "pi_1",
    payment_method_details: { card: { brand: "visa", last4: "4242" }, type: "card" },
    refunded: false,
    status: "succeeded",
    ...changes,
  };
}

export function refund(changes: Changes = {}): StripeObject {
  return {
    id: "re_1",
    object: "refund",
    ...priced,
    amount: 2900,
    charge: "ch_1",
    payment_intent: "pi_1",
    status: "succeeded",
    ...changes,
  };
}

export function dispute(changes: Changes = {}): StripeObject {
  return {
    id: "dp_1",
    object: "dispute",
    ...priced,
    amount: 2900,
    charge: "ch_1",
    evidence_details: { due_by: BEGINNING + 7 * 86_400, has_evidence: false },
    payment_intent: "pi_1",
    reason: "fraudulent",
    status: "needs_response",
    ...changes,
  };
}

export function checkoutSession(changes: Changes = {}): StripeObject {
  return {
    id: "cs_test_1",
    object: "checkout.session",
    ...priced,
    client_reference_id: null,
    customer: "cus_1",
    customer_details: { email: "owner@example.com" },
    customer_email: null,
    invoice: "in_1",
    mode: "subscription",
    payment_intent: null,
    payment_status: "paid",
    setup_intent: null,
    status: "complete",
    subscription: "sub_1",
    ...changes,
  };
}
