import { beforeAll, beforeEach, expect, test } from "vitest";
import type { CommandRow } from "#lib/billing/asking/kind.ts";
import { sendForgotten } from "#lib/billing/asking/send.ts";
import { unlinkCustomer } from "#lib/billing/commands.ts";
import { person, sellTiers } from "#tests/support/commanding.ts";
import { useDatabase } from "#tests/support/database.ts";
import { buys, sellOnce } from "#tests/support/ordering.ts";
import { ada } from "#tests/support/settings.ts";
import {
  askInCatalogue,
  type Newcomer,
  newcomer,
  refOf,
  subscribes,
} from "#tests/support/subscribing.ts";
import type { Fate, Tapped } from "#tests/support/wire-tap.ts";
import { useWiredSandbox } from "#tests/support/wired-sandbox.ts";

/* An organization is one customer at a gateway, whatever it asks for first, and however much at once. */

const database = await useDatabase();
const { sql } = database;
const { box, wire } = await useWiredSandbox(database);

let pro = { planId: "" };
let credits = "";
let seats = "";
let who: Newcomer;

beforeAll(async () => {
  const sold = await sellTiers(box, sql, { Pro: 29_00 });
  pro = { planId: (await askInCatalogue(sql)).get(sold("Pro")) ?? "" };
  credits = (await sellOnce(box, sql)).productId;
  seats = (await sellOnce(box, sql, { name: "Training" })).productId;
});

beforeEach(async () => {
  wire.decide(() => "pass");
  who = await newcomer(sql);
});

const isMaking = ({ method, path }: Tapped) => method === "POST" && path === "/v1/customers";

/** What becomes of every call that makes a customer, from now on. */
function making(fate: Fate): void {
  wire.decide((call) => (isMaking(call) ? fate : "pass"));
}

/** The organization's customers at the gateway, and the links to them here. */
async function customersOf() {
  const { data } = await box.stripe.customers.list({ limit: 100 });
  const there = data.filter(({ metadata }) => metadata.organization_id === who.organizationId);
  const here = await sql<{ ref: string }[]>`
    select ref from customers where organization_id = ${who.organizationId}`;
  return { there: there.map(({ id }) => id), here: here.map(({ ref }) => ref) };
}

async function payerOn(command: CommandRow) {
  return (await box.stripe.checkout.sessions.retrieve(refOf(command))).customer;
}

async function sendAgain(): Promise<CommandRow[]> {
  await sql`update commands set leased_until = null where status = 'open'`;
  await sendForgotten();
  return sql<CommandRow[]>`select * from commands
    where organization_id = ${who.organizationId} order by asked_at`;
}

test("a subscription and an order that two people ask for at once are one customer's", async () => {
  const other = { ...who, owner: await person(sql, who.organizationId, "billing") };
  let makers = 0;
  let goOn = () => {};
  const bothMake = new Promise<void>((done) => {
    goOn = done;
  });
  wire.decide(async (call): Promise<Fate> => {
    if (!isMaking(call)) return "pass";
    makers += 1;
    if (makers === 2) goOn();
    await bothMake;
    return "pass";
  });

  const subscribing = subscribes(who, pro);
  await expect.poll(() => makers).toBe(1);
  const [subscription, { command: order }] = await Promise.all([subscribing, buys(other, credits)]);

  const { there, here } = await customersOf();
  expect(there).toHaveLength(1);
  expect(here).toEqual(there);
  expect([await payerOn(subscription), await payerOn(order)]).toEqual([there[0], there[0]]);
});

test("an order has the customer that a subscription made and never heard of", async () => {
  making("cut after");
  expect((await subscribes(who, pro)).status).toBe("open");
  wire.decide(() => "pass");

  const { command } = await buys(who, credits);
  const [subscription] = await sendAgain();

  expect([command.status, subscription?.status]).toEqual(["needs_person", "needs_person"]);
  expect((await customersOf()).there).toHaveLength(1);
});

test("what comes third has the same one, also where the first was refused meanwhile", async () => {
  making("cut before");
  const first = await subscribes(who, pro);
  const { command: second } = await buys(who, credits);
  making({ status: 400, body: { error: { type: "invalid_request_error", message: "No." } } });
  await sql`update commands set leased_until = now() + interval '1 hour' where id = ${second.id}`;
  await sendForgotten();
  await sql`update commands set leased_until = null where id = ${first.id}`;
  await sendForgotten();
  wire.decide(() => "pass");

  await buys(who, seats);
  const all = await sendAgain();

  expect(all.map(({ status }) => status)).toEqual(["refused", "needs_person", "needs_person"]);
  expect((await customersOf()).there).toHaveLength(1);
});

test("a customer that was taken from the organization does not come back: another one is made", async () => {
  await subscribes(who, pro);
  const [row] = await sql<{ id: string }[]>`
    select id from customers where organization_id = ${who.organizationId}`;
  await unlinkCustomer(ada, { customerId: row?.id ?? "", reason: "Somebody else's." });

  const { command } = await buys(who, credits);

  expect(command.status).toBe("needs_person");
  const { there, here } = await customersOf();
  expect(there).toHaveLength(2);
  expect(here).toEqual([await payerOn(command)]);
});
