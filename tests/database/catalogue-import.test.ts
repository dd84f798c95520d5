import { afterAll, beforeAll, beforeEach, describe, expect, test } from "vitest";
import { adoptPrice, importPrices } from "#lib/billing/selling/import-commands.ts";
import { goOnReading, readCatalogue } from "#lib/billing/selling/reading.ts";
import { forgetOldReadings } from "#lib/billing/selling/reading-store.ts";
import { createPlan } from "#lib/catalogue/plan-commands.ts";
import { catalogue } from "#lib/catalogue/views.ts";
import { readEverywhere } from "#lib/reconcile/every-place.ts";
import { pauseConnection, resumeConnection } from "#lib/settings/secrets.ts";
import { failureOf } from "#tests/support/asking-stripe.ts";
import { deliver, prepareBilling, settle, tierOf } from "#tests/support/billing.ts";
import { askAt, askNobody, customerWith } from "#tests/support/commanding.ts";
import { useDatabase } from "#tests/support/database.ts";
import { type Box, startSandbox } from "#tests/support/sandbox.ts";
import { importShown, place, readAll, sellingOf } from "#tests/support/selling.ts";
import { ada } from "#tests/support/settings.ts";
import { event } from "#tests/support/stripe-objects.ts";
import { tapWire, type WireTap } from "#tests/support/wire-tap.ts";

/* What the gateway sells becomes what is sold here: shown before it is done, done once, kept in step. */

const database = await useDatabase();
const { sql } = database;

let box: Box;
let wire: WireTap;

beforeAll(async () => {
  await prepareBilling(database);
});

beforeEach(async () => {
  await sql`truncate gateway_prices, gateway_products, gateway_objects, catalogue_readings, prices,
    plans, subscriptions, audit_entries cascade`;
  await createPlan(ada, { code: "pro", name: "Pro", tierId: "tir_pro", prices: [] });
  await box?.close();
  await wire?.close();
  box = await startSandbox();
  wire = await tapWire(box.url);
  askAt(wire.url);
});

afterAll(async () => {
  askNobody();
  await wire.close();
  await box.close();
});

type Sold = { product: string; amount?: number; interval?: "month" | "year"; key?: string };

async function price({ product, amount = 2900, interval = "month", key }: Sold): Promise<string> {
  const { id } = await box.stripe.prices.create({
    product,
    currency: "eur",
    unit_amount: amount,
    recurring: { interval },
    ...(key && { lookup_key: key }),
  });
  return id;
}

async function product(name: string, plan?: string): Promise<string> {
  const { id } = await box.stripe.products.create({ name, ...(plan && { metadata: { plan } }) });
  return id;
}

/** What a person chooses on the page: everything that is named, and a tier for each plan that is new. */
async function chosen(tierId = "tir_business") {
  const { proposals } = await importShown();
  return proposals
    .filter(({ isNamed }) => isNamed)
    .map(({ code, seen, planId }) => ({ code, seen, ...(!planId && { tierId }) }));
}

async function importAll() {
  return importPrices(ada, { ...place, choices: await chosen() });
}

async function plansHere() {
  return (await catalogue()).plans.map(({ code, name, tier, prices }) => ({
    code,
    name,
    tier: tier.code,
    prices: prices.map(({ amountMinor, interval }) => `${amountMinor} ${interval}`),
  }));
}

