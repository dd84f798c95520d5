import { expect, test } from "vitest";
import { startSyncing } from "#lib/worker/run.ts";
import { deliver, makeOrganization, prepareBilling, settle } from "#tests/support/billing.ts";
import { useDatabase } from "#tests/support/database.ts";
import { customer, event, invoice } from "#tests/support/stripe-objects.ts";

const database = await useDatabase();
const { sql } = database;
await prepareBilling(database);

test("waits once for a customer whose row somebody else has, and goes on with others", async () => {
  for (const name of ["acme", "globex"]) {
    await makeOrganization(sql, `org_${name}`);
    const metadata = { organization_id: `org_${name}` };
    await deliver(event("customer.updated", customer({ id: `cus_${name}`, metadata })));
  }
  await settle(sql);
  for (const n of [1, 2, 3, 4]) {
    await deliver(event("invoice.paid", invoice({ id: `in_a${n}`, customer: "cus_acme" })));
  }
  await deliver(event("invoice.paid", invoice({ id: "in_g1", customer: "cus_globex" })));

  const holding = await sql.reserve();
  await holding`begin`;
  await holding`select from customers where ref = 'cus_acme' for update`;
  const worker = startSyncing(5);
  await until(async () => (await due()) === 4 && (await claimed()) === 4);
  const blocked = await waiting();
  await holding`commit`;
  holding.release();
  await until(async () => (await due()) === 0);
  await worker.stop();

  expect(blocked).toBe(1);
});

async function until(isSo: () => Promise<boolean>): Promise<void> {
  for (const end = Date.now() + 20_000; !(await isSo()); ) {
    if (Date.now() > end) throw new Error("It did not come about.");
    await new Promise((done) => setTimeout(done, 20));
  }
  // A moment longer: what is about to wait, waits.
  await new Promise((done) => setTimeout(done, 150));
}

const due = () => count(sql`select count(*)::int from gateway_objects where is_due`);
const claimed = () =>
  count(sql`select count(*)::int from gateway_objects where is_due and leased_until > now()`);

/** Connections that wait for a row. */
const waiting = () =>
  count(sql`select count(*)::int from pg_stat_activity
    where datname = current_database() and wait_event_type = 'Lock'`);

async function count(asked: PromiseLike<readonly { count?: number }[]>): Promise<number> {
  const [row] = await asked;
  return row?.count ?? 0;
}
