import type Stripe from "stripe";
import type { z } from "zod";
import { isTooLateToCancel } from "../payments/cancel.ts";
import { captureIntent } from "../payments/capture.ts";
import {
  type Attempt,
  type Confirmation,
  cancelIntent,
  confirmIntent,
  createIntent,
} from "../payments/confirm.ts";
import { intentOf, invoiceOf, unexpected } from "../payments/intent.ts";
import { changeIntent } from "../payments/intent-change.ts";
import { checkAmount } from "../payments/limits.ts";
import { invalid, notModelled } from "../protocol/errors.ts";
import { isWithin, pageOf } from "../protocol/list.ts";
import { type Operation, operation } from "../protocol/operation.ts";
import { mergeMetadata, page, params, range, text, unmodelled } from "../protocol/params.ts";
import { settleIntent } from "../settle.ts";
import type { World } from "../state/world.ts";
import {
  cancelParams,
  captureParams,
  confirmParams,
  createParams,
  updateParams,
} from "./payment-intent-params.ts";
import { shippingFrom } from "./payment-params.ts";

function create(world: World, given: z.output<typeof createParams>): Stripe.PaymentIntent {
  checkAmount(given.amount, given.currency);
  checkForConfirm(given);
  const intent = createIntent(world, {
    amount: given.amount,
    currency: given.currency,
    customer: given.customer,
    paymentMethod: given.payment_method,
    setupFutureUse: given.setup_future_usage,
    metadata: mergeMetadata(null, given.metadata),
    description: given.description,
    captureMethod: given.capture_method,
    confirmationMethod: given.confirmation_method,
    receiptEmail: given.receipt_email,
    shipping: given.shipping && shippingFrom(given.shipping),
    statementDescriptor: given.statement_descriptor,
    statementDescriptorSuffix: given.statement_descriptor_suffix,
    allowedTypes: given.allowed_payment_method_types ?? typesWithoutAutomatic(given),
    allowRedirects: given.automatic_payment_methods?.allow_redirects,
  });
  if (!given.confirm) return intent;
  checkMandate(intent, given);
  return answer(confirmIntent(world, intent.id, confirmationOf(given)));
}

/** Cards need no mandate, so one that is sent for a card would be forgotten. */
function checkMandate(
  { payment_method_types: types }: Stripe.PaymentIntent,
  { mandate_data }: Pick<z.output<typeof confirmParams>, "mandate_data">,
): void {
  if (mandate_data && !types.includes("sepa_debit")) {
    throw notModelled("mandates for cards", "mandate_data");
  }
}

function typesWithoutAutomatic({
  automatic_payment_methods: automatic,
}: z.output<typeof createParams>): readonly string[] | undefined {
  return automatic?.enabled === false ? ["card"] : undefined;
}

/** Some parameters say how to confirm, and mean nothing without. */
function checkForConfirm(given: z.output<typeof createParams>): void {
  if (given.confirm) return;
  const lone = (["off_session", "return_url", "error_on_requires_action"] as const).find(
    (name) => given[name] !== undefined,
  );
  if (lone === undefined) return;
  throw invalid(`You cannot provide \`${lone}\` without setting \`confirm\` to true.`, {
    param: lone,
  });
}

type HowGiven = Pick<
  z.output<typeof confirmParams>,
  "payment_method" | "off_session" | "return_url" | "error_on_requires_action"
>;

function confirmationOf(given: HowGiven): Confirmation {
  return {
    paymentMethod: undefined,
    offSession: given.off_session ?? false,
    returnUrl: given.return_url,
    refuseAction: given.error_on_requires_action,
  };
}

function confirm(
  world: World,
  id: string,
  given: z.output<typeof confirmParams>,
): Stripe.PaymentIntent {
  const { payment_method } = given;
  changeIntent(world, id, {
    captureMethod: given.capture_method,
    receiptEmail: given.receipt_email,
    setupFutureUse: given.setup_future_usage,
    shipping: given.shipping && shippingFrom(given.shipping),
    allowedTypes: given.allowed_payment_method_types,
  });
  checkMandate(intentOf(world, id), given);
  const how = { ...confirmationOf(given), paymentMethod: payment_method };
  const attempt = confirmIntent(world, id, how);
  settleIntent(world, attempt.intent);
  return answer(attempt);
}

