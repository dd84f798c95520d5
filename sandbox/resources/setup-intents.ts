import type Stripe from "stripe";
import type { z } from "zod";
import {
  cancelSetup,
  confirmSetup,
  createSetup,
  type SetupAttempt,
  setupOf,
} from "../payments/setup.ts";
import { changeSetup } from "../payments/setup-change.ts";
import { invalid } from "../protocol/errors.ts";
import { isWithin, pageOf } from "../protocol/list.ts";
import { type Operation, operation } from "../protocol/operation.ts";
import {
  emptyable,
  flag,
  mergeMetadata,
  metadata,
  oneOf,
  page,
  params,
  range,
  text,
  unmodelled,
} from "../protocol/params.ts";
import { settleIntent } from "../settle.ts";
import type { World } from "../state/world.ts";
import { allowedTypes, automaticMethods, notForIntents, only } from "./payment-params.ts";

const createParams = params<Stripe.SetupIntentCreateParams>()({
  ...notForIntents,
  allowed_payment_method_types: allowedTypes().optional(),
  attach_to_self: unmodelled(),
  automatic_payment_methods: automaticMethods().optional(),
  confirm: flag().optional(),
  customer: text().optional(),
  customer_account: unmodelled(),
  description: text().optional(),
  flow_directions: unmodelled(),
  metadata: metadata().optional(),
  on_behalf_of: unmodelled(),
  payment_method: text().optional(),
  payment_method_configuration: unmodelled(),
  return_url: text().optional(),
  single_use: unmodelled(),
  usage: oneOf(["off_session", "on_session"]).optional(),
  use_stripe_sdk: only("false").optional(),
});

const { mandate_data: _, confirmation_token: __, ...notForUpdates } = notForIntents;
const updateParams = params<Stripe.SetupIntentUpdateParams>()({
  ...notForUpdates,
  allowed_payment_method_types: allowedTypes().optional(),
  attach_to_self: unmodelled(),
  customer: text().optional(),
  customer_account: unmodelled(),
  description: emptyable(text()).optional(),
  flow_directions: unmodelled(),
  metadata: metadata().optional(),
  payment_method: text().optional(),
  payment_method_configuration: unmodelled(),
});

const { excluded_payment_method_types: ___, ...notForConfirm } = notForIntents;
const confirmParams = params<Stripe.SetupIntentConfirmParams>()({
  ...notForConfirm,
  allowed_payment_method_types: allowedTypes().optional(),
  payment_method: text().optional(),
  return_url: text().optional(),
  use_stripe_sdk: only("false").optional(),
});

function create(world: World, given: z.output<typeof createParams>): Stripe.SetupIntent {
  const automatic = given.automatic_payment_methods;
  const types = given.allowed_payment_method_types;
  if (given.return_url !== undefined && !given.confirm) {
    throw invalid("You cannot provide `return_url` without setting `confirm` to true.", {
      param: "return_url",
    });
  }
  const intent = createSetup(world, {
    customer: given.customer,
    paymentMethod: given.payment_method,
    usage: given.usage,
    metadata: mergeMetadata(null, given.metadata),
    description: given.description,
    allowedTypes: types ?? (automatic?.enabled === false ? ["card"] : undefined),
    allowRedirects: automatic?.allow_redirects,
  });
  if (!given.confirm) return intent;
  return answer(confirmSetup(world, intent.id, { returnUrl: given.return_url }));
}

function answer({ intent, error }: SetupAttempt): Stripe.SetupIntent {
  if (error) throw error;
  return intent;
}

export const setupIntentOperations: readonly Operation[] = [
  operation("POST /v1/setup_intents", createParams, ({ world, params }) => create(world, params)),
  operation(
    "GET /v1/setup_intents",
    params<Stripe.SetupIntentListParams>()({
      ...page,
      attach_to_self: unmodelled(),
      created: range().optional(),
      customer: text().optional(),
      customer_account: unmodelled(),
      payment_method: text().optional(),
    }),
    ({ world, params }) => {
      const { customer: of, payment_method: by } = params;
      const found = world
        .all("setup_intent")
        .filter(({ customer }) => of === undefined || of === customer)
        .filter(({ payment_method }) => by === undefined || by === payment_method)
        .filter(({ created }) => isWithin(created, params.created));
      return pageOf("/v1/setup_intents", found, params);
    },
  ),
  operation(
    "GET /v1/setup_intents/:id",
    params<Stripe.SetupIntentRetrieveParams>()({ client_secret: text().optional() }),
    ({ world, params, path: { id = "" } }) => {
      const intent = setupOf(world, id, "id");
      if ((params.client_secret ?? intent.client_secret) === intent.client_secret) return intent;
      throw invalid(
        "The client_secret provided does not match the client_secret associated with the SetupIntent.",
        { code: "setup_intent_invalid_parameter", param: "client_secret" },
      );
    },
  ),
  operation("POST /v1/setup_intents/:id", updateParams, ({ world, params, path: { id = "" } }) => {
    setupOf(world, id, "id");
    return changeSetup(world, id, {
      customer: params.customer,
      paymentMethod: params.payment_method,
      metadata: params.metadata,
      description: params.description,
      allowedTypes: params.allowed_payment_method_types,
    });
  }),
  operation(
    "POST /v1/setup_intents/:id/confirm",
    confirmParams,
    ({ world, params, path: { id = "" } }) => {
      setupOf(world, id, "id");
      const { payment_method, return_url, allowed_payment_method_types } = params;
      changeSetup(world, id, { allowedTypes: allowed_payment_method_types });
      const how = { paymentMethod: payment_method, returnUrl: return_url };
      const attempt = confirmSetup(world, id, how);
      settleIntent(world, attempt.intent);
      return answer(attempt);
    },
  ),
  operation(
    "POST /v1/setup_intents/:id/cancel",
    params<Stripe.SetupIntentCancelParams>()({
      cancellation_reason: oneOf(["abandoned", "duplicate", "requested_by_customer"]).optional(),
    }),
    ({ world, params, path: { id = "" } }) => {
      setupOf(world, id, "id");
      return cancelSetup(world, id, params.cancellation_reason ?? null);
    },
  ),
];
