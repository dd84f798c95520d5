import { beforeEach, describe, expect, test } from "vitest";
import { linkCustomer, mapPrice, unlinkCustomer } from "#lib/billing/commands.ts";
import { sweepWaiting } from "#lib/inbox/ring.ts";
import { claimNotice } from "#lib/notices/store.ts";
import {
  deliver,
  makeOrganization,
  prepareBilling,
  settle,
  tierOf,
  told,
} from "#tests/support/billing.ts";
import { useDatabase } from "#tests/support/database.ts";
import { fetchFrom, fetchFromStub, payloadsOnly } from "#tests/support/fetching.ts";
import { ada } from "#tests/support/settings.ts";
import { event, invoice, invoiceLine, liveSecret } from "#tests/support/stripe-objects.ts";
import { makeSubscriber, nobody, subscriptionOn } from "#tests/support/subscriber.ts";

const database = await useDatabase();
const { sql } = database;
await prepareBilling(database);
const stub = await fetchFromStub();

const now = Math.floor(Date.now() / 1000);
let made = 0;
let it = nobody;

beforeEach(async () => {
  made += 1;
  it = await makeSubscriber(sql, `pay${made}`);
  payloadsOnly();
});

const on = (priceRef: string, changes: object = {}) => subscriptionOn(priceRef, it, changes);

function lineOf(priceRef: string) {
  return invoiceLine({
    id: `il_${made}_${priceRef}`,
    parent: {
      subscription_item_details: { proration: false, subscription: it.sub },
      type: "subscription_item_details",
    },
    pricing: { price_details: { price: priceRef, product: "prod_1" }, type: "price_details" },
  });
}

function bill(priceRefs: readonly string[], changes: object = {}) {
  return invoice({
    id: `in_pay${made}`,
    customer: it.cus,
    parent: { subscription_details: { subscription: it.sub }, type: "subscription_details" },
    lines: { object: "list", data: priceRefs.map(lineOf), has_more: false },
    status_transitions: { finalized_at: now, paid_at: now, voided_at: null },
    ...changes,
  });
}

test("ends the same for two events of one second, whatever language the database sorts in", async () => {
  await sql`alter table webhook_events alter column event_ref type text collate "und-x-icu"`;
  const lower = event("customer.subscription.updated", on("price_pro"), {
    id: `evt_${made}a`,
    created: now,
  });
  const upper = event("customer.subscription.updated", on("price_business"), {
    id: `evt_${made}B`,
    created: now,
  });
  await deliver(lower);
  await settle(sql);
  await deliver(upper);
  await settle(sql);
  const upperLast = await tierOf(sql, it.org);

  it = await makeSubscriber(sql, `pay${made}_2`);
  const late = { created: now };
  await deliver(
    event("customer.subscription.updated", on("price_business"), { ...late, id: `evt_${made}_2B` }),
  );
  await settle(sql);
  await deliver(
    event("customer.subscription.updated", on("price_pro"), { ...late, id: `evt_${made}_2a` }),
  );
  await settle(sql);
  const lowerLast = await tierOf(sql, it.org);
  await sql`alter table webhook_events alter column event_ref type text collate "default"`;

  expect(upperLast).toBe(lowerLast);
});

