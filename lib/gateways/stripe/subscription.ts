import { earliest } from "#lib/time.ts";
import type { SubscriptionItem, SubscriptionSnapshot, SubscriptionStatus } from "../gateway.ts";
import { aheadOf } from "./ahead.ts";
import {
  claimIn,
  isTrue,
  links,
  optionalCurrency,
  priceOf,
  type Told,
  translate,
} from "./concepts.ts";
import { countAt, dateAt, type Json, listAt, objectAt, refAt, textAt } from "./json.ts";

/** A subscription of any API version in our words. */
export function subscriptionSnapshot(ref: string, told: Told): SubscriptionSnapshot {
  const { object } = told;
  const items = itemsOf(object);
  const period = periodOf(object);
  const customerRef = refAt(object, "customer");
  const latestInvoiceRef = refAt(object, "latest_invoice");
  return {
    kind: "subscription",
    ref,
    asOf: told.at,
    links: links(
      ["customer", customerRef],
      ["invoice", latestInvoiceRef],
      ...items.map((item) => ["price", item.priceRef] as const),
    ),
    customerRef,
    ...statusOf(told),
    items,
    currency: subscriptionCurrency(object),
    periodStart: period.start,
    periodEnd: period.end,
    trialEnd: dateAt(object, "trial_end"),
    startedAt: dateAt(object, "start_date") ?? dateAt(object, "created") ?? dateAt(object, "start"),
    cancelAt:
      dateAt(object, "cancel_at") ?? (isTrue(object, "cancel_at_period_end") ? period.end : null),
    canceledAt: dateAt(object, "canceled_at"),
    endedAt: dateAt(object, "ended_at"),
    latestInvoiceRef,
    claim: claimIn(object.metadata, "subscription_metadata"),
    ...aheadOf(object),
    isCollectionPaused: objectAt(object, "pause_collection") !== undefined,
    methodRef: refAt(object, "default_payment_method") ?? refAt(object, "default_source"),
  };
}

/**
 * Ours for Stripe's. A paused collection leaves it active: Stripe goes on, only the invoices wait. A
 * word that Stripe invents later counts as `incomplete`: it opens nothing, and closes nothing for
 * good; its own word is kept, for whoever asks why.
 */
function statusOf({ object, event }: Told): {
  status: SubscriptionStatus;
  gatewayStatus: string;
} {
  if (event === "customer.subscription.deleted") {
    return { status: "canceled", gatewayStatus: textAt(object, "status") ?? "canceled" };
  }
  const word = textAt(object, "status");
  const known = translate(STATUSES, word);
  if (known) return { status: known, gatewayStatus: word ?? known };
  const status = word
    ? whereUnknown(object)
    : (translate(STATUS_BY_EVENT, event) ?? whereUnknown(object));
  return { status, gatewayStatus: word ?? status };
}

function whereUnknown(object: Json): SubscriptionStatus {
  if (dateAt(object, "ended_at")) return "canceled";
  return objectAt(object, "status_details", "paused") ? "paused" : "incomplete";
}

/** Until 2018 some subscriptions had one plan of their own and no items. */
function itemsOf(object: Json): SubscriptionItem[] {
  const listed = listAt(object, "items").filter((item) => !isTrue(item, "deleted"));
  const sources = listed.some((item) => priceOf(item)) ? listed : [object];
  return sources.flatMap((source) => {
    const priceRef = priceOf(source);
    if (!priceRef) return [];
    const quantity = countAt(source, "quantity") ?? 1;
    const ref = source === object ? null : refAt(source, "id");
    return [ref ? { ref, priceRef, quantity } : { priceRef, quantity }];
  });
}

/** On the subscription until basil (2025-03-31), then on its items; of several, the one that ends first. */
function periodOf(object: Json): { start: Date | null; end: Date | null } {
  const end = dateAt(object, "current_period_end");
  if (end) return { start: dateAt(object, "current_period_start"), end };
  const items = listAt(object, "items");
  const first = earliest(...items.map((item) => dateAt(item, "current_period_end")));
  const item = items.find(
    (each) => dateAt(each, "current_period_end")?.getTime() === first?.getTime(),
  );
  return { start: dateAt(item ?? object, "current_period_start"), end: first };
}

function subscriptionCurrency(object: Json): string | null {
  const [item] = listAt(object, "items");
  return optionalCurrency(
    object.currency,
    objectAt(item, "price")?.currency,
    objectAt(item, "plan")?.currency,
    objectAt(object, "plan")?.currency,
  );
}

const STATUSES = {
  incomplete: "incomplete",
  incomplete_expired: "canceled",
  trialing: "trialing",
  active: "active",
  past_due: "past_due",
  unpaid: "unpaid",
  paused: "paused",
  canceled: "canceled",
} as const;

const STATUS_BY_EVENT = {
  "customer.subscription.paused": "paused",
  "customer.subscription.resumed": "active",
  "customer.subscription.trial_will_end": "trialing",
} as const;
