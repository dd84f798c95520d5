import { beforeEach, describe, expect, test } from "vitest";
import { sendForgotten } from "#lib/billing/asking/send.ts";
import { publishSaved, publishSold, withdrawPrices } from "#lib/billing/selling/commands.ts";
import { adoptPrice } from "#lib/billing/selling/import-commands.ts";
import { sellingOf as listedAt, markets } from "#lib/billing/selling/views.ts";
import { editProduct, setProductArchived } from "#lib/catalogue/product-commands.ts";
import { productCatalogue } from "#lib/catalogue/product-views.ts";
import { lookAfter } from "#lib/inbox/commands.ts";
import { failureOf } from "#tests/support/asking-stripe.ts";
import { person } from "#tests/support/commanding.ts";
import { useDatabase } from "#tests/support/database.ts";
import { buys } from "#tests/support/ordering.ts";
import {
  about,
  differencesOf,
  importShown,
  lookAt,
  place,
  planHere,
  productHere,
  readAll,
  sellingOf,
  soldAt,
  tenner,
} from "#tests/support/selling.ts";
import { ada } from "#tests/support/settings.ts";
import { newcomer } from "#tests/support/subscribing.ts";
import type { Fate } from "#tests/support/wire-tap.ts";
import { useWiredSandbox } from "#tests/support/wired-sandbox.ts";

/* One-time products are sold at the gateway by the same commands as plans; against the sandbox. */

const database = await useDatabase();
const { sql } = database;
const { box, wire } = await useWiredSandbox(database);

beforeEach(async () => {
  wire.decide(() => "pass");
  await sql`update commands set status = 'done', settled_at = now() where status = 'open'`;
});

const KEY = "billhook_product";
const both = (code: string) => [
  `${code}_once_eur 1000 eur  on sale`,
  `${code}_once_usd 1200 usd  on sale`,
];

describe("a one-time product that is sold here", () => {
  test("is made at the gateway with a price of each currency, and can be bought at once", async () => {
    const { id, code } = await productHere();
    expect(await differencesOf(id)).toEqual([
      "Price | €10.00 once | None",
      "Price | $12.00 once | None",
    ]);

    const command = await publishSold(ada, await about(id));
    await lookAfter(command);

    expect(command).toMatchObject({ kind: "product.publish", status: "done" });
    expect(command.sentence).toMatch(/^Stripe sells Pack \d+: 2 prices created\.$/);
    expect(soldAt(box, code, KEY)).toEqual({
      products: [{ name: expect.stringMatching(/^Pack/), active: true }],
      prices: both(code),
    });
    expect(soldAt(box, code).prices).toEqual([]);
    expect(await differencesOf(id)).toEqual([]);
    const ordered = await buys(await newcomer(sql), id);
    expect(ordered.command).toMatchObject({ status: "needs_person" });
  });

  test("stands in the audit log, and is asked for by administrators only", async () => {
    const { id, code } = await productHere();
    const { organizationId } = await newcomer(sql);
    const owner = await person(sql, organizationId, "owner");

    expect(await failureOf(publishSold(owner as never, await about(id)))).toMatchObject({
      code: "not_allowed",
    });
    await publishSold(ada, await about(id));

    expect(
      await sql`select action, after from audit_entries where subject = ${id}
        and action like 'product.publish'`,
    ).toEqual([
      {
        action: "product.publish",
        after: { code, created: ["€10.00 once", "$12.00 once"], again: [] },
      },
    ]);
  });

  test("is no plan to an import, even beside a plan of the same code and out of its place", async () => {
    const { code } = await planHere({ code: "twice", prices: [] });
    const { id } = await productHere({ code });
    await publishSold(ada, await about(id));
    await lookAt(id);
    await sql`update gateway_prices set product_id = null where product_id = ${id}`;
    await readAll(sql);

    const { proposals, left } = await importShown();

    expect(proposals.filter((each) => each.code === code)).toEqual([]);
    expect(left.filter(({ because }) => because.includes("one-time product twice"))).toHaveLength(
      2,
    );
  });

  test("takes the lookup key of nothing else", async () => {
    const { id, code } = await productHere();
    await box.stripe.prices.create({
      currency: "eur",
      unit_amount: 1,
      lookup_key: `${code}_once_eur`,
      product_data: { name: "Other" },
    });
    await readAll(sql);

    expect(await failureOf(publishSold(ada, await about(id)))).toMatchObject({
      code: "conflict",
      message: expect.stringMatching(/is not in this product\. Put it into this product/),
    });
    expect(soldAt(box, code, KEY).products).toEqual([]);
  });
});

