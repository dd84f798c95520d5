import { beforeEach, describe, expect, test } from "vitest";
import { db } from "#db/client.ts";
import { mapPrice } from "#lib/billing/commands.ts";
import { findSelling, sellingOf } from "#lib/billing/selling/views.ts";
import { createTier, editTier, type TierInput } from "#lib/catalogue/commands.ts";
import {
  archivePlan,
  createPlan,
  editPlan,
  type PlanInput,
  unarchivePlan,
} from "#lib/catalogue/plan-commands.ts";
import { createProduct, editProduct } from "#lib/catalogue/product-commands.ts";
import { findProduct } from "#lib/catalogue/product-views.ts";
import { mapPriceTo, notePrices, savePrice, saveProduct } from "#lib/catalogue/store.ts";
import {
  catalogue,
  countUnmapped,
  findPlan,
  findTier,
  gatewayPriceList,
  planOfPrices,
} from "#lib/catalogue/views.ts";
import type { PriceSnapshot } from "#lib/gateways/gateway.ts";
import { newId } from "#lib/ids.ts";
import { useDatabase } from "#tests/support/database.ts";
import { ada } from "#tests/support/settings.ts";

const { sql } = await useDatabase();

beforeEach(async () => {
  await sql`truncate subscriptions, gateway_prices, gateway_products, prices, plans, audit_entries cascade`;
  await sql`delete from entitlements`;
  await sql`delete from tiers where not is_default`;
});

const seats = { key: "seats", name: "Seats", kind: "limit", limitValue: 10 } as const;
const sso = { key: "sso", name: "Single sign-on", kind: "feature" } as const;
const tier = (more: Partial<TierInput> = {}) =>
  createTier(ada, { code: "pro", name: "Pro", rank: 10, entitlements: [seats, sso], ...more });
const monthly = { currency: "EUR", amountMinor: 2900, interval: "month" } as const;
async function plan(more: Partial<PlanInput> = {}) {
  const tierId = more.tierId ?? (await tier()).id;
  return createPlan(ada, { code: "pro", name: "Pro", prices: [monthly], ...more, tierId });
}
const deeds = () => sql`select action, before, after from audit_entries order by id`;

