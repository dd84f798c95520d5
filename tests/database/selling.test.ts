import { beforeEach, describe, expect, test } from "vitest";
import { sendForgotten } from "#lib/billing/asking/send.ts";
import {
  publishSaved,
  publishSold,
  renameProduct,
  withdrawPrices,
} from "#lib/billing/selling/commands.ts";
import { adoptPrice } from "#lib/billing/selling/import-commands.ts";
import { archivePlan, editPlan } from "#lib/catalogue/plan-commands.ts";
import { findPlan } from "#lib/catalogue/views.ts";
import { lookAfter } from "#lib/inbox/commands.ts";
import { failureOf } from "#tests/support/asking-stripe.ts";
import { tierOf } from "#tests/support/billing.ts";
import { customerWith, person } from "#tests/support/commanding.ts";
import { useDatabase } from "#tests/support/database.ts";
import {
  about,
  differencesOf,
  importShown,
  lookAt,
  monthly,
  place,
  planHere,
  readAll,
  sellingOf,
  soldAt,
  yearly,
} from "#tests/support/selling.ts";
import { ada } from "#tests/support/settings.ts";
import { newcomer, subscribes } from "#tests/support/subscribing.ts";
import type { Fate } from "#tests/support/wire-tap.ts";
import { useWiredSandbox } from "#tests/support/wired-sandbox.ts";

/*
 * What is sold here is sold at the gateway, once, whatever happens on the way; against the sandbox, over
 * a wire that is cut at will.
 */

const database = await useDatabase();
const { sql } = database;
const { box, wire } = await useWiredSandbox(database);

beforeEach(async () => {
  wire.decide(() => "pass");
  await sql`update commands set status = 'done', settled_at = now() where status = 'open'`;
});

const both = (code: string) => [
  `${code}_monthly_eur 2900 eur month on sale`,
  `${code}_yearly_eur 29000 eur year on sale`,
];

/** What becomes of the nth call that changes something, and of all after it where that is wanted. */
function cut(nth: number, fate: Fate, how: "once" | "from then on"): void {
  let changes = 0;
  wire.decide(({ method }) => {
    if (method !== "GET") changes += 1;
    const isMeant = how === "once" ? changes === nth : changes >= nth;
    return method !== "GET" && isMeant ? fate : "pass";
  });
}

describe("a plan that is sold here", () => {
  test("is made at the gateway, so that an import finds it and has nothing to do", async () => {
    const { id, code } = await planHere();

    const command = await publishSold(ada, await about(id));
    await lookAfter(command);

    expect(command).toMatchObject({ status: "done", organizationId: null });
    expect(command.sentence).toMatch(/^Stripe sells Plan \d+: 2 prices created\.$/);
    expect(soldAt(box, code)).toEqual({
      products: [{ name: expect.stringMatching(/^Plan/), active: true }],
      prices: both(code),
    });
    expect(await differencesOf(id)).toEqual([]);
    await readAll(sql);
    const { proposals } = await importShown();
    expect(proposals.filter((proposal) => proposal.code === code)).toEqual([]);
  });

  test("stands in the audit log, with who asked and for what", async () => {
    const { id, code } = await planHere();

    await publishSold(ada, await about(id));

    expect(
      await sql`select action, actor_label, after from audit_entries
        where subject = ${id} and action = 'plan.publish'`,
    ).toEqual([
      {
        action: "plan.publish",
        actor_label: "Ada",
        after: { code, created: ["€29.00 a month", "€290.00 a year"], again: [] },
      },
    ]);
  });

  test("is asked for by administrators only", async () => {
    const { id, code } = await planHere();
    const { organizationId } = await newcomer(sql);
    const owner = await person(sql, organizationId, "owner");

    const refused = await failureOf(publishSold(owner as never, await about(id)));

    expect(refused).toMatchObject({ code: "not_allowed" });
    expect(soldAt(box, code).products).toEqual([]);
  });

  test("is found by an import of what somebody made by its rules, without any mapping", async () => {
    const { id, code } = await planHere();
    await publishSold(ada, await about(id));
    await lookAt(id);
    await sql`update gateway_prices set plan_id = null where plan_id = ${id}`;

    const { proposals } = await importShown();

    expect(proposals.find((proposal) => proposal.code === code)).toMatchObject({
      planId: id,
      links: [{ why: "its metadata" }, { why: "its metadata" }],
    });
  });

  test("can be subscribed to at once", async () => {
    const { id } = await planHere();
    await publishSold(ada, await about(id));

    const command = await subscribes(await newcomer(sql), { planId: id });

    expect(command).toMatchObject({ status: "needs_person" });
  });
});