describe("an import", () => {
  test("shows what it would do and changes nothing, then does it, and has nothing left to do", async () => {
    await price({ product: await product("Professional"), key: "pro_monthly" });
    const team = await product("Team", "team");
    await price({ product: team });
    await price({ product: team, interval: "year", amount: 29_000 });
    const nameless = await price({ product: await product("Odds and ends") });
    await readAll(sql);

    const shown = await importShown();
    expect(
      shown.proposals.map(({ code, planId, isNamed }) => [code, planId !== null, isNamed]),
    ).toEqual(
      expect.arrayContaining([
        ["pro", true, true],
        ["team", false, true],
        ["odds_and_ends", false, false],
      ]),
    );
    expect(await plansHere()).toEqual([{ code: "pro", name: "Pro", tier: "pro", prices: [] }]);

    expect(await importAll()).toEqual({ plans: 1, prices: 3, changed: 0 });

    expect(await plansHere()).toEqual([
      { code: "pro", name: "Pro", tier: "pro", prices: ["2900 month"] },
      { code: "team", name: "Team", tier: "business", prices: ["2900 month", "29000 year"] },
    ]);
    const [left, ...more] = (await importShown()).proposals;
    expect(more).toEqual([]);
    expect(left?.links.map(({ ref }) => ref)).toEqual([nameless]);
    expect(await importAll()).toEqual({ plans: 0, prices: 0, changed: 0 });
  });

  test("leaves out what sells a one-time product, even if that began after it was shown", async () => {
    const sells = (ref: string) => sql`
      with product as (
        insert into products (id, code, name) values (${`prd_${ref}`}, ${`credits${ref.slice(-6).toLowerCase().replaceAll(/\W/g, "")}`}, 'Credits')
        returning id)
      update gateway_prices set product_id = product.id from product where ref = ${ref}`;
    const team = await product("Team", "team");
    const before = await price({ product: team });
    const after = await price({ product: team, interval: "year", amount: 29_000 });
    await readAll(sql);
    await sells(before);

    const choices = await chosen();
    const [shown] = (await importShown()).proposals;
    expect(shown?.links.map(({ ref }) => ref)).toEqual([after]);
    await sells(after);

    expect(await importPrices(ada, { ...place, choices })).toMatchObject({ prices: 0, changed: 1 });
    expect((await importShown()).proposals).toEqual([]);
  });

  test("gives whoever subscribes already what the plan allows", async () => {
    const ref = await price({ product: await product("Professional"), key: "pro_monthly" });
    const { organizationId } = await customerWith(box, sql, ref);
    expect(await tierOf(sql, organizationId)).toBe("free");
    await readAll(sql);

    await importAll();
    await settle(sql);

    expect(await tierOf(sql, organizationId)).toBe("pro");
  });

  test("has one effect when it is done twice at once", async () => {
    await price({ product: await product("Team", "team") });
    await readAll(sql);
    const choices = await chosen();

    const both = await Promise.all([1, 2].map(() => importPrices(ada, { ...place, choices })));

    expect(both.map(({ prices, changed }) => [prices, changed]).sort()).toEqual([
      [0, 1],
      [1, 0],
    ]);
    expect((await plansHere()).map(({ code }) => code).sort()).toEqual(["pro", "team"]);
    expect(
      await sql`select 1 from audit_entries where action = 'plan.import'
      and after ->> 'code' = 'team'`,
    ).toHaveLength(1);
  });

  test("leaves what is not any more what was shown", async () => {
    const ref = await price({ product: await product("Professional"), key: "pro_monthly" });
    await readAll(sql);
    const choices = await chosen();
    await sql`update gateway_prices set amount_minor = 9900 where ref = ${ref}`;

    expect(await importPrices(ada, { ...place, choices })).toMatchObject({ prices: 0, changed: 1 });
    expect(await plansHere()).toMatchObject([{ prices: [] }]);
  });

  test("makes no plan of a tier that is not there, and then does nothing at all", async () => {
    await price({ product: await product("Professional"), key: "pro_monthly" });
    await price({ product: await product("Team", "team") });
    await readAll(sql);
    const choices = await chosen("tir_none");

    expect(await failureOf(importPrices(ada, { ...place, choices }))).toMatchObject({
      code: "invalid_input",
    });
    expect(await plansHere()).toMatchObject([{ code: "pro", prices: [] }]);
  });

  test("makes a plan that is chosen twice once, and says of two tiers which they are", async () => {
    await price({ product: await product("Team", "team") });
    await readAll(sql);
    const [pro] = await chosen("tir_pro");
    const [business] = await chosen("tir_business");
    if (!pro || !business) throw new Error("Nothing is proposed.");

    const both = importPrices(ada, { ...place, choices: [pro, business] });

    expect(await failureOf(both)).toMatchObject({
      code: "conflict",
      message: expect.stringMatching(/^Team was chosen twice, for the tiers Pro and Business;/),
    });
    expect(await importPrices(ada, { ...place, choices: [pro, pro] })).toEqual({
      plans: 1,
      prices: 1,
      changed: 0,
    });
  });

  test("leaves a plan that asked whatever was in it asking that as well", async () => {
    const of = await product("Professional", "pro");
    const before = await price({ product: of, interval: "year", amount: 29_000 });
    await readAll(sql);
    await sql`update gateway_prices set plan_id = (select id from plans where code = 'pro')
      where ref = ${before}`;
    await price({ product: of });
    await readAll(sql);

    await importAll();

    expect(await plansHere()).toMatchObject([{ prices: ["2900 month", "29000 year"] }]);
  });

  test("never moves a price that is in another plan", async () => {
    const ref = await price({ product: await product("Professional"), key: "pro_monthly" });
    const { id } = await createPlan(ada, { code: "x", name: "X", tierId: "tir_free", prices: [] });
    await readAll(sql);
    await sql`update gateway_prices set plan_id = ${id} where ref = ${ref}`;

    expect((await importShown()).proposals).toEqual([]);
  });
});

