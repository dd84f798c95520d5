import type Stripe from "stripe";
import { z } from "zod";
import {
  currency,
  decimal,
  emptyable,
  flag,
  listOf,
  metadata,
  moment,
  natural,
  oneOf,
  params,
  text,
  unmodelled,
} from "../protocol/params.ts";

type Create = Stripe.Checkout.SessionCreateParams;

/** A parameter of which only some values are modelled; the others are refused as such. */
const only = (...values: [string, ...string[]]) =>
  z.string().refine((given) => values.includes(given), "sandbox_not_modelled");
/** A switch that may be sent as long as it is off. */
const off = () => flag().refine((given) => !given, "sandbox_not_modelled");

const address = params<Stripe.ShippingAddressParam>()({
  city: text().optional(),
  country: text().optional(),
  line1: text(),
  line2: text().optional(),
  postal_code: text().optional(),
  state: text().optional(),
});

const priceData = params<Stripe.Checkout.SessionCreateParams.LineItem.PriceData>()({
  currency: currency(),
  product: text().optional(),
  product_data: params<Stripe.Checkout.SessionCreateParams.LineItem.PriceData.ProductData>()({
    description: text().optional(),
    images: unmodelled(),
    metadata: metadata().optional(),
    name: text(),
    tax_code: unmodelled(),
    tax_details: unmodelled(),
    unit_label: unmodelled(),
  }).optional(),
  recurring: params<Stripe.Checkout.SessionCreateParams.LineItem.PriceData.Recurring>()({
    interval: oneOf(["day", "week", "month", "year"]),
    interval_count: natural().optional(),
  }).optional(),
  tax_behavior: oneOf(["exclusive", "inclusive", "unspecified"]).optional(),
  unit_amount: natural().optional(),
  unit_amount_decimal: decimal().optional(),
});

const lineItem = params<Stripe.Checkout.SessionCreateParams.LineItem>()({
  adjustable_quantity: params<Stripe.Checkout.SessionCreateParams.LineItem.AdjustableQuantity>()({
    enabled: off(),
    maximum: unmodelled(),
    minimum: unmodelled(),
  }).optional(),
  metadata: metadata().optional(),
  price: text().optional(),
  price_data: priceData.optional(),
  quantity: natural().optional(),
  tax_rates: listOf(text()).optional(),
});

const subscriptionData = params<Stripe.Checkout.SessionCreateParams.SubscriptionData>()({
  application_fee_percent: unmodelled(),
  billing_cycle_anchor: unmodelled(),
  billing_cycle_anchor_config: unmodelled(),
  billing_mode: params<Stripe.Checkout.SessionCreateParams.SubscriptionData.BillingMode>()({
    flexible: unmodelled(),
    type: only("flexible"),
  }).optional(),
  default_tax_rates: listOf(text()).optional(),
  description: text().max(500).optional(),
  invoice_settings: unmodelled(),
  metadata: metadata().optional(),
  on_behalf_of: unmodelled(),
  pending_invoice_item_interval: unmodelled(),
  proration_behavior: unmodelled(),
  transfer_data: unmodelled(),
  trial_end: moment().optional(),
  trial_period_days: natural().optional(),
  trial_settings: params<Stripe.Checkout.SessionCreateParams.SubscriptionData.TrialSettings>()({
    end_behavior:
      params<Stripe.Checkout.SessionCreateParams.SubscriptionData.TrialSettings.EndBehavior>()({
        missing_payment_method: oneOf(["cancel", "create_invoice", "pause"]),
      }),
  }).optional(),
});

const paymentIntentData = params<Stripe.Checkout.SessionCreateParams.PaymentIntentData>()({
  application_fee_amount: unmodelled(),
  capture_method: only("automatic", "automatic_async").optional(),
  description: text().max(1_000).optional(),
  metadata: metadata().optional(),
  on_behalf_of: unmodelled(),
  receipt_email: unmodelled(),
  setup_future_usage: oneOf(["off_session", "on_session"]).optional(),
  shipping: params<Stripe.Checkout.SessionCreateParams.PaymentIntentData.Shipping>()({
    address,
    carrier: text().optional(),
    name: text(),
    phone: text().optional(),
    tracking_number: text().optional(),
  }).optional(),
  statement_descriptor: unmodelled(),
  statement_descriptor_suffix: unmodelled(),
  transfer_data: unmodelled(),
  transfer_group: unmodelled(),
});

