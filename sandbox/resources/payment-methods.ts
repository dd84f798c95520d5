import type Stripe from "stripe";
import type { z } from "zod";
import { emit } from "../events/emit.ts";
import { debitFrom } from "../payments/debit.ts";
import {
  attachMethod,
  billingOf,
  detachMethod,
  methodFrom,
  methodNamed,
} from "../payments/methods.ts";
import { invalid, notModelled } from "../protocol/errors.ts";
import { mustFind } from "../protocol/find.ts";
import { pageOf } from "../protocol/list.ts";
import { type Operation, operation } from "../protocol/operation.ts";
import {
  mergeMetadata,
  metadata,
  natural,
  oneOf,
  page,
  params,
  text,
  unmodelled,
} from "../protocol/params.ts";
import type { World } from "../state/world.ts";
import { billingDetails } from "./payment-params.ts";

const redisplay = () => oneOf(["always", "limited", "unspecified"]);

/** Those of a card; what other kinds of payment method are made of is refused by its type. */
type OfCards = Pick<
  Stripe.PaymentMethodCreateParams,
  | "allow_redisplay"
  | "billing_details"
  | "card"
  | "customer"
  | "metadata"
  | "payment_method"
  | "radar_options"
  | "sepa_debit"
  | "type"
  | "us_bank_account"
>;

const createParams = params<OfCards>()({
  allow_redisplay: redisplay().optional(),
  billing_details: billingDetails().optional(),
  card: params<Stripe.PaymentMethodCreateParams.Card>()({
    cvc: text().optional(),
    exp_month: natural().optional(),
    exp_year: natural().optional(),
    networks: unmodelled(),
    number: text().optional(),
    token: text().optional(),
  }).optional(),
  customer: unmodelled(),
  metadata: metadata().optional(),
  payment_method: unmodelled(),
  radar_options: unmodelled(),
  sepa_debit: params<Stripe.PaymentMethodCreateParams.SepaDebit>()({ iban: text() }).optional(),
  type: text(),
  us_bank_account: unmodelled(),
});
const updateParams = params<Stripe.PaymentMethodUpdateParams>()({
  allow_redisplay: redisplay().optional(),
  billing_details: billingDetails().optional(),
  card: params<Stripe.PaymentMethodUpdateParams.Card>()({
    exp_month: natural().optional(),
    exp_year: natural().optional(),
    networks: unmodelled(),
  }).optional(),
  metadata: metadata().optional(),
  us_bank_account: unmodelled(),
});
const listParams = params<Stripe.PaymentMethodListParams>()({
  ...page,
  allow_redisplay: redisplay().optional(),
  customer: text().optional(),
  customer_account: unmodelled(),
  type: text().optional(),
});
const ofCustomerParams = params<Stripe.CustomerListPaymentMethodsParams>()({
  ...page,
  allow_redisplay: redisplay().optional(),
  type: text().optional(),
});

function create(world: World, given: z.output<typeof createParams>): Stripe.PaymentMethod {
  const { type, card, metadata } = given;
  if (type === "sepa_debit") return createDebit(world, given);
  if (type !== "card") throw notModelled(`payment methods of the type ${type}`, "type");
  if (card?.number === undefined && card?.token === undefined) {
    throw missingParam("card[number]");
  }
  if (card.number !== undefined) {
    if (card.exp_month === undefined) throw missingParam("card[exp_month]");
    if (card.exp_year === undefined) throw missingParam("card[exp_year]");
  }
  return methodFrom(world, {
    number: card.number,
    token: card.token,
    expMonth: card.exp_month,
    expYear: card.exp_year === undefined ? undefined : wholeYear(card.exp_year),
    cvc: card.cvc,
    billing: given.billing_details,
    metadata: mergeMetadata(null, metadata),
    allowRedisplay: given.allow_redisplay,
  });
}

function createDebit(world: World, given: z.output<typeof createParams>): Stripe.PaymentMethod {
  const iban = given.sepa_debit?.iban;
  if (iban === undefined) throw missingParam("sepa_debit[iban]");
  const metadata = mergeMetadata(null, given.metadata);
  return debitFrom(world, { iban, billing: given.billing_details, metadata });
}