describe("an import of more than fits on a page", () => {
  /** Prices by the month that a gateway told of, all of one plan. */
  async function told(code: string, count: number) {
    await sql`insert into gateway_prices (gateway, mode, ref, currency, amount_minor, interval,
        interval_count, is_active, plan_code)
      select 'stripe', 'test', 'price_' || ${code}::text || n, 'EUR', n * 100, 'month', 1, true,
        ${code}::text
      from generate_series(1, ${count}) n`;
  }

  test("says how much is not shown, and goes on by pages", async () => {
    for (const code of ["alpha", "beta"]) await told(code, 300);
    await told("Not a code", 501);

    const [first, second, beyond] = [
      await importShown(),
      await importShown(2),
      await importShown(9),
    ];

    const shown = (page: typeof first) => page.proposals.map(({ links }) => links.length);
    expect([shown(first), shown(second)]).toEqual([[300], [300]]);
    expect([first.left.length, second.left.length]).toEqual([500, 1]);
    expect(first).toMatchObject({ page: 1, pages: 2, inAll: { imported: 600, left: 501 } });
    expect(beyond).toEqual(second);
  });

  test("does what was chosen on any page, and shows the others from then on", async () => {
    for (const code of ["alpha", "beta"]) await told(code, 300);
    const { proposals } = await importShown(2);
    const choices = proposals.map(({ code, seen }) => ({ code, seen, tierId: "tir_business" }));

    expect(await importPrices(ada, { ...place, choices })).toMatchObject({ plans: 1, prices: 300 });

    expect(await importShown(2)).toMatchObject({ page: 1, pages: 1, inAll: { imported: 300 } });
    expect((await plansHere()).map(({ code }) => code)).toContain(proposals[0]?.code);
  });
});

describe("a reading by the clock", () => {
  test("shows what was changed at the gateway although nobody looked and no event told of it", async () => {
    const of = await product("Pro", "pro");
    const ref = await price({ product: of });
    await readAll(sql);
    await importAll();
    const [plan] = (await catalogue()).plans;
    await box.stripe.prices.update(ref, { active: false });
    expect((await sellingOf(plan?.id ?? "")).differences).toEqual([]);

    await readEverywhere();
    await goOnReading(place);
    await settle(sql);

    expect((await sellingOf(plan?.id ?? "")).differences).toMatchObject([
      { here: "On sale", there: "Off sale" },
    ]);
    const deeds = await sql`select from audit_entries where action = 'catalogue.read'`;
    expect(deeds).toHaveLength(1);
  });

  test("is one at a time, and none where there is no key or the gateway wants silence", async () => {
    await Promise.all([readEverywhere(), readEverywhere()]);
    expect(await sql`select mode from catalogue_readings`).toEqual([{ mode: "test" }]);

    await sql`truncate catalogue_readings`;
    await pauseConnection("stripe", "test", new Date(Date.now() + 60_000), "Too many requests");
    await readEverywhere();
    await resumeConnection("stripe", "test");
    askNobody();
    await readEverywhere();

    expect(await sql`select from catalogue_readings`).toHaveLength(0);
  });

  test("leaves no old ones behind but the newest of each gateway", async () => {
    await sql`insert into catalogue_readings (id, gateway, mode, started_at, finished_at)
      select 'crd_' || mode || age, 'stripe', mode, now() - age * interval '1 day',
        now() - age * interval '1 day'
      from unnest(array['test', 'live']) mode, unnest(array[40, 50, 60]) age
`;
    await sql`insert into catalogue_readings (id, gateway, mode, finished_at)
      values ('crd_new', 'stripe', 'test', now())`;

    await forgetOldReadings();

    const left = await sql`select id from catalogue_readings order by id`;
    expect(left.map(({ id }) => id)).toEqual(["crd_live40", "crd_new"]);
  });
});

