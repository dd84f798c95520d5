import type Stripe from "stripe";
import {
  currency,
  emptyable,
  flag,
  metadata,
  natural,
  oneOf,
  params,
  text,
  unmodelled,
} from "../protocol/params.ts";
import {
  automaticMethods,
  mandateData,
  notForIntents,
  offSession,
  only,
  payingTypes,
  shipping,
} from "./payment-params.ts";

const captureMethod = () => oneOf(["automatic", "automatic_async", "manual"]);
const futureUse = () => oneOf(["off_session", "on_session"]);

/** For marketplaces, tax hooks and cards of businesses. */
const notHere = {
  amount_details: unmodelled(),
  hooks: unmodelled(),
  payment_details: unmodelled(),
};

export const createParams = params<Stripe.PaymentIntentCreateParams>()({
  ...notForIntents,
  ...notHere,
  allowed_payment_method_types: payingTypes().optional(),
  amount: natural(),
  application_fee_amount: unmodelled(),
  automatic_payment_methods: automaticMethods().optional(),
  capture_method: captureMethod().optional(),
  confirm: flag().optional(),
  confirmation_method: oneOf(["automatic", "manual"]).optional(),
  currency: currency(),
  customer: text().optional(),
  customer_account: unmodelled(),
  description: text().optional(),
  error_on_requires_action: flag().optional(),
  mandate: unmodelled(),
  mandate_data: mandateData().optional(),
  metadata: metadata().optional(),
  off_session: offSession().optional(),
  on_behalf_of: unmodelled(),
  payment_method: text().optional(),
  payment_method_configuration: unmodelled(),
  radar_options: unmodelled(),
  receipt_email: text().optional(),
  return_url: text().optional(),
  setup_future_usage: futureUse().optional(),
  shipping: shipping().optional(),
  statement_descriptor: text().max(22).optional(),
  statement_descriptor_suffix: text().max(22).optional(),
  transfer_data: unmodelled(),
  transfer_group: unmodelled(),
  use_stripe_sdk: only("false").optional(),
});

const { mandate_data: _, confirmation_token: __, ...notForUpdates } = notForIntents;

export const updateParams = params<Stripe.PaymentIntentUpdateParams>()({
  ...notForUpdates,
  ...notHere,
  allowed_payment_method_types: payingTypes().optional(),
  amount: natural().optional(),
  application_fee_amount: unmodelled(),
  capture_method: captureMethod().optional(),
  currency: currency().optional(),
  customer: text().optional(),
  customer_account: unmodelled(),
  description: emptyable(text()).optional(),
  metadata: metadata().optional(),
  payment_method: text().optional(),
  payment_method_configuration: unmodelled(),
  receipt_email: emptyable(text()).optional(),
  setup_future_usage: emptyable(futureUse()).optional(),
  shipping: emptyable(shipping()).optional(),
  statement_descriptor: text().max(22).optional(),
  statement_descriptor_suffix: text().max(22).optional(),
  transfer_data: unmodelled(),
  transfer_group: unmodelled(),
});

export const confirmParams = params<Stripe.PaymentIntentConfirmParams>()({
  ...notForIntents,
  ...notHere,
  allowed_payment_method_types: payingTypes().optional(),
  amount_to_confirm: unmodelled(),
  capture_method: captureMethod().optional(),
  error_on_requires_action: flag().optional(),
  mandate: unmodelled(),
  mandate_data: mandateData().optional(),
  off_session: offSession().optional(),
  payment_method: text().optional(),
  radar_options: unmodelled(),
  receipt_email: emptyable(text()).optional(),
  return_url: text().optional(),
  setup_future_usage: emptyable(futureUse()).optional(),
  shipping: emptyable(shipping()).optional(),
  use_stripe_sdk: only("false").optional(),
});

export const captureParams = params<Stripe.PaymentIntentCaptureParams>()({
  ...notHere,
  amount_to_capture: natural().optional(),
  application_fee_amount: unmodelled(),
  final_capture: only("true").optional(),
  metadata: metadata().optional(),
  statement_descriptor: text().max(22).optional(),
  statement_descriptor_suffix: text().max(22).optional(),
  transfer_data: unmodelled(),
});

export const cancelParams = params<Stripe.PaymentIntentCancelParams>()({
  cancellation_reason: oneOf([
    "abandoned",
    "duplicate",
    "fraudulent",
    "requested_by_customer",
  ]).optional(),
});
