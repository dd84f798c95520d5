import { createServer } from "node:http";
import type { AddressInfo } from "node:net";
import { afterAll, beforeEach, describe, expect, test } from "vitest";
import { linkCustomer, unlinkCustomer } from "#lib/billing/commands.ts";
import { reloadConfig } from "#lib/config.ts";
import { pauseImport, resumeImport, startImport, stopImport } from "#lib/imports/commands.ts";
import { goOn } from "#lib/imports/run.ts";
import { awaited } from "#lib/imports/store.ts";
import { listLeft } from "#lib/imports/views.ts";
import { advance } from "#lib/imports/walk.ts";
import { forgetSecrets } from "#lib/settings/secrets.ts";
import { makeOrganization, prepareBilling, settle, tierOf } from "#tests/support/billing.ts";
import { askNobody } from "#tests/support/commanding.ts";
import { useDatabase } from "#tests/support/database.ts";
import {
  imported,
  linkOf,
  living,
  PLACE,
  placesAsked,
  reasons,
  seen,
  start,
  walk,
} from "#tests/support/importing.ts";
import { type Box, KEY, startSandbox } from "#tests/support/sandbox.ts";
import { subscribed } from "#tests/support/sandbox-subscriber.ts";
import { ada, jobsOf } from "#tests/support/settings.ts";

const database = await useDatabase();
const { sql } = database;
await prepareBilling(database);
let box: Box;
let price = "";

beforeEach(async () => {
  await sql`truncate gateway_prices, gateway_products, subscriptions, invoices, payments, customers,
    checkouts, gateway_objects, syncs, event_keys, webhook_events, imports, alerts, members,
    audit_entries, organizations cascade`;
  await sql`delete from users where id <> 'usr_ada'`;
  await sql`delete from pgboss.job`;
  await sql`update gateway_connections set paused_until = null`;
  await box?.close();
  box = await startSandbox();
  reloadConfig({ STRIPE_SECRET_KEY: KEY, STRIPE_API_BASE: box.url });
  forgetSecrets();
  price = await priced();
});

afterAll(async () => {
  await box.close();
  askNobody();
});

describe("a customer is matched", () => {
  beforeEach(async () => {
    await makeOrganization(sql, "org_acme");
    await makeOrganization(sql, "org_other");
  });

  test("by the reference of its checkout, and gets the tier by the ordinary sync", async () => {
    await subscribed(box, price, "org_acme");

    const { counts } = await imported();

    expect(counts).toMatchObject({ customers: 1, byMetadata: 1, left: 0 });
    expect(await tierOf(sql, "org_acme")).toBe("pro");
    const [sync] = await sql`select distinct cause from syncs where outcome = 'changed'
      and cause not in ('related', 'link')`;
    expect(sync).toEqual({ cause: "import" });
  });

  test.each(["told", "metadata"] as const)("by what its %s says", async (where) => {
    const ref = await living(box, price, { [where]: { organization_id: "org_acme" } });

    await imported();

    expect(await linkOf(sql, ref)).toEqual({
      whose: "org_acme",
      how: where === "told" ? "subscription_metadata" : "customer_metadata",
    });
    expect(await tierOf(sql, "org_acme")).toBe("pro");
  });

  test("by the product's own reference", async () => {
    await sql`update organizations set reference = 'customer-42' where id = 'org_acme'`;
    const ref = await living(box, price, { metadata: { organization: "customer-42" } });

    await imported();

    expect(await linkOf(sql, ref)).toMatchObject({ whose: "org_acme" });
  });

  test.each(["billing address", "owner", "billing member"])(
    "by the e-mail of its %s",
    async (of) => {
      if (of === "billing address") {
        await sql`update organizations set billing_email = 'ana@acme.example' where id = 'org_acme'`;
      } else await person("ana@acme.example", "org_acme", of === "owner" ? "owner" : "billing");
      const ref = await living(box, price, { email: "Ana@Acme.example" });

      const { counts } = await imported();

      expect(await linkOf(sql, ref)).toEqual({ whose: "org_acme", how: "import_email" });
      expect(await tierOf(sql, "org_acme")).toBe("pro");
      expect(counts).toMatchObject({ byEmail: 1, left: 0 });
      const [deed] = await sql`select * from audit_entries where action = 'customer.link'`;
      expect(deed).toMatchObject({ actor_label: "Ada", subject: ref, organization_id: "org_acme" });
    },
  );

  test("by metadata rather than by e-mail, where both say something", async () => {
    await person("ana@acme.example", "org_other", "owner");
    const told = { organization_id: "org_acme" };
    const ref = await living(box, price, { email: "ana@acme.example", told });

    await imported();

    expect(await linkOf(sql, ref)).toMatchObject({ whose: "org_acme" });
  });
});

