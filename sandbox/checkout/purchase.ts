import type Stripe from "stripe";
import { discountsFrom } from "../billing/discounts.ts";
import { type Collected, collectInvoice, finalizeInvoice } from "../billing/invoice.ts";
import { intentOf } from "../billing/invoice-payments.ts";
import { updateSubscription } from "../billing/subscription.ts";
import { subscriptionAfterInvoice } from "../billing/subscription-after-invoice.ts";
import { type Attempt, confirmIntent, createIntent } from "../payments/confirm.ts";
import { attachMethod } from "../payments/methods.ts";
import { notModelled, type StripeError } from "../protocol/errors.ts";
import type { World } from "../state/world.ts";
import { discountsGiven, invoiceDraftOf } from "./items.ts";
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
import type { Pending } from "./plan.ts";

/** A one-time purchase: one payment, and no invoice. */
export function pay(world: World, order: Order): Begun {
  const { session, plan, due } = order;
  const method = neededMethod(order);
  const data = plan.given.payment_intent_data;
  const customer = data?.setup_future_usage
    ? neededCustomer(world, order)
    : customerOf(world, order);
  redeem(world, order, customer);
  const intent = createIntent(world, {
    amount: due,
    currency: session.currency ?? "usd",
    customer,
    allowedTypes: plan.given.allowed_payment_method_types,
    setupFutureUse: data?.setup_future_usage,
    metadata: data?.metadata ?? {},
    description: data?.description,
    shipping: shippingOf(order),
  });
  const attempt = confirmIntent(world, intent.id, { paymentMethod: method.id, offSession: false });
  return afterAttempt(attempt, made({ intent: intent.id, customer, paymentMethod: method.id }));
}

/** A one-time purchase with an invoice, which the payment pays. */
export function payInvoice(world: World, order: Order): Begun {
  const customer = neededCustomer(world, order);
  const discounts = redeem(world, order, customer);
  const draft = invoiceDraftOf(world, order.plan, customer, discounts);
  const invoice = finalizeInvoice(world, draft.id);
  if (invoice.status === "paid") {
    return { ...made({ invoice: invoice.id, customer }), outcome: "succeeded" };
  }
  const method = neededMethod(order);
  const data = order.plan.given.payment_intent_data;
  const intent = intentOf(world, invoice.id);
  if (intent) {
    world.put("payment_intent", {
      ...intent,
      description: data?.description ?? intent.description,
      metadata: { ...intent.metadata, ...data?.metadata },
      setup_future_usage: data?.setup_future_usage ?? intent.setup_future_usage,
      shipping: shippingOf(order) ?? intent.shipping,
    });
  }
  const collected = collectInvoice(world, invoice.id, {
    offSession: false,
    paymentMethod: method.id,
  });
  return afterCollecting(
    collected,
    made({
      intent: intent?.id ?? null,
      invoice: invoice.id,
      customer,
      paymentMethod: method.id,
    }),
  );
}

/** A purchase that costs nothing in the end: there is no payment. */
export function giveAway(world: World, order: Order): Begun {
  const customer = customerOf(world, order);
  redeem(world, order, customer);
  return { ...made({ customer }), outcome: "succeeded" };
}

/** Tries another card for what was begun with the last one; nothing where that has come to its end. */
export function goOn(world: World, order: Order): Begun | undefined {
  const { plan, method } = order;
  const { pending } = plan;
  if (!pending || !method) return undefined;
  if (pending.invoice) {
    const invoice = world.get("invoice", pending.invoice);
    return invoice?.status === "open" ? collectAgain(world, invoice, pending, method) : undefined;
  }
  const intent = world.get("payment_intent", pending.intent);
  if (!intent || intent.status === "canceled") return undefined;
  const how = { paymentMethod: method.id, offSession: false };
  const attempt = confirmIntent(world, intent.id, how);
  return afterAttempt(attempt, { ...pending, paymentMethod: method.id });
}

function collectAgain(
  world: World,
  invoice: Stripe.Invoice,
  pending: Pending,
  method: Stripe.PaymentMethod,
): Begun {
  const { subscription, customer } = pending;
  try {
    if (subscription && customer) {
      attachMethod(world, method.id, customer);
      updateSubscription(world, subscription, { default_payment_method: method.id });
    }
  } catch (error) {
    if (isDecline(error)) return { outcome: "declined", error };
    throw error;
  }
  const collected = collectInvoice(world, invoice.id, {
    offSession: false,
    paymentMethod: method.id,
  });
  if (collected.outcome === "paid") subscriptionAfterInvoice(world, collected.invoice);
  return afterCollecting(collected, { ...pending, paymentMethod: method.id });
}

function redeem(world: World, { plan }: Order, customer: string | null): readonly string[] {
  return discountsFrom(world, discountsGiven(plan), { customer, checkoutSession: plan.id });
}

function afterAttempt(attempt: Attempt, done: Made): Begun {
  switch (attempt.outcome) {
    case "succeeded":
      return { ...done, outcome: "succeeded" };
    case "requires_action":
      return { ...done, outcome: "requires_action", intent: attempt.intent.id };
    case "declined":
      return declined(attempt);
    case "processing":
      return { ...done, outcome: "processing", intent: attempt.intent.id };
  }
}

function afterCollecting(collected: Collected, done: Made): Begun {
  switch (collected.outcome) {
    case "paid":
      return { ...done, outcome: "succeeded" };
    case "requires_action":
      return { ...done, outcome: "requires_action", intent: done.intent ?? "" };
    case "declined":
    case "no_method":
      return declined(collected);
    case "processing":
      throw notModelled("checkout with payments that take days");
  }
}

function declined({ error }: { error?: StripeError | undefined }): Begun {
  if (!error) throw new Error("declined without saying why");
  return { outcome: "declined", error };
}

function shippingOf({ plan }: Order): Stripe.PaymentIntent.Shipping | null {
  const given = plan.given.payment_intent_data?.shipping;
  if (!given) return null;
  const { address } = given;
  return {
    address: {
      city: address.city ?? null,
      country: address.country ?? null,
      line1: address.line1,
      line2: address.line2 ?? null,
      postal_code: address.postal_code ?? null,
      state: address.state ?? null,
    },
    carrier: given.carrier ?? null,
    name: given.name,
    phone: given.phone ?? null,
    tracking_number: given.tracking_number ?? null,
  };
}
