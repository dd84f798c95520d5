import fc from "fast-check";
import Stripe from "stripe";
import type { Sql } from "#db/client.ts";
import type { Box } from "./sandbox.ts";

/** Something that a customer, a merchant or a bank does. Not each is possible at each moment. */
export type Act =
  | { does: "subscribe"; price: PriceName; card: string }
  | { does: "change"; price: PriceName; quantity: number; when: "now" | "at renewal" }
  | { does: "undo the schedule" }
  | { does: "cancel"; when: "now" | "at period end" }
  | { does: "undo the cancellation" }
  | { does: "use another card"; card: string }
  | { does: "pay what is open" }
  | { does: "refund"; share: 1 | 2 }
  | { does: "take back a part"; as: "credit" | "refund" }
  | { does: "rename" }
  | { does: "wait"; days: number };

export type PriceName = "pro" | "business" | "unmapped";

const price = fc.constantFrom<PriceName>("pro", "pro", "business", "business", "unmapped");
const goodCards = ["pm_card_visa", "pm_card_mastercard"];
const card = fc.constantFrom(...goodCards, "pm_card_chargeCustomerFail", "pm_card_createDispute");

/** Acts in any order, as often as each tends to happen. */
export const acts: fc.Arbitrary<Act> = fc.oneof(
  { weight: 4, arbitrary: fc.record({ does: fc.constant("subscribe" as const), price, card }) },
  {
    weight: 4,
    arbitrary: fc.record({
      does: fc.constant("change" as const),
      price,
      quantity: fc.integer({ min: 1, max: 3 }),
      when: fc.constantFrom("now" as const, "at renewal" as const),
    }),
  },
  { weight: 1, arbitrary: fc.constant({ does: "undo the schedule" as const }) },
  {
    weight: 2,
    arbitrary: fc.record({
      does: fc.constant("cancel" as const),
      when: fc.constantFrom("now" as const, "at period end" as const),
    }),
  },
  { weight: 1, arbitrary: fc.constant({ does: "undo the cancellation" as const }) },
  { weight: 2, arbitrary: fc.record({ does: fc.constant("use another card" as const), card }) },
  { weight: 2, arbitrary: fc.constant({ does: "pay what is open" as const }) },
  {
    weight: 1,
    arbitrary: fc.record({
      does: fc.constant("refund" as const),
      share: fc.constantFrom(1 as const, 2 as const),
    }),
  },
  {
    weight: 1,
    arbitrary: fc.record({
      does: fc.constant("take back a part" as const),
      as: fc.constantFrom("credit" as const, "refund" as const),
    }),
  },
  { weight: 1, arbitrary: fc.constant({ does: "rename" as const }) },
  {
    weight: 5,
    arbitrary: fc.record({
      does: fc.constant("wait" as const),
      days: fc.integer({ min: 1, max: 40 }),
    }),
  },
);

/** One organization's dealings with the gateway, so far. */
export type Dealings = {
  readonly stripe: Stripe;
  readonly organizationId: string;
  readonly prices: Readonly<Record<PriceName, string>>;
  readonly wait: (days: number) => Promise<void>;
  customer?: string;
  names: number;
};

/** Does it; what the gateway refuses at this moment did not happen. */
export async function perform(dealings: Dealings, act: Act): Promise<void> {
  try {
    await DO[act.does](dealings, act as never);
  } catch (error) {
    if (!(error instanceof Stripe.errors.StripeError) || (error.statusCode ?? 500) >= 500) {
      throw error;
    }
  }
}

/** Puts a plan of three prices on sale at a sandbox; two of them are in plans of ours. */
export async function sell(box: Box, sql: Sql): Promise<Record<PriceName, string>> {
  const product = await box.stripe.products.create({ name: "Plan" });
  const price = async (amount: number) => {
    const made = await box.stripe.prices.create({
      product: product.id,
      currency: "eur",
      unit_amount: amount,
      recurring: { interval: "month" },
    });
    return made.id;
  };
  const prices = {
    pro: await price(29_00),
    business: await price(99_00),
    unmapped: await price(5_00),
  };
  await sql`insert into gateway_prices (gateway, mode, ref, plan_id) values
    ('stripe', 'test', ${prices.pro}, 'pln_pro'), ('stripe', 'test', ${prices.business}, 'pln_business')`;
  return prices;
}

type Does = {
  readonly [Name in Act["does"]]: (
    dealings: Dealings,
    act: Extract<Act, { does: Name }>,
  ) => Promise<void>;
};