describe("a tier", () => {
  test("is made with what it allows, and shown in the order of ranks", async () => {
    await tier({ code: "business", name: "Business", rank: 20, entitlements: [] });
    const { id } = await tier();

    expect((await catalogue()).tiers.map((each) => each.code)).toEqual(["free", "pro", "business"]);
    expect((await findTier(ada, id)).entitlements).toEqual([
      { ...sso, isIncluded: true, limitValue: null },
      { ...seats, isIncluded: true },
    ]);
  });

  test("changes with its entitlements, and the audit log has both in words", async () => {
    const { id } = await tier();

    await editTier(ada, {
      tierId: id,
      code: "pro",
      name: "Professional",
      rank: 10,
      entitlements: [{ ...seats, limitValue: null }],
    });

    const edited = (await deeds()).at(-1);
    expect(edited).toMatchObject({
      action: "tier.edit",
      before: { name: "Pro", entitlements: { seats: "10", sso: "included" } },
      after: { name: "Professional", entitlements: { seats: "unlimited" } },
    });
    expect((await findTier(ada, id)).entitlements).toHaveLength(1);
  });

  test.each([
    [{ code: "free" }, "conflict", "code"],
    [{ rank: 0 }, "conflict", "rank"],
    [{ isDefault: true }, "conflict", "isDefault"],
    [{ code: "Pro" }, "invalid_input", "code"],
    [{ name: " " }, "invalid_input", "name"],
    [{ rank: -1 }, "invalid_input", "rank"],
    [{ rank: Number.NaN }, "invalid_input", "rank"],
    [{ description: "a\0b" }, "invalid_input", "description"],
    [{ entitlements: [seats, seats] }, "invalid_input", "entitlements.1.key"],
    [{ entitlements: [{ ...seats, key: "Seats!" }] }, "invalid_input", "entitlements.0.key"],
    [
      { entitlements: [{ ...seats, limitValue: -1 }] },
      "invalid_input",
      "entitlements.0.limitValue",
    ],
  ])("is refused with %j", async (wrong, code, field) => {
    await expect(tier(wrong)).rejects.toMatchObject({
      code,
      fields: { [field]: expect.any(String) },
    });
    expect(await deeds()).toHaveLength(0);
  });

  test("cannot mean something else by a key than the other tiers", async () => {
    await tier();
    const asked = tier({ code: "x", rank: 30, entitlements: [{ ...seats, kind: "feature" }] });

    await expect(asked).rejects.toMatchObject({ code: "conflict" });
  });

  test("with a code asked for twice at once is made once", async () => {
    const made = await Promise.allSettled([tier(), tier(), tier({ rank: 11 })]);

    const refused = made.flatMap((each) => (each.status === "rejected" ? [each.reason] : []));
    expect(refused).toHaveLength(2);
    for (const reason of refused) expect(reason).toMatchObject({ code: "conflict" });
  });

  test("that somebody else changed since it was opened is not saved over", async () => {
    const { id } = await tier();
    const opened = await findTier(ada, id);
    const form = { tierId: id, code: "pro", name: "Pro", rank: 10, entitlements: [seats, sso] };
    await editTier(ada, { ...form, rank: 11, entitlements: [sso], seen: opened.seen });

    const { seen, ...now } = await findTier(ada, id);

    const saved = editTier(ada, { ...form, name: "Professional", seen: opened.seen });

    await expect(saved).rejects.toMatchObject({
      code: "conflict",
      fields: {
        name: "It is “Pro” now.",
        rank: "It is “11” now.",
        entitlements: "It is “Single sign-on (sso): included” now.",
      },
      seen,
    });
    expect(now).toMatchObject({ name: "Pro", rank: 11, entitlements: [{ key: "sso" }] });
    await editTier(ada, { ...form, name: "Professional", seen });
    expect(await findTier(ada, id)).toMatchObject({ name: "Professional", rank: 10 });
  });

  test("that is unknown is not found", async () => {
    const input = { tierId: "tir_\0", code: "x", name: "X", rank: 5 };
    await expect(editTier(ada, input)).rejects.toMatchObject({ code: "not_found" });
    await expect(findTier(ada, "\0")).rejects.toMatchObject({ code: "not_found" });
  });
});