describe("a customer is left, with the reason", () => {
  beforeEach(async () => {
    await makeOrganization(sql, "org_acme");
    await makeOrganization(sql, "org_other");
  });

  test("where nothing names its organization", async () => {
    const unknown = await living(box, price, { email: "eve@example.com" });
    const nameless = await living(box, price);

    expect(await imported()).toMatchObject({ counts: { customers: 2, left: 2 } });
    expect(await reasons()).toEqual({
      [unknown]: expect.stringContaining("none here has the address eve@example.com"),
      [nameless]: expect.stringContaining("it has no e-mail address"),
    });
  });

  test("where its address is that of several organizations", async () => {
    await person("ana@acme.example", "org_acme", "owner");
    await sql`update organizations set billing_email = 'ana@acme.example' where id = 'org_other'`;
    const ref = await living(box, price, { email: "ana@acme.example" });

    await imported(true);

    expect(await reasons()).toEqual({ [ref]: expect.stringContaining("acme, other") });
    expect(await sql`select from organizations`).toHaveLength(2);
  });

  test("where its address is only that of a plain member", async () => {
    await person("ana@acme.example", "org_acme", "member");
    const ref = await living(box, price, { email: "ana@acme.example" });

    await imported();

    expect(await linkOf(sql, ref)).toMatchObject({ whose: null });
  });

  test("where its metadata names nobody here, whatever its address says", async () => {
    await person("ana@acme.example", "org_acme", "owner");
    const told = { organization: "customer-43" };
    const ref = await living(box, price, { email: "ana@acme.example", told });

    await imported();

    expect(await reasons()).toEqual({ [ref]: expect.stringContaining("It names “customer-43”") });
  });

  test("where an administrator unlinked it", async () => {
    await person("ana@acme.example", "org_acme", "owner");
    const ref = await living(box, price, { email: "ana@acme.example" });
    await imported();
    const [row] = await sql<{ id: string }[]>`select id from customers where ref = ${ref}`;
    await unlinkCustomer(ada, { customerId: row?.id ?? "", reason: "not theirs" });

    await imported(true);

    expect(await reasons()).toEqual({ [ref]: expect.stringContaining("unlinked") });
    expect(await tierOf(sql, "org_acme")).toBe("free");
  });

  test("and leaves the report when it is linked by hand, with its subscription", async () => {
    const ref = await living(box, price, { email: "eve@example.com" });
    const view = await imported();
    const { rows } = await listLeft(ada, view);
    expect(rows).toMatchObject([{ ref, subscriptions: 1 }]);

    const customerId = rows[0]?.customerId ?? "";
    await linkCustomer(ada, { customerId, organizationId: "org_other" });
    await settle(sql);

    expect(await reasons()).toEqual({});
    expect(await tierOf(sql, "org_other")).toBe("pro");
  });
});

