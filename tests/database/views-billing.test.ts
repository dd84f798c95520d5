import { beforeEach, describe, expect, test } from "vitest";
import {
  findOrganizationDetail,
  listOrganizations,
  listPayments,
  listSubscriptions,
} from "#lib/billing/admin-views.ts";
import { findCustomer, listConflicts, listUnlinkedCustomers } from "#lib/billing/customer-views.ts";
import { listTierChanges, recentTierChanges, tracesOf } from "#lib/billing/history-views.ts";
import { findBillingPage } from "#lib/billing/page-views.ts";
import { findBilling, findInvoice, listInvoices } from "#lib/billing/views.ts";
import { newId } from "#lib/ids.ts";
import { useDatabase } from "#tests/support/database.ts";
import {
  administrator,
  customer,
  event,
  gatewayObject,
  invoice,
  member,
  organization,
  payment,
  subscription,
  sync,
  tier,
  tierChange,
} from "#tests/support/view-rows.ts";

const { sql } = await useDatabase();

beforeEach(async () => {
  await sql`truncate webhook_events, event_keys, gateway_objects, customers, organizations cascade`;
  await sql`delete from tiers where id <> 'tir_free'`;
});

/** Until so many statements wait for a lock. */
async function waiting(count: number): Promise<void> {
  for (let found = 0; found < count; ) {
    const [row] = await sql`
      select count(*)::int from pg_stat_activity
      where datname = current_database() and wait_event_type = 'Lock'`;
    found = row?.count ?? 0;
  }
}

const ids = (page: { rows: readonly { id: string }[] }) => page.rows.map((row) => row.id);