describe("a plan", () => {
  test("is made with its prices", async () => {
    const { id } = await plan({ prices: [monthly, { ...monthly, currency: "usd" }] });

    const found = await findPlan(ada, id);

    expect(found).toMatchObject({ code: "pro", tier: { code: "pro" }, subscriptions: 0 });
    expect(found.prices.map(({ id: _, ...terms }) => terms)).toEqual([
      { ...monthly, intervalCount: 1 },
      { ...monthly, currency: "USD", intervalCount: 1 },
    ]);
    expect((await deeds()).at(-1)?.after.prices).toEqual(["€29.00 a month", "$29.00 a month"]);
  });

  test("that somebody else changed since it was opened is not saved over", async () => {
    const { id } = await plan();
    const { tier, seen } = await findPlan(ada, id);
    const form = { planId: id, code: "pro", name: "Pro", tierId: tier.id, seen };
    const dearer = { ...form, prices: [{ ...monthly, amountMinor: 3900 }] };
    await editPlan(ada, { ...dearer, trialDays: 14 });

    await expect(
      editPlan(ada, { ...form, trialDays: null, prices: [monthly] }),
    ).rejects.toMatchObject({
      code: "conflict",
      fields: { trialDays: "It is “14” now.", prices: "It is “€39.00 a month” now." },
    });
    // Who wants what is there already saves over nothing.
    await editPlan(ada, { ...dearer, trialDays: 14 });
  });

  test("that two open at once is saved by one of them", async () => {
    const { id } = await plan();
    const { tier, seen } = await findPlan(ada, id);
    const form = { planId: id, code: "pro", tierId: tier.id, seen, prices: [monthly] };

    const saved = await Promise.allSettled(
      ["Ada's", "Bob's", "Cleo's"].map((name) => editPlan(ada, { ...form, name })),
    );

    expect(saved.filter(({ status }) => status === "fulfilled")).toHaveLength(1);
  });

  test("keeps the price that ends, archived, beside the one that begins", async () => {
    const { id } = await plan();
    const { tier } = await findPlan(ada, id);
    const changed = { code: "pro", name: "Pro", tierId: tier.id };

    await editPlan(ada, { ...changed, planId: id, prices: [{ ...monthly, amountMinor: 3900 }] });

    expect((await findPlan(ada, id)).prices).toMatchObject([{ amountMinor: 3900 }]);
    const rows = await sql`select amount_minor::int as amount, archived_at is null as sold
      from prices order by amount_minor`;
    expect(rows).toEqual([
      { amount: 2900, sold: false },
      { amount: 3900, sold: true },
    ]);
  });

  test("keeps its days of trial where they are left out, and drops them when told", async () => {
    const { id } = await plan({ trialDays: 14 });
    const same = {
      planId: id,
      code: "pro",
      name: "Pro",
      tierId: (await findPlan(ada, id)).tier.id,
    };

    await editPlan(ada, { ...same, prices: [monthly] });
    expect(await findPlan(ada, id)).toMatchObject({ trialDays: 14 });

    await editPlan(ada, { ...same, prices: [monthly], trialDays: null });
    expect(await findPlan(ada, id)).toMatchObject({ trialDays: null });
    await expect(plan({ code: "long", trialDays: 731, tierId: same.tierId })).rejects.toThrow(
      /730/,
    );
  });

  test("goes off sale and comes back", async () => {
    const { id } = await plan();
    await archivePlan(ada, { planId: id });
    expect((await findPlan(ada, id)).archivedAt).toBeInstanceOf(Date);

    await unarchivePlan(ada, { planId: id });
    await unarchivePlan(ada, { planId: id });

    expect((await findPlan(ada, id)).archivedAt).toBeNull();
    const actions = (await deeds()).map((deed) => deed.action);
    expect(actions.slice(-2)).toEqual(["plan.archive", "plan.unarchive"]);
  });

  test("keeps its tier while somebody subscribes to it", async () => {
    const { id } = await plan();
    const { id: tierId } = await tier({ code: "business", name: "Business", rank: 20 });
    await sql`insert into subscriptions (id, gateway, mode, ref, status, gateway_status, plan_id, items)
      values (${newId("sub")}, 'stripe', 'test', 'sub_1', 'active', 'active', ${id}, '[]')`;
    const changed = { planId: id, code: "pro", name: "Pro", tierId, prices: [monthly] };
    await expect(editPlan(ada, changed)).rejects.toMatchObject({
      fields: { tierId: expect.stringMatching(/subscribe/) },
    });
    await sql`update subscriptions set status = 'canceled'`;

    await editPlan(ada, changed);

    expect((await findPlan(ada, id)).tier.code).toBe("business");
  });

  test.each([
    [{ tierId: "tir_nope" }, "invalid_input", "tierId"],
    [{ code: "1pro" }, "invalid_input", "code"],
    [{ name: "x".repeat(81) }, "invalid_input", "name"],
    [{ prices: [monthly, monthly] }, "invalid_input", "prices.1.amount"],
    [{ prices: [{ ...monthly, currency: "EURO" }] }, "invalid_input", "prices.0.currency"],
    [{ prices: [{ ...monthly, amountMinor: -1 }] }, "invalid_input", "prices.0.amountMinor"],
  ])("is refused with %j", async (wrong, code, field) => {
    await expect(plan(wrong)).rejects.toMatchObject({
      code,
      fields: { [field]: expect.any(String) },
    });
    expect(await sql`select 1 from plans`).toHaveLength(0);
  });

  test("cannot have another plan's code", async () => {
    const { id } = await plan();
    const { tier } = await findPlan(ada, id);
    const asked = createPlan(ada, { code: "pro", name: "Other", tierId: tier.id });
    await expect(asked).rejects.toMatchObject({
      code: "conflict",
      fields: { code: expect.stringMatching(/Pro has/) },
    });
  });

  test.each(["pln_unknown", "\0", ""])("is not found as %j", async (planId) => {
    await expect(archivePlan(ada, { planId })).rejects.toMatchObject({ code: "not_found" });
  });
});

