import type Stripe from "stripe";
import type { World } from "../state/world.ts";
import { bookDispute } from "./balance.ts";

/** Days to answer a dispute *(memory: card networks give 7 to 21)*. */
const EVIDENCE_DAYS = 10;
const DAY = 86_400;

/** What card networks call the reasons, of those that Stripe's test cards use. */
const NETWORK_CODES: ReadonlyMap<string, string> = new Map([
  ["fraudulent", "10.4"],
  ["product_not_received", "13.1"],
  ["subscription_canceled", "13.2"],
  ["product_unacceptable", "13.3"],
  ["credit_not_processed", "13.6"],
  ["duplicate", "12.6.1"],
  ["general", "13.5"],
]);

export type DisputeDraft = {
  readonly amount: number;
  readonly reason: string;
  /** Only asked about: no money is taken. */
  readonly isInquiry: boolean;
};

/** A new dispute about a charge; emits nothing. */
export function putDispute(
  world: World,
  charge: Stripe.Charge,
  draft: DisputeDraft,
  now: number,
): Stripe.Dispute {
  const { amount, reason, isInquiry } = draft;
  const id = world.newId("du");
  const { currency } = charge;
  const brand = charge.payment_method_details?.card?.brand ?? "visa";
  const code = NETWORK_CODES.get(reason) ?? null;
  const booked = { id, amount, currency, charge: charge.id };
  return world.put("dispute", {
    id,
    object: "dispute",
    amount,
    balance_transactions: isInquiry ? [] : [bookDispute(world, booked, "withdrawn", now)],
    charge: charge.id,
    created: now,
    currency,
    enhanced_eligibility_types: [],
    evidence: NO_EVIDENCE,
    evidence_details: {
      due_by: Math.ceil((now + EVIDENCE_DAYS * DAY) / DAY) * DAY - 1,
      enhanced_eligibility: {},
      has_evidence: false,
      past_due: false,
      submission_count: 0,
      submission_method: "not_submitted",
    },
    intended_submission_method: null,
    is_charge_refundable: isInquiry,
    livemode: false,
    metadata: {},
    network_reason_code: code,
    payment_intent: charge.payment_intent,
    payment_method_details: {
      card: {
        brand,
        case_type: isInquiry ? "inquiry" : "chargeback",
        network: brand,
        network_reason_code: code,
      },
      type: "card",
    },
    reason,
    status: isInquiry ? "warning_needs_response" : "needs_response",
  });
}

const NO_EVIDENCE: Stripe.Dispute.Evidence = {
  access_activity_log: null,
  billing_address: null,
  cancellation_policy: null,
  cancellation_policy_disclosure: null,
  cancellation_rebuttal: null,
  customer_communication: null,
  customer_email_address: null,
  customer_name: null,
  customer_purchase_ip: null,
  customer_signature: null,
  duplicate_charge_documentation: null,
  duplicate_charge_explanation: null,
  duplicate_charge_id: null,
  enhanced_evidence: {},
  product_description: null,
  receipt: null,
  refund_policy: null,
  refund_policy_disclosure: null,
  refund_refusal_explanation: null,
  service_date: null,
  service_documentation: null,
  shipping_address: null,
  shipping_carrier: null,
  shipping_date: null,
  shipping_documentation: null,
  shipping_tracking_number: null,
  uncategorized_file: null,
  uncategorized_text: null,
};
