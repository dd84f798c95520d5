import { beforeEach, describe, expect, test } from "vitest";
import { recomputeDue } from "#lib/billing/clock.ts";
import { linkCustomer, mapPrice, unlinkCustomer } from "#lib/billing/commands.ts";
import { entitlementsOf } from "#lib/billing/entitlements.ts";
import { previewReplay, replayEvent } from "#lib/inbox/commands.ts";
import {
  deliver,
  makeOrganization,
  prepareBilling,
  settle,
  tierOf,
  told,
} from "#tests/support/billing.ts";
import { useDatabase } from "#tests/support/database.ts";
import { ada } from "#tests/support/settings.ts";
import {
  checkoutSession,
  event,
  invoice,
  invoiceLine,
  liveSecret,
} from "#tests/support/stripe-objects.ts";
import { subscriptionOn } from "#tests/support/subscriber.ts";

const database = await useDatabase();
const { sql } = database;
await prepareBilling(database);

let made = 0;
/** Names of a customer's things that no other test uses. */
function names() {
  made += 1;
  const n = String(made);
  return { org: `org_acme${n}`, cus: `cus_${n}`, sub: `sub_${n}`, cs: `cs_${n}`, inv: `in_${n}` };
}

const now = Math.floor(Date.now() / 1000);

function checkoutOf(of: { org: string; cus: string; sub: string; cs: string }, changes = {}) {
  return checkoutSession({
    id: of.cs,
    customer: of.cus,
    subscription: of.sub,
    invoice: null,
    client_reference_id: of.org,
    ...changes,
  });
}

let it = names();
beforeEach(async () => {
  it = names();
  await makeOrganization(sql, it.org);
});

describe("a subscription's life", () => {
  test("moves the organization's tier from checkout to cancellation", async () => {
    const tiers: string[] = [];
    const step = async (type: string, object: object, created: number) => {
      await deliver(event(type, object as never, { created }));
      await settle(sql);
      tiers.push(await tierOf(sql, it.org));
    };

    await step("checkout.session.completed", checkoutOf(it), now);
    await step("customer.subscription.created", subscriptionOn("price_pro", it), now + 1);
    await step("customer.subscription.updated", subscriptionOn("price_business", it), now + 2);
    await step(
      "customer.subscription.deleted",
      subscriptionOn("price_business", it, { status: "canceled", ended_at: now + 3 }),
      now + 3,
    );

    expect(tiers).toEqual(["free", "pro", "business", "free"]);
  });

  test("tells what each event did, in words", async () => {
    await deliver(event("checkout.session.completed", checkoutOf(it), { created: now }));
    const updated = event("customer.subscription.updated", subscriptionOn("price_pro", it), {
      created: now,
    });
    await deliver(updated);
    await settle(sql);

    const [row] = await sql`
      select s.changes from webhook_events e join syncs s on s.id = e.sync_id
      where e.event_ref = ${updated.id}`;

    expect(row?.changes).toContainEqual(
      expect.objectContaining({ field: "tier", before: "Free", after: "Pro" }),
    );
    expect(await told(sql, updated.id)).toMatchObject({ status: "processed", reason: null });
  });

  test("tells a repeat of the same state that it is true already, and an older one that it is older", async () => {
    await deliver(event("checkout.session.completed", checkoutOf(it), { created: now }));
    await deliver(
      event("customer.subscription.updated", subscriptionOn("price_pro", it), { created: now + 5 }),
    );
    await settle(sql);
    const same = event("customer.subscription.updated", subscriptionOn("price_pro", it), {
      created: now + 6,
    });
    const older = event("customer.subscription.updated", subscriptionOn("price_business", it), {
      created: now + 1,
    });

    await deliver(same);
    await settle(sql);
    await deliver(older);
    await settle(sql);

    expect(await told(sql, same.id)).toMatchObject({ code: "already_true" });
    expect((await told(sql, same.id))?.reason).toMatch(/^Already true since sync syn_/);
    expect(await told(sql, older.id)).toMatchObject({ code: "older_than_known" });
    expect(await tierOf(sql, it.org)).toBe("pro");
  });
});