describe("a one-time product", () => {
  test("that somebody else changed since it was opened is not saved over", async () => {
    const tenner = { currency: "EUR", amountMinor: 1000 };
    const form = { code: "pack", name: "Pack", quantityMax: 5, prices: [tenner] };
    const { id: productId } = await createProduct(ada, form);
    const { seen } = await findProduct(ada, productId);
    const prices = [{ ...tenner, amountMinor: 1500 }];
    await editProduct(ada, { ...form, productId, quantityMax: 3, prices, seen });

    const saved = editProduct(ada, { ...form, productId, name: "Box", seen });

    await expect(saved).rejects.toMatchObject({
      code: "conflict",
      fields: {
        name: "It is “Pack” now.",
        quantityMax: "It is “3” now.",
        prices: "It is “€15.00” now.",
      },
    });
    expect(await findProduct(ada, productId)).toMatchObject({ name: "Pack", quantityMax: 3 });
  });
});

describe("the database itself", () => {
  test("refuses two default tiers, negative limits, and two prices for one thing", async () => {
    const { id } = await plan();
    await expect(sql`insert into tiers (id, code, name, rank, is_default)
      values ('tir_x', 'x', 'X', 99, true)`).rejects.toThrow(/one_default_tier/);
    await expect(sql`insert into entitlements (tier_id, key, name, kind, limit_value)
      values ('tir_free', 'x', 'X', 'limit', -1)`).rejects.toThrow(/limits_are_not_negative/);
    await expect(sql`insert into entitlements (tier_id, key, name, kind, limit_value)
      values ('tir_free', 'x', 'X', 'feature', 1)`).rejects.toThrow(/only_limits_have_values/);
    await expect(sql`insert into prices (id, plan_id, currency, amount_minor, interval)
      values ('prc_x', ${id}, 'EUR', 1, 'month')`).rejects.toThrow(/one_price_per_plan/);
  });
});

describe("what a gateway sells", () => {
  test("is compared with every plan, however many prices of others there are", async () => {
    const { id } = await plan();
    const { tier } = await findPlan(ada, id);
    const other = await createPlan(ada, { code: "old", name: "Old", tierId: tier.id });
    await sql`insert into gateway_prices (gateway, mode, ref, product_ref, currency, amount_minor,
        interval, interval_count, is_active, plan_id, first_seen_at)
      select 'stripe', 'test', 'price_' || n, 'prod_' || n, 'eur', case n when 0 then 2900 else n end,
        'month', 1, true, case n when 0 then ${id} else ${other.id} end, now() + n * interval '1 second'
      from generate_series(0, 2500) n`;
    const market = { gateway: "stripe", mode: "test", title: "Stripe", canAsk: false } as const;

    const there = await sellingOf(ada, market, (await catalogue()).plans);

    expect(there.get(id)).toEqual({ prices: 1, differences: 0 });
    expect(there.get(other.id)).toMatchObject({ prices: 2500 });
    expect((await findSelling(ada, market, other.id)).mirrored).toHaveLength(2500);
  });
});

