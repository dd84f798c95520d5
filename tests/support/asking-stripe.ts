import type Stripe from "stripe";
import { AppError } from "#lib/errors.ts";
import type { Asking, ChangeAsked } from "#lib/gateways/asking.ts";
import type { Box } from "./sandbox.ts";
import { KEY } from "./sandbox.ts";
import { onlyItem, type Payer, payerAt, priced } from "./sandbox-subscriptions.ts";

/** Asking a sandbox as the gateway's commands do: one intention, however often it is sent. */
export function askingAt(url: string, intention: string): Asking {
  return {
    connection: { gateway: "stripe", mode: "test", apiKey: KEY, apiBase: url },
    signal: AbortSignal.timeout(20_000),
    key: (step) => `billhook:${intention}:${step}`,
  };
}

/** Somebody who pays for a subscription, under a clock of their own. */
export type Subscriber = Payer & {
  readonly subscription: Stripe.Subscription;
  readonly subscriptionRef: string;
  readonly itemRef: string;
};

/** Subscribed on 1 May 2027, with the clock at noon of the 16th: the middle of a month of 31 days. */
export async function subscriberOf(
  box: Box,
  price: string,
  {
    card = "pm_card_visa",
    now = "2027-05-16T12:00:00Z",
    ...terms
  }: Partial<Stripe.SubscriptionCreateParams> & { card?: string | null; now?: string } = {},
): Promise<Subscriber> {
  const payer = await payerAt(box, "2027-05-01", card);
  const subscription = await box.stripe.subscriptions.create({
    customer: payer.customer,
    items: [{ price }],
    ...terms,
  });
  await box.stripe.testHelpers.testClocks.advance(payer.clock, {
    frozen_time: Date.parse(now) / 1_000,
  });
  return {
    ...payer,
    subscription,
    subscriptionRef: subscription.id,
    itemRef: onlyItem(subscription).id,
  };
}

/** A change of a subscriber's only item. */
export function changeOf(
  { subscriptionRef, itemRef }: Subscriber,
  priceRef: string,
  quantity = 1,
): ChangeAsked {
  return { subscriptionRef, itemRef, to: { priceRef, quantity } };
}

/** Basic, Pro and Pro for a year. */
export async function plansOf(box: Box, currency = "usd") {
  const [basic, pro, yearly] = await Promise.all([
    priced(box, 10_000, { currency }),
    priced(box, 20_000, { currency }),
    priced(box, 200_000, { currency, interval: "year" }),
  ]);
  return { basic, pro, yearly };
}

/** All that a command can have changed about a customer at Stripe, without names: two that did the same look the same. */
export async function standingOf(box: Box, customer: string): Promise<object> {
  const { world, stripe } = box;
  const of = <T extends { customer: unknown }>(all: readonly T[]) =>
    all.filter((each) => each.customer === customer);
  const self = await stripe.customers.retrieve(customer, { expand: ["tax_ids"] });
  if (self.deleted) return { deleted: true };
  const methods = of(world.all("payment_method"));
  const cardOf = (id: unknown) => methods.find((each) => each.id === id)?.card?.last4 ?? null;
  const paid = new Set(of(world.all("payment_intent")).map(({ id }) => id));
  return {
    name: self.name,
    address: self.address,
    balance: self.balance,
    taxIds: self.tax_ids?.data.map(({ value }) => value),
    default: cardOf(self.invoice_settings.default_payment_method),
    methods: methods.map(({ card }) => card?.last4),
    subscriptions: of(world.all("subscription")).map((each) => ({
      status: each.status,
      items: each.items.data.map(({ price, quantity }) => [price.id, quantity]),
      cancelAt: each.cancel_at,
      trialEnd: each.trial_end,
      waits: each.pending_update?.subscription_items?.map(({ price }) => price.id),
      card: cardOf(each.default_payment_method),
      managed: each.schedule !== null,
    })),
    schedules: of(world.all("subscription_schedule")).map((each) => ({
      status: each.status,
      phases: each.phases.map(({ start_date, end_date, items }) => ({
        start_date,
        end_date,
        items: items.map(({ price, quantity }) => [price, quantity]),
      })),
    })),
    invoices: of(world.all("invoice")).map(({ status, total, amount_paid }) => [
      status,
      total,
      amount_paid,
    ]),
    refunds: world
      .all("refund")
      .filter(({ payment_intent }) => paid.has(String(payment_intent)))
      .map(({ amount }) => amount),
    pages: of(world.all("checkout.session")).map(({ mode, status }) => [mode, status]),
  };
}

/** What a promise fails with, as far as callers may rely on it. */
export async function failureOf(promise: Promise<unknown>): Promise<AppError> {
  const error = await promise.then(
    (answer) => new Error(`it did not fail: ${JSON.stringify(answer)}`),
    (reason: unknown) => reason,
  );
  if (error instanceof AppError) return error;
  throw error;
}
