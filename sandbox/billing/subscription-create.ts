import type Stripe from "stripe";
import { clockOf, emit } from "../events/emit.ts";
import { invalid, missing, notModelled, type StripeError } from "../protocol/errors.ts";
import { mergeMetadata } from "../protocol/params.ts";
import { idOf } from "../state/reference.ts";
import type { World } from "../state/world.ts";
import { discountsFrom } from "./discounts.ts";
import type { LineDraft } from "./lines.ts";
import { billedAfter, DAY, intervalsAfter, type Period, wholePeriod } from "./period.ts";
import { billSubscription, noMethod, settleAtOnce } from "./subscription-bill.ts";
import { cancelFields } from "./subscription-cancel-date.ts";
import { checkTogether, newItem, sumOf } from "./subscription-items.ts";
import { extraLines, periodLines, trialLines } from "./subscription-lines.ts";
import {
  recurringOf,
  saveSubscription,
  subscriptionNamed,
  subscriptionObject,
} from "./subscription-object.ts";
import { ownMethod, paymentSettings, taxTerms, trialSettings } from "./subscription-settings.ts";
import type { NewSubscription } from "./subscription-terms.ts";
import { announceTrialEnd } from "./trial.ts";

/** A new subscription with its first invoice and, where that was declined or asks for more, why. */
export type Started = {
  subscription: Stripe.Subscription;
  invoice: Stripe.Invoice;
  error?: StripeError | undefined;
};

/** How a schedule's subscription begins: like one that renews, its first invoice an hour later. */
type Beginning = { readonly schedule?: string; readonly chargesLater?: boolean };

/**
 * Starts a subscription and bills its first period. Unless it is a trial or free, it waits `incomplete`
 * until that is paid or its bank debit is on its way. Throws where there is nothing to charge, and under `error_if_incomplete`.
 */
export function createSubscription(
  world: World,
  given: NewSubscription,
  beginning: Beginning = {},
): Started {
  const behavior = given.payment_behavior ?? "allow_incomplete";
  if (behavior === "pending_if_incomplete") {
    throw invalid("`pending_if_incomplete` is only for updates of a subscription.", {
      param: "payment_behavior",
    });
  }
  const { subscription, draft } = begin(world, given, beginning);
  if (subscription.collection_method === "send_invoice" || beginning.chargesLater) {
    return { subscription, invoice: draft };
  }
  const settled = settleAtOnce(world, draft, {
    behavior,
    offSession: given.off_session ?? false,
    retries: false,
  });
  if (settled.outcome === "no_method") throw noMethod();
  const now = subscriptionNamed(world, subscription.id);
  const isOnItsWay = settled.outcome === "paid" || settled.outcome === "processing";
  const begins = isOnItsWay && now.status === "incomplete";
  const after = begins ? saveSubscription(world, { ...now, status: "active" }) : now;
  return { subscription: after, invoice: settled.invoice, error: settled.error };
}

/** The subscription and the draft of its first invoice, nothing charged: also what a preview shows. */
export function begin(
  world: World,
  given: NewSubscription,
  beginning: Beginning,
): { subscription: Stripe.Subscription; draft: Stripe.Invoice } {
  const customer = world.get("customer", given.customer);
  if (!customer) throw missing("customer", given.customer, "customer");
  const now = world.now(clockOf(world, customer));
  const fresh = newSubscription(world, given, customer, now);
  const waits =
    fresh.trial_end === null &&
    fresh.collection_method === "charge_automatically" &&
    beginning.chargesLater !== true &&
    sumOf(fresh.items.data) > 0;
  const status = fresh.trial_end === null ? (waits ? "incomplete" : "active") : "trialing";
  const schedule = beginning.schedule ?? null;
  const subscription = { ...fresh, status, schedule };
  const discounts = discountsFrom(world, given.discounts ?? [], {
    customer: customer.id,
    subscription: subscription.id,
  });
  const invoice = world.newId("in");
  const billed = world.put("subscription", {
    ...subscription,
    discounts: [...discounts],
    latest_invoice: invoice,
  });
  emit(world, "customer.subscription.created", billed);
  announceTrialEnd(world, billed);
  const draft = billSubscription(world, billed, {
    id: invoice,
    reason: "subscription_create",
    lines: firstLines(world, billed, given),
    period: { start: now, end: now },
    withPendingItems: "all",
  });
  return { subscription: billed, draft };
}

