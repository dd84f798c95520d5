import type Stripe from "stripe";
import { z } from "zod";
import { notModelled } from "../protocol/errors.ts";
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

/* What operations on subscriptions, their items, schedules and previews take in common. */

type Create = Stripe.SubscriptionCreateParams;
type Update = Stripe.SubscriptionUpdateParams;

export const paymentBehavior = () =>
  oneOf(["allow_incomplete", "default_incomplete", "error_if_incomplete", "pending_if_incomplete"]);
export const prorationBehavior = () => oneOf(["always_invoice", "create_prorations", "none"]);
export const collectionMethod = () => oneOf(["charge_automatically", "send_invoice"]);
export const intervalName = () => oneOf(["day", "week", "month", "year"]);

export const discountsGiven = () =>
  emptyable(
    listOf(
      params<Stripe.SubscriptionCreateParams.Discount>()({
        coupon: text().optional(),
        discount: text().optional(),
        promotion_code: text().optional(),
      }),
    ),
  );

/** Ids of tax rates; "" takes away those that are there. */
export const taxRates = () => emptyable(listOf(text()));

/** The flexible mode, in which alone the sandbox bills. */
export const billingMode = () =>
  params<Stripe.SubscriptionCreateParams.BillingMode>()({
    flexible: params<Stripe.SubscriptionCreateParams.BillingMode.Flexible>()({
      proration_discounts: oneOf(["included"]).optional(),
    }).optional(),
    type: oneOf(["classic", "flexible"]).refine((type) => type === "flexible", {
      message: "sandbox_not_modelled",
    }),
  });

export const recurringPriceData = () =>
  params<Stripe.SubscriptionCreateParams.Item.PriceData>()({
    currency: currency(),
    product: text(),
    recurring: params<Stripe.SubscriptionCreateParams.Item.PriceData.Recurring>()({
      interval: intervalName(),
      interval_count: natural().optional(),
    }),
    tax_behavior: oneOf(["exclusive", "inclusive", "unspecified"]).optional(),
    unit_amount: natural().optional(),
    unit_amount_decimal: decimal().optional(),
  });

const item = {
  billing_thresholds: unmodelled(),
  current_trial: unmodelled(),
  discounts: unmodelled(),
  metadata: metadata().optional(),
  plan: unmodelled(),
  price: text().optional(),
  price_data: recurringPriceData().optional(),
  quantity: natural().optional(),
  tax_rates: taxRates().optional(),
};

export const newItems = () => listOf(params<Stripe.SubscriptionCreateParams.Item>()(item)).max(20);

export const itemChange = {
  ...item,
  clear_usage: unmodelled(),
  deleted: flag().optional(),
  id: text().optional(),
};
export const itemChanges = () =>
  listOf(params<Stripe.SubscriptionUpdateParams.Item>()(itemChange)).max(20);

export const extraItems = () =>
  listOf(
    params<Stripe.SubscriptionCreateParams.AddInvoiceItem>()({
      discountable: flag().optional(),
      discounts: unmodelled(),
      metadata: unmodelled(),
      period: unmodelled(),
      price: text().optional(),
      price_data: params<Stripe.SubscriptionCreateParams.AddInvoiceItem.PriceData>()({
        currency: currency(),
        product: text(),
        tax_behavior: oneOf(["exclusive", "inclusive", "unspecified"]).optional(),
        unit_amount: natural().optional(),
        unit_amount_decimal: decimal().optional(),
      }).optional(),
      quantity: natural().optional(),
      tax_rates: taxRates().optional(),
    }),
  ).max(20);

export const automaticTax = () =>
  params<Stripe.SubscriptionCreateParams.AutomaticTax>()({
    enabled: flag(),
    liability: params<Stripe.SubscriptionCreateParams.AutomaticTax.Liability>()({
      account: unmodelled(),
      type: oneOf(["self"]),
    }).optional(),
  });

export const cancelAt = () =>
  z.union([oneOf(["max_billed_until", "max_period_end", "min_period_end"]), moment()]);

/** All items have one period here, so its least and its greatest end are the same. */
export function modelledCancelAt(given: z.output<ReturnType<typeof cancelAt>> | undefined) {
  if (given === "max_billed_until") throw notModelled("`max_billed_until`", "cancel_at");
  return given;
}

export const trialEnd = () => z.union([z.literal("now"), moment()]);

export const trialSettings = () =>
  params<Stripe.SubscriptionCreateParams.TrialSettings>()({
    end_behavior: params<Stripe.SubscriptionCreateParams.TrialSettings.EndBehavior>()({
      billing_cycle_anchor: oneOf(["now"]).optional(),
      missing_payment_method: oneOf(["cancel", "create_invoice", "pause"]).optional(),
    }),
  });

export const paymentSettings = () =>
  params<Stripe.SubscriptionCreateParams.PaymentSettings>()({
    payment_method_options: unmodelled(),
    payment_method_types: unmodelled(),
    save_default_payment_method: oneOf(["off", "on_subscription"]).optional(),
  });

export const cancellationDetails = () =>
  params<Stripe.SubscriptionUpdateParams.CancellationDetails>()({
    comment: emptyable(text()).optional(),
    feedback: emptyable(
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
    ).optional(),
    feedback_option: unmodelled(),
  });

/** What creating and updating a subscription take alike. */
export const sharedByBoth = {
  add_invoice_items: extraItems().optional(),
  application_fee_percent: unmodelled(),
  automatic_tax: automaticTax().optional(),
  billing_schedules: unmodelled(),
  billing_thresholds: unmodelled(),
  cancel_at_period_end: flag().optional(),
  collection_method: collectionMethod().optional(),
  days_until_due: natural().optional(),
  default_payment_method: text().optional(),
  default_source: unmodelled(),
  default_tax_rates: taxRates().optional(),
  discounts: discountsGiven().optional(),
  invoice_settings: unmodelled(),
  metadata: metadata().optional(),
  off_session: flag().optional(),
  on_behalf_of: unmodelled(),
  payment_behavior: paymentBehavior().optional(),
  payment_settings: paymentSettings().optional(),
  pending_invoice_item_interval: unmodelled(),
  proration_behavior: prorationBehavior().optional(),
  transfer_data: unmodelled(),
  trial_end: trialEnd().optional(),
  trial_from_plan: unmodelled(),
  trial_settings: trialSettings().optional(),
} satisfies Partial<Record<keyof Create & keyof Update, z.ZodType>>;