describe("where organizations are made", () => {
  test("each customer that matches none gets one, with its name and address", async () => {
    const ref = await living(box, price, { email: "Eve@Example.com", name: "Eve\u202e Ltd" });

    const { counts } = await imported(true);

    const link = await linkOf(sql, ref);
    expect(link?.how).toBe("import_made");
    expect(await tierOf(sql, link?.whose ?? "")).toBe("pro");
    expect(await sql`select name, billing_email as email from organizations`).toEqual([
      { name: "Eve Ltd", email: "eve@example.com" },
    ]);
    expect(counts).toMatchObject({ made: 1, left: 0 });
    expect(await jobsOf(sql, "mail.send")).toEqual([]);
  });

  test("customers with one address share one, and so do those that name one reference", async () => {
    const alike = [];
    for (let n = 0; n < 2; n++) alike.push(await living(box, price, { email: "eve@example.com" }));
    const named = [];
    const told = { organization: "customer-42" };
    for (let n = 0; n < 2; n++) named.push(await living(box, price, { told }));

    await imported(true);

    const whose = async (refs: string[]) =>
      new Set(await Promise.all(refs.map(async (ref) => (await linkOf(sql, ref))?.whose)));
    expect((await whose(alike)).size).toBe(1);
    expect((await whose(named)).size).toBe(1);
    expect(await sql`select reference from organizations where reference is not null`).toEqual([
      { reference: "customer-42" },
    ]);
    expect(await sql`select from organizations`).toHaveLength(2);
  });

  test("a name that looks like our own id makes none", async () => {
    const ref = await living(box, price, { metadata: { organization_id: "org_elsewhere" } });

    await imported(true);

    expect(await reasons()).toEqual({ [ref]: expect.stringContaining("org_elsewhere") });
    expect(await sql`select from organizations`).toHaveLength(0);
  });
});

test("the report is read page by page, whatever ids the merchant chose for customers", async () => {
  const refs = ["anna@x.test", "bo b", "c.1"];
  await sql`insert into imports (id, gateway, mode, makes_organizations, asked_by, finished_at)
    values ('imp_own', 'stripe', 'test', false, '{"label": "Ada"}', now())`;
  await sql`insert into import_customers (import_id, ref) select 'imp_own', unnest(${refs}::text[])`;
  const read: string[] = [];

  for (let place: string | null | undefined; place !== null; ) {
    const request = { limit: 1, ...(place && { before: place }) };
    const page = await listLeft(ada, { id: "imp_own", ...PLACE }, request);
    read.push(...page.rows.map(({ ref }) => ref));
    place = page.older;
  }

  expect(read.sort()).toEqual(refs);
});

test("a second import changes nothing, and says so", async () => {
  await makeOrganization(sql, "org_acme");
  await subscribed(box, price, "org_acme");
  await living(box, price, { email: "eve@example.com" });
  await living(box, price, { told: { organization: "customer-42" } });
  await imported(true);
  const before = await everything();

  const { counts } = await imported(true);

  expect(counts).toEqual({
    ...{ customers: 3, linkedBefore: 3 },
    ...{ byMetadata: 0, byEmail: 0, byHand: 0, made: 0, left: 0 },
  });
  expect(await everything()).toEqual(before);
});

test("a second import links what became known since, and tells only of itself", async () => {
  const ref = await living(box, price, { email: "eve@example.com" });
  await imported();
  await makeOrganization(sql, "org_acme");
  await person("eve@example.com", "org_acme", "owner");

  expect(await imported()).toMatchObject({ counts: { byEmail: 1, linkedBefore: 0, left: 0 } });
  expect(await linkOf(sql, ref)).toMatchObject({ whose: "org_acme" });
  expect(await sql`select from import_customers`).toHaveLength(1);
});