const invoiceCreation = params<Stripe.Checkout.SessionCreateParams.InvoiceCreation>()({
  enabled: flag(),
  invoice_data: params<Stripe.Checkout.SessionCreateParams.InvoiceCreation.InvoiceData>()({
    account_tax_ids: unmodelled(),
    custom_fields: unmodelled(),
    description: unmodelled(),
    footer: unmodelled(),
    issuer: unmodelled(),
    metadata: metadata().optional(),
    rendering_options: unmodelled(),
  }).optional(),
});

/** What `POST /v1/checkout/sessions` takes. */
export const createParams = params<Create>()({
  adaptive_pricing: params<Stripe.Checkout.SessionCreateParams.AdaptivePricing>()({
    enabled: off(),
  }).optional(),
  after_expiration: unmodelled(),
  allow_promotion_codes: flag().optional(),
  allowed_payment_method_types: listOf(only("card", "sepa_debit")).optional(),
  automatic_tax: params<Stripe.Checkout.SessionCreateParams.AutomaticTax>()({
    enabled: flag(),
    liability: unmodelled(),
  }).optional(),
  billing_address_collection: only("auto").optional(),
  branding_settings: unmodelled(),
  cancel_url: z.url().optional(),
  client_reference_id: text().max(200).optional(),
  consent_collection: unmodelled(),
  currency: currency().optional(),
  custom_fields: unmodelled(),
  custom_text: unmodelled(),
  customer: text().optional(),
  customer_account: unmodelled(),
  customer_creation: oneOf(["always", "if_required"]).optional(),
  customer_email: z.email().optional(),
  customer_update: params<Stripe.Checkout.SessionCreateParams.CustomerUpdate>()({
    address: oneOf(["auto", "never"]).optional(),
    name: oneOf(["auto", "never"]).optional(),
    shipping: only("never").optional(),
  }).optional(),
  discounts: listOf(
    params<Stripe.Checkout.SessionCreateParams.Discount>()({
      coupon: text().optional(),
      promotion_code: text().optional(),
    }),
  )
    .max(1)
    .optional(),
  excluded_payment_method_types: unmodelled(),
  expires_at: moment().optional(),
  integration_identifier: unmodelled(),
  invoice_creation: invoiceCreation.optional(),
  line_items: listOf(lineItem).optional(),
  locale: only("auto", "en", "en-GB").optional(),
  managed_payments: unmodelled(),
  metadata: metadata().optional(),
  mode: oneOf(["payment", "setup", "subscription"]),
  name_collection: unmodelled(),
  optional_items: unmodelled(),
  origin_context: unmodelled(),
  payment_intent_data: paymentIntentData.optional(),
  payment_method_collection: oneOf(["always", "if_required"]).optional(),
  payment_method_configuration: unmodelled(),
  payment_method_data: unmodelled(),
  payment_method_options: unmodelled(),
  permissions: unmodelled(),
  phone_number_collection: params<Stripe.Checkout.SessionCreateParams.PhoneNumberCollection>()({
    enabled: off(),
  }).optional(),
  redirect_on_completion: unmodelled(),
  return_url: unmodelled(),
  saved_payment_method_options: unmodelled(),
  setup_intent_data: params<Stripe.Checkout.SessionCreateParams.SetupIntentData>()({
    description: text().max(1_000).optional(),
    metadata: metadata().optional(),
    on_behalf_of: unmodelled(),
  }).optional(),
  shipping_address_collection: unmodelled(),
  shipping_options: unmodelled(),
  submit_type: oneOf(["auto", "book", "donate", "pay", "subscribe"]).optional(),
  subscription_data: subscriptionData.optional(),
  success_url: text(),
  tax_id_collection: params<Stripe.Checkout.SessionCreateParams.TaxIdCollection>()({
    enabled: off(),
    required: unmodelled(),
  }).optional(),
  ui_mode: only("hosted_page").optional(),
  wallet_options: unmodelled(),
});

/** What `POST /v1/checkout/sessions/:id` takes. */
export const updateParams = params<Stripe.Checkout.SessionUpdateParams>()({
  collected_information: unmodelled(),
  line_items: unmodelled(),
  metadata: emptyable(metadata()).optional(),
  payment_intent_data: unmodelled(),
  shipping_options: unmodelled(),
});

export type SessionParams = z.output<typeof createParams>;
export type LineItemParams = z.output<typeof lineItem>;