describe("a subscription that only its invoice tells of", () => {
  test("is on the plan that one of the lines sells, whatever else is on the invoice", async () => {
    await deliver(event("invoice.paid", bill(["price_addon", "price_pro"]), { created: now }));
    await settle(sql);

    expect(await tierOf(sql, it.org)).toBe("pro");
  });

  test("keeps what was fetched of it after the key is gone", async () => {
    fetchFrom(stub);
    stub.set(on("price_pro", { status: "canceled", ended_at: now }), bill(["price_pro"]));
    await deliver(event("invoice.paid", bill(["price_pro"]), { created: now }));
    await settle(sql);
    const [before] =
      await sql`select status, is_provisional from subscriptions where ref = ${it.sub}`;

    payloadsOnly();
    await mapPrice(ada, {
      gateway: "stripe",
      mode: "test",
      priceRef: "price_pro",
      planId: "pln_pro",
    });
    await settle(sql);

    const [after] =
      await sql`select status, is_provisional from subscriptions where ref = ${it.sub}`;
    expect(before).toMatchObject({ status: "canceled", is_provisional: false });
    expect(after).toEqual(before);
    expect(await tierOf(sql, it.org)).toBe("free");
  });

  test("follows its customer to another organization after the key is gone", async () => {
    fetchFrom(stub);
    stub.set(on("price_pro"), bill(["price_pro"]));
    await deliver(event("invoice.paid", bill(["price_pro"]), { created: now }));
    await settle(sql);
    payloadsOnly();

    await unlinkCustomer(ada, { customerId: it.cus, reason: "wrong company" });
    await settle(sql);
    const between = await tierOf(sql, it.org);
    await makeOrganization(sql, `${it.org}_next`);
    await linkCustomer(ada, { customerId: it.cus, organizationId: `${it.org}_next` });
    await settle(sql);

    expect(between).toBe("free");
    expect(await tierOf(sql, `${it.org}_next`)).toBe("pro");
  });
});

test("does not ring an object again and again whose payload stays unreadable", async () => {
  await sql`update customers set organization_id = null, link_source = null where ref = ${it.cus}`;
  await deliver(event("invoice.updated", bill(["price_pro"]), { created: now }));
  await settle(sql);
  const broken = event("invoice.updated", bill(["price_pro"], { total: 0.5 }), {
    created: now + 1,
  });
  await deliver(broken);
  await settle(sql);
  await linkCustomer(ada, { customerId: it.cus, organizationId: it.org });
  await settle(sql);

  const rung = await sweepWaiting();

  expect((await told(sql, broken.id))?.status).toBe("failed");
  expect(rung).toBe(0);
});

describe("notices", () => {
  const failed = () =>
    bill(["price_pro"], {
      status: "open",
      amount_paid: 0,
      amount_remaining: 2900,
      attempt_count: 1,
    });
  const noticesAbout = (ref: string) => sql`select 1 from notices where object like ${`%:${ref}`}`;

  test("are not made of a mode that the deployment does not run in", async () => {
    await sql`insert into customers (id, gateway, mode, ref, organization_id, link_source)
      values (${`${it.cus}_live`}, 'stripe', 'live', ${it.cus}, ${it.org}, 'administrator')`;
    const other = event("invoice.payment_failed", failed(), { created: now, livemode: true });
    await deliver(other, liveSecret.secret);
    await settle(sql);

    const rows = await sql`select 1 from invoices where ref = ${`in_pay${made}`} and mode = 'live'`;
    expect(rows).toHaveLength(1);
    expect(await noticesAbout(`in_pay${made}`)).toHaveLength(0);
  });

  test("tell of a trial's end although our clock is a little behind Stripe's", async () => {
    const ends = Math.floor(Date.now() / 1000) + 3 * 86_400 + 30;
    const trial = on("price_pro", { status: "trialing", trial_end: ends });
    await deliver(event("customer.subscription.trial_will_end", trial, { created: now }));
    await settle(sql);

    expect(await noticesAbout(it.sub)).toHaveLength(1);
  });

  test("are not sent to an organization that the bill does not belong to any more", async () => {
    await deliver(event("invoice.payment_failed", failed(), { created: now }));
    await settle(sql);
    await unlinkCustomer(ada, { customerId: it.cus, reason: "wrong company" });

    const [notice] = await sql`select id from notices where organization_id = ${it.org}`;
    const claim = await claimNotice(notice?.id);

    const [after] = await sql`select dropped_because from notices where id = ${notice?.id}`;
    expect(claim.state).toBe("settled");
    expect(after?.dropped_because).toMatch(/organization/);
    expect(after?.dropped_because).not.toMatch(/no owner/);
  });

  test("do not say that a subscription ended which never began", async () => {
    const expired = on("price_pro", { status: "incomplete_expired", ended_at: now });
    await deliver(event("customer.subscription.updated", expired, { created: now }));
    await settle(sql);

    expect(await noticesAbout(it.sub)).toHaveLength(0);
  });
});
