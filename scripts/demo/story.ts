import type Stripe from "stripe";
import type { DemoSandbox } from "./sandbox.ts";

/** One step of the story: what a watcher is told, and what happens. */
export type Scene = { readonly says: string; readonly plays: () => Promise<void> };

type Cast = {
  readonly acme: string;
  readonly globex: string;
  /** Price ids by lookup key. */
  readonly prices: ReadonlyMap<string, { readonly ref: string }>;
  /** Posts what nobody signed to Billhook's webhook address. */
  readonly forge: () => Promise<void>;
};

const CARDS = { good: "pm_card_visa", failing: "pm_card_chargeCustomerFail" };
const DAY_SECONDS = 86_400;

/**
 * The life of a subscription at a gateway, by the gateway's clock: bought, raised, lowered at the
 * renewal, renewed, unpaid, chased, recovered, unpaid for good, refunded and disputed.
 */
export function story(sandbox: DemoSandbox, cast: Cast): Scene[] {
  const { stripe } = sandbox;
  const pro = refOf("pro_monthly");
  const business = refOf("business_monthly");
  const acme = { customer: "", subscription: "" };

  return [
    {
      says: "Acme fills in the checkout page for Pro, with the card 4242 4242 4242 4242",
      plays: async () => Object.assign(acme, await checkOut("Acme", pro, cast.acme)) && undefined,
    },
    {
      says: "Globex subscribes to Pro as well; so does somebody whom nobody knows",
      plays: async () => {
        await checkOut("Globex", pro, cast.globex);
        await checkOut("Hooli", pro);
      },
    },
    {
      says: "Ten days later Acme upgrades to Business and pays the difference at once",
      plays: async () => {
        await wait(10);
        await stripe.subscriptions.update(acme.subscription, {
          items: [{ id: await itemOfAcme(), price: business, quantity: 1 }],
          proration_behavior: "always_invoice",
          payment_behavior: "pending_if_incomplete",
        });
      },
    },
    {
      says: "Acme decides to go back to Pro with the next renewal: nothing changes yet",
      plays: () => scheduleAcme(pro, business),
    },
    {
      says: "The month ends: Acme renews at the lower price",
      plays: () => wait(25),
    },
    {
      says: "Somebody posts an event with a signature that does not match",
      plays: cast.forge,
    },
    {
      says: "Acme's card is replaced by one that fails, and the next renewal is not paid",
      plays: async () => {
        await useCard(CARDS.failing);
        await wait(29);
      },
    },
    { says: "The gateway tries again three days later, in vain", plays: () => wait(4) },
    {
      says: "Acme enters a good card and pays: recovered",
      plays: async () => {
        await useCard(CARDS.good);
        const open = await stripe.invoices.list({ customer: acme.customer, status: "open" });
        for (const invoice of open.data) await stripe.invoices.pay(invoice.id);
      },
    },
    {
      says: "A month on the card fails again, and after the last retry the gateway cancels",
      plays: async () => {
        await useCard(CARDS.failing);
        await wait(30);
        await wait(20);
      },
    },
    {
      says: "Acme asks for money back: one payment is refunded in part, one in full",
      plays: async () => {
        const [first, second] = await paidCharges();
        if (first) await stripe.refunds.create({ charge: first.id, amount: 10_00 });
        if (second) await stripe.refunds.create({ charge: second.id });
      },
    },
    {
      says: "Acme's bank disputes a third payment, and the dispute is lost",
      plays: async () => {
        const [, , third] = await paidCharges();
        if (!third) return;
        await sandbox.control("disputes", { charge: third.id, reason: "fraudulent" });
        const disputes = await stripe.disputes.list({ charge: third.id });
        for (const { id } of disputes.data) await sandbox.control(`disputes/${id}/lose`, {});
      },
    },
  ];

  function refOf(lookupKey: string): string {
    const price = cast.prices.get(lookupKey);
    if (!price) throw new Error(`The sandbox sells no ${lookupKey}.`);
    return price.ref;
  }

  async function wait(days: number): Promise<void> {
    await sandbox.control("clock", { by: days * DAY_SECONDS });
  }

  async function checkOut(name: string, price: string, organization?: string) {
    const session = await stripe.checkout.sessions.create({
      mode: "subscription",
      line_items: [{ price, quantity: 1 }],
      success_url: "https://example.com/welcome",
      ...(organization === undefined ? {} : { client_reference_id: organization }),
    });
    const method = await stripe.paymentMethods.create({
      type: "card",
      card: { token: "tok_visa" },
      billing_details: { email: `billing@${name.toLowerCase()}.example`, name },
    });
    await stripe.rawRequest("POST", `/v1/payment_pages/${session.id}/confirm`, {
      payment_method: method.id,
    });
    const { customer, subscription } = await stripe.checkout.sessions.retrieve(session.id);
    return { customer: idOf(customer), subscription: idOf(subscription) };
  }

  async function itemOfAcme(): Promise<string> {
    const [item] = (await stripe.subscriptions.retrieve(acme.subscription)).items.data;
    return item?.id ?? "";
  }

  async function scheduleAcme(next: string, now: string): Promise<void> {
    const schedule = await stripe.subscriptionSchedules.create({
      from_subscription: acme.subscription,
    });
    const [phase] = schedule.phases;
    if (!phase) throw new Error("The sandbox made a schedule without a phase.");
    await stripe.subscriptionSchedules.update(schedule.id, {
      end_behavior: "release",
      proration_behavior: "none",
      phases: [
        {
          items: [{ price: now, quantity: 1 }],
          start_date: phase.start_date,
          end_date: phase.end_date,
        },
        {
          items: [{ price: next, quantity: 1 }],
          duration: { interval: "month", interval_count: 1 },
          proration_behavior: "none",
        },
      ],
    });
  }

  async function useCard(token: string): Promise<void> {
    const { customer, subscription } = acme;
    const method = await stripe.paymentMethods.attach(token, { customer });
    await stripe.customers.update(customer, {
      invoice_settings: { default_payment_method: method.id },
    });
    await stripe.subscriptions.update(subscription, { default_payment_method: method.id });
  }

  /** Newest first. */
  async function paidCharges(): Promise<Stripe.Charge[]> {
    const charges = await stripe.charges.list({ customer: acme.customer, limit: 20 });
    return charges.data.filter(({ status, amount }) => status === "succeeded" && amount >= 10_00);
  }
}

function idOf(named: string | { id: string } | null): string {
  if (named === null) throw new Error("The checkout made nothing.");
  return typeof named === "string" ? named : named.id;
}