function missingParam(param: string) {
  return invalid(`Missing required param: ${param}.`, { code: "parameter_missing", param });
}

function wholeYear(year: number): number {
  return year < 100 ? 2_000 + year : year;
}

function update(
  world: World,
  before: Stripe.PaymentMethod,
  given: z.output<typeof updateParams>,
): Stripe.PaymentMethod {
  if (before.customer === null) {
    throw invalid("You must save this PaymentMethod to a customer before you can update it.");
  }
  const { card } = before;
  const { exp_month, exp_year } = given.card ?? {};
  const after = world.put("payment_method", {
    ...before,
    allow_redisplay: given.allow_redisplay ?? before.allow_redisplay ?? "unspecified",
    billing_details: billingOf(given.billing_details, before.billing_details),
    ...(card
      ? {
          card: {
            ...card,
            exp_month: exp_month ?? card.exp_month,
            exp_year: exp_year === undefined ? card.exp_year : wholeYear(exp_year),
          },
        }
      : {}),
    metadata: mergeMetadata(before.metadata, given.metadata),
  });
  emit(world, "payment_method.updated", after, { before });
  return after;
}

function attached(
  world: World,
  given: {
    customer?: string | undefined;
    type?: string | undefined;
    allow_redisplay?: string | undefined;
  },
): Stripe.PaymentMethod[] {
  return world
    .of("payment_method", "customer", given.customer)
    .filter(({ customer }) => customer !== null)
    .filter(({ type }) => given.type === undefined || given.type === type)
    .filter(
      ({ allow_redisplay }) =>
        given.allow_redisplay === undefined || given.allow_redisplay === allow_redisplay,
    );
}

function present(world: World, id: string): Stripe.PaymentMethod {
  return mustFind(world, "payment_method", id, { what: "PaymentMethod" });
}

export const paymentMethodOperations: readonly Operation[] = [
  operation("POST /v1/payment_methods", createParams, ({ world, params }) => create(world, params)),
  operation("GET /v1/payment_methods", listParams, ({ world, params }) => {
    const { customer } = params;
    if (customer !== undefined) mustFind(world, "customer", customer, { param: "customer" });
    return pageOf("/v1/payment_methods", attached(world, params), params);
  }),
  operation(
    "GET /v1/payment_methods/:id",
    params<Stripe.PaymentMethodRetrieveParams>()({}),
    ({ world, path: { id = "" } }) => present(world, id),
  ),
  operation("POST /v1/payment_methods/:id", updateParams, ({ world, params, path: { id = "" } }) =>
    update(world, present(world, id), params),
  ),
  operation(
    "POST /v1/payment_methods/:id/attach",
    params<Stripe.PaymentMethodAttachParams>()({
      customer: text(),
      customer_account: unmodelled(),
    }),
    ({ world, params, path: { id = "" } }) =>
      attachMethod(world, methodNamed(world, id, "id").id, params.customer),
  ),
  operation(
    "POST /v1/payment_methods/:id/detach",
    params<Stripe.PaymentMethodDetachParams>()({}),
    ({ world, path: { id = "" } }) => detachMethod(world, id),
  ),
  operation(
    "GET /v1/customers/:id/payment_methods",
    ofCustomerParams,
    ({ world, params, path: { id = "" } }) => {
      mustFind(world, "customer", id);
      const found = attached(world, { ...params, customer: id });
      return pageOf(`/v1/customers/${id}/payment_methods`, found, params);
    },
  ),
  operation(
    "GET /v1/customers/:id/payment_methods/:method",
    params<Stripe.CustomerRetrievePaymentMethodParams>()({}),
    ({ world, path: { id = "", method = "" } }) => {
      mustFind(world, "customer", id);
      const found = present(world, method);
      if (found.customer === id) return found;
      throw invalid(
        `The customer does not have a payment method with the ID ${method}. The payment method must be attached to the customer.`,
        { code: "resource_missing", param: "payment_method" },
      );
    },
  ),
];
