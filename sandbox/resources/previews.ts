import type Stripe from "stripe";
import type { z } from "zod";
import type { LineDraft } from "../billing/invoice.ts";
import { previewInvoice } from "../billing/preview.ts";
import { amountOf, oneTimePrice } from "../billing/subscription-items.ts";
import { nameOf } from "../billing/subscription-lines.ts";
import { clockOf } from "../events/emit.ts";
import { invalid } from "../protocol/errors.ts";
import { type Operation, operation } from "../protocol/operation.ts";
import {
  currency,
  emptyable,
  flag,
  integer,
  listOf,
  moment,
  natural,
  oneOf,
  params,
  text,
  unmodelled,
} from "../protocol/params.ts";
import { idOf } from "../state/reference.ts";
import type { World } from "../state/world.ts";
import {
  automaticTax,
  billingMode,
  cancelAt,
  discountsGiven,
  itemChanges,
  modelledCancelAt,
  prorationBehavior,
  taxRates,
  trialEnd,
} from "./subscription-params.ts";
import { endBehavior, phases } from "./subscription-schedules.ts";

type Asked = Stripe.InvoiceCreatePreviewParams;

const invoiceItem = params<Stripe.InvoiceCreatePreviewParams.InvoiceItem>()({
  amount: integer().optional(),
  currency: currency().optional(),
  description: text().optional(),
  discountable: flag().optional(),
  discounts: unmodelled(),
  invoiceitem: unmodelled(),
  metadata: unmodelled(),
  period: params<Stripe.InvoiceCreatePreviewParams.InvoiceItem.Period>()({
    end: moment(),
    start: moment(),
  }).optional(),
  price: text().optional(),
  price_data: unmodelled(),
  quantity: natural().optional(),
  quantity_decimal: unmodelled(),
  tax_behavior: unmodelled(),
  tax_code: unmodelled(),
  tax_rates: unmodelled(),
  unit_amount: natural().optional(),
  unit_amount_decimal: unmodelled(),
});

const subscriptionDetails = params<Stripe.InvoiceCreatePreviewParams.SubscriptionDetails>()({
  billing_cycle_anchor:
    params<Stripe.InvoiceCreatePreviewParams.SubscriptionDetails.BillingCycleAnchor>()({
      timestamp: unmodelled(),
      type: oneOf(["now", "unchanged"]),
    }).optional(),
  billing_mode: billingMode().optional(),
  billing_schedules: unmodelled(),
  cancel_at: emptyable(cancelAt()).optional(),
  cancel_at_period_end: flag().optional(),
  cancel_now: flag().optional(),
  default_tax_rates: taxRates().optional(),
  items: itemChanges().optional(),
  metadata: unmodelled(),
  pause: unmodelled(),
  proration_behavior: prorationBehavior().optional(),
  proration_date: moment().optional(),
  resume_at: unmodelled(),
  start_date: unmodelled(),
  trial_end: trialEnd().optional(),
});

const scheduleDetails = params<Stripe.InvoiceCreatePreviewParams.ScheduleDetails>()({
  billing_mode: billingMode().optional(),
  end_behavior: endBehavior().optional(),
  pause_schedules: unmodelled(),
  phases: phases().optional(),
  proration_behavior: prorationBehavior().optional(),
});

const previewParams = params<Asked>()({
  automatic_tax: automaticTax().optional(),
  currency: currency().optional(),
  customer: text().optional(),
  customer_account: unmodelled(),
  customer_details: unmodelled(),
  discounts: discountsGiven().optional(),
  invoice_items: listOf(invoiceItem).optional(),
  issuer: unmodelled(),
  on_behalf_of: unmodelled(),
  preview_mode: oneOf(["next"]).optional(),
  schedule: text().optional(),
  schedule_details: scheduleDetails.optional(),
  subscription: text().optional(),
  subscription_details: subscriptionDetails.optional(),
});

type Given = z.output<typeof previewParams>;

/** Items of this preview alone. */
function lineOf(
  world: World,
  given: z.output<typeof invoiceItem>,
  at: number,
  place: number,
): LineDraft {
  const period = given.period ?? { start: at, end: at };
  const shared = { period, proration: false, discountable: given.discountable ?? true };
  if (given.price !== undefined) {
    const price = oneTimePrice(world, { price: given.price }, `invoice_items[${place}]`);
    const quantity = given.quantity ?? 1;
    const description = given.description ?? nameOf(world, price);
    const { currency } = price;
    return { ...shared, amount: amountOf(price, quantity), currency, description, price, quantity };
  }
  const quantity = given.quantity ?? 1;
  const amount = given.amount ?? (given.unit_amount ?? 0) * quantity;
  if (given.currency === undefined || (given.amount ?? given.unit_amount) === undefined) {
    throw invalid("An invoice item needs an amount and a currency, or a price.", {
      code: "parameter_missing",
      param: `invoice_items[${place}]`,
    });
  }
  const description = given.description ?? null;
  return { ...shared, amount, currency: given.currency, description, quantity };
}

function timeOf(world: World, given: Given): number {
  const subscription = world.get("subscription", given.subscription ?? "");
  const customer = given.customer ?? idOf(subscription?.customer);
  return world.now(clockOf(world, { customer }));
}

export const previewOperations: readonly Operation[] = [
  operation("POST /v1/invoices/create_preview", previewParams, ({ world, params: given }) => {
    const { invoice_items = [], subscription_details, schedule_details, ...asked } = given;
    const at = timeOf(world, given);
    const { cancel_at, billing_mode: _, ...details } = subscription_details ?? {};
    const { billing_mode: __, ...planned } = schedule_details ?? {};
    const lines = invoice_items.map((item, place) => lineOf(world, item, at, place));
    return previewInvoice(world, {
      ...asked,
      lines,
      schedule_details: schedule_details && planned,
      subscription_details: subscription_details && {
        ...details,
        cancel_at: cancel_at === null ? null : modelledCancelAt(cancel_at),
      },
    });
  }),
];
