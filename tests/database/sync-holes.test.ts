import { beforeEach, describe, expect, test } from "vitest";
import { linkCustomer } from "#lib/billing/commands.ts";
import { claimObjects } from "#lib/inbox/objects.ts";
import { sweepWaiting } from "#lib/inbox/ring.ts";
import { resumeConnection } from "#lib/settings/secrets.ts";
import { deliver, prepareBilling, settle, syncRef, tierOf, told } from "#tests/support/billing.ts";
import { useDatabase } from "#tests/support/database.ts";
import { fetchFrom, fetchFromStub, payloadsOnly } from "#tests/support/fetching.ts";
import { ada } from "#tests/support/settings.ts";
import {
  charge,
  checkoutSession,
  customer,
  dispute,
  event,
  invoice,
  paymentIntent,
  price,
  product,
  subscription,
  subscriptionItem,
} from "#tests/support/stripe-objects.ts";
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
  it = await makeSubscriber(sql, `hole${made}`);
  fetchFrom(stub);
  stub.recover();
  stub.delay(0);
  stub.delayAfterRead(0);
  await resumeConnection("stripe", "test");
});

const on = (priceRef: string, changes: object = {}) => subscriptionOn(priceRef, it, changes);

describe("the ring", () => {
  test("is heard again when an event arrives while its object is being fetched", async () => {
    stub.set(on("price_pro"));
    await deliver(updated(on("price_pro")));
    stub.delayAfterRead(150);
    const first = syncRef(sql, "subscription", it.sub);
    await askedAbout(stub, it);
    stub.set(on("price_business"));

    const late = updated(on("price_business"));
    await deliver(late);
    await first;
    const between = await told(sql, late.id);
    stub.delayAfterRead(0);
    await settle(sql);

    expect(between?.status).toBe("received");
    expect(await tierOf(sql, it.org)).toBe("business");
    expect((await told(sql, late.id))?.status).toBe("processed");
  });

  test("coalesces a burst of events about one object into few fetches", async () => {
    stub.set(on("price_pro"));
    const before = stub.requests.length;
    const burst = Array.from({ length: 11 }, () => updated(on("price_pro")));

    await Promise.all(burst.map((one) => deliver(one)));
    await settle(sql);

    expect(stub.requests.length - before).toBeLessThanOrEqual(3);
    for (const { id } of burst) expect((await told(sql, id))?.status).toBe("processed");
  });

  test("gives the same object to one worker only, and back when its lease ends", async () => {
    await deliver(updated(on("price_pro")));

    const claims = (await Promise.all([1, 2, 3, 4].map(() => claimObjects(10)))).flat();
    await sql`update gateway_objects set leased_until = now() - interval '1 second' where ref = ${it.sub}`;
    const again = await claimObjects(10);
    await sql`update gateway_objects set leased_until = null`;
    stub.set(on("price_pro"));
    await settle(sql);

    expect(new Set(claims).size).toBe(claims.length);
    expect(again).toHaveLength(1);
  });
});

test("throws away an answer that was overtaken by a newer one", async () => {
  stub.set(on("price_pro"));
  await deliver(updated(on("price_pro")));
  stub.delayAfterRead(300);
  const slow = syncRef(sql, "subscription", it.sub);
  await askedAbout(stub, it);
  stub.delayAfterRead(0);
  stub.set(on("price_business"));

  await syncRef(sql, "subscription", it.sub);
  await slow;

  expect(await tierOf(sql, it.org)).toBe("business");
});

