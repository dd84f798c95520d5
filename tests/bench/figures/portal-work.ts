import path from "node:path";
import type Stripe from "stripe";
import type { Sql } from "#db/client.ts";
import { createAdministrator } from "#lib/identity/administrators/commands.ts";
import { newId } from "#lib/ids.ts";
import { openSession, type Reply } from "#tests/browser/asking.ts";
import { clientOf, KEY } from "#tests/support/sandbox.ts";
import { testSecret } from "#tests/support/stripe-objects.ts";
import { coveredMs, tapWire, type WireTap } from "#tests/support/wire-tap.ts";
import { cpuMs } from "../cpu.ts";
import type { Stand } from "../figure.ts";
import { freePort, type Running, serve } from "../process.ts";
import { type Visitor, visitorOf } from "../visitor.ts";
import type { Asked } from "./portal.ts";

const SANDBOX = path.resolve(import.meta.dirname, "../../../sandbox/main.ts");
const PERSON = { id: "usr_bench", email: "ada@example.test", password: "only-for-this-run-1" };
const AMOUNTS = { pro: 2_900, business: 9_900 } as const;
/** A person takes longer from one page to the next; by then the gateway's word of the last is worked off. */
const PAUSE_MS = 250;

type Place = {
  readonly sql: Sql;
  readonly stripe: Stripe;
  readonly wire: WireTap;
  /** The process that answers. */
  readonly web: number;
  readonly visitor: Visitor;
  readonly person: string;
  readonly prices: Readonly<Record<keyof typeof AMOUNTS, string>>;
};

/** One organization from its first plan to its last card, and how long each of its wishes took. */
type Story = () => Promise<Asked[]>;

/**
 * A sandbox that sells two plans and tells of everything, and the app before it: pages and worker in
 * processes of their own, so that what the wire hears is what the pages asked.
 */
export async function openPortal(stand: Stand): Promise<{ story: Story; close(): Promise<void> }> {
  const { sql } = stand;
  const sandbox = await startSandbox();
  const wire = await tapWire(sandbox.url);
  const close = async () => {
    await wire.close();
    await sandbox.stop();
  };
  try {
    const key = { STRIPE_SECRET_KEY: KEY };
    const web = await stand.startBillhook("web", { ...key, STRIPE_API_BASE: wire.url });
    await stand.startBillhook("worker", { ...key, STRIPE_API_BASE: sandbox.url });
    const stripe = clientOf(sandbox.url);
    const url = `http://127.0.0.1:${web.port}`;
    await control(sandbox.url, "/endpoints", {
      url: `${url}/api/webhooks/stripe`,
      secret: testSecret.secret,
    });
    const operator = { kind: "operator", label: "bench", origin: NOWHERE } as const;
    await createAdministrator(operator, { ...PERSON, name: "Ada" });
    const [row] = await sql<{ id: string }[]>`select id from users where email = ${PERSON.email}`;
    const visitor = visitorOf(url, await openSession(url, PERSON));
    const prices = await sellPlans(sql, stripe);
    const person = row?.id ?? "";
    const place = { sql, stripe, wire, web: web.pid, visitor, person, prices };
    return { story: () => live(place), close };
  } catch (error) {
    await close();
    throw error;
  }
}

const NOWHERE = { ip: null, userAgent: null };

async function startSandbox(): Promise<Running & { url: string }> {
  const port = await freePort();
  const running = await serve([SANDBOX, "--port", String(port)], port);
  return { ...running, url: `http://127.0.0.1:${port}` };
}

async function control(url: string, address: string, body: object): Promise<void> {
  const said = await fetch(`${url}/_sandbox/api${address}`, {
    method: "POST",
    body: JSON.stringify(body),
  });
  if (!said.ok) throw new Error(`${address}: ${await said.text()}`);
}

async function sellPlans(sql: Sql, stripe: Stripe): Promise<Place["prices"]> {
  const sell = async (code: keyof typeof AMOUNTS) => {
    const { id } = await stripe.prices.create({
      currency: "eur",
      unit_amount: AMOUNTS[code],
      recurring: { interval: "month" },
      product_data: { name: code },
    });
    const terms = sql`'EUR', ${AMOUNTS[code]}, 'month', 1`;
    await sql`insert into gateway_prices
        (gateway, mode, ref, plan_id, currency, amount_minor, interval, interval_count, is_active)
      values ('stripe', 'test', ${id}, ${`pln_${code}`}, ${terms}, true)
      on conflict (gateway, mode, ref) do update set plan_id = excluded.plan_id`;
    await sql`insert into prices (id, plan_id, currency, amount_minor, interval, interval_count)
      values (${newId("prc")}, ${`pln_${code}`}, ${terms})`;
    return id;
  };
  return { pro: await sell("pro"), business: await sell("business") };
}

