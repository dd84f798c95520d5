import type Stripe from "stripe";
import type { z } from "zod";
import { emit } from "../events/emit.ts";
import { mustFind } from "../protocol/find.ts";
import type { Includes } from "../protocol/includes.ts";
import { embedded, isWithin, pageOf } from "../protocol/list.ts";
import { type Operation, operation } from "../protocol/operation.ts";
import {
  mergeMetadata,
  metadata,
  oneOf,
  page,
  params,
  range,
  text,
  unmodelled,
} from "../protocol/params.ts";
import type { World } from "../state/world.ts";
import { shipping, shippingFrom } from "./payment-params.ts";

const updateParams = params<Stripe.ChargeUpdateParams>()({
  customer: unmodelled(),
  description: text().optional(),
  fraud_details: params<Stripe.ChargeUpdateParams.FraudDetails>()({
    user_report: oneOf(["fraudulent", "safe"]),
  }).optional(),
  metadata: metadata().optional(),
  receipt_email: text().optional(),
  shipping: shipping().optional(),
  transfer_group: unmodelled(),
});

function update(
  world: World,
  before: Stripe.Charge,
  given: z.output<typeof updateParams>,
): Stripe.Charge {
  const { fraud_details } = given;
  const after = world.put("charge", {
    ...before,
    description: given.description ?? before.description,
    ...(fraud_details ? { fraud_details: { ...before.fraud_details, ...fraud_details } } : {}),
    metadata: mergeMetadata(before.metadata, given.metadata),
    receipt_email: given.receipt_email ?? before.receipt_email,
    shipping: given.shipping ? shippingFrom(given.shipping) : before.shipping,
  });
  emit(world, "charge.updated", after, { before });
  return after;
}

function refundsOf(world: World, charge: string): Stripe.Refund[] {
  return world.all("refund").filter((refund) => refund.charge === charge);
}

export const chargeOperations: readonly Operation[] = [
  operation(
    "GET /v1/charges",
    params<Stripe.ChargeListParams>()({
      ...page,
      created: range().optional(),
      customer: text().optional(),
      payment_intent: text().optional(),
      transfer_group: unmodelled(),
    }),
    ({ world, params }) => {
      const { customer: of, payment_intent: by } = params;
      const found = world
        .of("charge", "customer", of)
        .filter(({ payment_intent }) => by === undefined || by === payment_intent)
        .filter(({ created }) => isWithin(created, params.created));
      return pageOf("/v1/charges", found, params);
    },
  ),
  operation(
    "GET /v1/charges/:id",
    params<Stripe.ChargeRetrieveParams>()({}),
    ({ world, path: { id = "" } }) => mustFind(world, "charge", id),
  ),
  operation("POST /v1/charges/:id", updateParams, ({ world, params, path: { id = "" } }) =>
    update(world, mustFind(world, "charge", id), params),
  ),
  operation(
    "GET /v1/charges/:id/refunds",
    params()(page),
    ({ world, params, path: { id = "" } }) => {
      mustFind(world, "charge", id);
      return pageOf(`/v1/charges/${id}/refunds`, refundsOf(world, id), params);
    },
  ),
];

/** What a charge shows only where it is asked for. */
export const chargeIncludes: Includes<"charge"> = {
  refunds: (world, { id }) =>
    embedded(`/v1/charges/${id}/refunds`, refundsOf(world, id).toReversed()),
};