describe("one click", () => {
  test("has one effect when it is double-clicked, and when two ask for it at once", async () => {
    const { id, code } = await planHere();
    const asked = await about(id);

    const all = await Promise.all(Array.from({ length: 6 }, () => publishSold(ada, asked)));
    const late = await publishSold(ada, asked);

    expect(new Set([...all, late].map((command) => command.id)).size).toBe(1);
    expect(soldAt(box, code).prices).toEqual(both(code));
  });

  test("has no second effect from another page that is opened right after", async () => {
    const { id, code } = await planHere();
    await publishSold(ada, await about(id));

    expect(await publishSaved(ada, { ...place, soldId: id })).toBeUndefined();

    expect(await failureOf(publishSold(ada, await about(id)))).toMatchObject({
      message: expect.stringContaining("on sale there already"),
    });
    expect(soldAt(box, code).prices).toEqual(both(code));
  });

  const FAILURE = { status: 500, body: { error: { type: "api_error", message: "Oh" } } } as const;
  const CUTS: (readonly [number, string, Fate])[] = [1, 2, 3].flatMap((nth) => [
    [nth, "before the request", "cut before"] as const,
    [nth, "after the request", "cut after"] as const,
    [nth, "by a failure", FAILURE] as const,
  ]);

  test.each(CUTS)("has one effect when call %i is cut %s", async (nth, _, fate) => {
    const { id, code } = await planHere();
    const asked = await about(id);
    cut(nth, fate, "once");

    const command = await publishSold(ada, asked);

    expect(command).toMatchObject({ status: "done" });
    expect(soldAt(box, code)).toMatchObject({ products: [{}], prices: both(code) });
    expect(await differencesOf(id)).toEqual([]);
  });

  test.each(CUTS)(
    "is gone on with by the worker when call %i stays cut %s",
    async (nth, _, fate) => {
      const { id, code } = await planHere();
      const asked = await about(id);
      cut(nth, fate, "from then on");
      expect(await publishSold(ada, asked)).toMatchObject({ status: "open" });

      wire.decide(() => "pass");
      await sql`update commands set leased_until = null where status = 'open'`;
      await sendForgotten();

      expect(await publishSold(ada, asked)).toMatchObject({ status: "done" });
      expect(soldAt(box, code)).toMatchObject({ products: [{}], prices: both(code) });
    },
  );

  test("makes no second product after a refusal that came behind the first", async () => {
    const { id, code } = await planHere();
    const { id: other } = await box.stripe.products.create({ name: "Other" });
    const holder = await box.stripe.prices.create({
      product: other,
      currency: "eur",
      unit_amount: 1,
      lookup_key: `${code}_monthly_eur`,
    });

    const refused = await publishSold(ada, await about(id));
    expect(refused).toMatchObject({ status: "refused" });
    expect(refused.sentence).toContain("lookup key");
    await box.stripe.prices.update(holder.id, { lookup_key: "" });
    const granted = await publishSold(ada, await about(id));

    expect(granted).toMatchObject({ status: "done" });
    expect(soldAt(box, code)).toMatchObject({ products: [{}], prices: both(code) });
  });

  test("does nothing from a page that is out of date", async () => {
    const { id, code } = await planHere();
    const asked = await about(id);
    const { tier } = await findPlan(ada, id);
    await editPlan(ada, { planId: id, code, name: "New name", tierId: tier.id, prices: [monthly] });

    expect(await failureOf(publishSold(ada, asked))).toMatchObject({ code: "conflict" });
    expect(soldAt(box, code).products).toEqual([]);
  });
});

