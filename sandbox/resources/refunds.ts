import type Stripe from "stripe";
import { emit } from "../events/emit.ts";
import { createRefund, refundOf } from "../payments/refunds.ts";
import { invalid } from "../protocol/errors.ts";
import { type Operation, operation } from "../protocol/operation.ts";
import {
  mergeMetadata,
  metadata,
  natural,
  oneOf,
  params,
  text,
  unmodelled,
} from "../protocol/params.ts";
import { listOfPayment } from "./list-of-payment.ts";

const createParams = params<Stripe.RefundCreateParams>()({
  amount: natural().optional(),
  charge: text().optional(),
  currency: unmodelled(),
  customer: unmodelled(),
  instructions_email: unmodelled(),
  metadata: metadata().optional(),
  origin: unmodelled(),
  payment_intent: text().optional(),
  reason: oneOf(["duplicate", "fraudulent", "requested_by_customer"]).optional(),
  refund_application_fee: unmodelled(),
  reverse_transfer: unmodelled(),
});

export const refundOperations: readonly Operation[] = [
  operation("POST /v1/refunds", createParams, ({ world, params }) =>
    createRefund(world, {
      charge: params.charge,
      paymentIntent: params.payment_intent,
      amount: params.amount,
      reason: params.reason,
      metadata: mergeMetadata(null, params.metadata),
    }),
  ),
  listOfPayment("/v1/refunds"),
  operation(
    "GET /v1/refunds/:id",
    params<Stripe.RefundRetrieveParams>()({}),
    ({ world, path: { id = "" } }) => refundOf(world, id),
  ),
  operation(
    "POST /v1/refunds/:id",
    params<Stripe.RefundUpdateParams>()({ metadata: metadata().optional() }),
    ({ world, params, path: { id = "" } }) => {
      const before = refundOf(world, id);
      const metadata = mergeMetadata(before.metadata, params.metadata);
      const after = world.put("refund", { ...before, metadata });
      emit(world, "refund.updated", after, { before });
      emit(world, "charge.refund.updated", after, { before });
      return after;
    },
  ),
  operation(
    "POST /v1/refunds/:id/cancel",
    params<Stripe.RefundCancelParams>()({}),
    ({ world, path: { id = "" } }) => {
      const { status } = refundOf(world, id);
      throw invalid(
        `Refund ${id} cannot be canceled: it has a status of ${status}, and only one that requires action can.`,
      );
    },
  ),
];
