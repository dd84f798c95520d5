import type Stripe from "stripe";
import { clockOf } from "../events/emit.ts";
import { invalid, missing } from "../protocol/errors.ts";
import { idOf } from "../state/reference.ts";
import type { World } from "../state/world.ts";
import { endSubscription } from "./cancel.ts";
import { discountsFrom } from "./discounts.ts";
import { addInvoiceItem, draftInvoice, type LineDraft } from "./invoice.ts";
import { pendingItems } from "./invoice-items.ts";
import { nextInvoice, noUpcoming, shown } from "./preview-upcoming.ts";
import { createSchedule, updateSchedule } from "./schedule.ts";
import { scheduleNamed } from "./schedule-object.ts";
import type { PhaseGiven } from "./schedule-terms.ts";
import { taxesOfAll } from "./subscription-bill.ts";
import { begin } from "./subscription-create.ts";
import { subscriptionNamed } from "./subscription-object.ts";
import type {
  DiscountGiven,
  ItemChange,
  ProrationBehavior,
  SubscriptionChanges,
} from "./subscription-terms.ts";
import { draftOfChange, refuseUpdate } from "./subscription-update.ts";

export type PreviewAsked = {
  readonly automatic_tax?: { enabled: boolean } | undefined;
  readonly customer?: string | undefined;
  readonly currency?: string | undefined;
  readonly discounts?: DiscountGiven[] | null | undefined;
  /** Made into lines by the operation, with the customer that they are for. */
  readonly lines?: readonly LineDraft[] | undefined;
  readonly schedule?: string | undefined;
  readonly schedule_details?:
    | {
        end_behavior?: "release" | "cancel" | undefined;
        phases?: PhaseGiven[] | undefined;
        proration_behavior?: ProrationBehavior | undefined;
      }
    | undefined;
  readonly subscription?: string | undefined;
  readonly subscription_details?:
    | (Pick<
        SubscriptionChanges,
        | "billing_cycle_anchor"
        | "cancel_at"
        | "cancel_at_period_end"
        | "proration_date"
        | "trial_end"
      > & {
        cancel_now?: boolean | undefined;
        default_tax_rates?: string[] | null | undefined;
        items?: ItemChange[] | undefined;
        proration_behavior?: ProrationBehavior | undefined;
      })
    | undefined;
};

/** The invoice that a change, a new subscription or the next renewal will make: made, read and undone. */
export function previewInvoice(world: World, asked: PreviewAsked): Stripe.Invoice {
  return world.rehearse(() => {
    const customer = customerOf(world, asked);
    for (const line of asked.lines ?? []) addInvoiceItem(world, { customer, line });
    const draft = draftOf(world, asked, customer);
    if (!draft) throw noUpcoming(customer);
    return shown(world, draft);
  });
}

function customerOf(world: World, asked: PreviewAsked): string {
  const id =
    asked.subscription === undefined
      ? asked.schedule === undefined
        ? asked.customer
        : idOf(scheduleNamed(world, asked.schedule, "schedule").customer)
      : idOf(subscriptionNamed(world, asked.subscription, "subscription").customer);
  if (id === undefined) {
    throw invalid("You must provide a customer, a subscription or a schedule to preview.", {
      code: "parameter_missing",
      param: "customer",
    });
  }
  if (!world.get("customer", id)) throw missing("customer", id, "customer");
  if (asked.customer === undefined || asked.customer === id) return id;
  throw missing("subscription", asked.subscription ?? asked.schedule ?? "", "subscription");
}

function draftOf(world: World, asked: PreviewAsked, customer: string): Stripe.Invoice | undefined {
  if (asked.schedule !== undefined || asked.schedule_details) {
    return draftOfSchedule(world, asked, customer);
  }
  if (asked.subscription !== undefined)
    return draftOfSubscription(world, asked.subscription, asked);
  const details = asked.subscription_details;
  if (details?.items) {
    const { items, cancel_at, trial_end } = details;
    const { draft } = begin(
      world,
      {
        customer,
        items,
        automatic_tax: asked.automatic_tax,
        default_tax_rates: details.default_tax_rates,
        cancel_at: cancel_at ?? undefined,
        cancel_at_period_end: details.cancel_at_period_end,
        discounts: asked.discounts,
        trial_end,
      },
      {},
    );
    return draft;
  }
  return draftOfPending(world, asked, customer);
}

function draftOfSchedule(
  world: World,
  asked: PreviewAsked,
  customer: string,
): Stripe.Invoice | undefined {
  const { schedule: id, schedule_details } = asked;
  const schedule =
    id === undefined
      ? createSchedule(world, { customer, ...schedule_details })
      : schedule_details
        ? updateSchedule(world, id, schedule_details)
        : scheduleNamed(world, id, "schedule");
  const subscription = idOf(schedule.subscription);
  if (subscription === undefined) throw noUpcoming(customer);
  const first = id === undefined ? subscriptionNamed(world, subscription).latest_invoice : null;
  const draft = world.get("invoice", idOf(first) ?? "");
  return draft ?? nextInvoice(world, subscription);
}

function draftOfSubscription(
  world: World,
  id: string,
  asked: PreviewAsked,
): Stripe.Invoice | undefined {
  const before = subscriptionNamed(world, id);
  const { cancel_now, ...changes } = asked.subscription_details ?? {};
  if (cancel_now) {
    const prorate = changes.proration_behavior !== "none";
    return lastInvoice(world, before, prorate);
  }
  const all = { ...changes, automatic_tax: asked.automatic_tax, discounts: asked.discounts };
  refuseUpdate(before, all);
  return draftOfChange(world, id, all) ?? nextInvoice(world, id);
}

function lastInvoice(world: World, before: Stripe.Subscription, prorate: boolean): Stripe.Invoice {
  const customer = idOf(before.customer);
  const after = endSubscription(world, before, { prorate, reason: null });
  if (pendingOf(world, customer, after).length === 0) throw noUpcoming(customer);
  return draftInvoice(world, {
    customer,
    currency: before.currency,
    subscription: before.id,
    billingReason: "subscription_update",
    lines: [],
    periodStart: world.now(clockOf(world, before)),
    periodEnd: world.now(clockOf(world, before)),
    discounts: [],
    ...taxesOfAll(before),
    autoAdvance: false,
    withPendingItems: "subscription",
  });
}

function pendingOf(world: World, customer: string, subscription: Stripe.Subscription) {
  const { currency, id } = subscription;
  return pendingItems(world, { customer, currency, subscription: id, which: "subscription" });
}

/** Without a subscription: what waits for the customer's next invoice. */
function draftOfPending(world: World, asked: PreviewAsked, customer: string): Stripe.Invoice {
  const waiting = world
    .of("invoiceitem", "customer", customer)
    .filter((item) => item.invoice === null);
  const currency = asked.currency ?? waiting[0]?.currency;
  if (currency === undefined) throw noUpcoming(customer);
  const now = world.now(clockOf(world, { customer }));
  return draftInvoice(world, {
    customer,
    currency,
    billingReason: "manual",
    lines: [],
    periodStart: now,
    periodEnd: now,
    discounts: asked.discounts ? discountsFrom(world, asked.discounts, { customer }) : undefined,
    hasAutomaticTax: asked.automatic_tax?.enabled,
    autoAdvance: false,
    withPendingItems: "all",
  });
}