test("ends on the right tier when many subscriptions of one organization sync at once", async () => {
  const subs = Array.from({ length: 30 }, (_, n) => `${it.sub}_${n}`);
  for (const [n, id] of subs.entries()) {
    const ended = n % 2 === 0;
    const item = subscriptionItem({
      price: price({ id: n % 3 ? "price_pro" : "price_business" }),
      subscription: id,
    });
    const one = subscription({
      id,
      customer: it.cus,
      latest_invoice: null,
      status: ended ? "canceled" : "active",
      items: { object: "list", data: [item], has_more: false },
    });
    stub.set(one);
    await deliver(event("customer.subscription.updated", one, { created: now }));
  }

  await Promise.all([settle(sql, 8), settle(sql, 8), settle(sql, 8)]);
  const whenBoth = await tierOf(sql, it.org);
  for (const id of subs) {
    stub.set(subscription({ id, customer: it.cus, status: "canceled", latest_invoice: null }));
    await deliver(
      event(
        "customer.subscription.deleted",
        subscription({ id, customer: it.cus, status: "canceled" }),
        { created: now + 1 },
      ),
    );
  }
  await Promise.all([settle(sql, 8), settle(sql, 8), settle(sql, 8)]);

  expect(whenBoth).toBe("business");
  expect(await tierOf(sql, it.org)).toBe("free");
});

test("loses no object that decides to wait while its customer is being linked", async () => {
  for (let n = 0; n < 12; n++) {
    const cus = `cus_race${n}`;
    const sub = subscription({ ...on("price_pro"), id: `sub_race${n}`, customer: cus });
    stub.set(sub, customer({ id: cus }));
    await sql`insert into customers (id, gateway, mode, ref) values (${cus}, 'stripe', 'test', ${cus})`;
    await deliver(event("customer.subscription.updated", sub, { created: now }));

    await Promise.all([
      syncRef(sql, "subscription", `sub_race${n}`),
      new Promise((done) => setTimeout(done, n * 2)).then(() =>
        linkCustomer(ada, { customerId: cus, organizationId: it.org }),
      ),
    ]);
  }
  await settle(sql);

  const [row] = await sql`
    select count(*)::int as owned from subscriptions where ref like 'sub_race%' and organization_id = ${it.org}`;
  expect(row?.owned).toBe(12);
});

test("sweeps up what waits although its customer is linked", async () => {
  stub.set(on("price_pro"));
  await deliver(updated(on("price_pro")));
  await settle(sql);
  await sql`update gateway_objects set waiting_for = ${it.cus}, synced_rung = rung where ref = ${it.sub}`;
  await sql`update subscriptions set status = 'unpaid' where ref = ${it.sub}`;

  const rung = await sweepWaiting();
  await settle(sql);

  expect(rung).toBe(1);
  const [row] = await sql`select status from subscriptions where ref = ${it.sub}`;
  expect(row?.status).toBe("active");
});

describe("a key that does not know an object", () => {
  test("changes nothing, shows the event amber, and is told after five in a row", async () => {
    stub.set(on("price_pro"));
    await deliver(updated(on("price_pro")));
    await settle(sql);
    stub.remove(it.sub);
    const events = Array.from({ length: 5 }, (_, n) =>
      event("customer.subscription.updated", on("price_pro", { id: `${it.sub}x${n}` }), {
        created: now,
      }),
    );

    const unknown = updated(on("price_business", { status: "canceled" }));
    await deliver(unknown);
    for (const one of events) await deliver(one);
    await settle(sql, 1);

    expect(await told(sql, unknown.id)).toMatchObject({
      status: "unknown",
      code: "unknown_to_this_key",
    });
    expect(await tierOf(sql, it.org)).toBe("pro");
    const alerts =
      await sql`select 1 from alerts where kind = 'unknown_to_this_key' and cleared_at is null`;
    expect(alerts).toHaveLength(1);
  });

  test("means gone only for a kind that the gateway deletes, and after it said so", async () => {
    stub.set(product({ id: `prod_${made}` }));
    await deliver(event("product.created", product({ id: `prod_${made}` }), { created: now }));
    await settle(sql);
    stub.remove(`prod_${made}`);

    await deliver(event("product.deleted", product({ id: `prod_${made}` }), { created: now + 1 }));
    await settle(sql);

    const [row] = await sql`select deleted_at from gateway_products where ref = ${`prod_${made}`}`;
    expect(row?.deleted_at).not.toBeNull();
  });
});