describe("a reading", () => {
  test("goes through every page, and on from where it stopped", async () => {
    const of = await product("Professional", "pro");
    for (let n = 1; n <= 120; n++) await price({ product: of, amount: n * 100 });
    await readCatalogue(ada, place);
    let lists = 0;
    wire.decide(({ path }) => {
      if (path.startsWith("/v1/prices?")) lists += 1;
      return lists === 2 ? "cut before" : "pass";
    });

    await expect(goOnReading(place)).rejects.toMatchObject({ code: "gateway_unavailable" });
    expect((await importShown()).reading).toMatchObject({ listed: 100, finishedAt: null });
    wire.decide(() => "pass");
    await goOnReading(place);

    const { reading, pending } = await importShown();
    expect(reading).toMatchObject({ listed: 120, differing: 120, finishedAt: expect.any(Date) });
    expect(pending).toBe(121);
  });

  test("rings nothing that is held as the gateway tells it", async () => {
    await price({ product: await product("Professional"), key: "pro_monthly" });
    await readAll(sql);

    await readCatalogue(ada, place);
    await goOnReading(place);

    expect(await importShown()).toMatchObject({ reading: { listed: 1, differing: 0 }, pending: 0 });
  });

  test("is one at a time, is told of in the audit log, and is refused without a key", async () => {
    await Promise.all([readCatalogue(ada, place), readCatalogue(ada, place)]);

    expect(await sql`select 1 from catalogue_readings`).toHaveLength(1);
    expect(await failureOf(readCatalogue(ada, { ...place, mode: "live" }))).toMatchObject({
      message: expect.stringContaining("no API key"),
    });
  });

  test("that the gateway refuses is over, and says why", async () => {
    await readCatalogue(ada, place);
    const body = { error: { type: "invalid_request_error", message: "No such thing" } };
    wire.decide(() => ({ status: 403, body }));

    await expect(goOnReading(place)).rejects.toMatchObject({ code: "gateway_refused" });

    expect((await importShown()).reading).toMatchObject({
      finishedAt: expect.any(Date),
      lastError: expect.stringContaining("No such thing"),
    });
  });
});

test("an event about a price or its product brings the difference to the plan's page", async () => {
  const of = await product("Pro", "pro");
  const ref = await price({ product: of });
  await readAll(sql);
  await importAll();
  const [plan] = (await catalogue()).plans;
  const shown = async () =>
    (await sellingOf(plan?.id ?? "")).differences.map(({ here, there }) => `${here} | ${there}`);
  expect(await shown()).toEqual([]);

  const renamed = await box.stripe.products.update(of, { name: "Gold" });
  await deliver(event("product.updated", { ...renamed }));
  await settle(sql);
  expect(await shown()).toEqual(["Pro | Gold"]);
  const archived = await box.stripe.prices.update(ref, { active: false });
  await deliver(event("price.updated", { ...archived }));
  await settle(sql);

  expect(await shown()).toEqual(["On sale | Off sale"]);
});

test("a price that is sold there only is sold here as well, when somebody wants it", async () => {
  const of = await product("Pro", "pro");
  const cheap = await price({ product: of });
  await price({ product: of, interval: "year", amount: 29_000 });
  await readAll(sql);
  await importAll();
  const [plan] = (await catalogue()).plans;
  await sql`delete from prices where interval = 'month'`;
  const { revision } = await sellingOf(plan?.id ?? "");
  const asked = { ...place, soldId: plan?.id ?? "", priceRef: cheap };

  await expect(adoptPrice(ada, { ...asked, revision: "old" })).rejects.toMatchObject({
    code: "conflict",
  });
  await adoptPrice(ada, { ...asked, revision });

  expect(await plansHere()).toMatchObject([{ prices: ["2900 month", "29000 year"] }]);
});
