import type Stripe from "stripe";
import type { z } from "zod";
import {
  closeDispute,
  type DisputeChanges,
  disputeOf,
  updateDispute,
} from "../payments/disputes.ts";
import { type Operation, operation } from "../protocol/operation.ts";
import { emptyable, flag, metadata, params, text, unmodelled } from "../protocol/params.ts";
import { listOfPayment } from "./list-of-payment.ts";

const said = () => emptyable(text().max(20_000)).optional();

/** Files are not modelled, so evidence is text. */
const evidence = params<Stripe.DisputeUpdateParams.Evidence>()({
  access_activity_log: said(),
  appeal: emptyable(
    params<Stripe.DisputeUpdateParams.Evidence.Appeal>()({
      card: emptyable(
        params<Stripe.DisputeUpdateParams.Evidence.Appeal.Card>()({
          reason_for_filing: text().optional(),
          supporting_files: unmodelled(),
        }),
      ).optional(),
    }),
  ).optional(),
  billing_address: said(),
  cancellation_policy: unmodelled(),
  cancellation_policy_disclosure: said(),
  cancellation_rebuttal: said(),
  customer_communication: unmodelled(),
  customer_email_address: said(),
  customer_name: said(),
  customer_purchase_ip: said(),
  customer_signature: unmodelled(),
  duplicate_charge_documentation: unmodelled(),
  duplicate_charge_explanation: said(),
  duplicate_charge_id: said(),
  enhanced_evidence: unmodelled(),
  product_description: said(),
  receipt: unmodelled(),
  refund_policy: unmodelled(),
  refund_policy_disclosure: said(),
  refund_refusal_explanation: said(),
  service_date: said(),
  service_documentation: unmodelled(),
  shipping_address: said(),
  shipping_carrier: said(),
  shipping_date: said(),
  shipping_documentation: unmodelled(),
  shipping_tracking_number: said(),
  uncategorized_file: unmodelled(),
  uncategorized_text: said(),
});

const updateParams = params<Stripe.DisputeUpdateParams>()({
  evidence: evidence.optional(),
  intended_submission_method: unmodelled(),
  metadata: metadata().optional(),
  submit: flag().optional(),
});

function evidenceFrom(given: z.output<typeof evidence>): DisputeChanges["evidence"] {
  const { appeal } = given;
  const reason = appeal?.card?.reason_for_filing;
  return {
    access_activity_log: given.access_activity_log,
    appeal: appeal && { card: reason === undefined ? {} : { reason_for_filing: reason } },
    billing_address: given.billing_address,
    cancellation_policy_disclosure: given.cancellation_policy_disclosure,
    cancellation_rebuttal: given.cancellation_rebuttal,
    customer_email_address: given.customer_email_address,
    customer_name: given.customer_name,
    customer_purchase_ip: given.customer_purchase_ip,
    duplicate_charge_explanation: given.duplicate_charge_explanation,
    duplicate_charge_id: given.duplicate_charge_id,
    product_description: given.product_description,
    refund_policy_disclosure: given.refund_policy_disclosure,
    refund_refusal_explanation: given.refund_refusal_explanation,
    service_date: given.service_date,
    shipping_address: given.shipping_address,
    shipping_carrier: given.shipping_carrier,
    shipping_date: given.shipping_date,
    shipping_tracking_number: given.shipping_tracking_number,
    uncategorized_text: given.uncategorized_text,
  };
}

export const disputeOperations: readonly Operation[] = [
  listOfPayment("/v1/disputes"),
  operation(
    "GET /v1/disputes/:id",
    params<Stripe.DisputeRetrieveParams>()({}),
    ({ world, path: { id = "" } }) => disputeOf(world, id),
  ),
  operation("POST /v1/disputes/:id", updateParams, ({ world, params, path: { id = "" } }) =>
    updateDispute(world, id, {
      evidence: params.evidence && evidenceFrom(params.evidence),
      metadata: params.metadata,
      submit: params.submit,
    }),
  ),
  operation(
    "POST /v1/disputes/:id/close",
    params<Stripe.DisputeCloseParams>()({}),
    ({ world, path: { id = "" } }) => closeDispute(world, id),
  ),
];