describe("the smallest checkout that a gateway sends", () => {
  test("links the customer and waits for the subscription", async () => {
    const seed = {
      id: `evt_seed_${it.cus}`,
      object: "event",
      api_version: "2024-06-20",
      created: now,
      type: "checkout.session.completed",
      data: {
        object: { id: it.cs, customer: it.cus, subscription: it.sub, client_reference_id: it.org },
      },
    };

    await deliver(seed as never);
    await settle(sql);

    const [customer] = await sql`select organization_id from customers where ref = ${it.cus}`;
    expect(customer?.organization_id).toBe(it.org);
    expect(await told(sql, seed.id)).toMatchObject({
      status: "processed",
      code: "waiting_for_subscription",
    });
  });

  test("activates where the session's metadata names the plan", async () => {
    await deliver(
      event("checkout.session.completed", checkoutOf(it, { metadata: { plan: "pro" } }), {
        created: now,
      }),
    );
    await settle(sql);

    expect(await tierOf(sql, it.org)).toBe("pro");
  });

  test("activates where an invoice line names the price", async () => {
    const line = invoiceLine({
      parent: {
        subscription_item_details: { proration: false, subscription: it.sub },
        type: "subscription_item_details",
      },
      pricing: {
        price_details: { price: "price_business", product: "prod_1" },
        type: "price_details",
      },
    });
    const paid = invoice({
      id: it.inv,
      customer: it.cus,
      parent: { subscription_details: { subscription: it.sub }, type: "subscription_details" },
      lines: { object: "list", data: [line], has_more: false },
    });

    await deliver(event("invoice.paid", paid, { created: now }));
    await deliver(event("checkout.session.completed", checkoutOf(it), { created: now }));
    await settle(sql);

    expect(await tierOf(sql, it.org)).toBe("business");
  });
});

describe("an event about a customer that nobody owns yet", () => {
  test("waits with its reason, and is processed by itself when a checkout links the customer", async () => {
    const early = event("customer.subscription.created", subscriptionOn("price_pro", it), {
      created: now,
    });
    await deliver(early);
    await settle(sql);
    const waiting = await told(sql, early.id);

    await deliver(event("checkout.session.completed", checkoutOf(it), { created: now }));
    await settle(sql);

    expect(waiting).toMatchObject({ status: "unmatched", code: "unknown_customer" });
    expect(await told(sql, early.id)).toMatchObject({ status: "processed" });
    expect(await tierOf(sql, it.org)).toBe("pro");
  });

  test("is processed by itself when an administrator links the customer by hand", async () => {
    await deliver(
      event("customer.subscription.created", subscriptionOn("price_pro", it), { created: now }),
    );
    await settle(sql);
    const [customer] = await sql`select id from customers where ref = ${it.cus}`;

    await linkCustomer(ada, { customerId: customer?.id, organizationId: it.org });
    await settle(sql);

    expect(await tierOf(sql, it.org)).toBe("pro");
  });

  test("is not linked again by a claim after an administrator unlinked it", async () => {
    await deliver(event("checkout.session.completed", checkoutOf(it), { created: now }));
    await deliver(
      event("customer.subscription.updated", subscriptionOn("price_pro", it), { created: now }),
    );
    await settle(sql);
    const [customer] = await sql`select id from customers where ref = ${it.cus}`;

    await unlinkCustomer(ada, { customerId: customer?.id, reason: "wrong Acme" });
    await settle(sql);
    await deliver(event("checkout.session.completed", checkoutOf(it), { created: now + 9 }));
    await settle(sql);

    expect(await tierOf(sql, it.org)).toBe("free");
    const [after] = await sql`select organization_id from customers where ref = ${it.cus}`;
    expect(after?.organization_id).toBeNull();
  });

  test("keeps a customer where it is linked when another checkout claims it", async () => {
    const other = names();
    await makeOrganization(sql, other.org);
    await deliver(event("checkout.session.completed", checkoutOf(it), { created: now }));
    await settle(sql);
    const hijack = event(
      "checkout.session.completed",
      checkoutOf({ ...it, cs: other.cs, org: other.org }),
      { created: now + 1 },
    );

    await deliver(hijack);
    await settle(sql);

    const [customer] = await sql`select id, organization_id from customers where ref = ${it.cus}`;
    expect(customer?.organization_id).toBe(it.org);
    expect(await told(sql, hijack.id)).toMatchObject({ code: "link_conflict" });
    const conflicts = await sql`select 1 from link_conflicts where customer_id = ${customer?.id}`;
    expect(conflicts).toHaveLength(1);
  });
});