test("writes no row from a copy that another object's answer embeds", async () => {
  stub.set(on("price_business"));
  await deliver(updated(on("price_business")));
  await settle(sql);
  const stale = on("price_pro", { status: "canceled" });
  const page = checkoutSession({
    id: `cs_${made}`,
    customer: it.cus,
    subscription: stale as never,
    invoice: null,
    client_reference_id: it.org,
  });
  stub.set(page);

  await deliver(event("checkout.session.completed", page, { created: now + 1 }));
  await settle(sql);

  const [row] = await sql`select status, price_ref from subscriptions where ref = ${it.sub}`;
  expect(row).toMatchObject({ status: "active", price_ref: "price_business" });
});

describe("a gateway in trouble", () => {
  test("pauses the connection, not each object, when it asks for silence", async () => {
    stub.set(on("price_pro"));
    stub.fail(1, 429, { headers: { "retry-after": "60" } });
    await deliver(updated(on("price_pro")));

    await syncRef(sql, "subscription", it.sub);

    const [connection] = await sql`select paused_until > now() + interval '30 seconds' as paused
      from gateway_connections where mode = 'test'`;
    const [object] = await sql`select attempts from gateway_objects where ref = ${it.sub}`;
    expect(connection?.paused).toBe(true);
    expect(object?.attempts).toBe(0);
    expect(await claimObjects(10)).toEqual([]);
    await resumeConnection("stripe", "test");
    await sql`update gateway_objects set next_attempt_at = now() where ref = ${it.sub}`;
    await settle(sql);
    expect(await tierOf(sql, it.org)).toBe("pro");
  });

  test("never falls back to payloads when the key is refused", async () => {
    stub.fail((request) => request.path.includes(it.sub), 401);
    await deliver(updated(on("price_pro")));

    await syncRef(sql, "subscription", it.sub);

    expect(await tierOf(sql, it.org)).toBe("free");
    expect(await sql`select 1 from alerts where kind = 'gateway_refused'`).toHaveLength(1);
    stub.recover();
    stub.set(on("price_pro"));
    await resumeConnection("stripe", "test");
    await sql`update gateway_objects set next_attempt_at = now() where ref = ${it.sub}`;
    await settle(sql);
    expect(await tierOf(sql, it.org)).toBe("pro");
  });
});

test("finds the owner of a dispute whose payment becomes known later", async () => {
  payloadsOnly();
  const contested = dispute({
    id: `dp_${made}`,
    charge: `ch_${made}`,
    payment_intent: `pi_${made}`,
  });
  await deliver(event("charge.dispute.created", contested, { created: now }));
  await settle(sql);
  const [before] = await sql`select 1 from disputes where ref = ${contested.id}`;

  const intent = paymentIntent({ id: `pi_${made}`, customer: it.cus, latest_charge: `ch_${made}` });
  await deliver(event("payment_intent.succeeded", intent, { created: now }));
  await deliver(
    event(
      "charge.succeeded",
      charge({ id: `ch_${made}`, payment_intent: intent.id, customer: it.cus }),
      { created: now },
    ),
  );
  await settle(sql);

  const [after] = await sql`select organization_id from disputes where ref = ${contested.id}`;
  expect(before).toBeUndefined();
  expect(after?.organization_id).toBe(it.org);
});

test("notes one notice for a failed payment, however often and by however many workers it is heard", async () => {
  payloadsOnly();
  const failed = invoice({
    id: `in_${made}`,
    customer: it.cus,
    status: "open",
    amount_paid: 0,
    amount_remaining: 2900,
    attempt_count: 1,
    status_transitions: { finalized_at: now, paid_at: null, voided_at: null },
  });
  for (let n = 0; n < 6; n++) {
    await deliver(event("invoice.payment_failed", failed, { created: now + n }));
    await Promise.all([settle(sql), settle(sql)]);
  }

  const rows = await sql`select 1 from notices where object = ${`stripe:test:in_${made}`}`;
  expect(rows).toHaveLength(1);
});
