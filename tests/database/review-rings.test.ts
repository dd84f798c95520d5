import { expect, test } from "vitest";
import { db } from "#db/client.ts";
import { recomputeDue } from "#lib/billing/clock.ts";
import { mapPrice } from "#lib/billing/commands.ts";
import { sweepWaiting } from "#lib/inbox/ring.ts";
import { ring } from "#lib/rings/store.ts";
import { makeOrganization, prepareBilling, tierOf } from "#tests/support/billing.ts";
import { useDatabase } from "#tests/support/database.ts";
import { ada } from "#tests/support/settings.ts";

const database = await useDatabase();
const { sql } = database;
await prepareBilling(database);

test("puts a price into a plan however many subscriptions are on it", async () => {
  await sql`insert into gateway_prices (gateway, mode, ref) values ('stripe', 'test', 'price_many')`;
  await sql`insert into subscriptions
      (id, gateway, mode, ref, status, gateway_status, price_ref, items)
    select 'sub_' || n, 'stripe', 'test', 'sub_many' || n, 'active', 'active', 'price_many', '[]'
    from generate_series(1, 14000) n`;

  const { touched } = await mapPrice(ada, {
    gateway: "stripe",
    mode: "test",
    priceRef: "price_many",
    planId: "pln_pro",
  });

  const [row] =
    await sql`select count(*)::int as rung from gateway_objects where cause = 'mapping'`;
  expect(touched.refs).toHaveLength(14_000);
  expect(row?.rung).toBe(14_000);
});

test("rings an object once, however often it is named at once", async () => {
  const place = { gateway: "stripe", mode: "test" } as const;
  const twice = { type: "customer", ref: "cus_twice" } as const;
  await db().transaction((tx) =>
    ring(tx, place, [twice, { ...twice }], { cause: "link", evenIfKnown: true }),
  );

  const [row] = await sql`select rung, cause from gateway_objects where ref = 'cus_twice'`;
  expect(row).toMatchObject({ rung: 1, cause: "link" });
});

test("recomputes what is due although one organization cannot be", async () => {
  for (const [id, hours] of [
    ["org_poison", 3],
    ["org_after", 2],
  ] as const) {
    await makeOrganization(sql, id);
    await sql`update organizations set tier_id = 'tir_pro',
      tier_valid_until = now() - make_interval(hours => ${hours}) where id = ${id}`;
  }
  await sql`create function refuse() returns trigger language plpgsql as
    $$ begin raise exception 'poison'; end $$`;
  await sql`create trigger refuse before update on organizations for each row
    when (old.id = 'org_poison') execute function refuse()`;

  await recomputeDue().catch(() => undefined);

  expect(await tierOf(sql, "org_after")).toBe("free");
  await sql`drop trigger refuse on organizations`;
});

test("sweeps what waits quickly although much waits and much is known", async () => {
  await sql`insert into payments
      (id, gateway, mode, ref, status, currency, amount_minor, refunded_minor, is_disputed)
    select 'pay_' || n, 'stripe', 'test', 'pi_' || n, 'succeeded', 'EUR', 1, 0, false
    from generate_series(1, 15000) n`;
  await sql`insert into gateway_objects (gateway, mode, type, ref, synced_rung, waiting_for)
    select 'stripe', 'test', 'dispute', 'dp_' || n, 1,
      case when n = 7 then 'payment:pi_7' else 'cus_nobody' || n end
    from generate_series(1, 3000) n`;

  const started = performance.now();
  const rung = await sweepWaiting();

  expect(rung).toBe(1);
  expect(performance.now() - started).toBeLessThan(3_000);
});
