import type Stripe from "stripe";
import {
  emptyable,
  flag,
  listOf,
  metadata,
  natural,
  oneOf,
  params,
  text,
  unmodelled,
} from "../protocol/params.ts";

type Features = Stripe.BillingPortal.ConfigurationCreateParams.Features;
/** The SDK has these types in namespaces of their own; named here once. */
type CustomerUpdate = NonNullable<Features["customer_update"]>;
type PaymentMethodUpdate = NonNullable<Features["payment_method_update"]>;
type Cancel = NonNullable<Features["subscription_cancel"]>;
type Update = NonNullable<Features["subscription_update"]>;
type UpdateProduct = Exclude<NonNullable<Update["products"]>, "">[number];
type AtPeriodEnd = NonNullable<Update["schedule_at_period_end"]>;

const proration = () => oneOf(["always_invoice", "create_prorations", "none"]);

const customerUpdate = () =>
  params<CustomerUpdate>()({
    allowed_updates: emptyable(
      listOf(oneOf(["address", "email", "name", "phone", "shipping", "tax_id"])),
    ).optional(),
    enabled: flag().optional(),
  });

const subscriptionCancel = () =>
  params<Cancel>()({
    cancellation_reason: params<NonNullable<Cancel["cancellation_reason"]>>()({
      enabled: flag(),
      feedback_options: unmodelled(),
      options: emptyable(
        listOf(
          oneOf([
            "customer_service",
            "low_quality",
            "missing_features",
            "other",
            "switched_service",
            "too_complex",
            "too_expensive",
            "unused",
          ]),
        ),
      ).optional(),
    }).optional(),
    enabled: flag().optional(),
    mode: oneOf(["at_period_end", "immediately"]).optional(),
    proration_behavior: proration().optional(),
  });

const subscriptionUpdate = () =>
  params<Update>()({
    billing_cycle_anchor: oneOf(["now", "unchanged"]).optional(),
    default_allowed_updates: emptyable(
      listOf(oneOf(["price", "promotion_code", "quantity"])),
    ).optional(),
    enabled: flag().optional(),
    products: emptyable(
      listOf(
        params<UpdateProduct>()({
          adjustable_quantity: params<NonNullable<UpdateProduct["adjustable_quantity"]>>()({
            enabled: flag(),
            maximum: natural().optional(),
            minimum: natural().optional(),
          }).optional(),
          prices: listOf(text()),
          product: text(),
        }),
      ),
    ).optional(),
    proration_behavior: proration().optional(),
    schedule_at_period_end: params<AtPeriodEnd>()({
      conditions: emptyable(
        listOf(
          params<{ type: string }>()({
            type: oneOf(["decreasing_item_amount", "shortening_interval"]),
          }),
        ),
      ).optional(),
    }).optional(),
    trial_update_behavior: oneOf(["continue_trial", "end_trial"]).optional(),
  });

export const features = () =>
  params<Features>()({
    customer_update: customerUpdate().optional(),
    invoice_history: params<NonNullable<Features["invoice_history"]>>()({
      enabled: flag(),
    }).optional(),
    payment_method_update: params<PaymentMethodUpdate>()({
      enabled: flag().optional(),
      payment_method_configuration: unmodelled(),
    }).optional(),
    subscription_cancel: subscriptionCancel().optional(),
    subscription_pause: unmodelled(),
    subscription_update: subscriptionUpdate().optional(),
  });

const profile = () =>
  params<Stripe.BillingPortal.ConfigurationCreateParams.BusinessProfile>()({
    headline: emptyable(text().max(60)).optional(),
    privacy_policy_url: emptyable(text()).optional(),
    terms_of_service_url: emptyable(text()).optional(),
  });

export const configurationParams = params<Stripe.BillingPortal.ConfigurationCreateParams>()({
  features: features(),
  business_profile: profile().optional(),
  default_return_url: emptyable(text()).optional(),
  login_page: unmodelled(),
  metadata: metadata().optional(),
  name: emptyable(text()).optional(),
});

export const updateParams = params<Stripe.BillingPortal.ConfigurationUpdateParams>()({
  active: flag().optional(),
  business_profile: profile().optional(),
  default_return_url: emptyable(text()).optional(),
  features: features().optional(),
  login_page: unmodelled(),
  metadata: metadata().optional(),
  name: emptyable(text()).optional(),
});
