import { createHmac } from "node:crypto";

/**
 * What Stripe would send about one customer of these tests, in the shape of API 2026-10-28.endive. Amounts
 * are in cents, times in Unix seconds.
 */
export type Customer = {
  readonly organizationId: string;
  readonly customer: string;
  readonly subscription: string;
  /** Names what belongs together, and keeps every run apart from the one before. */
  readonly tag: string;
};

const MONTH = 30 * 86_400;

export function checkout(of: Customer) {
  return {
    id: `cs_test_${of.tag}`,
    object: "checkout.session",
    mode: "subscription",
    status: "complete",
    payment_status: "paid",
    client_reference_id: of.organizationId,
    customer: of.customer,
    customer_details: { email: "owner@acme.example", name: "Acme" },
    subscription: of.subscription,
    invoice: `in_${of.tag}_1`,
    payment_intent: null,
    livemode: false,
    metadata: {},
  };
}

export function subscription(
  of: Customer,
  price: string,
  status: string,
  changes: Record<string, unknown> = {},
) {
  const start = Math.floor(Date.now() / 1000) - 3600;
  return {
    id: of.subscription,
    object: "subscription",
    customer: of.customer,
    status,
    currency: "eur",
    start_date: start,
    created: start,
    cancel_at: null,
    cancel_at_period_end: false,
    canceled_at: null,
    ended_at: null,
    trial_end: null,
    latest_invoice: null,
    livemode: false,
    metadata: {},
    items: {
      object: "list",
      has_more: false,
      data: [
        {
          id: `si_${of.tag}`,
          object: "subscription_item",
          quantity: 1,
          subscription: of.subscription,
          current_period_start: start,
          current_period_end: start + MONTH,
          price: { id: price, object: "price", currency: "eur", product: "prod_demo" },
        },
      ],
    },
    ...changes,
  };
}

export function invoice(
  of: Customer,
  n: number,
  amount: number,
  status: "open" | "paid",
  changes: Record<string, unknown> = {},
) {
  const now = Math.floor(Date.now() / 1000);
  const paid = status === "paid";
  return {
    id: `in_${of.tag}_${n}`,
    object: "invoice",
    number: `DEMO-${of.tag.slice(-4).toUpperCase()}-${String(n).padStart(4, "0")}`,
    customer: of.customer,
    status,
    currency: "eur",
    total: amount,
    total_taxes: [],
    amount_due: amount,
    amount_paid: paid ? amount : 0,
    amount_remaining: paid ? 0 : amount,
    attempt_count: 1,
    attempted: true,
    billing_reason: n === 1 ? "subscription_create" : "subscription_cycle",
    hosted_invoice_url: `https://invoice.stripe.example/${of.tag}/${n}`,
    invoice_pdf: `https://invoice.stripe.example/${of.tag}/${n}.pdf`,
    next_payment_attempt: paid ? null : now + 3 * 86_400,
    parent: {
      type: "subscription_details",
      subscription_details: { subscription: of.subscription, metadata: {} },
    },
    status_transitions: { finalized_at: now, paid_at: paid ? now : null, voided_at: null },
    livemode: false,
    metadata: {},
    lines: {
      object: "list",
      has_more: false,
      data: [
        {
          id: `il_${of.tag}_${n}`,
          object: "line_item",
          amount,
          currency: "eur",
          description: "Subscription",
          quantity: 1,
          period: { start: now, end: now + MONTH },
          parent: {
            type: "subscription_item_details",
            subscription_item_details: { proration: false, subscription: of.subscription },
          },
          pricing: { type: "price_details", price_details: { price: null, product: "prod_demo" } },
        },
      ],
    },
    ...changes,
  };
}

/** A part of an invoice that was taken back, and sent to the card that paid it. */
export function creditNote(of: Customer, n: number, amount: number) {
  return {
    id: `cn_${of.tag}_${n}`,
    object: "credit_note",
    invoice: `in_${of.tag}_${n}`,
    customer: of.customer,
    number: `DEMO-${of.tag.slice(-4).toUpperCase()}-${String(n).padStart(4, "0")}-CN-01`,
    status: "issued",
    currency: "eur",
    created: Math.floor(Date.now() / 1000),
    total: amount,
    post_payment_amount: amount,
    reason: "product_unsatisfactory",
    memo: "We were down for a day.",
    refunds: [{ refund: `re_${of.tag}_${n}`, amount_refunded: amount }],
    customer_balance_transaction: null,
    pdf: `https://invoice.stripe.example/${of.tag}/${n}/credit-note.pdf`,
    livemode: false,
    metadata: {},
    lines: {
      object: "list",
      has_more: false,
      data: [
        {
          id: `cnli_${of.tag}_${n}`,
          object: "credit_note_line_item",
          amount,
          description: "A day of downtime",
          quantity: 1,
        },
      ],
    },
  };
}

export function payment(of: Customer, n: number, amount: number, status: "succeeded" | "failed") {
  const failed = status === "failed";
  return {
    id: `pi_${of.tag}_${n}`,
    object: "payment_intent",
    amount,
    amount_received: failed ? 0 : amount,
    currency: "eur",
    customer: of.customer,
    created: Math.floor(Date.now() / 1000),
    status: failed ? "requires_payment_method" : "succeeded",
    last_payment_error: failed
      ? {
          code: "card_declined",
          decline_code: "insufficient_funds",
          message: "Your card has insufficient funds.",
          type: "card_error",
        }
      : null,
    latest_charge: null,
    livemode: false,
    metadata: {},
  };
}

/** An event as Stripe wraps it. `created` decides which of two states is the newer one. */
export function event(id: string, type: string, object: object, created: number) {
  return {
    id,
    object: "event",
    api_version: "2026-10-28.endive",
    created,
    livemode: false,
    pending_webhooks: 1,
    request: { id: null, idempotency_key: null },
    type,
    data: { object },
  };
}

/** The header that proves a body, made as Stripe makes it. */
export function signatureOf(body: string, secret: string, at = new Date()): string {
  const t = Math.floor(at.getTime() / 1000);
  return `t=${t},v1=${createHmac("sha256", secret).update(`${t}.${body}`).digest("hex")}`;
}