describe("a gateway's price", () => {
  const told = (more: Partial<PriceSnapshot> = {}): PriceSnapshot => ({
    kind: "price",
    ref: "price_1",
    asOf: new Date(),
    links: [],
    productRef: "prod_1",
    currency: "eur",
    amountMinor: 2900,
    interval: "month",
    intervalCount: 1,
    isActive: true,
    lookupKey: "pro_monthly",
    nickname: null,
    planCode: null,
    productCode: null,
    ...more,
  });
  const list = async () => (await gatewayPriceList(ada, "test")).rows;

  test("that something uses can be put into a plan before anything is told about it", async () => {
    const { id } = await plan();
    await notePrices(db(), "stripe", "test", ["price_9", "price_1", "price_9"]);
    await notePrices(db(), "stripe", "test", ["price_1"]);
    const price = { gateway: "stripe", mode: "test", ref: "price_1", planId: id } as const;

    expect(await mapPriceTo(db(), price)).toEqual({ planId: null });
    expect(await mapPriceTo(db(), { ...price, ref: "price_none" })).toBeUndefined();

    const plans = await planOfPrices(db(), "stripe", "test", ["price_1", "price_9"]);
    expect([...plans]).toMatchObject([["price_1", { planId: id, planCode: "pro" }]]);
    expect(await planOfPrices(db(), "stripe", "live", ["price_1"])).toEqual(new Map());
  });

  test("that somebody put into another plan meanwhile stays there", async () => {
    const { id } = await plan();
    const { tier } = await findPlan(ada, id);
    const other = await createPlan(ada, { code: "plus", name: "Plus", tierId: tier.id });
    await notePrices(db(), "stripe", "test", ["price_1"]);
    const price = { gateway: "stripe", mode: "test", priceRef: "price_1" } as const;
    await mapPrice(ada, { ...price, planId: id, seenPlanId: null });

    const late = mapPrice(ada, { ...price, planId: other.id, seenPlanId: null });

    await expect(late).rejects.toMatchObject({
      code: "conflict",
      message: expect.stringContaining("put it into Pro"),
    });
    expect(await list()).toMatchObject([{ planName: "Pro" }]);
    await mapPrice(ada, { ...price, planId: id, seenPlanId: null });
    await mapPrice(ada, { ...price, planId: other.id, seenPlanId: id });
    expect(await list()).toMatchObject([{ planName: "Plus" }]);
  });

  test("is kept as told, says what is new, and keeps its plan", async () => {
    const { id } = await plan();
    await notePrices(db(), "stripe", "test", ["price_1"]);
    await mapPriceTo(db(), { gateway: "stripe", mode: "test", ref: "price_1", planId: id });

    const changes = await savePrice(db(), "stripe", "test", told());

    expect(changes).toContainEqual({
      record: "price price_1",
      field: "amount",
      before: null,
      after: "€29.00",
    });
    expect(await savePrice(db(), "stripe", "test", told())).toEqual([]);
    expect(await savePrice(db(), "stripe", "test", told({ isActive: false }))).toEqual([
      { record: "price price_1", field: "on sale", before: "yes", after: "no" },
    ]);
    expect(await list()).toMatchObject([{ ref: "price_1", planName: "Pro", isActive: false }]);
  });

  test("that was deleted says so once", async () => {
    await savePrice(db(), "stripe", "test", told());
    const gone = { ref: "price_1", deleted: true } as const;

    expect(await savePrice(db(), "stripe", "test", gone)).toContainEqual({
      record: "price price_1",
      field: "deleted at the gateway",
      before: null,
      after: "yes",
    });

    expect(await savePrice(db(), "stripe", "test", gone)).toEqual([]);
  });

  test("shows its product's name, and unmapped ones that are used come first", async () => {
    const { id } = await plan();
    await saveProduct(db(), "stripe", "test", {
      kind: "product",
      ref: "prod_1",
      asOf: new Date(),
      links: [],
      name: "Professional",
      description: null,
      isActive: true,
      planCode: null,
      productCode: null,
    });
    await savePrice(db(), "stripe", "test", told());
    await notePrices(db(), "stripe", "test", ["price_mapped", "price_used"]);
    await notePrices(db(), "stripe", "live", ["price_live"]);
    await mapPriceTo(db(), { gateway: "stripe", mode: "test", ref: "price_mapped", planId: id });
    await sql`insert into subscriptions (id, gateway, mode, ref, status, gateway_status, price_ref, items)
      values (${newId("sub")}, 'stripe', 'test', 'sub_1', 'active', 'active', 'price_used', '[]')`;

    expect(await list()).toMatchObject([
      { ref: "price_used", subscriptions: 1, suggestion: null },
      { ref: "price_1", productName: "Professional", suggestion: { id, name: "Pro" } },
      { ref: "price_mapped", planName: "Pro" },
    ]);
    expect(await countUnmapped(ada, "test")).toEqual({ all: 2, used: 1 });
  });
});
