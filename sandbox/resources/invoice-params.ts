import type Stripe from "stripe";
import { z } from "zod";
import {
  currency,
  emptyable,
  flag,
  integer,
  listOf,
  metadata,
  moment,
  natural,
  oneOf,
  page,
  params,
  range,
  text,
  unmodelled,
} from "../protocol/params.ts";

/** How calls name discounts. */
export const discounts = () =>
  emptyable(
    listOf(
      params<Stripe.InvoiceCreateParams.Discount>()({
        coupon: text().optional(),
        discount: text().optional(),
        promotion_code: text().optional(),
      }),
    ),
  );

const automaticTax = (enabled: z.ZodType<boolean>) =>
  params<Stripe.InvoiceCreateParams.AutomaticTax>()({ enabled, liability: unmodelled() });

/** A draft that is there can be said to be without, no more: turning it on is refused. */
const off = flag().refine((isOn) => !isOn, "sandbox_not_modelled");

const shared = {
  account_tax_ids: unmodelled(),
  application_fee_amount: unmodelled(),
  auto_advance: flag().optional(),
  automatic_tax: automaticTax(off).optional(),
  automatically_finalizes_at: moment().optional(),
  collection_method: oneOf(["charge_automatically", "send_invoice"]).optional(),
  custom_fields: unmodelled(),
  days_until_due: natural().optional(),
  default_payment_method: text().optional(),
  default_source: unmodelled(),
  default_tax_rates: unmodelled(),
  description: emptyable(text()).optional(),
  discounts: discounts().optional(),
  due_date: moment().optional(),
  effective_at: emptyable(moment()).optional(),
  footer: emptyable(text()).optional(),
  issuer: unmodelled(),
  metadata: metadata().optional(),
  number: emptyable(text().max(26)).optional(),
  on_behalf_of: unmodelled(),
  payment_settings: unmodelled(),
  rendering: unmodelled(),
  shipping_cost: unmodelled(),
  shipping_details: unmodelled(),
  statement_descriptor: emptyable(text().max(22)).optional(),
  transfer_data: unmodelled(),
};

export const createParams = params<Stripe.InvoiceCreateParams>()({
  ...shared,
  automatic_tax: automaticTax(flag()).optional(),
  default_tax_rates: listOf(text()).optional(),
  currency: currency().optional(),
  customer: text(),
  customer_account: unmodelled(),
  from_invoice: unmodelled(),
  pending_invoice_items_behavior: oneOf(["exclude", "include"]).optional(),
  subscription: text().optional(),
});

export const updateParams = params<Stripe.InvoiceUpdateParams>()(shared);

export const listParams = params<Stripe.InvoiceListParams>()({
  ...page,
  collection_method: oneOf(["charge_automatically", "send_invoice"]).optional(),
  created: range().optional(),
  customer: text().optional(),
  customer_account: unmodelled(),
  due_date: range().optional(),
  status: oneOf(["draft", "open", "paid", "uncollectible", "void"]).optional(),
  subscription: text().optional(),
});

export const payParams = params<Stripe.InvoicePayParams>()({
  forgive: unmodelled(),
  mandate: unmodelled(),
  off_session: flag().optional(),
  paid_out_of_band: flag().optional(),
  payment_method: text().optional(),
  source: unmodelled(),
});

export const finalizeParams = params<Stripe.InvoiceFinalizeInvoiceParams>()({
  auto_advance: flag().optional(),
});

export const searchParams = params<Stripe.InvoiceSearchParams>()({
  limit: z.unknown().optional(),
  page: z.unknown().optional(),
  query: z.unknown().optional(),
});

const itemShared = {
  amount: integer().optional(),
  description: emptyable(text()).optional(),
  discountable: flag().optional(),
  discounts: discounts().optional(),
  metadata: metadata().optional(),
  period: params<Stripe.InvoiceItemCreateParams.Period>()({
    end: moment(),
    start: moment(),
  }).optional(),
  price_data: params<Stripe.InvoiceItemCreateParams.PriceData>()({
    currency: currency(),
    product: text(),
    tax_behavior: oneOf(["exclusive", "inclusive", "unspecified"]).optional(),
    unit_amount: integer().optional(),
    unit_amount_decimal: unmodelled(),
  }).optional(),
  pricing: params<Stripe.InvoiceItemCreateParams.Pricing>()({
    price: text().optional(),
  }).optional(),
  quantity: natural().optional(),
  quantity_decimal: unmodelled(),
  tax_behavior: unmodelled(),
  tax_code: unmodelled(),
  tax_rates: emptyable(listOf(text())).optional(),
  unit_amount_decimal: unmodelled(),
};

export const createItemParams = params<Stripe.InvoiceItemCreateParams>()({
  ...itemShared,
  currency: currency().optional(),
  customer: text(),
  customer_account: unmodelled(),
  invoice: text().optional(),
  subscription: text().optional(),
});

export const updateItemParams = params<Stripe.InvoiceItemUpdateParams>()({
  ...itemShared,
  invoicing_rules: unmodelled(),
});

export const listItemParams = params<Stripe.InvoiceItemListParams>()({
  ...page,
  created: range().optional(),
  customer: text().optional(),
  customer_account: unmodelled(),
  invoice: text().optional(),
  pending: flag().optional(),
});