describe("a price that changes here", () => {
  async function repriced() {
    const { id, code } = await planHere();
    await publishSold(ada, await about(id));
    await lookAt(id);
    const { tier, name } = await findPlan(ada, id);
    const dearer = { ...monthly, amountMinor: 39_00 };
    await editPlan(ada, { planId: id, code, name, tierId: tier.id, prices: [dearer, yearly] });
    return { id, code };
  }

  test("is shown with both sides, and is made there beside the old one, whose key it takes", async () => {
    const { id, code } = await repriced();
    expect(await differencesOf(id)).toEqual(["Amount | €39.00 a month | €29.00 a month"]);

    const command = await publishSold(ada, await about(id));
    await lookAfter(command);

    expect(soldAt(box, code).prices).toContain(`${code}_monthly_eur 3900 eur month on sale`);
    expect(await differencesOf(id)).toEqual([
      "Old amount | €39.00 a month | €29.00 a month, on sale",
    ]);
  });

  test("may be taken back by asking what the gateway asks", async () => {
    const { id } = await repriced();
    const { mirrored } = await sellingOf(id);
    const priceRef = mirrored.find(({ interval }) => interval === "month")?.ref ?? "";

    await adoptPrice(ada, { ...(await about(id)), priceRef });

    expect(await differencesOf(id)).toEqual([]);
    expect((await findPlan(ada, id)).prices.map(({ amountMinor }) => amountMinor)).toEqual([
      29_00, 290_00,
    ]);
  });
});

describe("what changes at the gateway", () => {
  test("shows as a difference once its event was heard, and is put right by a button", async () => {
    const { id, code } = await planHere();
    await publishSold(ada, await about(id));
    await lookAt(id);
    const [{ productRef = null, ref = "" } = {}] = (await sellingOf(id)).mirrored;
    await box.stripe.products.update(productRef ?? "", { name: "Gold", active: false });
    await box.stripe.prices.update(ref, { active: false });
    await lookAt(id);

    expect(await differencesOf(id)).toEqual([
      expect.stringMatching(/On sale \| Off sale$/),
      "Product | On sale | Gold, archived",
    ]);
    await lookAfter(await publishSold(ada, await about(id)));
    expect(await differencesOf(id)).toEqual([expect.stringMatching(/^Name \| Plan \d+ \| Gold$/)]);
    const asked = { ...(await about(id)), productRef: productRef ?? "" };
    await lookAfter(await renameProduct(ada, asked));
    expect(await differencesOf(id)).toEqual([]);
    expect(soldAt(box, code)).toMatchObject({ products: [{ active: true }], prices: both(code) });
  });
});

describe("a plan that is archived", () => {
  test("is kept by who has it, sold to nobody new, and taken off sale at the gateway if wanted", async () => {
    const { id, code } = await planHere();
    await lookAfter(await publishSold(ada, await about(id)));
    const sold = (await sellingOf(id)).mirrored.find(({ interval }) => interval === "month");
    await box.stripe.products.update(sold?.productRef ?? "", { default_price: sold?.ref ?? "" });
    const { organizationId } = await customerWith(box, sql, sold?.ref ?? "");
    expect(await tierOf(sql, organizationId)).toBe("pro");

    await archivePlan(ada, { planId: id });
    expect(await differencesOf(id)).toHaveLength(2);
    const command = await withdrawPrices(ada, await about(id));
    await lookAfter(command);

    expect(command.sentence).toMatch(/no longer\. Subscriptions keep what they have\.$/);
    expect(soldAt(box, code).prices.every((price) => price.endsWith("off"))).toBe(true);
    expect(await differencesOf(id)).toEqual([]);
    expect(await tierOf(sql, organizationId)).toBe("pro");
    expect(await failureOf(subscribes(await newcomer(sql), { planId: id }))).toMatchObject({
      code: "conflict",
    });
  });
});

test("the database keeps commands of nobody to what is sold", async () => {
  const insert = (organizationId: string | null, object: string) => sql`
    insert into commands (id, organization_id, gateway, mode, kind, object, intention, plan,
      asked_by_kind, asked_by_label)
    values (${object}, ${organizationId}, 'stripe', 'test', 'x', ${object}, ${object}, '{}', 'x', 'x')`;

  await expect(insert(null, "subscription:sub_1")).rejects.toThrow(
    /only_commands_about_what_is_sold/,
  );
});
