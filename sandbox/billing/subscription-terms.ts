import type Stripe from "stripe";

/*
 * What callers ask of a subscription, under the names of Stripe's own parameters (already read and
 * checked): the operations hand theirs over as they are, Checkout and the portal make their own.
 */

export type PaymentBehavior =
  | "allow_incomplete"
  | "default_incomplete"
  | "error_if_incomplete"
  | "pending_if_incomplete";
export type ProrationBehavior = "always_invoice" | "create_prorations" | "none";
export type CollectionMethod = "charge_automatically" | "send_invoice";
type MetadataGiven = Record<string, string> | null;
/** Ids of tax rates; null takes away what is there. */
type TaxRatesGiven = string[] | null;

/** One way to name a discount; exactly one member is given. */
export type DiscountGiven = {
  coupon?: string | undefined;
  promotion_code?: string | undefined;
  discount?: string | undefined;
};

export type InlinePrice = {
  currency: string;
  product: string;
  recurring?:
    | { interval: "day" | "week" | "month" | "year"; interval_count?: number | undefined }
    | undefined;
  tax_behavior?: "exclusive" | "inclusive" | "unspecified" | undefined;
  unit_amount?: number | undefined;
  unit_amount_decimal?: string | undefined;
};

export type NewItem = {
  price?: string | undefined;
  price_data?: InlinePrice | undefined;
  quantity?: number | undefined;
  metadata?: MetadataGiven | undefined;
  tax_rates?: TaxRatesGiven | undefined;
};

/** With an `id` an item that is there, without a new one. */
export type ItemChange = NewItem & { id?: string | undefined; deleted?: boolean | undefined };

/** A one-time price that the next invoice carries besides. */
export type ExtraItem = {
  price?: string | undefined;
  price_data?: InlinePrice | undefined;
  quantity?: number | undefined;
  discountable?: boolean | undefined;
  tax_rates?: TaxRatesGiven | undefined;
};

export type TrialSettings = {
  end_behavior: {
    billing_cycle_anchor?: "now" | "unchanged" | undefined;
    missing_payment_method?: "cancel" | "create_invoice" | "pause" | undefined;
  };
};

export type CancellationDetails = {
  comment?: string | null | undefined;
  feedback?: Stripe.Subscription.CancellationDetails.Feedback | null | undefined;
};

type Common = {
  add_invoice_items?: ExtraItem[] | undefined;
  automatic_tax?: { enabled: boolean } | undefined;
  cancel_at_period_end?: boolean | undefined;
  collection_method?: CollectionMethod | undefined;
  days_until_due?: number | undefined;
  default_payment_method?: string | undefined;
  default_tax_rates?: TaxRatesGiven | undefined;
  description?: string | null | undefined;
  discounts?: DiscountGiven[] | null | undefined;
  metadata?: MetadataGiven | undefined;
  off_session?: boolean | undefined;
  payment_behavior?: PaymentBehavior | undefined;
  payment_settings?:
    | { save_default_payment_method?: "off" | "on_subscription" | undefined }
    | undefined;
  proration_behavior?: ProrationBehavior | undefined;
  /** Seconds since 1970, or at once. */
  trial_end?: number | "now" | undefined;
  trial_settings?: TrialSettings | undefined;
};

export type NewSubscription = Common & {
  customer: string;
  items: NewItem[];
  billing_cycle_anchor?: number | undefined;
  cancel_at?: number | "min_period_end" | "max_period_end" | undefined;
  currency?: string | undefined;
  trial_period_days?: number | undefined;
};

export type SubscriptionChanges = Common & {
  billing_cycle_anchor?: { type: "now" | "unchanged" } | undefined;
  cancel_at?: number | "min_period_end" | "max_period_end" | null | undefined;
  cancellation_details?: CancellationDetails | undefined;
  items?: ItemChange[] | undefined;
  pause_collection?:
    | { behavior: "keep_as_draft" | "mark_uncollectible" | "void"; resumes_at?: number | undefined }
    | null
    | undefined;
  proration_date?: number | undefined;
};

export type Cancellation = {
  cancellation_details?: CancellationDetails | undefined;
  invoice_now?: boolean | undefined;
  prorate?: boolean | undefined;
};
