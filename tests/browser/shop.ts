import { writeFileSync } from "node:fs";
import path from "node:path";
import type { Page } from "@playwright/test";
import { connect, type Sql } from "#db/client.ts";
import { newId } from "#lib/ids.ts";
import { type Box, KEY, startSandbox } from "#tests/support/sandbox.ts";
import {
  advanceTo,
  type Payer,
  payerAt,
  payWith as useCard,
} from "#tests/support/sandbox-subscriptions.ts";
import { openSession } from "./asking.ts";
import type { Organization, Person, Running } from "./deployments.ts";
import { test as base, eventually, expect } from "./fixtures.ts";
import { openOffice, storageState } from "./office.ts";

/*
 * A deployment whose gateway is a sandbox: what people ask of it is done there, and what it does can be
 * looked at. No word of the gateway's comes by itself, unless a test listens.
 */

type Shop = {
  box: Box;
  shop: Running;
  /** Its database, to prove what a page only claims. */
  sql: Sql;
};

/** Somebody who has just got an organization, in a browser of theirs. */
export type Newcomer = { page: Page; organization: Organization; person: Person; base: string };

type Arrivals = {
  arrives: (name: string) => Promise<Newcomer>;
  /** Lets the gateway tell what happens, as it does in real life. */
  listens: () => Promise<void>;
};

export const test = base.extend<Arrivals, Shop>({
  box: [
    // biome-ignore lint/correctness/noEmptyPattern: Playwright reads what is needed from the pattern.
    async ({}, use) => {
      const box = await startSandbox({ retryMilliseconds: [50, 200, 500] });
      await use(box);
      await box.close();
    },
    { scope: "worker" },
  ],

  shop: [
    async ({ box }, use) => {
      const gateway = { STRIPE_SECRET_KEY: KEY, STRIPE_API_BASE: box.url };
      const { close, ...shop } = await openOffice(gateway);
      await sellAt(box, shop);
      await use(shop);
      await close();
    },
    { scope: "worker", timeout: 90_000 },
  ],

  sql: [
    async ({ shop }, use) => {
      const sql = connect(shop.environment.DATABASE_URL ?? "", { max: 2, name: "shop tests" });
      await use(sql);
      await sql.end();
    },
    { scope: "worker" },
  ],

  deployment: async ({ shop }, use) => use(shop),

  arrives: async ({ shop, sql, newOrganization, browser, complaints }, use) => {
    const pages: Page[] = [];
    await use(async (name) => {
      const organization = await newOrganization(name);
      const person = await ownerOf(sql, organization, shop.people.billing);
      const file = path.join(shop.environment.BILLHOOK_DATA_DIR ?? "", `${person.id}.json`);
      writeFileSync(file, JSON.stringify(storageState(await openSession(shop.url, person))));
      const context = await browser.newContext({ baseURL: shop.url, storageState: file });
      context.on("weberror", (error) => complaints.push(String(error.error())));
      const page = await context.newPage();
      pages.push(page);
      return { page, organization, person, base: `/portal/${organization.slug}` };
    });
    for (const page of pages) await page.context().close();
  },

  listens: async ({ box, shop }, use) => {
    await use(async () => {
      await box.control("/endpoints", {
        url: `${shop.url.replace("localhost", "127.0.0.1")}/api/webhooks/stripe`,
        secret: shop.secret,
      });
    });
  },
});

export { expect };

/** Makes what the demo's catalogue asks for at the gateway, and puts it into the plans. */
async function sellAt(box: Box, shop: Running): Promise<void> {
  const sql = connect(shop.environment.DATABASE_URL ?? "", { max: 1, name: "shop prices" });
  await sql`delete from gateway_prices`;
  const sold = await sql<
    { plan: string; name: string; currency: string; amount: string; interval: "month" | "year" }[]
  >`
    select p.id as plan, p.name, r.currency, r.amount_minor as amount, r.interval
    from prices r join plans p on p.id = r.plan_id where r.archived_at is null`;
  for (const { plan, name, currency, amount, interval } of sold) {
    const { id } = await box.stripe.prices.create({
      currency: currency.toLowerCase(),
      unit_amount: Number(amount),
      recurring: { interval },
      product_data: { name },
    });
    await sql`insert into gateway_prices
        (gateway, mode, ref, plan_id, currency, amount_minor, interval, interval_count, is_active)
      values ('stripe', 'test', ${id}, ${plan}, ${currency}, ${amount}, ${interval}, 1, true)`;
  }
  await sql.end();
}

/** An owner with somebody's password: it takes long to make another one. */
async function ownerOf(sql: Sql, { id }: Organization, like: Person): Promise<Person> {
  const userId = newId("usr");
  const email = `${userId}@example.com`;
  await sql`insert into users (id, email, name, password_hash)
    select ${userId}, ${email}, 'Nora Newcomer', password_hash from users where id = ${like.id}`;
  await sql`insert into members (organization_id, user_id, role) values (${id}, ${userId}, 'owner')`;
  await sql`delete from rate_limits`;
  return { id: userId, email, password: like.password };
}

/** Fills in a card on the gateway's page and sends it. */
export async function payWith(page: Page, number: string): Promise<void> {
  await page.getByLabel("Card number").fill(number);
  const email = page.getByLabel("E-mail");
  if (await email.isVisible()) await email.fill("nora@example.com");
  await page.getByLabel(/^Expir/).fill("12 / 40");
  await page.getByLabel(/^CVC|^Security/).fill("123");
  await page.getByLabel("Name on the card").fill("Nora Newcomer");
  await page.getByRole("button", { name: /^(Subscribe|Start trial|Pay)/ }).click();
}

/** An organization that a plan was sold to at the gateway, by a clock of its own, in the middle of a month. */
export async function sellPlan(
  plan: "pro" | "business",
  { id }: Organization,
  { box, sql }: { box: Box; sql: Sql },
): Promise<{ payer: Payer; subscription: string }> {
  const [sold] = await sql<{ ref: string }[]>`
    select g.ref from gateway_prices g join plans p on p.id = g.plan_id
    where p.code = ${plan} and g.currency = 'EUR' and g.interval = 'month'`;
  const payer = await payerAt(box, "2027-05-01");
  await box.stripe.customers.update(payer.customer, {
    name: "Nora Newcomer",
    metadata: { organization_id: id },
  });
  const { id: subscription } = await box.stripe.subscriptions.create({
    customer: payer.customer,
    items: [{ price: sold?.ref ?? "", quantity: 1 }],
  });
  await advanceTo(box, payer, "2027-05-16T12:00:00Z");
  return { payer, subscription };
}

export type Subscribed = Newcomer & { readonly payer: Payer; readonly subscription: string };

/** A newcomer who has a plan, and looks at it: the gateway has told of it. */
export async function has(
  plan: "pro" | "business",
  somebody: Newcomer,
  { listens, card, ...world }: { box: Box; sql: Sql; listens: () => Promise<void>; card?: string },
): Promise<Subscribed> {
  const { box } = world;
  if (box.world.all("webhook_endpoint").length === 0) await listens();
  const sold = await sellPlan(plan, somebody.organization, world);
  if (card) await useCard(box, sold.payer.customer, card);
  const { page, base } = somebody;
  await page.goto(`${base}/billing`);
  await eventually(page, async () => {
    await expect(page.getByRole("link", { name: "Change plan" })).toBeVisible({ timeout: 500 });
  });
  return { ...somebody, ...sold };
}