test("leaves the tier as it is for a price in no plan, until the price is put into one", async () => {
  const priceRef = `price_unknown_${it.cus}`;
  await deliver(event("checkout.session.completed", checkoutOf(it), { created: now }));
  const unmapped = event("customer.subscription.created", subscriptionOn(priceRef, it), {
    created: now,
  });
  await deliver(unmapped);
  await settle(sql);
  const before = { tier: await tierOf(sql, it.org), told: await told(sql, unmapped.id) };

  const { organizations } = await mapPrice(ada, {
    gateway: "stripe",
    mode: "test",
    priceRef,
    planId: "pln_pro",
  });
  await settle(sql);

  expect(before.tier).toBe("free");
  expect(before.told).toMatchObject({
    status: "unmatched",
    code: "price_in_no_plan",
    reason: `${priceRef} is in no plan, so the tier stays as it is.`,
  });
  expect(organizations).toBe(1);
  expect(await tierOf(sql, it.org)).toBe("pro");
  expect(await told(sql, unmapped.id)).toMatchObject({ status: "processed" });
});

describe("time", () => {
  test("keeps a past-due organization on its plan while grace runs, and drops it when grace ends", async () => {
    await deliver(event("checkout.session.completed", checkoutOf(it), { created: now }));
    await deliver(
      event(
        "customer.subscription.updated",
        subscriptionOn("price_pro", it, { status: "past_due" }),
        {
          created: now,
        },
      ),
    );
    await settle(sql);
    const during = await tierOf(sql, it.org);

    await sql`update subscriptions set past_due_since = now() - interval '90 days' where ref = ${it.sub}`;
    await sql`update organizations set tier_valid_until = now() - interval '1 second' where id = ${it.org}`;
    await recomputeDue();

    expect(during).toBe("pro");
    expect(await tierOf(sql, it.org)).toBe("free");
    const [change] = await sql`
      select cause, because from tier_changes where organization_id = ${it.org} order by at desc limit 1`;
    expect(change?.cause).toBe("time");
    expect(change?.because).toMatch(/past due and its grace ended/);
  });

  test("recomputes an expired tier when it is read", async () => {
    await deliver(event("checkout.session.completed", checkoutOf(it), { created: now }));
    await deliver(
      event(
        "customer.subscription.updated",
        subscriptionOn("price_pro", it, { cancel_at: now + 3600 }),
        {
          created: now,
        },
      ),
    );
    await settle(sql);
    await sql`update subscriptions set cancel_at = now() - interval '1 minute' where ref = ${it.sub}`;
    await sql`update organizations set tier_valid_until = now() - interval '1 minute' where id = ${it.org}`;

    const { tier } = await entitlementsOf(it.org);

    expect(tier.code).toBe("free");
  });
});

test("leaves tiers alone for the mode that the deployment does not run in, but keeps the records", async () => {
  await deliver(
    event(
      "checkout.session.completed",
      checkoutOf(it, { metadata: { plan: "pro" }, livemode: true }),
      { created: now, livemode: true },
    ),
    liveSecret.secret,
  );
  await settle(sql);

  expect(await tierOf(sql, it.org)).toBe("free");
  const rows = await sql`select mode, status from subscriptions where ref = ${it.sub}`;
  expect(rows).toMatchObject([{ mode: "live", status: "active" }]);
});

test("replays an event without any effect twice, and previews without any effect at all", async () => {
  await deliver(event("checkout.session.completed", checkoutOf(it), { created: now }));
  await deliver(
    event("customer.subscription.updated", subscriptionOn("price_pro", it), { created: now }),
  );
  await settle(sql);
  const [stored] = await sql`
    select id from webhook_events where type = 'customer.subscription.updated' order by id desc limit 1`;
  await sql`update subscriptions set status = 'unpaid' where ref = ${it.sub}`;

  const preview = await previewReplay(ada, { eventId: stored?.id });
  const [untouched] = await sql`select status from subscriptions where ref = ${it.sub}`;
  await replayEvent(ada, { eventId: stored?.id });

  expect(preview?.changes).toContainEqual(
    expect.objectContaining({ field: "status", before: "unpaid", after: "active" }),
  );
  expect(untouched?.status).toBe("unpaid");
  const [mended] = await sql`select status from subscriptions where ref = ${it.sub}`;
  expect(mended?.status).toBe("active");
  const changes = await sql`select 1 from tier_changes where organization_id = ${it.org}`;
  expect(changes).toHaveLength(1);
});

test("takes a draft invoice that was deleted at the gateway for void", async () => {
  await deliver(event("checkout.session.completed", checkoutOf(it), { created: now }));
  const draft = invoice({
    id: it.inv,
    customer: it.cus,
    status: "draft",
    parent: null,
    number: null,
  });
  await deliver(event("invoice.created", draft, { created: now }));
  await settle(sql);

  await deliver(event("invoice.deleted", draft, { created: now + 1 }));
  await settle(sql);

  const [row] = await sql`select status from invoices where ref = ${it.inv}`;
  expect(row?.status).toBe("void");
});
