import type Stripe from "stripe";
import { z } from "zod";
import {
  cancelSchedule,
  createSchedule,
  releaseSchedule,
  updateSchedule,
} from "../billing/schedule.ts";
import { scheduleNamed } from "../billing/schedule-object.ts";
import { isWithin, pageOf } from "../protocol/list.ts";
import { type Operation, operation } from "../protocol/operation.ts";
import {
  currency,
  emptyable,
  flag,
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
import { idOf } from "../state/reference.ts";
import {
  automaticTax,
  billingMode,
  discountsGiven,
  intervalName,
  prorationBehavior,
  recurringPriceData,
  taxRates,
} from "./subscription-params.ts";

const nowOr = () => z.union([z.literal("now"), moment()]);

const phaseItems = () =>
  listOf(
    params<Stripe.SubscriptionScheduleUpdateParams.Phase.Item>()({
      billing_thresholds: unmodelled(),
      discounts: unmodelled(),
      metadata: metadata().optional(),
      plan: unmodelled(),
      price: text().optional(),
      price_data: recurringPriceData().optional(),
      quantity: natural().optional(),
      tax_rates: taxRates().optional(),
    }),
  );

export const phases = () =>
  listOf(
    params<Stripe.SubscriptionScheduleUpdateParams.Phase>()({
      add_invoice_items: unmodelled(),
      application_fee_percent: unmodelled(),
      automatic_tax: automaticTax().optional(),
      billing_cycle_anchor: oneOf(["automatic", "phase_start"]).optional(),
      billing_thresholds: unmodelled(),
      collection_method: oneOf(["charge_automatically"]).optional(),
      currency: currency().optional(),
      default_payment_method: text().optional(),
      default_tax_rates: taxRates().optional(),
      description: emptyable(text().max(500)).optional(),
      discounts: discountsGiven().optional(),
      duration: params<Stripe.SubscriptionScheduleUpdateParams.Phase.Duration>()({
        interval: intervalName(),
        interval_count: natural().optional(),
      }).optional(),
      end_date: moment().optional(),
      invoice_settings: unmodelled(),
      items: phaseItems(),
      iterations: natural().optional(),
      metadata: metadata().optional(),
      on_behalf_of: unmodelled(),
      proration_behavior: prorationBehavior().optional(),
      start_date: nowOr().optional(),
      transfer_data: unmodelled(),
      trial: flag().optional(),
      trial_end: moment().optional(),
    }),
  ).max(10);

export const endBehavior = () => oneOf(["cancel", "release"]);

const createParams = params<Stripe.SubscriptionScheduleCreateParams>()({
  billing_mode: billingMode().optional(),
  customer: text().optional(),
  customer_account: unmodelled(),
  default_settings: unmodelled(),
  end_behavior: endBehavior().optional(),
  from_subscription: text().optional(),
  metadata: metadata().optional(),
  pause_schedules: unmodelled(),
  phases: phases().optional(),
  start_date: nowOr().optional(),
});

const updateParams = params<Stripe.SubscriptionScheduleUpdateParams>()({
  default_settings: unmodelled(),
  end_behavior: endBehavior().optional(),
  metadata: metadata().optional(),
  pause_schedules: unmodelled(),
  phases: phases().optional(),
  proration_behavior: prorationBehavior().optional(),
});

const cancelParams = params<Stripe.SubscriptionScheduleCancelParams>()({
  invoice_now: flag().optional(),
  prorate: flag().optional(),
});

const releaseParams = params<Stripe.SubscriptionScheduleReleaseParams>()({
  preserve_cancel_date: unmodelled(),
});

const listParams = params<Stripe.SubscriptionScheduleListParams>()({
  ...page,
  canceled_at: range().optional(),
  completed_at: range().optional(),
  created: range().optional(),
  customer: text().optional(),
  customer_account: unmodelled(),
  released_at: range().optional(),
  scheduled: flag().optional(),
});

function isListed(
  schedule: Stripe.SubscriptionSchedule,
  filters: z.output<typeof listParams>,
): boolean {
  const customer = idOf(schedule.customer);
  const at = (moment: number | null, asked: typeof filters.created) =>
    asked === undefined || (moment !== null && isWithin(moment, asked));
  return (
    (filters.customer ?? customer) === customer &&
    (!filters.scheduled || schedule.status === "not_started") &&
    isWithin(schedule.created, filters.created) &&
    at(schedule.canceled_at, filters.canceled_at) &&
    at(schedule.completed_at, filters.completed_at) &&
    at(schedule.released_at, filters.released_at)
  );
}

export const subscriptionScheduleOperations: readonly Operation[] = [
  operation("POST /v1/subscription_schedules", createParams, ({ world, params: given }) => {
    const { billing_mode: _, ...schedule } = given;
    return createSchedule(world, schedule);
  }),
  operation("GET /v1/subscription_schedules", listParams, ({ world, params: filters }) =>
    pageOf(
      "/v1/subscription_schedules",
      world.all("subscription_schedule").filter((each) => isListed(each, filters)),
      filters,
    ),
  ),
  operation("GET /v1/subscription_schedules/:id", params()({}), ({ world, path }) =>
    scheduleNamed(world, path.id ?? ""),
  ),
  operation("POST /v1/subscription_schedules/:id", updateParams, ({ world, params: given, path }) =>
    updateSchedule(world, path.id ?? "", given),
  ),
  operation(
    "POST /v1/subscription_schedules/:id/cancel",
    cancelParams,
    ({ world, params: given, path }) => cancelSchedule(world, path.id ?? "", given),
  ),
  operation("POST /v1/subscription_schedules/:id/release", releaseParams, ({ world, path }) =>
    releaseSchedule(world, path.id ?? ""),
  ),
];
