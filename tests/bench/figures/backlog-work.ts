import type { Sql } from "#db/client.ts";
import { drainIntake } from "#lib/inbox/intake-line.ts";
import { log } from "#lib/log.ts";
import { deliver, makeOrganization } from "#tests/support/billing.ts";
import {
  checkoutSession,
  event,
  invoice,
  invoiceLine,
  MONTH,
  paymentIntent,
  type StripeObject,
  subscription,
  subscriptionItem,
} from "#tests/support/stripe-objects.ts";

/** What a backlog is made of: who it is about, how much, and how often each object rings. */
export type Work = {
  /** Part of all names, so that no two backlogs share an object. */
  readonly run: string;
  readonly organizations: number;
  /** Invoices and payments of each organization, beside its checkout and its subscription. */
  readonly invoices: number;
  readonly payments: number;
  /** One, or four: then an object is told of four times, as it came to be what it is. */
  readonly eventsPerObject: 1 | 4;
};

/** A backlog that is stored, and what must be true once it is worked off. */
export type Backlog = {
  readonly events: readonly string[];
  readonly tiers: ReadonlyMap<string, string>;
  readonly notices: number;
};

const AT_ONCE = 256;

/** Makes the organizations and has the intake store every event, signed, as a gateway sends them. */
export async function storeBacklog(sql: Sql, work: Work): Promise<Backlog> {
  const tiers = new Map<string, string>();
  const events: StripeObject[] = [];
  for (let nth = 0; nth < work.organizations; nth++) {
    const id = `org_${work.run}x${nth}`;
    await makeOrganization(sql, id);
    tiers.set(id, nth % 2 === 0 ? "pro" : "business");
    events.push(...eventsOf(work, nth));
  }
  await deliverAll(events);
  // As autovacuum does within a minute: a plan for empty tables suits no backlog.
  await sql`analyze`;
  return {
    events: events.map(({ id }) => id),
    tiers,
    notices: work.organizations * Math.floor(work.invoices / 2),
  };
}

/** Sends events in their order, many at once, until all are stored. */
export async function deliverAll(events: readonly StripeObject[]): Promise<void> {
  // Here and not in the environment, so that workers log as they always do.
  log().level = "silent";
  for (let from = 0; from < events.length; from += AT_ONCE) {
    await Promise.all(events.slice(from, from + AT_ONCE).map((each) => deliver(each)));
  }
  await drainIntake();
}

/** Throws unless every event, tier and notice is what it must be. */
export async function checkBacklog(sql: Sql, backlog: Backlog): Promise<void> {
  const states = await sql<{ status: string; count: number }[]>`
    select status, count(*)::int as count from webhook_events
    where event_ref = any(${[...backlog.events]}) group by status`;
  const [all] = states;
  if (states.length !== 1 || all?.status !== "processed" || all.count !== backlog.events.length) {
    throw new Error(`Of ${backlog.events.length} events: ${JSON.stringify(states)}.`);
  }
  const ids = [...backlog.tiers.keys()];
  const rows = await sql<{ id: string; code: string }[]>`
    select o.id, t.code from organizations o join tiers t on t.id = o.tier_id
    where o.id = any(${ids})`;
  const wrong = rows.filter(({ id, code }) => backlog.tiers.get(id) !== code);
  if (rows.length !== ids.length || wrong.length > 0) {
    throw new Error(`${wrong.length} tiers are wrong: ${JSON.stringify(wrong.slice(0, 5))}.`);
  }
  const [noted] = await sql<{ count: number }[]>`
    select count(*)::int as count from notices where organization_id = any(${ids})`;
  if (noted?.count !== backlog.notices) {
    throw new Error(`${noted?.count} notices instead of ${backlog.notices}.`);
  }
}