describe("what an organization sees of itself", () => {
  test("is its tier, its subscriptions and the invoice that is not paid, with the reason", async () => {
    const own = await organization({ name: "Acme" });
    await subscription({ organizationId: own.id, status: "canceled" });
    const late = await subscription({ organizationId: own.id, status: "past_due" });
    await subscription({ organizationId: own.id, mode: "live" });
    const open = await invoice({
      organizationId: own.id,
      subscriptionRef: late.ref,
      status: "open",
      amountRemainingMinor: 2900,
    });
    await payment({
      organizationId: own.id,
      invoiceRef: open.ref,
      status: "failed",
      failureMessage: "Your card was declined.",
    });

    const billing = await findBilling({ actor: member(own.id) }, "test");

    expect(billing?.organization).toMatchObject({ name: "Acme", tier: { code: "free" } });
    expect(billing?.subscriptions.map((held) => held.status)).toEqual(["past_due", "canceled"]);
    expect(billing?.subscriptions[0]?.id).toBe(late.id);
    expect(billing?.subscriptions[0]?.unpaid).toMatchObject({
      id: open.id,
      failureMessage: "Your card was declined.",
    });
  });

  test("is to pay what its subscription is overdue for, and neither a change nor what is over", async () => {
    const own = await organization();
    const over = await subscription({ organizationId: own.id, status: "canceled" });
    const late = await subscription({
      organizationId: own.id,
      status: "past_due",
      unpaidChange: { until: null, items: [], invoiceRef: "in_change" },
    });
    const open = { organizationId: own.id, status: "open", amountRemainingMinor: 2900 } as const;
    const on = (day: number) => new Date(Date.UTC(2026, 10, day));
    await invoice({ ...open, subscriptionRef: over.ref, issuedAt: on(1) });
    await invoice({ ...open, subscriptionRef: late.ref, ref: "in_change", issuedAt: on(2) });
    const owed = await invoice({ ...open, subscriptionRef: late.ref, issuedAt: on(3) });
    await invoice({ ...open, subscriptionRef: late.ref, issuedAt: on(4) });
    await invoice({ ...open, subscriptionRef: late.ref, issuedAt: null, status: "draft" });

    const billing = await findBilling({ actor: member(own.id) }, "test");

    expect(billing?.subscriptions.map(({ unpaid }) => unpaid?.id)).toEqual([owed.id, undefined]);
  });

  test("is as of one moment, also where a sync commits in the middle of reading", async () => {
    const own = await organization();
    const pro = await tier();
    await subscription({ organizationId: own.id, status: "incomplete" });
    const holding = await sql.reserve();
    await holding`begin`;
    await holding`lock table plans in access exclusive mode`;

    const reading = findBilling({ actor: member(own.id) }, "test");
    await waiting(1);
    await sql.begin(async (tx) => {
      await tx`update organizations set tier_id = ${pro.id} where id = ${own.id}`;
      await tx`update subscriptions set status = 'active' where organization_id = ${own.id}`;
    });
    await holding`commit`;
    holding.release();

    const before = await reading;
    expect(before?.organization.tier.code).toBe("free");
    expect(before?.subscriptions.map(({ status }) => status)).toEqual(["incomplete"]);
    const after = await findBilling({ actor: member(own.id) }, "test");
    expect(after?.organization.tier.id).toBe(pro.id);
    expect(after?.subscriptions.map(({ status }) => status)).toEqual(["active"]);
  });

  test("is on one page as of one moment: each plan with what is ahead of it, and what was paid", async () => {
    const own = await organization();
    const held = await subscription({ organizationId: own.id, status: "active" });
    await subscription({ organizationId: own.id, status: "canceled" });
    const asked = { commandId: undefined, invoices: 5, changes: 5 };
    const holding = await sql.reserve();
    await holding`begin`;
    await holding`lock table entitlements in access exclusive mode`;

    const reading = findBillingPage(member(own.id), asked);
    await waiting(1);
    await sql.begin(async (tx) => {
      await tx`update subscriptions set quantity = 7 where organization_id = ${own.id}`;
    });
    await invoice({ organizationId: own.id, status: "paid" });
    await holding`commit`;
    holding.release();

    const { billing, paid } = await reading;
    expect(billing?.subscriptions.map(({ quantity }) => quantity)).toEqual([1, 1]);
    expect(paid?.plans.map(({ subscription: { id, quantity } }) => ({ id, quantity }))).toEqual([
      { id: held.id, quantity: 1 },
    ]);
    expect(paid?.invoices.rows).toEqual([]);
    const after = await findBillingPage(member(own.id), asked);
    expect(after.paid?.plans[0]?.subscription.quantity).toBe(7);
    expect(after.paid?.invoices.rows).toHaveLength(1);
    expect((await findBillingPage(member(own.id, "member"), asked)).paid).toBeUndefined();
  });

  test("is without money for members who only use the product", async () => {
    const own = await organization();
    const { ref } = await subscription({ organizationId: own.id, status: "past_due" });
    const owed = { organizationId: own.id, subscriptionRef: ref, status: "open" } as const;
    await invoice({ ...owed, amountRemainingMinor: 1 });
    const reader = { actor: member(own.id, "member") };

    expect(await findBilling(reader, "test")).toMatchObject({
      subscriptions: [{ ref, unpaid: undefined }],
    });
    await expect(listInvoices(reader, "test")).rejects.toMatchObject({ code: "not_allowed" });
    await expect(findInvoice(reader, "ivc_1")).rejects.toMatchObject({ code: "not_allowed" });
  });

  test("is never another organization's", async () => {
    const [own, other] = [await organization(), await organization()];
    const theirs = await invoice({ organizationId: other.id });
    const pro = await tier();
    await tierChange({ organizationId: other.id, toTierId: pro.id });
    await subscription({ organizationId: other.id });
    await payment({ organizationId: other.id });
    const reader = { actor: member(own.id) };

    expect((await listInvoices(reader, "test")).rows).toEqual([]);
    expect(await findInvoice(reader, theirs.id)).toBeUndefined();
    expect((await listTierChanges(reader)).rows).toEqual([]);
    expect((await findBilling(reader, "test"))?.subscriptions).toEqual([]);
  });

  test("has invoices of one mode, issued, newest first, page by page", async () => {
    const own = await organization();
    const at = new Date("2026-11-03");
    const made = [];
    for (let i = 0; i < 5; i++) made.push(await invoice({ organizationId: own.id, issuedAt: at }));
    await invoice({ organizationId: own.id, mode: "live" });
    await invoice({ organizationId: own.id, status: "draft" });
    const reader = { actor: member(own.id, "billing") };

    const first = await listInvoices(reader, "test", { limit: 3 });
    const second = await listInvoices(reader, "test", { limit: 3, before: first.older ?? "" });

    const expected = made
      .map((row) => row.id)
      .sort()
      .reverse();
    expect([...ids(first), ...ids(second)]).toEqual(expected);
  });

  test("has a history whose causes an administrator can open", async () => {
    const own = await organization({ name: "Acme" });
    const pro = await tier();
    const object = await gatewayObject();
    const done = await sync({ objectId: object.id, ring: 4 });
    const stored = await event({ objectId: object.id, ring: 4 });
    const made = await tierChange({ organizationId: own.id, toTierId: pro.id, syncId: done.id });

    const [change] = (await listTierChanges({ actor: member(own.id) })).rows;
    const traces = await tracesOf(administrator, [done.id, null]);

    expect(change).toMatchObject({
      id: made.id,
      from: "Free",
      to: "Pro",
      because: expect.stringContaining("active on Pro"),
    });
    expect(traces.get(done.id)).toMatchObject({ objectId: object.id, eventId: stored.id });
    expect(await recentTierChanges(administrator)).toMatchObject([{ organization: "Acme" }]);
  });
});

