import type Stripe from "stripe";
import { emit } from "../events/emit.ts";
import { missing } from "../protocol/errors.ts";
import type { World } from "../state/world.ts";

type Schedule = Stripe.SubscriptionSchedule;
export type Phase = Stripe.SubscriptionSchedule.Phase;

export function scheduleObject(
  particulars: Pick<
    Schedule,
    | "created"
    | "current_phase"
    | "end_behavior"
    | "id"
    | "metadata"
    | "phases"
    | "status"
    | "subscription"
    | "test_clock"
  > & { customer: string },
): Schedule {
  return {
    object: "subscription_schedule",
    application: null,
    billing_mode: { flexible: { proration_discounts: "included" }, type: "flexible" },
    canceled_at: null,
    completed_at: null,
    customer_account: null,
    default_settings: {
      application_fee_percent: null,
      automatic_tax: { disabled_reason: null, enabled: false, liability: null },
      billing_cycle_anchor: "automatic",
      billing_thresholds: null,
      collection_method: "charge_automatically",
      default_payment_method: null,
      description: null,
      invoice_settings: {
        account_tax_ids: null,
        custom_fields: null,
        days_until_due: null,
        description: null,
        footer: null,
        issuer: { type: "self" },
      },
      on_behalf_of: null,
      transfer_data: null,
    },
    livemode: false,
    pause_schedules: [],
    released_at: null,
    released_subscription: null,
    ...particulars,
  } satisfies Schedule;
}

export function phaseObject(
  particulars: Pick<
    Phase,
    | "automatic_tax"
    | "billing_cycle_anchor"
    | "collection_method"
    | "currency"
    | "default_payment_method"
    | "default_tax_rates"
    | "description"
    | "discounts"
    | "end_date"
    | "items"
    | "metadata"
    | "proration_behavior"
    | "start_date"
    | "trial_end"
  >,
): Phase {
  return {
    add_invoice_items: [],
    application_fee_percent: null,
    billing_thresholds: null,
    invoice_settings: null,
    on_behalf_of: null,
    transfer_data: null,
    ...particulars,
  } satisfies Phase;
}

export function phaseItem(
  price: string,
  quantity: number,
  metadata: Record<string, string>,
  tax_rates: readonly Stripe.TaxRate[],
): Phase["items"][number] {
  return {
    billing_thresholds: null,
    discounts: [],
    metadata,
    plan: price,
    price,
    quantity,
    tax_rates: [...tax_rates],
  } satisfies Phase["items"][number];
}

export function scheduleNamed(world: World, id: string, param = "id"): Schedule {
  const schedule = world.get("subscription_schedule", id);
  if (!schedule) throw missing("subscription schedule", id, param);
  return schedule;
}

/** Keeps a changed schedule and says what changed. */
export function saveSchedule(world: World, after: Schedule): Schedule {
  const before = scheduleNamed(world, after.id);
  if (JSON.stringify(before) === JSON.stringify(after)) return before;
  world.put("subscription_schedule", after);
  emit(world, "subscription_schedule.updated", after, { before });
  return after;
}

export function isOver({ status }: Schedule): boolean {
  return status !== "active" && status !== "not_started";
}

/** The phase that runs. */
export function currentPhase({ current_phase, phases }: Schedule): Phase | undefined {
  return phases.find(({ start_date }) => start_date === current_phase?.start_date);
}