const DO: Does = {
  subscribe: async (dealings, { price, card }) => {
    const { stripe, prices, organizationId } = dealings;
    const customer = await customerOf(dealings);
    const session = await stripe.checkout.sessions.create({
      mode: "subscription",
      customer,
      client_reference_id: organizationId,
      line_items: [{ price: prices[price], quantity: 1 }],
      success_url: "https://example.com/done",
    });
    const method = await stripe.paymentMethods.create({
      type: "card",
      card: { token: card.replace("pm_card", "tok") },
    });
    await stripe.rawRequest("POST", `/v1/payment_pages/${session.id}/confirm`, {
      payment_method: method.id,
    });
  },
  change: async (dealings, { price, quantity, when }) => {
    const { stripe, prices } = dealings;
    const subscription = await liveOf(dealings);
    const item = subscription?.items.data[0];
    if (!subscription || !item) return;
    if (when === "now") {
      await stripe.subscriptions.update(subscription.id, {
        items: [{ id: item.id, price: prices[price], quantity }],
        proration_behavior: "always_invoice",
        payment_behavior: "pending_if_incomplete",
      });
      return;
    }
    const schedule = await stripe.subscriptionSchedules.create({
      from_subscription: subscription.id,
    });
    const [phase] = schedule.phases;
    if (!phase) return;
    await stripe.subscriptionSchedules.update(schedule.id, {
      end_behavior: "release",
      proration_behavior: "none",
      phases: [
        {
          items: [{ price: item.price.id, quantity: item.quantity ?? 1 }],
          start_date: phase.start_date,
          end_date: phase.end_date,
        },
        {
          items: [{ price: prices[price], quantity }],
          duration: { interval: "month", interval_count: 1 },
          proration_behavior: "none",
        },
      ],
    });
  },
  "undo the schedule": async (dealings) => {
    const schedule = (await liveOf(dealings))?.schedule;
    if (typeof schedule === "string") await dealings.stripe.subscriptionSchedules.release(schedule);
  },
  cancel: async (dealings, { when }) => {
    const subscription = await liveOf(dealings);
    if (!subscription) return;
    if (when === "now") await dealings.stripe.subscriptions.cancel(subscription.id);
    else
      await dealings.stripe.subscriptions.update(subscription.id, { cancel_at_period_end: true });
  },
  "undo the cancellation": async (dealings) => {
    const subscription = await liveOf(dealings);
    if (!subscription) return;
    await dealings.stripe.subscriptions.update(subscription.id, { cancel_at_period_end: false });
  },
  "use another card": async (dealings, { card }) => {
    const customer = await customerOf(dealings);
    const method = await dealings.stripe.paymentMethods.attach(card, { customer });
    await dealings.stripe.customers.update(customer, {
      invoice_settings: { default_payment_method: method.id },
    });
    const subscription = await liveOf(dealings);
    if (!subscription) return;
    await dealings.stripe.subscriptions.update(subscription.id, {
      default_payment_method: method.id,
    });
  },
  "pay what is open": async (dealings) => {
    const customer = await customerOf(dealings);
    const open = await dealings.stripe.invoices.list({ customer, status: "open" });
    for (const invoice of open.data) await dealings.stripe.invoices.pay(invoice.id);
  },
  refund: async (dealings, { share }) => {
    const customer = await customerOf(dealings);
    const charges = await dealings.stripe.charges.list({ customer, limit: 1 });
    const [charge] = charges.data;
    if (!charge) return;
    await dealings.stripe.refunds.create({
      charge: charge.id,
      amount: Math.max(1, Math.floor(charge.amount / share)),
    });
  },
  "take back a part": async (dealings, { as }) => {
    const customer = await customerOf(dealings);
    const { data } = await dealings.stripe.invoices.list({ customer, limit: 1 });
    const [invoice] = data;
    if (!invoice?.id) return;
    await dealings.stripe.creditNotes.create({
      invoice: invoice.id,
      amount: 100,
      ...(invoice.status === "paid" && { [`${as}_amount`]: 100 }),
    });
  },
  rename: async (dealings) => {
    dealings.names += 1;
    const customer = await customerOf(dealings);
    await dealings.stripe.customers.update(customer, { name: `Name ${dealings.names}` });
  },
  wait: ({ wait }, { days }) => wait(days),
};

async function customerOf(dealings: Dealings): Promise<string> {
  dealings.customer ??= (
    await dealings.stripe.customers.create({ email: `${dealings.organizationId}@example.com` })
  ).id;
  return dealings.customer;
}

async function liveOf(dealings: Dealings): Promise<Stripe.Subscription | undefined> {
  const customer = await customerOf(dealings);
  const subscriptions = await dealings.stripe.subscriptions.list({ customer, limit: 1 });
  return subscriptions.data[0];
}
