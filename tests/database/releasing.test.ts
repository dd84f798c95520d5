import { beforeAll, beforeEach, expect, test } from "vitest";
import { acceptQuote } from "#lib/billing/changing/commands.ts";
import { releaseBegun } from "#lib/billing/changing/releasing.ts";
import { BEGUN_AT_ONCE } from "#lib/billing/changing/store.ts";
import { newId } from "#lib/ids.ts";
import { settle } from "#tests/support/billing.ts";
import {
  type Customer,
  customerWith,
  look,
  quoteFor,
  sellTiers,
} from "#tests/support/commanding.ts";
import { useDatabase } from "#tests/support/database.ts";
import { advanceTo } from "#tests/support/sandbox-subscriptions.ts";
import { useWiredSandbox } from "#tests/support/wired-sandbox.ts";

/* A schedule of ours goes when what it planned has begun, and not before. */

const database = await useDatabase();
const { sql } = database;
const { box, wire } = await useWiredSandbox(database);

let sold: (name: "Basic" | "Pro") => string;
let customer: Customer;

beforeAll(async () => {
  sold = await sellTiers(box, sql, { Basic: 9_00, Pro: 29_00 });
});

beforeEach(async () => {
  wire.decide(() => "pass");
  customer = await customerWith(box, sql, sold("Pro"));
  const { id: quoteId } = await quoteFor(customer, sold("Basic"), { timing: "renewal" });
  await acceptQuote(customer.owner, { ...customer, quoteId });
  await settle(sql);
});

async function schedules() {
  const { subscriptionRef } = customer;
  const { schedule, items } = await box.stripe.subscriptions.retrieve(subscriptionRef);
  const [row] = await sql<{ ref: string | null }[]>`
    select schedule_ref as ref from subscriptions where ref = ${subscriptionRef}`;
  return { there: schedule, here: row?.ref, price: items.data[0]?.price.id };
}

async function begins(): Promise<void> {
  await advanceTo(box, customer.payer, "2027-06-02");
  await look(customer.payer, customer.subscriptionRef);
}

test("a planned change keeps its schedule until it begins", async () => {
  await releaseBegun();

  expect(await schedules()).toEqual({
    there: expect.any(String),
    here: expect.any(String),
    price: sold("Pro"),
  });
});

test("the schedule is released when its change has begun, and the change stays", async () => {
  await begins();
  expect((await schedules()).there).toEqual(expect.any(String));

  await releaseBegun();
  await settle(sql);

  expect(await schedules()).toEqual({ there: null, here: null, price: sold("Basic") });
});

test("what the gateway does not answer is asked again under the same key, and done once", async () => {
  await begins();
  wire.decide(({ path }) => (path.endsWith("/release") ? "cut after" : "pass"));
  await releaseBegun();
  wire.decide(() => "pass");
  wire.calls.length = 0;

  await releaseBegun();
  await settle(sql);

  expect((await schedules()).here).toBeNull();
  const keys = wire.calls.filter(({ path }) => path.endsWith("/release")).map(({ key }) => key);
  expect(new Set(keys).size).toBe(1);
});

test("a schedule of somebody else's is left alone", async () => {
  await begins();
  await sql`update commands set answer = '{}' where kind = 'subscription.change'`;

  await releaseBegun();

  expect((await schedules()).there).toEqual(expect.any(String));
});

test("a schedule that plans something more is left alone", async () => {
  await begins();
  const planned = { at: "2028-01-01T00:00:00Z", items: [], commandId: null };
  await sql`update subscriptions set planned = ${sql.json(planned)} where ref = ${customer.subscriptionRef}`;

  await releaseBegun();

  expect((await schedules()).there).toEqual(expect.any(String));
});

test("schedules that the gateway never releases hold up no other", async () => {
  await begins();
  await refusedForEver(BEGUN_AT_ONCE);

  await releaseBegun();
  expect((await schedules()).there).toEqual(expect.any(String));
  await releaseBegun();
  await settle(sql);

  expect(await schedules()).toEqual({ there: null, here: null, price: sold("Basic") });
});

test("a schedule that was refused rests for an hour, and is then tried again", async () => {
  await refusedForEver(1);
  const tries = async () => {
    wire.calls.length = 0;
    await releaseBegun();
    return wire.calls.filter(({ path }) => path.endsWith("/release")).length;
  };

  expect([await tries(), await tries()]).toEqual([1, 0]);
  await sql`update commands set leased_until = leased_until - interval '1 hour' where status = 'done'`;
  expect(await tries()).toBe(1);
});

test("where the gateway does not answer, one schedule is tried and the others wait", async () => {
  await begins();
  await refusedForEver(3);
  wire.decide(() => "cut before");
  wire.calls.length = 0;

  await releaseBegun();

  expect(wire.calls).toHaveLength(1);
});

/** Changes that have begun, longer ago than any other, with schedules that the gateway does not know. */
async function refusedForEver(count: number): Promise<void> {
  await sql`delete from commands where asked_by_label = 'olga@example.com'`;
  for (let n = 0; n < count; n += 1) {
    const ref = newId("sub");
    const schedule = `sub_sched_${ref}`;
    const plan = { to: { priceRef: sold("Basic"), quantity: 1 } };
    await sql`insert into subscriptions (id, gateway, mode, ref, organization_id, customer_ref, status,
        gateway_status, price_ref, quantity, items, schedule_ref)
      values (${ref}, 'stripe', 'test', ${ref}, ${customer.organizationId}, 'cus_1', 'active', 'active',
        ${sold("Basic")}, 1, '[]', ${schedule})`;
    await sql`insert into commands (id, organization_id, gateway, mode, kind, object, intention, plan, status,
        answer, asked_by_kind, asked_by_label, settled_at)
      values (${newId("cmd")}, ${customer.organizationId}, 'stripe', 'test', 'subscription.change',
        ${`subscription:${ref}`}, ${ref}, ${sql.json(plan)}, 'done', ${sql.json({ scheduleRef: schedule })},
        'member', 'olga@example.com', '2020-01-01')`;
  }
}
