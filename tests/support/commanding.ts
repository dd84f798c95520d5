import { db, type Sql } from "#db/client.ts";
import type { Member, Role } from "#lib/actor.ts";
import type { Asker } from "#lib/billing/asking/authority.ts";
import type { CommandRow } from "#lib/billing/asking/kind.ts";
import { subjectOf } from "#lib/billing/asking/subject.ts";
import { quoteChange } from "#lib/billing/changing/commands.ts";
import type { Timing } from "#lib/billing/changing/rules.ts";
import { reloadConfig } from "#lib/config.ts";
import { newId } from "#lib/ids.ts";
import { lookAfter, syncNow } from "#lib/inbox/commands.ts";
import { forgetSecrets } from "#lib/settings/secrets.ts";
import { type Box, KEY } from "./sandbox.ts";
import { type Payer, payerAt } from "./sandbox-subscriptions.ts";

const place = { gateway: "stripe", mode: "test" } as const;

/** Lets Billhook ask a gateway at an address. */
export function askAt(url: string): void {
  reloadConfig({ STRIPE_SECRET_KEY: KEY, STRIPE_API_BASE: url });
  forgetSecrets();
}

/** Takes the key away again. */
export function askNobody(): void {
  reloadConfig({ STRIPE_SECRET_KEY: undefined, STRIPE_API_BASE: undefined });
  forgetSecrets();
}

/** A command with what it changed at the gateway seen here, as a page waits for it. */
export async function settled(ask: () => Promise<CommandRow>): Promise<CommandRow> {
  const command = await ask();
  await lookAfter(command);
  return command;
}

/** Prices by name, each in a plan of a tier: the higher the amount, the higher the tier. */
export async function sellTiers<Name extends string>(
  box: Box,
  sql: Sql,
  amounts: Readonly<Record<Name, number>>,
  { currency = "eur", interval = "month" as "month" | "year", isPerSeat = false } = {},
): Promise<(name: Name) => string> {
  const refs = new Map<string, string>();
  for (const [name, amount] of Object.entries<number>(amounts)) {
    const { id: product } = await box.stripe.products.create({ name });
    const { id } = await box.stripe.prices.create({
      product,
      currency,
      unit_amount: amount,
      recurring: { interval },
    });
    const code = `${name.toLowerCase()}-${id.slice(-6).toLowerCase()}`;
    const [tier, plan] = [newId("tir"), newId("pln")];
    await sql`insert into tiers (id, code, name, rank)
      values (${tier}, ${code}, ${name}, (select max(rank) + 1 from tiers))`;
    await sql`insert into plans (id, code, name, tier_id, is_per_seat)
      values (${plan}, ${code}, ${name}, ${tier}, ${isPerSeat})`;
    await sql`insert into gateway_prices
        (gateway, mode, ref, plan_id, currency, amount_minor, interval, interval_count, is_active)
      values ('stripe', 'test', ${id}, ${plan}, ${currency.toUpperCase()}, ${amount}, ${interval}, 1, true)`;
    refs.set(name, id);
  }
  return (name) => {
    const ref = refs.get(name);
    if (!ref) throw new Error(`Nobody sells ${name}.`);
    return ref;
  };
}

/** An organization with a subscription in the middle of its period, and its owner. */
export type Customer = {
  readonly owner: Member;
  readonly organizationId: string;
  readonly payer: Payer;
  readonly subscriptionRef: string;
  readonly subscriptionId: string;
};

export async function customerWith(
  box: Box,
  sql: Sql,
  price: string,
  { card = "pm_card_visa", quantity = 1, begun = "2027-05-01", now = "2027-05-16T12:00:00Z" } = {},
): Promise<Customer> {
  const organizationId = newId("org");
  await sql`insert into organizations (id, name, slug, tier_id)
    values (${organizationId}, 'Acme', ${organizationId.slice(4)}, 'tir_free')`;
  const payer = await payerAt(box, begun);
  await box.stripe.customers.update(payer.customer, {
    metadata: { organization_id: organizationId },
  });
  const { id: subscriptionRef } = await box.stripe.subscriptions.create({
    customer: payer.customer,
    items: [{ price, quantity }],
  });
  await box.stripe.testHelpers.testClocks.advance(payer.clock, {
    frozen_time: Date.parse(now) / 1_000,
  });
  if (card !== "pm_card_visa") await useCard(box, payer, card);
  await look(payer, subscriptionRef);
  const [row] = await sql<{ id: string }[]>`
    select id from subscriptions where ref = ${subscriptionRef} and organization_id = ${organizationId}`;
  if (!row) throw new Error("The subscription did not arrive.");
  const owner = await person(sql, organizationId, "owner");
  return { owner, organizationId, payer, subscriptionRef, subscriptionId: row.id };
}

/** Sees a subscription as it is at the gateway now. */
export async function look({ customer }: Payer, subscriptionRef: string): Promise<void> {
  const refs = [
    { type: "customer" as const, ref: customer },
    { type: "subscription" as const, ref: subscriptionRef },
  ];
  await syncNow({ ...place, refs });
}

export async function useCard(box: Box, { customer }: Payer, card: string): Promise<void> {
  const method = await box.stripe.paymentMethods.attach(card, { customer });
  await box.stripe.customers.update(customer, {
    invoice_settings: { default_payment_method: method.id },
  });
}

/** Somebody of an organization. */
export async function person(sql: Sql, organizationId: string, role: Role): Promise<Member> {
  const userId = newId("usr");
  const label = `${userId}@example.com`;
  await sql`insert into users (id, email, name) values (${userId}, ${label}, 'Somebody')`;
  await sql`insert into members (organization_id, user_id, role)
    values (${organizationId}, ${userId}, ${role})`;
  return {
    kind: "member",
    userId,
    label,
    organizationId,
    role,
    origin: { ip: "192.0.2.1", userAgent: null },
  };
}

/** A quote of a change that nothing stands in the way of. */
export async function quoteFor(
  { owner, organizationId, subscriptionId }: Customer,
  priceRef: string,
  wanted: { quantity?: number; timing?: Timing; actor?: Asker } = {},
) {
  const { quantity = 1, timing = "now", actor = owner } = wanted;
  const { quote, change } = await quoteChange(actor, {
    organizationId,
    subscriptionId,
    priceRef,
    quantity,
    timing,
  });
  if (!quote) throw new Error(`Blocked: ${change.blockers.join(" ")}`);
  return quote;
}

/** The revision that a page shows now. */
export async function seen({ owner, organizationId, subscriptionId }: Customer): Promise<string> {
  return (await subjectOf(db(), owner, organizationId, subscriptionId)).revision;
}