describe("one click", () => {
  const FAILURE = { status: 500, body: { error: { type: "api_error", message: "Oh" } } } as const;
  const CUTS: (readonly [number, string, Fate])[] = [1, 2, 3].flatMap((nth) => [
    [nth, "before the request", "cut before"] as const,
    [nth, "after the request", "cut after"] as const,
    [nth, "by a failure", FAILURE] as const,
  ]);

  test("has one effect when it is double-clicked", async () => {
    const { id, code } = await productHere();
    const asked = await about(id);

    const all = await Promise.all(Array.from({ length: 4 }, () => publishSold(ada, asked)));

    expect(new Set(all.map((command) => command.id)).size).toBe(1);
    expect(soldAt(box, code, KEY)).toMatchObject({ products: [{}], prices: both(code) });
    expect(await publishSaved(ada, { ...place, soldId: id })).toBeUndefined();
  });

  test.each(CUTS)(
    "has one effect, and is gone on with by the worker, when call %i stays cut %s",
    async (nth, _, fate) => {
      const { id, code } = await productHere();
      const asked = await about(id);
      let changes = 0;
      wire.decide(({ method }) => {
        if (method !== "GET") changes += 1;
        return method !== "GET" && changes >= nth ? fate : "pass";
      });
      expect(await publishSold(ada, asked)).toMatchObject({ status: "open" });

      wire.decide(() => "pass");
      await sql`update commands set leased_until = null where status = 'open'`;
      await sendForgotten();

      expect(await publishSold(ada, asked)).toMatchObject({ status: "done" });
      expect(soldAt(box, code, KEY)).toMatchObject({ products: [{}], prices: both(code) });
      expect(await differencesOf(id)).toEqual([]);
    },
  );
});

describe("what differs", () => {
  async function dearer() {
    const { id, code } = await productHere({ prices: [tenner] });
    await publishSold(ada, await about(id));
    await lookAt(id);
    const prices = [{ ...tenner, amountMinor: 15_00 }];
    await editProduct(ada, { productId: id, code, name: "Pack", quantityMax: 1, prices });
    return { id, code };
  }

  test("is made alike by a new price, and the old one is taken off sale", async () => {
    const { id, code } = await dearer();
    expect(await differencesOf(id)).toEqual([
      "Amount | €15.00 once | €10.00 once",
      expect.stringMatching(/^Name \| Pack \| Pack \d+$/),
    ]);

    await lookAfter(await publishSold(ada, await about(id)));
    const [{ ref: old } = { ref: "" }] = (await sellingOf(id)).mirrored.filter(
      ({ amountMinor }) => amountMinor === 10_00,
    );
    const command = await withdrawPrices(ada, { ...(await about(id)), priceRef: old });
    await lookAfter(command);

    expect(command.sentence).toBe(
      "Stripe sells 1 price of Pack no longer. Orders stay as they are.",
    );
    expect(soldAt(box, code, KEY).prices).toEqual([
      " 1000 eur  off",
      `${code}_once_eur 1500 eur  on sale`,
    ]);
  });

  test("is taken over here by asking what the gateway asks, for that currency only", async () => {
    const { id } = await dearer();
    await editProduct(ada, {
      productId: id,
      code: `code${id.slice(-6)}`,
      name: "Pack",
      prices: [
        { ...tenner, amountMinor: 15_00 },
        { currency: "USD", amountMinor: 1 },
      ],
    });
    const { mirrored } = await sellingOf(id);

    await adoptPrice(ada, { ...(await about(id)), priceRef: mirrored[0]?.ref ?? "" });

    const kept = (await productCatalogue()).find((product) => product.id === id);
    expect(kept?.prices.map(({ currency, amountMinor }) => [currency, amountMinor])).toEqual([
      ["EUR", 10_00],
      ["USD", 1],
    ]);
  });

  test("stands in the list of products as on the page of each", async () => {
    const { id } = await dearer();
    const [market] = await markets(ada, "test");
    if (!market) throw new Error("There is no gateway.");

    const all = await listedAt(ada, market, await productCatalogue());

    expect(all.get(id)).toEqual({
      prices: 1,
      differences: (await sellingOf(id)).differences.length,
    });
  });
});

test("a product that is archived is taken off sale at the gateway too, default price or not", async () => {
  const { id, code } = await productHere({ prices: [tenner] });
  await lookAfter(await publishSold(ada, await about(id)));
  const [{ productRef, ref } = { productRef: "", ref: "" }] = (await sellingOf(id)).mirrored;
  await box.stripe.products.update(productRef ?? "", { default_price: ref });
  await setProductArchived(ada, { productId: id, isArchived: true });
  expect(await differencesOf(id)).toEqual(["Price | Archived | €10.00 once, on sale"]);

  await lookAfter(await withdrawPrices(ada, await about(id)));

  expect(soldAt(box, code, KEY).prices).toEqual([`${code}_once_eur 1000 eur  off`]);
  expect(await differencesOf(id)).toEqual([]);
});

test("a reading looks again at what sells a product, though the gateway lists it no more", async () => {
  const { id } = await productHere({ prices: [tenner] });
  await lookAfter(await publishSold(ada, await about(id)));
  const [{ ref } = { ref: "" }] = (await sellingOf(id)).mirrored;
  await box.stripe.prices.update(ref, { active: false });

  await readAll(sql);

  expect(await differencesOf(id)).toEqual(["€10.00 once | On sale | Off sale"]);
});