async function live(place: Place): Promise<Asked[]> {
  const { visitor, prices } = place;
  const base = await moveIn(place);
  const asked: Asked[] = [];
  const takes = async (what: string, ask: () => Promise<Reply>, says: RegExp) => {
    const { took, reply } = await timed(place, ask);
    if (!says.test(`${reply.location} ${reply.body}`)) {
      throw new Error(`${what}: ${reply.status} ${reply.location} ${reply.body.slice(0, 3_000)}`);
    }
    asked.push({ what, ...took });
    return reply;
  };
  const presses = async (
    what: string,
    [page, button, typed]: [page: string, button: string, typed?: Record<string, string>],
    says: RegExp,
  ) => {
    await atRest(place.sql);
    const shown = await visitor.visit(base + page);
    return takes(what, visitor.press(base + page, shown, button, typed), says);
  };
  const changes = async (what: string, query: string, button: string, says: RegExp) => {
    const address = `${base}/change?interval=month&seats=1&${query}`;
    await atRest(place.sql);
    const shown = await takes("quote", () => visitor.visit(address), new RegExp(button));
    await atRest(place.sql);
    await takes(what, visitor.press(address, shown, button), says);
  };

  const opened = await presses(
    "subscribe: the payment page’s address",
    ["/subscribe?plan=pro&interval=month&currency=EUR", "Continue to payment"],
    /_pages\/checkout/,
  );
  const back = await payAt(opened.location.split(";")[0] ?? "");
  // At once, as a browser does: the gateway tells of it at the same moment.
  await takes("return page: the plan is there", () => visitor.visit(back), /You have Pro/);
  await changes(
    "change now",
    `timing=now&to=${prices.business}`,
    "Change plan and pay",
    /Plan updated, .{1,9} charged today/,
  );
  await changes(
    "schedule a change",
    `timing=renewal&to=${prices.pro}`,
    "Schedule change",
    /Change scheduled for/,
  );
  await presses("undo it", ["/billing", "Undo"], /planned change was given up/);
  await presses(
    "cancel",
    ["/cancel", "Cancel Business", { reason: "unused" }],
    /Your plan is cancelled/,
  );
  await presses("keep", ["/billing", "Keep my plan"], /You keep Business/);
  await anotherCard(place);
  await presses(
    "another default card",
    ["/payment-methods", "Make default"],
    /pays for everything from now on/,
  );
  const invoice = await openInvoice(place);
  await presses("pay an invoice", [`/invoices/${invoice}`, "Pay €"], /Paid, .{1,9} charged today/);
  return asked;
}

/** Gives the person an organization that has nothing yet, instead of the last one. */
async function moveIn({ sql, person }: Place): Promise<string> {
  const id = newId("org");
  const slug = id.slice(4).toLowerCase();
  await sql`delete from members where user_id = ${person}`;
  await sql`insert into organizations (id, name, slug, tier_id)
    values (${id}, 'Acme', ${slug}, (select id from tiers where is_default))`;
  await sql`insert into members (organization_id, user_id, role) values (${id}, ${person}, 'owner')`;
  return `/portal/${slug}`;
}

async function timed({ wire, web }: Place, ask: () => Promise<Reply>) {
  const before = wire.spans.length;
  const cpu = cpuMs([web]);
  const from = performance.now();
  const reply = await ask();
  const ms = performance.now() - from;
  const now = cpuMs([web]);
  const spans = wire.spans.slice(before);
  const webMs = cpu === undefined || now === undefined ? null : now - cpu;
  return { took: { ms, gatewayMs: coveredMs(spans), calls: spans.length, webMs }, reply };
}

/** Until what the gateway told of is synced, and a moment longer. */
async function atRest(sql: Sql): Promise<void> {
  for (let calm = 0; calm < 2; ) {
    await new Promise((done) => setTimeout(done, PAUSE_MS));
    const [row] = await sql<{ due: number }[]>`
      select count(*)::int as due from gateway_objects where is_due and parked_at is null`;
    calm = row?.due === 0 ? calm + 1 : 0;
  }
}

/** Pays on the gateway's page as its browser does; answers where that leads back to. */
async function payAt(page: string): Promise<string> {
  const said = await fetch(page, {
    method: "POST",
    redirect: "manual",
    body: new URLSearchParams({
      number: "4242424242424242",
      expiry: "12 / 40",
      cvc: "123",
      name: "Ada",
      email: PERSON.email,
    }),
  });
  const { pathname } = new URL(said.headers.get("location") ?? "", page);
  if (!pathname.startsWith("/portal/")) throw new Error(`It was not paid: ${await said.text()}`);
  return pathname;
}

async function customerOf({ sql, person }: Place): Promise<string> {
  const [row] = await sql<{ ref: string }[]>`
    select c.ref from customers c join members m on m.organization_id = c.organization_id
    where m.user_id = ${person}`;
  return row?.ref ?? "";
}

async function anotherCard(place: Place): Promise<void> {
  const customer = await customerOf(place);
  await place.stripe.paymentMethods.attach("pm_card_mastercard", { customer });
}

/** An invoice that waits to be paid, known here. */
async function openInvoice(place: Place): Promise<string> {
  const { stripe, sql } = place;
  const customer = await customerOf(place);
  await stripe.invoiceItems.create({ customer, amount: 1_200, currency: "eur" });
  const { id: ref } = await stripe.invoices.create({
    customer,
    auto_advance: false,
    pending_invoice_items_behavior: "include",
  });
  await stripe.invoices.finalizeInvoice(ref ?? "", { auto_advance: false });
  for (;;) {
    await atRest(sql);
    const [row] = await sql<{ id: string }[]>`
      select id from invoices where ref = ${ref ?? ""} and status = 'open'`;
    if (row) return row.id;
  }
}
