import type Stripe from "stripe";
import { clockOf } from "../events/emit.ts";
import { originOf } from "../state/origin.ts";
import type { World } from "../state/world.ts";
import { bookCharge } from "./balance.ts";
import type { Decline } from "./decline.ts";

/** How long a bank holds money that is not captured *(memory: a week)*. */
const HOLD_SECONDS = 7 * 86_400;

export type Bank = {
  /** Whether the bank has yet to answer. */
  readonly isPending?: boolean;
  /** Why the bank said no; undefined for yes. */
  readonly decline: Decline | undefined;
  /** Whether the holder proved who they are. */
  readonly isAuthenticated: boolean;
};

/** For marketplaces, reviews and sources, which are not modelled. */
const NEVER_HERE = {
  application: null,
  application_fee: null,
  application_fee_amount: null,
  failure_balance_transaction: null,
  on_behalf_of: null,
  receipt_number: null,
  review: null,
  source: null,
  source_transfer: null,
  transfer_data: null,
  transfer_group: null,
} satisfies Partial<Stripe.Charge>;

/** Charges a card for an intent, or writes down that its bank said no. Emits nothing. */
export function chargeCard(
  world: World,
  intent: Stripe.PaymentIntent,
  method: Stripe.PaymentMethod,
  bank: Bank,
): Stripe.Charge {
  const id = world.newId("ch");
  const now = world.now(clockOf(world, intent));
  const isPaid = bank.decline === undefined && !bank.isPending;
  const isCaptured = isPaid && intent.capture_method !== "manual";
  const { amount, currency, customer, description, metadata, receipt_email, shipping } = intent;
  const booked = isCaptured
    ? bookCharge(world, { id, currency, description }, amount, now)
    : undefined;
  const pending = bank.isPending ? PENDING : {};
  return world.put("charge", {
    id,
    object: "charge",
    ...NEVER_HERE,
    amount,
    amount_captured: isCaptured ? amount : 0,
    amount_refunded: 0,
    balance_transaction: booked?.id ?? null,
    billing_details: method.billing_details,
    calculated_statement_descriptor: intent.statement_descriptor ?? "SANDBOX",
    captured: isCaptured,
    created: now,
    currency,
    customer,
    description,
    disputed: false,
    failure_code: bank.decline?.code ?? null,
    failure_message: bank.decline?.message ?? null,
    fraud_details: {},
    livemode: false,
    metadata,
    outcome: outcomeOf(bank.decline),
    paid: isPaid,
    payment_intent: intent.id,
    payment_method: method.id,
    payment_method_details: detailsOf(intent, method, bank, now),
    radar_options: {},
    receipt_email,
    receipt_url: isPaid ? `${originOf(world)}/_pages/receipts/${id}` : null,
    refunded: false,
    shipping: shipping && { ...shipping },
    statement_descriptor: intent.statement_descriptor,
    statement_descriptor_suffix: intent.statement_descriptor_suffix,
    status: isPaid ? "succeeded" : "failed",
    ...pending,
  });
}

/** A charge that its bank has yet to answer. */
const PENDING = { captured: true, outcome: null, paid: false, status: "pending" } as const;

function outcomeOf(decline: Decline | undefined): Stripe.Charge.Outcome {
  return {
    advice_code: decline ? "try_again_later" : null,
    network_advice_code: null,
    network_decline_code: null,
    network_status: decline ? "declined_by_network" : "approved_by_network",
    reason: decline?.decline_code ?? null,
    risk_level: "normal",
    risk_score: 20,
    seller_message: decline
      ? "The bank did not return any further details with this decline."
      : "Payment complete.",
    type: decline ? "issuer_declined" : "authorized",
  };
}

function detailsOf(
  intent: Stripe.PaymentIntent,
  { card, sepa_debit: debit }: Stripe.PaymentMethod,
  { decline, isAuthenticated }: Bank,
  now: number,
): Stripe.Charge.PaymentMethodDetails {
  if (debit) {
    const { generated_from: _, ...account } = debit;
    return { sepa_debit: { ...account, mandate: null }, type: "sepa_debit" };
  }
  if (!card) return { type: "card" };
  const isHeld = decline === undefined && intent.capture_method === "manual";
  return {
    card: {
      amount_authorized: decline ? null : intent.amount,
      authorization_code: decline ? null : "123456",
      brand: card.brand,
      ...(isHeld ? { capture_before: now + HOLD_SECONDS } : {}),
      checks: card.checks,
      country: card.country,
      electronic_commerce_indicator: isAuthenticated ? "05" : null,
      exp_month: card.exp_month,
      exp_year: card.exp_year,
      extended_authorization: { status: "disabled" },
      fingerprint: card.fingerprint ?? null,
      funding: card.funding,
      incremental_authorization: { status: "unavailable" },
      installments: null,
      last4: card.last4,
      mandate: null,
      multicapture: { status: "unavailable" },
      network: card.brand,
      network_token: { used: false },
      network_transaction_id: decline ? null : "104557651805572",
      overcapture: { maximum_amount_capturable: intent.amount, status: "unavailable" },
      regulated_status: card.regulated_status,
      three_d_secure: isAuthenticated
        ? {
            authentication_flow: "challenge",
            electronic_commerce_indicator: "05",
            exemption_indicator: null,
            result: "authenticated",
            result_reason: null,
            transaction_id: null,
            version: "2.2.0",
          }
        : null,
      transaction_link_id: null,
      wallet: null,
    },
    type: "card",
  };
}
