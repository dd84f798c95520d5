import { afterEach, beforeEach, describe, expect, test } from "vitest";
import { claimObjects } from "#lib/inbox/objects.ts";
import { lastFourOf, sealFor } from "#lib/sealing.ts";
import { connectionOf, resumeConnection } from "#lib/settings/secrets.ts";
import { startSyncing } from "#lib/worker/run.ts";
import { deliver, prepareBilling, settle, syncRef, tierOf, told } from "#tests/support/billing.ts";
import { useDatabase } from "#tests/support/database.ts";
import { fetchFrom, fetchFromStub, payloadsOnly } from "#tests/support/fetching.ts";
import { customer, dispute, event } from "#tests/support/stripe-objects.ts";
import {
  askedAbout,
  makeSubscriber,
  nobody,
  subscriptionOn,
  updated,
} from "#tests/support/subscriber.ts";

const database = await useDatabase();
const { sql } = database;
await prepareBilling(database);
const stub = await fetchFromStub();

const now = Math.floor(Date.now() / 1000);
let made = 0;
let it = nobody;

beforeEach(async () => {
  made += 1;
  it = await makeSubscriber(sql, `get${made}`);
  fetchFrom(stub);
  stub.recover();
  stub.delayAfterRead(0);
  await resumeConnection("stripe", "test");
});

afterEach(async () => {
  await sql`update gateway_objects set synced_rung = rung, parked_at = null`;
});

const on = (priceRef: string, changes: object = {}) => subscriptionOn(priceRef, it, changes);

test("lets one object that the key may not read hold up no other", async () => {
  stub.fail((request) => request.path.includes("/disputes/"), 403);
  const contested = dispute({ id: `dp_get${made}`, payment_intent: null, charge: null });
  await deliver(event("charge.dispute.created", contested, { created: now }));
  await syncRef(sql, "dispute", contested.id);

  stub.set(on("price_pro"));
  await deliver(updated(on("price_pro")));
  const claimed = await claimObjects(10);
  await sql`update gateway_objects set leased_until = null`;
  await syncRef(sql, "subscription", it.sub);

  expect(claimed).toHaveLength(1);
  expect(await tierOf(sql, it.org)).toBe("pro");
  expect(
    await sql`select 1 from alerts where kind = 'gateway_refused' and cleared_at is null`,
  ).toHaveLength(1);
});

test("tells an administrator of one object that the gateway answers wrongly for an hour", async () => {
  const alertsOpen = () =>
    sql`select 1 from alerts where kind = 'not_synced' and cleared_at is null`;
  stub.fail((request) => request.path.includes(it.sub), 500);
  await deliver(updated(on("price_pro")));
  await syncRef(sql, "subscription", it.sub);
  const atFirst = (await alertsOpen()).length;

  await sql`update gateway_objects set rung_at = now() - interval '2 hours' where ref = ${it.sub}`;
  await syncRef(sql, "subscription", it.sub);
  const later = (await alertsOpen()).length;
  stub.recover();
  stub.set(on("price_pro"));
  await syncRef(sql, "subscription", it.sub);

  expect([atFirst, later, (await alertsOpen()).length]).toEqual([0, 1, 0]);
});

test("stops asking with a key that is refused for everything", async () => {
  stub.fail(() => true, 401);
  for (let n = 0; n < 5; n++) {
    const one = on("price_pro", { id: `${it.sub}_${n}` });
    await deliver(updated(one));
    await syncRef(sql, "subscription", one.id);
  }

  const [connection] =
    await sql`select paused_until > now() as paused from gateway_connections where mode = 'test'`;
  expect(connection?.paused).toBe(true);
});