/** One organization's life: a page paid, a subscription, invoices of which every other one fails. */
function eventsOf(work: Work, nth: number): StripeObject[] {
  const name = `${work.run}x${nth}`;
  const customer = `cus_${name}`;
  const list: StripeObject[] = [];
  const tell = (types: readonly Told[]) => {
    const known = work.eventsPerObject === 4 ? types : types.slice(-1);
    list.push(
      ...known.map(([type, object], turn) => event(type, object, { created: BASE + turn })),
    );
  };
  tell(checkoutTold(name, customer));
  tell(subscriptionTold(name, customer, nth % 2 === 0 ? "price_pro" : "price_business"));
  for (let i = 0; i < work.invoices; i++) tell(invoiceTold(`${name}i${i}`, name, i % 2 === 1));
  for (let i = 0; i < work.payments; i++) tell(paymentTold(`${name}p${i}`, customer));
  return list;
}

type Told = readonly [type: string, object: StripeObject];

function checkoutTold(name: string, customer: string): Told[] {
  const page = checkoutSession({
    id: `cs_${name}`,
    customer,
    client_reference_id: `org_${name}`,
    subscription: `sub_${name}`,
    invoice: null,
  });
  return [
    ["checkout.session.completed", { ...page, payment_status: "unpaid" }],
    ["checkout.session.async_payment_failed", { ...page, payment_status: "unpaid" }],
    ["checkout.session.async_payment_succeeded", page],
    ["checkout.session.completed", page],
  ];
}

function subscriptionTold(name: string, customer: string, price: string): Told[] {
  const on = (ref: string, changes: Record<string, unknown> = {}) =>
    subscriptionOn(name, customer, ref, changes);
  return [
    ["customer.subscription.created", on("price_pro", { status: "incomplete" })],
    ["customer.subscription.updated", on("price_pro")],
    ["customer.subscription.updated", on("price_business")],
    ["customer.subscription.updated", on(price)],
  ];
}

function subscriptionOn(
  name: string,
  customer: string,
  price: string,
  changes: Record<string, unknown> = {},
): StripeObject {
  const item = subscriptionItem({
    price: { id: price },
    current_period_start: BASE,
    current_period_end: BASE + MONTH,
    subscription: `sub_${name}`,
  });
  const items = { object: "list", data: [item], has_more: false };
  return subscription({ id: `sub_${name}`, customer, items, latest_invoice: null, ...changes });
}

/** An organization of a backlog moves to another plan, later than all that the backlog tells of it. */
export function planMoved(run: string, nth: number, price: string, turn: number): StripeObject {
  const name = `${run}x${nth}`;
  const now = subscriptionOn(name, `cus_${name}`, price);
  return event("customer.subscription.updated", now, { created: BASE + 60 + turn });
}

function invoiceTold(ref: string, owner: string, fails: boolean): Told[] {
  const parent = {
    subscription_details: { metadata: {}, subscription: `sub_${owner}` },
    type: "subscription_details",
  };
  const lines = [invoiceLine({ period: { start: BASE, end: BASE + MONTH } })];
  const open = invoice({
    id: `in_${ref}`,
    number: `BH-${ref}`,
    customer: `cus_${owner}`,
    parent,
    lines: { object: "list", data: lines, has_more: false },
    status: "open",
    amount_paid: 0,
    amount_remaining: 2900,
    attempt_count: 0,
    status_transitions: { finalized_at: BASE, paid_at: null, voided_at: null },
  });
  const paid = { ...open, status: "paid", amount_paid: 2900, amount_remaining: 0 };
  return [
    ["invoice.created", { ...open, status: "draft" }],
    ["invoice.finalized", open],
    ["invoice.payment_failed", { ...open, attempt_count: 1 }],
    fails
      ? ["invoice.payment_failed", { ...open, attempt_count: 2 }]
      : ["invoice.paid", { ...paid, attempt_count: 2 }],
  ];
}

function paymentTold(ref: string, customer: string): Told[] {
  const made = paymentIntent({ id: `pi_${ref}`, customer });
  return [
    ["payment_intent.created", { ...made, status: "requires_payment_method", amount_received: 0 }],
    ["payment_intent.requires_action", { ...made, status: "requires_action", amount_received: 0 }],
    ["payment_intent.processing", { ...made, status: "processing", amount_received: 0 }],
    ["payment_intent.succeeded", made],
  ];
}

/** A day ago: news that are older than two months are told to nobody. */
const BASE = Math.floor(Date.now() / 1_000) - 86_400;