describe("lists for administrators", () => {
  test("walk organizations by name both ways, same names included", async () => {
    for (const name of ["beta", "Alpha", "alpha", "Gamma", "beta"]) await organization({ name });
    const everything = ids(await listOrganizations(administrator));

    const first = await listOrganizations(administrator, {}, { limit: 2 });
    const second = await listOrganizations(
      administrator,
      {},
      { limit: 2, before: first.older ?? "" },
    );
    const third = await listOrganizations(
      administrator,
      {},
      { limit: 2, before: second.older ?? "" },
    );
    const back = await listOrganizations(administrator, {}, { limit: 2, after: third.newer ?? "" });

    expect([...ids(first), ...ids(second), ...ids(third)]).toEqual(everything);
    expect(ids(back)).toEqual(ids(second));
    expect(third.older).toBeNull();
  });

  test.each(["acme", "ACME GmbH", "acme-slug", "shop_42", "pay@acme.example"])(
    "find an organization by %s",
    async (search) => {
      await organization({ name: "Other" });
      const wanted = await organization({
        name: "Acme GmbH",
        slug: "acme-slug",
        reference: "shop_42",
        billingEmail: "pay@acme.example",
      });

      expect(ids(await listOrganizations(administrator, { search }))).toEqual([wanted.id]);
    },
  );

  test("take signs of a pattern as they are", async () => {
    await organization({ name: "Acme" });

    expect((await listOrganizations(administrator, { search: "%" })).rows).toEqual([]);
    expect((await listOrganizations(administrator, { search: "_cme" })).rows).toEqual([]);
    expect((await listOrganizations(administrator, { search: "\\" })).rows).toEqual([]);
  });

  test("show an organization with its members and customers", async () => {
    const own = await organization({ slug: "acme" });
    const linked = await customer({ organizationId: own.id });
    await customer();

    expect(await findOrganizationDetail(administrator, "acme")).toMatchObject({
      id: own.id,
      members: [],
      customers: [{ id: linked.id }],
    });
    expect(await findOrganizationDetail(administrator, "nobody")).toBeUndefined();
  });

  test("narrow subscriptions by status, plan and mode, and walk them", async () => {
    const own = await organization();
    const wanted = await subscription({ organizationId: own.id, status: "past_due" });
    await subscription({ status: "active" });
    await subscription({ status: "past_due", mode: "live" });

    expect(
      ids(await listSubscriptions(administrator, { mode: "test", status: "past_due" })),
    ).toEqual([wanted.id]);
    expect(
      ids(await listSubscriptions(administrator, { mode: "test", planId: "none" })),
    ).toHaveLength(2);
    const first = await listSubscriptions(administrator, { mode: "test" }, { limit: 1 });
    const second = await listSubscriptions(
      administrator,
      { mode: "test" },
      { limit: 1, before: first.older ?? "" },
    );
    expect(ids(second)).not.toEqual(ids(first));
    expect(second.older).toBeNull();
  });

  test("narrow payments, and refuse a place that was made up", async () => {
    const wanted = await payment({ status: "failed" });
    await payment();

    expect(ids(await listPayments(administrator, { mode: "test", status: "failed" }))).toEqual([
      wanted.id,
    ]);
    for (const before of ["x", "' or 1=1", "pay_", "PAY_1"]) {
      await expect(listPayments(administrator, { mode: "test" }, { before })).rejects.toMatchObject(
        {
          code: "invalid_input",
        },
      );
    }
  });
});

describe("customers", () => {
  test("without an organization are listed with what waits for them", async () => {
    const own = await organization();
    await customer({ organizationId: own.id });
    const unlinked = await customer({ ref: "cus_1" });
    await customer({ mode: "live" });
    const waiting = await gatewayObject({ waitingFor: "cus_1", ref: "sub_1" });
    await gatewayObject({ waitingFor: "cus_1", mode: "live" });

    const page = await listUnlinkedCustomers(administrator, "test");

    expect(page.rows).toMatchObject([
      { id: unlinked.id, waiting: [{ id: waiting.id, type: "subscription", ref: "sub_1" }] },
    ]);
  });

  test("show who claimed them besides their organization", async () => {
    const [own, claimer] = [
      await organization({ name: "Acme" }),
      await organization({ name: "Bolt" }),
    ];
    const linked = await customer({ organizationId: own.id });
    await sql`insert into link_conflicts (id, customer_id, claimed_organization_id, source, ref)
      values (${newId("alr")}, ${linked.id}, ${claimer.id}, 'checkout', 'cs_1')`;

    const conflicts = await listConflicts(administrator, "test");

    expect(conflicts).toMatchObject([{ owner: "Acme", claimed: { name: "Bolt" }, ref: "cs_1" }]);
    expect(await listConflicts(administrator, "live")).toEqual([]);
    expect(await findCustomer(administrator, linked.id)).toMatchObject({
      organization: { name: "Acme" },
      conflicts: [{ source: "checkout" }],
    });
    expect(await findCustomer(administrator, "cus_nobody")).toBeUndefined();
  });
});