describe("an object that fails for our own fault", () => {
  const breakIt = async () => {
    await sql`create function refuse() returns trigger language plpgsql as
      $$ begin raise exception 'a bug'; end $$`;
    await sql`create trigger refuse before insert or update on subscriptions for each row
      execute function refuse()`;
  };
  const mendIt = async () => {
    await sql`drop trigger refuse on subscriptions`;
    await sql`drop function refuse`;
  };

  test("is not put aside while an event waits that has not been tried", async () => {
    stub.set(on("price_pro"));
    await deliver(updated(on("price_pro")));
    await sql`update gateway_objects set attempts = 4 where ref = ${it.sub}`;
    await breakIt();
    stub.delayAfterRead(200);
    const failing = syncRef(sql, "subscription", it.sub);
    await askedAbout(stub, it);
    const late = updated(on("price_pro"));
    await deliver(late);
    await failing;
    await mendIt();
    stub.delayAfterRead(0);

    const [row] = await sql`select parked_at from gateway_objects where ref = ${it.sub}`;
    expect(row?.parked_at).toBeNull();
    await sql`update gateway_objects set next_attempt_at = now()`;
    await settle(sql);
    expect((await told(sql, late.id))?.status).toBe("processed");
  });

  test("takes its alert down when it comes right by itself", async () => {
    stub.set(on("price_pro"));
    await deliver(updated(on("price_pro")));
    await sql`update gateway_objects set attempts = 4 where ref = ${it.sub}`;
    await breakIt();
    await syncRef(sql, "subscription", it.sub);
    await mendIt();
    const alertsOpen = () => sql`select 1 from alerts where kind = 'parked' and cleared_at is null`;
    const before = (await alertsOpen()).length;

    await deliver(updated(on("price_pro")));
    await settle(sql);

    expect(before).toBe(1);
    expect(await alertsOpen()).toHaveLength(0);
  });

  test("is not blamed when PostgreSQL cuts the connection", async () => {
    stub.set(on("price_pro"));
    await deliver(updated(on("price_pro")));
    await sql`update gateway_objects set attempts = 4 where ref = ${it.sub}`;
    await sql.begin(async (holder) => {
      await holder`select 1 from customers where ref = ${it.cus} for update`;
      const syncing = syncRef(sql, "subscription", it.sub);
      for (let cut = 0; cut === 0; ) {
        const rows = await sql`
          select pg_terminate_backend(pid) from pg_stat_activity
          where datname = current_database() and wait_event_type = 'Lock'`;
        cut = rows.length;
        await new Promise((done) => setTimeout(done, 20));
      }
      await syncing;
    });

    const [row] = await sql`select parked_at, attempts from gateway_objects where ref = ${it.sub}`;
    expect(row).toMatchObject({ parked_at: null, attempts: 4 });
    await sql`update gateway_objects set next_attempt_at = now()`;
    await settle(sql);
    expect(await tierOf(sql, it.org)).toBe("pro");
  });
});

test("asks the gateway as soon as another process has saved a key", async () => {
  payloadsOnly();
  await deliver(updated(on("price_pro")));
  await settle(sql);
  expect(await connectionOf("stripe", "test")).toBeUndefined();
  stub.set(on("price_business"));

  const [row] =
    await sql`select id from gateway_connections where gateway = 'stripe' and mode = 'test'`;
  const key = "sk_test_saved0123456789abcdef";
  await sql`update gateway_connections set api_base = ${stub.url}, api_key_last_four = ${lastFourOf(key)},
    api_key_sealed = ${sealFor("gateway_connections.api_key", row?.id, key)} where id = ${row?.id}`;
  await syncRef(sql, "subscription", it.sub);
  await sql`update gateway_connections set api_base = null, api_key_last_four = null,
    api_key_sealed = null where id = ${row?.id}`;

  expect(await tierOf(sql, it.org)).toBe("business");
});

test("does not take a customer for deleted because its discount was", async () => {
  stub.set(customer({ id: it.cus }));
  await deliver(event("customer.updated", customer({ id: it.cus }), { created: now }));
  await settle(sql);
  stub.remove(it.cus);

  const discount = { id: `di_${made}`, object: "discount", customer: it.cus };
  const ended = event("customer.discount.deleted", discount, { created: now + 1 });
  await deliver(ended);
  await settle(sql);

  const [row] = await sql`select deleted_at from customers where ref = ${it.cus}`;
  expect(row?.deleted_at).toBeNull();
  expect(await told(sql, ended.id)).toMatchObject({ code: "unknown_to_this_key" });
});

test("hears a hint that comes while it looks for work", async () => {
  const syncing = startSyncing(2);
  await new Promise((done) => setTimeout(done, 300));
  stub.set(on("price_pro"));
  const waits: number[] = [];
  for (let n = 0; n < 12; n++) {
    const started = performance.now();
    syncing.wake();
    const ringing = deliver(updated(on("price_pro", { quantity: n + 1 })));
    await ringing;
    syncing.wake();
    const [row] = await sql`select id from gateway_objects where ref = ${it.sub}`;
    for (;;) {
      const [due] =
        await sql`select 1 from gateway_objects where id = ${row?.id} and rung > synced_rung`;
      if (!due) break;
      await new Promise((done) => setTimeout(done, 5));
    }
    waits.push(performance.now() - started);
  }
  await syncing.stop();

  expect(Math.max(...waits)).toBeLessThan(900);
});
