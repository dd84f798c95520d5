import { describe, expect, test } from "vitest";
import { db } from "#db/client.ts";
import { recomputeDue } from "#lib/billing/clock.ts";
import { mapPrice } from "#lib/billing/commands.ts";
import { sweepWaiting } from "#lib/inbox/ring.ts";
import { ring } from "#lib/rings/store.ts";
import {
  deliver,
  makeOrganization,
  prepareBilling,
  syncRef,
  tierOf,
} from "#tests/support/billing.ts";
import { useDatabase } from "#tests/support/database.ts";
import { ada } from "#tests/support/settings.ts";
import { event, subscription } from "#tests/support/stripe-objects.ts";

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

test("sweeps a share of very many that wait, and in turns all of them", async () => {
  await sql`insert into gateway_objects (gateway, mode, type, ref, synced_rung, waiting_for)
    select 'stripe', 'test', 'dispute', 'dp_many' || n, 1,
      case when n in (1, 15000) then 'payment:pi_' || n else 'cus_nobody' || n end
    from generate_series(1, 15000) n`;

  const turns = [await sweepWaiting(), await sweepWaiting(), await sweepWaiting()];

  expect(turns).toEqual([1, 1, 0]);
});

describe("an object that is rung again before it was answered", () => {
  const place = { gateway: "stripe", mode: "test" } as const;
  const rungAgain = { cause: "link", evenIfKnown: true };
  const hoursWaited = async (ref: string) => {
    const [row] = await sql<{ hours: number }[]>`
      select round(extract(epoch from now() - rung_at) / 3600)::int as hours
      from gateway_objects where ref = ${ref}`;
    return row?.hours;
  };
  const age = (ref: string) =>
    sql`update gateway_objects set rung_at = now() - interval '2 hours' where ref = ${ref}`;
  const rings = (ref: string) =>
    event("customer.subscription.updated", subscription({ id: ref, latest_invoice: null }));

  test("has waited since the first of these rings, whoever rang", async () => {
    await deliver(rings("sub_waits"));
    await age("sub_waits");

    await deliver(rings("sub_waits"));
    await db().transaction((tx) =>
      ring(tx, place, [{ type: "subscription", ref: "sub_waits" }], rungAgain),
    );

    expect(await hoursWaited("sub_waits")).toBe(2);
  });

  test("begins to wait anew when it was parked, or answered, before", async () => {
    await deliver(rings("sub_parked"));
    await age("sub_parked");
    await sql`update gateway_objects set parked_at = now() where ref = 'sub_parked'`;
    await deliver(rings("sub_answered"));
    await syncRef(sql, "subscription", "sub_answered");
    await age("sub_answered");

    await deliver(rings("sub_parked"));
    await deliver(rings("sub_answered"));

    expect([await hoursWaited("sub_parked"), await hoursWaited("sub_answered")]).toEqual([0, 0]);
  });

  test("begins to wait anew when a ring came in during the look at it", async () => {
    await deliver(rings("sub_busy"));
    await age("sub_busy");
    await sql`create function ring_busy() returns trigger language plpgsql as
      $$ begin update gateway_objects set rung = rung + 1 where ref = 'sub_busy'; return new; end $$`;
    await sql`create trigger ring_busy after insert on syncs for each row execute function ring_busy()`;

    await syncRef(sql, "subscription", "sub_busy");

    const [object] = await sql`
      select rung, synced_rung from gateway_objects where ref = 'sub_busy'`;
    expect(object).toMatchObject({ rung: 2, synced_rung: 1 });
    expect(await hoursWaited("sub_busy")).toBe(0);
    await sql`drop trigger ring_busy on syncs`;
  });
});