function newSubscription(
  world: World,
  given: NewSubscription,
  customer: Stripe.Customer,
  now: number,
): Stripe.Subscription {
  if (given.items.length === 0) {
    throw invalid("Missing required param: items.", { code: "parameter_missing", param: "items" });
  }
  const id = world.newId("sub");
  const home = { subscription: id, created: now, period: { start: now, end: now } };
  const items = given.items.map((item, place) => newItem(world, item, place, home));
  checkTogether(items);
  const [first] = items;
  if (!first) throw new Error("no first item");
  const currency = first.price.currency;
  if (given.currency !== undefined && given.currency !== currency) {
    throw invalid(`The price specified does not support the currency \`${given.currency}\`.`, {
      param: "currency",
    });
  }
  const trialEnd = trialEndOf(given, now);
  const { anchor, period } = firstPeriod(given, first.price, now, trialEnd);
  return subscriptionObject(
    {
      id,
      billing_cycle_anchor: anchor,
      ...cancelFields(given, { now, period, before: null }),
      ...taxTerms(world, given, customer),
      collection_method: given.collection_method ?? "charge_automatically",
      created: now,
      currency,
      customer: customer.id,
      days_until_due: daysUntilDue(given),
      default_payment_method: ownMethod(world, given.default_payment_method, customer.id),
      description: given.description ?? null,
      metadata: mergeMetadata({}, given.metadata),
      payment_settings: paymentSettings(given.payment_settings),
      schedule: null,
      status: "incomplete",
      test_clock: idOf(customer.test_clock) ?? null,
      trial_end: trialEnd,
      trial_settings: trialSettings(given.trial_settings),
      trial_start: trialEnd === null ? null : now,
    },
    items.map((item) => ({
      ...item,
      current_period_start: period.start,
      current_period_end: period.end,
    })),
  );
}

function daysUntilDue(given: NewSubscription): number | null {
  if (given.collection_method !== "send_invoice") {
    if (given.days_until_due === undefined) return null;
    throw invalid("`days_until_due` is only for subscriptions with `send_invoice`.", {
      param: "days_until_due",
    });
  }
  if (given.days_until_due !== undefined) return given.days_until_due;
  throw invalid("You must set `days_until_due` when `collection_method` is `send_invoice`.", {
    code: "parameter_missing",
    param: "days_until_due",
  });
}

function trialEndOf(given: NewSubscription, now: number): number | null {
  if (given.trial_period_days !== undefined) {
    if (given.trial_end !== undefined) {
      throw invalid("You may only specify one of these parameters: trial_end, trial_period_days.", {
        param: "trial_period_days",
      });
    }
    return given.trial_period_days === 0 ? null : now + given.trial_period_days * DAY;
  }
  if (given.trial_end === undefined || given.trial_end === "now") return null;
  checkTrialEnd(given.trial_end, now);
  return given.trial_end;
}

/** The longest that a trial may be, in Stripe's own words. */
const TRIAL_DAYS_MAX = 730;

export function checkTrialEnd(end: number, now: number): void {
  if (end <= now) {
    throw invalid("Invalid timestamp: must be an integer Unix timestamp in the future.", {
      param: "trial_end",
    });
  }
  if (end > now + (TRIAL_DAYS_MAX + 1) * DAY) {
    throw invalid("Invalid timestamp: can be no more than two years in the future.", {
      param: "trial_end",
    });
  }
}

function firstPeriod(
  given: NewSubscription,
  price: Stripe.Price,
  now: number,
  trialEnd: number | null,
): { anchor: number; period: Period } {
  const every = recurringOf(price);
  const asked = given.billing_cycle_anchor;
  if (trialEnd !== null) {
    if (asked !== undefined && asked !== trialEnd) {
      throw notModelled("a billing cycle anchor besides a trial", "billing_cycle_anchor");
    }
    return { anchor: trialEnd, period: { start: now, end: trialEnd } };
  }
  if (asked === undefined) {
    return { anchor: now, period: { start: now, end: intervalsAfter(now, every, 1) } };
  }
  if (asked <= now || asked > intervalsAfter(now, every, 1)) {
    throw invalid(
      asked <= now
        ? "billing_cycle_anchor must be in the future."
        : "billing_cycle_anchor cannot be later than next natural billing date.",
      { param: "billing_cycle_anchor" },
    );
  }
  return { anchor: asked, period: { start: now, end: billedAfter(asked, every, now) } };
}

/** A first period that is shorter than the interval costs its share, or nothing with `none`. */
function firstLines(
  world: World,
  subscription: Stripe.Subscription,
  given: NewSubscription,
): LineDraft[] {
  const items = subscription.items.data;
  const [first] = items;
  if (!first) return [];
  const period = { start: first.current_period_start, end: first.current_period_end };
  const extras = extraLines(world, subscription.id, given.add_invoice_items ?? [], period.start);
  if (subscription.trial_end !== null) return [...trialLines(world, items, period), ...extras];
  const isStub = given.billing_cycle_anchor !== undefined;
  const whole = wholePeriod(
    subscription.billing_cycle_anchor,
    recurringOf(first.price),
    period.start,
  );
  const lines = periodLines(world, items, period, isStub ? whole : undefined);
  if (!isStub) return [...lines, ...extras];
  const isFree = given.proration_behavior === "none";
  const stubs = lines.map((line) => ({
    ...line,
    ...(isFree ? { amount: 0 } : {}),
    proration: true,
  }));
  return [...stubs, ...extras];
}
