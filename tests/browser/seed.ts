import { randomBytes } from "node:crypto";
import { disconnect, type Sql, sql } from "#db/client.ts";
import { migrate } from "#db/migrate.ts";
import { seedDemo } from "#db/seed.ts";
import type { Administrator, Role } from "#lib/actor.ts";
import { reloadConfig } from "#lib/config.ts";
import { createApiKey } from "#lib/identity/api-keys/commands.ts";
import { hashPassword } from "#lib/identity/passwords.ts";
import { newId } from "#lib/ids.ts";
import { migrateJobs } from "#lib/jobs/migrate.ts";
import type { Organization, Person, Samples, Seeded } from "./deployments.ts";
import {
  type Customer,
  checkout,
  creditNote,
  event,
  invoice,
  payment,
  signatureOf,
  subscription,
} from "./objects.ts";

const PRO = "price_demo_pro_monthly";
const SETTLED_WITHIN_MS = 60_000;

type Posted = { url: string; secret: string };

/** The demo's data, and somebody for every role: in Acme for reading, in Umbrella for the role table. */
export async function seed(environment: Readonly<Record<string, string>>): Promise<Seeded> {
  reloadConfig({ ...environment });
  const url = environment.DATABASE_URL ?? "";
  await migrate(url);
  await migrateJobs(url);
  const demo = await seedDemo({ hashPassword });
  const [acme, globex] = demo.organizations;
  if (!acme || !globex) throw new Error("The demo has two organizations.");
  const umbrella = await insertOrganization("Umbrella");
  const password = "plenty of battery staples";
  const hash = await hashPassword(password);
  const person = async (email: string, name: string, where?: { id: string }, role?: Role) => {
    const id = newId("usr");
    const since = where ? null : new Date();
    await sql()`insert into users (id, email, name, password_hash, administrator_since)
      values (${id}, ${email}, ${name}, ${hash}, ${since})`;
    if (where && role) {
      await sql()`insert into members (organization_id, user_id, role)
        values (${where.id}, ${id}, ${role})`;
    }
    return { id, email, password };
  };
  const known = async ({ email, password: own }: { email: string; password: string | null }) => {
    const [row] = await sql()<{ id: string }[]>`select id from users where email = ${email}`;
    return { id: row?.id ?? "", email, password: own ?? "" };
  };
  const administrator = await known(demo.administrator);
  const seeded = {
    secret: demo.secret,
    apiKey: await makeApiKey(administrator),
    organizations: { acme, globex, umbrella },
    people: {
      administrator,
      owner: await known(demo.owner),
      billing: await person("bill@acme.example", "Bill", acme, "billing"),
      member: await person("mia@acme.example", "Mia", acme, "member"),
      "other owner": await person("gus@globex.example", "Gus", globex, "owner"),
    },
    walkers: {
      administrator: await person("wanda@billhook.example", "Wanda"),
      owner: await person("oscar@umbrella.example", "Oscar", umbrella, "owner"),
      billing: await person("bess@umbrella.example", "Bess", umbrella, "billing"),
      member: await person("max@umbrella.example", "Max", umbrella, "member"),
      "other owner": await person("greta@globex.example", "Greta", globex, "owner"),
    },
  };
  await disconnect();
  return seeded;
}

/** What gateways told before anybody looks: paid, past due, unmatched and refused. */
export async function playHistory(
  sql: Sql,
  to: Posted,
  { organizations }: Seeded,
): Promise<Samples> {
  const { acme, globex, umbrella } = organizations;
  const now = Math.floor(Date.now() / 1_000);
  const told = (type: string, object: object, at = now) =>
    event(`evt_${randomBytes(8).toString("hex")}`, type, object, at);
  for (const { id } of [acme, globex, umbrella]) {
    const it = customerOf(id);
    await deliver(to, told("checkout.session.completed", checkout(it)));
    await deliver(to, told("customer.subscription.created", subscription(it, PRO, "active")));
    await deliver(to, told("payment_intent.succeeded", payment(it, 1, 2900, "succeeded")));
    await deliver(to, told("invoice.paid", invoice(it, 1, 2900, "paid")));
    if (id === acme.id) await deliver(to, told("credit_note.created", creditNote(it, 1, 100)));
    if (id !== globex.id) continue;
    await deliver(to, told("payment_intent.payment_failed", payment(it, 2, 2900, "failed")));
    await deliver(to, told("invoice.payment_failed", invoice(it, 2, 2900, "open")));
    const pastDue = subscription(it, PRO, "past_due");
    await deliver(to, told("customer.subscription.updated", pastDue, now + 1));
  }
  const nobody = subscription(customerOf(""), PRO, "active");
  await deliver(to, told("customer.subscription.updated", nobody));
  await deliver(
    { ...to, secret: "whsec_of_somebody_else_0000000" },
    told("customer.subscription.updated", nobody),
  );
  await settled(sql);
  return samplesOf(sql, umbrella, acme);
}

/** A customer of the gateway, with a subscription, that nobody else's test knows. */
export function customerOf(organizationId: string): Customer {
  const tag = randomBytes(6).toString("hex");
  return { organizationId, customer: `cus_${tag}`, subscription: `sub_${tag}`, tag };
}