describe("an import", () => {
  test("is one at a time for a connection, however many begin it at once", async () => {
    const begun = await Promise.allSettled(Array.from({ length: 6 }, () => start()));

    expect(begun.filter(({ status }) => status === "fulfilled")).toHaveLength(1);
    for (const each of begun) {
      if (each.status === "rejected") expect(String(each.reason)).toContain("under way already");
    }
    expect(await jobsOf(sql, "import.go-on")).toHaveLength(1);
    await expect(
      sql`insert into imports (id, gateway, mode, makes_organizations, asked_by)
        values ('imp_2', 'stripe', 'test', false, '{}')`,
    ).rejects.toThrow("one_import_at_a_time");
  });

  test("needs a key to ask with, and says where to add it", async () => {
    const live = startImport(ada, { ...PLACE, mode: "live", makesOrganizations: false });

    await expect(live).rejects.toThrow("Settings › Gateways");
  });

  test("makes no organizations of customers of the mode that the deployment is not in", async () => {
    const live = startImport(ada, { ...PLACE, mode: "live", makesOrganizations: true });

    await expect(live).rejects.toThrow("runs in test mode");
  });

  test("keeps a page once, when two workers go on from one place", async () => {
    await many(120);
    const id = await start();
    for (let list = 0; list < 2; list++) await advance(id, AbortSignal.timeout(10_000));

    const both = [1, 2].map(() => advance(id, AbortSignal.timeout(10_000)));

    expect((await Promise.all(both)).filter((next) => next === "over")).toHaveLength(1);
    const [row] = await sql`select stage, step from imports`;
    expect(row).toEqual({ stage: "customer", step: 3 });
    expect(await sql`select from import_customers`).toHaveLength(100);
  });

  test("goes on at its page after it was paused, and after its worker died", async () => {
    await many(220);
    const id = await start();
    for (let step = 0; step < 3; step++) await advance(id, AbortSignal.timeout(10_000));
    await pauseImport(ada, { importId: id });
    expect(await advance(id, AbortSignal.timeout(10_000))).toBe("over");
    expect(placesAsked(box)).toEqual([null]);

    await resumeImport(ada, { importId: id });
    await walk(id);

    const [first, ...rest] = placesAsked(box);
    expect([first, rest.length]).toEqual([null, 2]);
    expect(rest.every((place) => place?.startsWith("cus_"))).toBe(true);
    expect(await seen()).toMatchObject({ counts: { customers: 220 } });
  });

  test("ends where it is when it is stopped, and another one may begin", async () => {
    await many(120);
    const id = await start();
    for (let step = 0; step < 3; step++) await advance(id, AbortSignal.timeout(10_000));

    await stopImport(ada, { importId: id });

    expect(await advance(id, AbortSignal.timeout(10_000))).toBe("over");
    expect(await seen()).toMatchObject({ stoppedAt: expect.any(Date), counts: { customers: 100 } });
    await expect(resumeImport(ada, { importId: id })).rejects.toThrow("over already");
    await expect(start()).resolves.toMatch(/^imp_/);
  });

  test.each([{ error: 1 }, { rateLimit: 1 }])("waits and goes on when %j", async (calls) => {
    await many(3);
    const id = await start();
    await box.control("/faults", { calls });

    const next = await advance(id, AbortSignal.timeout(10_000));

    expect(next).toMatchObject({ waitMs: expect.any(Number) });
    expect(await seen()).toMatchObject({
      misses: 1,
      waitsBecause: expect.stringMatching(/Stripe/),
    });
    expect(await advance(id, AbortSignal.timeout(10_000))).toMatchObject({
      waitMs: expect.any(Number),
    });
    expect(placesAsked(box, "checkout/sessions")).toHaveLength(1);
    await box.control("/faults", { calls: { error: 0, rateLimit: 0 } });
    await sql`update imports set waits_until = now()`;
    await sql`update gateway_connections set paused_until = null`;
    forgetSecrets();
    await walk(id);
    expect(await seen()).toMatchObject({ misses: 0, counts: { customers: 3 } });
  });

  test("pauses and says why when the gateway refuses, and goes on when that is mended", async () => {
    await many(3);
    const id = await start();
    const refusing = createServer((_, answer) => {
      answer.writeHead(403, { "content-type": "application/json" });
      answer.end(
        JSON.stringify({ error: { type: "invalid_request_error", message: "No lists." } }),
      );
    });
    await new Promise<void>((done) => refusing.listen(0, "127.0.0.1", done));
    const { port } = refusing.address() as AddressInfo;
    reloadConfig({ STRIPE_API_BASE: `http://127.0.0.1:${port}` });
    forgetSecrets();

    await walk(id);

    refusing.close();
    expect(await seen()).toMatchObject({
      pausedAt: expect.any(Date),
      pausedBecause: expect.stringContaining("widen its permissions"),
    });
    reloadConfig({ STRIPE_API_BASE: box.url });
    forgetSecrets();
    await resumeImport(ada, { importId: id });
    await walk(id);
    expect(await seen()).toMatchObject({ pausedAt: null, counts: { customers: 3 } });
  });

  test("begins a list anew when the customer where it stopped was deleted", async () => {
    await many(120);
    const id = await start();
    for (let step = 0; step < 3; step++) await advance(id, AbortSignal.timeout(10_000));
    const [row] = await sql<{ place: string }[]>`select place from imports`;
    await box.stripe.customers.del(row?.place ?? "");

    await walk(id);

    expect(await seen()).toMatchObject({
      finishedAt: expect.any(Date),
      counts: { customers: 120 },
    });
    expect(await reasons()).toMatchObject({
      [row?.place ?? ""]: expect.stringContaining("deleted"),
    });
  });

  test("is worked off by its job, a slice at a time", async () => {
    await many(1);
    const importId = await start();
    const run = { signal: AbortSignal.timeout(60_000), isLastAttempt: false };
    await sql`delete from pgboss.job`;

    await goOn({ importId }, { ...run, signal: AbortSignal.abort() });
    expect(await jobsOf(sql, "import.go-on")).toEqual([{ importId }]);
    await Promise.all([goOn({ importId }, run), settle(sql)]);
    await walk(importId);

    expect(await seen()).toMatchObject({ finishedAt: expect.any(Date) });
  });

  test("is told on its page when no job goes on with it", async () => {
    const importId = await start();
    await sql`alter table import_customers rename to elsewhere`;
    await many(1);
    const run = { signal: AbortSignal.timeout(60_000), isLastAttempt: true };

    await expect(Promise.all([goOn({ importId }, run), settle(sql)])).rejects.toThrow();
    await sql`alter table elsewhere rename to import_customers`;

    expect(await seen()).toMatchObject({ pausedBecause: expect.stringContaining("on our side") });
  });

  test("brings in hundreds, with no more than a few hundred objects waiting at once", async () => {
    const COUNT = 500;
    await makeOrganization(sql, "org_acme");
    await person("c7@example.com", "org_acme", "owner");
    await many(COUNT, (n) => ({ email: `c${n}@example.com` }));
    const id = await start(true);
    let most = 0;

    await walk(id, async () => {
      most = Math.max(most, await awaited(PLACE));
    });

    expect(await seen()).toMatchObject({
      counts: { customers: COUNT, byEmail: 1, made: COUNT - 1, left: 0 },
    });
    expect(most).toBeGreaterThan(100);
    expect(most).toBeLessThanOrEqual(400);
  }, 120_000);
});