function answer({ intent, error }: Attempt): Stripe.PaymentIntent {
  if (error) throw error;
  return intent;
}

function cancel(
  world: World,
  id: string,
  given: z.output<typeof cancelParams>,
): Stripe.PaymentIntent {
  const intent = intentOf(world, id, "id");
  if (isTooLateToCancel(intent)) {
    throw unexpected(
      `You cannot cancel this PaymentIntent because it has a status of ${intent.status}. Only a PaymentIntent with one of the following statuses may be canceled: requires_payment_method, requires_capture, requires_confirmation, requires_action.`,
    );
  }
  if (invoiceOf(intent) !== undefined) {
    throw invalid(
      "You cannot cancel a PaymentIntent that was created by an invoice. Void the invoice instead.",
    );
  }
  return cancelIntent(world, id, given.cancellation_reason ?? null);
}

export const paymentIntentOperations: readonly Operation[] = [
  operation("POST /v1/payment_intents", createParams, ({ world, params }) => create(world, params)),
  operation(
    "GET /v1/payment_intents",
    params<Stripe.PaymentIntentListParams>()({
      ...page,
      created: range().optional(),
      customer: text().optional(),
      customer_account: unmodelled(),
    }),
    ({ world, params }) => {
      const found = world
        .of("payment_intent", "customer", params.customer)
        .filter(({ created }) => isWithin(created, params.created));
      return pageOf("/v1/payment_intents", found, params);
    },
  ),
  operation(
    "GET /v1/payment_intents/:id",
    params<Stripe.PaymentIntentRetrieveParams>()({ client_secret: text().optional() }),
    ({ world, params, path: { id = "" } }) => {
      const intent = intentOf(world, id, "id");
      if ((params.client_secret ?? intent.client_secret) === intent.client_secret) return intent;
      throw invalid(
        "The client_secret provided does not match the client_secret associated with the PaymentIntent.",
        { code: "payment_intent_invalid_parameter", param: "client_secret" },
      );
    },
  ),
  operation(
    "POST /v1/payment_intents/:id",
    updateParams,
    ({ world, params, path: { id = "" } }) => {
      const intent = intentOf(world, id, "id");
      const { amount, currency } = params;
      if (amount !== undefined) checkAmount(amount, currency ?? intent.currency);
      return changeIntent(world, id, {
        amount,
        currency,
        customer: params.customer,
        description: params.description,
        metadata: params.metadata,
        paymentMethod: params.payment_method,
        captureMethod: params.capture_method,
        receiptEmail: params.receipt_email,
        setupFutureUse: params.setup_future_usage,
        shipping: params.shipping && shippingFrom(params.shipping),
        statementDescriptor: params.statement_descriptor,
        statementDescriptorSuffix: params.statement_descriptor_suffix,
        allowedTypes: params.allowed_payment_method_types,
      });
    },
  ),
  operation(
    "POST /v1/payment_intents/:id/confirm",
    confirmParams,
    ({ world, params, path: { id = "" } }) => {
      intentOf(world, id, "id");
      return confirm(world, id, params);
    },
  ),
  operation(
    "POST /v1/payment_intents/:id/capture",
    captureParams,
    ({ world, params, path: { id = "" } }) => {
      intentOf(world, id, "id");
      const { amount_to_capture, ...given } = params;
      captureIntent(world, id, amount_to_capture);
      return changeIntent(world, id, {
        metadata: given.metadata,
        statementDescriptor: given.statement_descriptor,
        statementDescriptorSuffix: given.statement_descriptor_suffix,
      });
    },
  ),
  operation(
    "POST /v1/payment_intents/:id/cancel",
    cancelParams,
    ({ world, params, path: { id = "" } }) => cancel(world, id, params),
  ),
];