/** Posts an event as Stripe does, and answers the status. */
export async function deliver({ url, secret }: Posted, told: object): Promise<number> {
  const body = JSON.stringify(told, null, 2);
  const answer = await fetch(`${url}/api/webhooks/stripe`, {
    method: "POST",
    headers: {
      "content-type": "application/json; charset=utf-8",
      "stripe-signature": signatureOf(body, secret),
    },
    body,
  });
  await answer.arrayBuffer();
  return answer.status;
}

async function makeApiKey(administrator: Person): Promise<string> {
  const actor: Administrator = {
    kind: "administrator",
    userId: administrator.id,
    label: administrator.email,
    origin: { ip: null, userAgent: null },
  };
  return (await createApiKey(actor, { label: "Product" })).key;
}

async function insertOrganization(name: string): Promise<Organization> {
  const made = { id: newId("org"), name, slug: name.toLowerCase() };
  await sql()`insert into organizations (id, name, slug, tier_id)
    values (${made.id}, ${name}, ${made.slug}, (select id from tiers where is_default))`;
  return made;
}

async function settled(sql: Sql): Promise<void> {
  const deadline = Date.now() + SETTLED_WITHIN_MS;
  while (Date.now() < deadline) {
    const [row] = await sql<{ due: number; late: number }[]>`
      select (select count(*) from gateway_objects
          where rung > synced_rung and parked_at is null)::int as due,
        (select count(*) from refused_requests where accepted_at is null)::int as late`;
    if (row?.due === 0 && row.late > 0) return;
    await new Promise((resolve) => setTimeout(resolve, 100));
  }
  throw new Error("The history was not applied in time.");
}

/** One of everything that has a page of its own. */
async function samplesOf(
  sql: Sql,
  organization: Organization,
  acme: Organization,
): Promise<Samples> {
  const [sold] = await sql<{ id: string }[]>`select id from products where code = 'credits'`;
  const product = sold?.id ?? "";
  for (const { id } of [organization, acme]) {
    await insertCommand(sql, id);
    await insertOrder(sql, id, product);
  }
  const [row] = await sql<Samples[]>`
    select
      (select id from webhook_events where organization_id = ${organization.id}
        and type = 'customer.subscription.created' limit 1) as event,
      (select id from refused_requests limit 1) as refused,
      (select id from customers where organization_id is null limit 1) as customer,
      (select id from customers where organization_id = ${organization.id}) as "linkedCustomer",
      (select id::text from gateway_objects where type = 'subscription' limit 1) as object,
      (select id from invoices where organization_id = ${organization.id} limit 1) as invoice,
      (select id from invoices where organization_id = ${acme.id} limit 1) as "acmeInvoice",
      (select id from commands where organization_id = ${organization.id}
        and kind = 'subscription.checkout' limit 1) as command,
      (select id from commands where organization_id = ${acme.id}
        and kind = 'subscription.checkout' limit 1) as "acmeCommand",
      (select id from orders where organization_id = ${organization.id} limit 1) as "order",
      (select id from orders where organization_id = ${acme.id} limit 1) as "acmeOrder",
      ${product} as product,
      (select id from plans where code = 'pro') as plan,
      (select id from tiers where code = 'pro') as tier`;
  const missing = Object.entries(row ?? {}).filter(([, id]) => !id);
  if (!row || missing.length > 0) throw new Error(`There is no sample of ${missing.join(" ")}.`);
  return row;
}

/** What an organization asked of a gateway once, and was refused. */
async function insertCommand(sql: Sql, organizationId: string): Promise<void> {
  const plan = {
    customerRef: null,
    organization: { name: "Somebody", email: null },
    items: [{ priceRef: PRO, quantity: 1 }],
    trialDays: null,
    currency: "EUR",
    takesPromotionCodes: true,
    pagesUrl: "http://localhost/portal",
    replaces: null,
    chosen: { planId: "pln_0", planName: "Pro", interval: "month", cost: "€29.00 a month" },
  };
  const id = newId("cmd");
  await sql`insert into commands (id, organization_id, gateway, mode, kind, object, intention, plan,
      status, sentence, asked_by_kind, asked_by_label, settled_at)
    values (${id}, ${organizationId}, 'stripe', 'test', 'subscription.checkout',
      ${`organization:${organizationId}`}, ${`sample ${id}`}, ${sql.json(plan)}, 'refused',
      'The payment company refused it.', 'member', 'Somebody', now())`;
}

/** An order of a product that was paid for, and of which a part went back. */
async function insertOrder(sql: Sql, organizationId: string, productId: string): Promise<void> {
  const [command, order] = [newId("cmd"), newId("ord")];
  await sql`insert into commands (id, organization_id, gateway, mode, kind, object, intention, plan,
      status, sentence, asked_by_kind, asked_by_label, settled_at)
    values (${command}, ${organizationId}, 'stripe', 'test', 'order.checkout',
      ${`order:${organizationId}:${productId}`}, ${`sample ${command}`}, '{}', 'done',
      'The payment page was completed.', 'member', 'Somebody', now())`;
  await sql`insert into orders (id, organization_id, product_id, command_id, gateway, mode, price_ref,
      quantity, currency, amount_minor, state, page, is_paid, checkout_ref, payment_ref,
      payment_status, charged_minor, refunded_minor, completed_at)
    values (${order}, ${organizationId}, ${productId}, ${command}, 'stripe', 'test',
      'price_demo_credits_once_eur', 2, 'EUR', 3800, 'completed', 'complete', true, ${`cs_${order}`},
      ${`pi_${order}`}, 'succeeded', 3800, 1900, now())`;
}
