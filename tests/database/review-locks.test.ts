import { expect, test } from "vitest";
import { ringAll } from "#lib/inbox/ring.ts";
import {
  deliver,
  makeOrganization,
  prepareBilling,
  settle,
  syncRef,
} from "#tests/support/billing.ts";
import { useDatabase } from "#tests/support/database.ts";
import { play, type Step } from "#tests/support/histories.ts";
import { event, subscription } from "#tests/support/stripe-objects.ts";

const database = await useDatabase();
const { sql } = database;
await prepareBilling(database);

const startsAt = Math.floor(Date.now() / 1000) - 24 * 3600;
const steps: Step[] = [
  { kind: "renew" },
  { kind: "change", to: "price_business" },
  { kind: "fail" },
  { kind: "recover" },
  { kind: "refund", half: true },
];

test("locks what it rings and what it answers in the order that the intake keeps", async () => {
  await makeOrganization(sql, "org_order");
  await sql`insert into customers (id, gateway, mode, ref, organization_id, link_source)
    values ('cus_order', 'stripe', 'test', 'cus_order', 'org_order', 'administrator')`;
  const one = subscription({ id: "sub_order", customer: "cus_order", latest_invoice: "in_order" });
  await deliver(event("customer.subscription.updated", one, { created: startsAt }));

  let syncing: Promise<unknown> = Promise.resolve();
  const intake = sql.begin(async (tx) => {
    await tx`insert into gateway_objects (gateway, mode, type, ref)
      values ('stripe', 'test', 'invoice', 'in_order')`;
    syncing = syncRef(sql, "subscription", "sub_order");
    await someoneWaits();
    await tx`update gateway_objects set rung = rung + 1 where ref = 'sub_order'`;
  });
  const outcome = await intake.then(
    () => "stored",
    (error: Error) => error.message,
  );
  await syncing;
  await settle(sql);

  expect(outcome).toBe("stored");
  expect(await deadlocks()).toBe(0);
});

test("rings everything of a connection without waiting for a sync that is under way", async () => {
  const one = subscription({ id: "sub_slow", customer: "cus_order", latest_invoice: null });
  const told = event("customer.subscription.updated", one, { created: startsAt });
  await deliver(told);

  let syncing: Promise<unknown> = Promise.resolve();
  const ringing = await sql.begin(async (tx) => {
    await tx`select 1 from webhook_events where event_ref = ${told.id} for update`;
    syncing = syncRef(sql, "subscription", "sub_slow");
    await someoneWaits();
    const late = new Promise<string>((done) => setTimeout(() => done("waits"), 1_000));
    return Promise.race([ringAll("stripe", "test").then(() => "rung"), late]);
  });
  await syncing;
  await settle(sql);

  expect(ringing).toBe("rung");
});

test("never lets the intake and the syncs wait for each other in a circle", async () => {
  const histories = Array.from({ length: 25 }, (_, n) => `lock${n}`);
  for (const prefix of histories) await makeOrganization(sql, `org_${prefix}`);
  const events = histories.flatMap((prefix) =>
    play(prefix, steps, startsAt).flatMap((moment) => moment.events),
  );
  const disorder = events
    .map((one, n) => ({ one, at: (n * 7919) % events.length }))
    .sort((a, b) => a.at - b.at);

  let isDelivered = false;
  const settleMeanwhile = async () => {
    while (!isDelivered) await settle(sql, 6);
  };
  const working = [settleMeanwhile(), settleMeanwhile()];
  for (let at = 0; at < disorder.length; at += 40) {
    await Promise.all(disorder.slice(at, at + 40).map(({ one }) => deliver(one)));
  }
  isDelivered = true;
  await Promise.all(working);
  await settle(sql, 8);

  expect(await deadlocks()).toBe(0);
}, 120_000);

async function someoneWaits(): Promise<void> {
  for (;;) {
    const rows = await sql`select 1 from pg_stat_activity
      where datname = current_database() and wait_event_type = 'Lock'`;
    if (rows.length > 0) return;
    await new Promise((done) => setTimeout(done, 10));
  }
}

/** PostgreSQL writes its counts up to a second late. */
async function deadlocks(): Promise<number> {
  await new Promise((done) => setTimeout(done, 1_500));
  const [row] = await sql<{ deadlocks: string }[]>`
    select deadlocks from pg_stat_database where datname = current_database()`;
  return Number(row?.deadlocks);
}