async function many(count: number, about: (n: number) => object = () => ({})): Promise<void> {
  for (let n = 0; n < count; n += 20) {
    const some = Array.from({ length: Math.min(20, count - n) }, (_, i) => about(n + i));
    await Promise.all(some.map((each) => box.stripe.customers.create(each)));
  }
}

async function person(email: string, organizationId: string, role: string): Promise<void> {
  const id = `usr_${email.replaceAll(/\W/g, "")}`;
  await sql`insert into users (id, email, name) values (${id}, ${email}, 'Somebody')`;
  await sql`insert into members (organization_id, user_id, role)
    values (${organizationId}, ${id}, ${role})`;
}

async function priced(): Promise<string> {
  const made = await box.stripe.prices.create({
    product_data: { name: "Pro" },
    currency: "eur",
    unit_amount: 2_900,
    recurring: { interval: "month" },
  });
  await sql`insert into gateway_prices (gateway, mode, ref, plan_id)
    values ('stripe', 'test', ${made.id}, 'pln_pro')`;
  return made.id;
}

/** All that an import could change. */
async function everything(): Promise<unknown> {
  const [row] = await sql`select
    (select json_agg(o order by o.id) from organizations o) as organizations,
    (select json_agg(c order by c.id) from customers c) as customers,
    (select json_agg(s order by s.id) from subscriptions s) as subscriptions,
    (select json_agg(i order by i.id) from invoices i) as invoices,
    (select count(*)::int from tier_changes) as tiers,
    (select count(*)::int from notices) as notices,
    (select count(*)::int from audit_entries where action <> 'import.start') as deeds`;
  return row;
}
