import type Stripe from "stripe";
import { intentOf } from "../billing/invoice-payments.ts";
import { createSubscription, type Started } from "../billing/subscription.ts";
import { confirmIntent, createIntent } from "../payments/confirm.ts";
import { attachMethod } from "../payments/methods.ts";
import { confirmSetup, createSetup } from "../payments/setup.ts";
import { StripeError } from "../protocol/errors.ts";
import { idOf } from "../state/reference.ts";
import type { World } from "../state/world.ts";
import { discountsGiven, priceOf } from "./items.ts";
import {
  type Begun,
  customerOf,
  isDecline,
  type Made,
  made,
  neededCustomer,
  neededMethod,
  type Order,
} from "./order.ts";
import type { CheckoutPlan } from "./plan.ts";
import { giveAway, pay, payInvoice } from "./purchase.ts";

/** Does what the session is for. What a decline would leave half done is undone, but for the failed payment. */
export function begin(world: World, order: Order): Begun {
  try {
    return world.attempt(() => thrownWhenDeclined(() => work(world, order)));
  } catch (error) {
    if (!isDecline(error) || !order.method) throw error;
    return { outcome: "declined", error: leaveFailure(world, order, order.method) ?? error };
  }
}

function work(world: World, order: Order): Begun {
  const { session, plan, due } = order;
  switch (session.mode) {
    case "subscription":
      return due === 0 && order.method ? verify(world, order) : subscribe(world, order);
    case "payment":
      if (plan.given.invoice_creation?.enabled) return payInvoice(world, order);
      return due === 0 ? giveAway(world, order) : pay(world, order);
    default:
      return verify(world, order);
  }
}

/** A decline keeps what it left behind; thrown anew, it undoes it. */
function thrownWhenDeclined(work: () => Begun): Begun {
  try {
    const begun = work();
    if (begun.outcome === "declined") throw begun.error;
    return begun;
  } catch (error) {
    throw isDecline(error) ? new StripeError(error.status, error.body) : error;
  }
}

/** The payment that failed, or the attempt to save the card: all that a declined card leaves. */
function leaveFailure(
  world: World,
  { session, due }: Order,
  method: Stripe.PaymentMethod,
): StripeError | undefined {
  if (due === 0) {
    const setup = createSetup(world, { paymentMethod: method.id, usage: "off_session" });
    return confirmSetup(world, setup.id, {}).error;
  }
  const intent = createIntent(world, { amount: due, currency: session.currency ?? "usd" });
  return confirmIntent(world, intent.id, { paymentMethod: method.id, offSession: false }).error;
}

/** Subscribes and charges the card for the first invoice; it is incomplete as long as the bank asks. */
function subscribe(world: World, order: Order): Begun {
  const customer = neededCustomer(world, order);
  if (order.method) attachMethod(world, order.method.id, customer);
  const started = start(world, order.plan, customer, order.method?.id);
  const { subscription, invoice, error } = started;
  const done = made({
    subscription: subscription.id,
    invoice: invoice?.id ?? null,
    customer,
    paymentMethod: order.method?.id ?? null,
  });
  if (subscription.status !== "incomplete") return { ...done, outcome: "succeeded" };
  const intent = invoice && intentOf(world, invoice.id);
  if (intent?.status === "requires_action") {
    return { ...done, outcome: "requires_action", intent: intent.id };
  }
  if (!error) throw new Error("a subscription is incomplete without saying why");
  return { outcome: "declined", error };
}

/** Has the bank check a card that is not charged today; a subscription begins once it said yes. */
function verify(world: World, order: Order): Begun {
  const { session, plan } = order;
  const method = neededMethod(order);
  const isSubscription = session.mode === "subscription";
  const customer = isSubscription ? neededCustomer(world, order) : customerOf(world, order);
  const data = plan.given.setup_intent_data;
  const setup = createSetup(world, {
    customer,
    usage: "off_session",
    metadata: data?.metadata ?? {},
    description: data?.description,
  });
  const attempt = confirmSetup(world, setup.id, { paymentMethod: method.id });
  if (attempt.outcome === "declined") {
    if (!attempt.error) throw new Error("declined without saying why");
    return { outcome: "declined", error: attempt.error };
  }
  const done = made({ intent: setup.id, customer, paymentMethod: method.id });
  if (attempt.outcome === "requires_action") {
    return { ...done, outcome: "requires_action", intent: setup.id };
  }
  return { ...(isSubscription ? afterSetup(world, plan, done) : done), outcome: "succeeded" };
}

/** Begins the subscription of a session whose card has been saved. */
export function afterSetup(world: World, plan: CheckoutPlan, done: Made): Made {
  const { customer, paymentMethod } = done;
  if (customer === null) throw new Error(`a subscription without a customer: ${plan.id}`);
  const { subscription, invoice, error } = start(world, plan, customer, paymentMethod ?? undefined);
  if (error) throw error;
  return { ...done, subscription: subscription.id, invoice: invoice?.id ?? null };
}

function start(
  world: World,
  plan: CheckoutPlan,
  customer: string,
  method: string | undefined,
): Started {
  const data = plan.given.subscription_data;
  const given = plan.items.map(({ metadata, price, quantity, taxRates }) => ({
    metadata,
    price,
    quantity,
    tax_rates: [...taxRates],
  }));
  const recurs = (place: number) => {
    const item = plan.items[place];
    return item !== undefined && priceOf(world, item).type === "recurring";
  };
  const extra = given.filter((_item, place) => !recurs(place));
  const started = createSubscription(world, {
    customer,
    items: given.filter((_item, place) => recurs(place)),
    add_invoice_items: extra.map(({ metadata: _, ...item }) => item),
    automatic_tax: plan.given.automatic_tax,
    default_tax_rates: data?.default_tax_rates,
    default_payment_method: method,
    description: data?.description,
    discounts: discountsGiven(plan),
    metadata: data?.metadata ?? {},
    off_session: false,
    payment_behavior: "allow_incomplete",
    trial_end: data?.trial_end,
    trial_period_days: data?.trial_period_days,
    trial_settings: data?.trial_settings,
  });
  const latest = idOf(started.subscription.latest_invoice);
  const invoice =
    started.invoice ?? (latest === undefined ? undefined : world.get("invoice", latest));
  return { ...started, invoice };
}
