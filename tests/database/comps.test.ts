import { afterEach, beforeEach, describe, expect, test } from "vitest";
import type { Administrator } from "#lib/actor.ts";
import { recomputeDue } from "#lib/billing/clock.ts";
import { unlinkCustomer } from "#lib/billing/commands.ts";
import { findEnding } from "#lib/billing/ending/views.ts";
import { entitlementsOf } from "#lib/billing/entitlements.ts";
import { endComp, giveComp } from "#lib/billing/granting/comp-commands.ts";
import { findGranting, whyOf } from "#lib/billing/granting/views.ts";
import { findBilling } from "#lib/billing/views.ts";
import {
  deliver,
  makeOrganization,
  prepareBilling,
  settle,
  tierOf,
} from "#tests/support/billing.ts";
import { person } from "#tests/support/commanding.ts";
import { useDatabase } from "#tests/support/database.ts";
import { ada } from "#tests/support/settings.ts";
import { checkoutSession, event } from "#tests/support/stripe-objects.ts";
import { subscriptionOn } from "#tests/support/subscriber.ts";

/* What administrators give free of charge, and what it counts for. */

const database = await useDatabase();
const { sql } = database;
await prepareBilling(database);

const until = "2030-12-03";
const reason = "They speak at our conference";
let made = 0;
let it = names();

beforeEach(async () => {
  it = names();
  await makeOrganization(sql, it.org);
});

/** Names that no other test uses. */
function names() {
  made += 1;
  return { org: `org_comp${made}`, cus: `cus_c${made}`, sub: `sub_c${made}` };
}

/** What the page's form holds. */
async function wish(given = "pln_business", changes = {}) {
  const { revision } = await findGranting(ada, { organizationId: it.org, mode: "test" });
  return { organizationId: it.org, given, until, reason, revision, ...changes };
}

async function gives(given?: string, changes?: object) {
  return (await giveComp(ada, await wish(given, changes))).comp;
}

async function ends(compId: string) {
  return endComp(ada, { organizationId: it.org, compId, reason: "They did not come" });
}

let clock = Math.floor(Date.now() / 1000);

/** The organization subscribes to a price, or the gateway tells something else of its subscription. */
async function subscribes(price: string, changes = {}): Promise<void> {
  clock += 2;
  const of = { customer: it.cus, subscription: it.sub, client_reference_id: it.org };
  const page = checkoutSession({ id: `cs_${it.sub}`, invoice: null, ...of });
  await deliver(event("checkout.session.completed", page, { created: clock }));
  const told = subscriptionOn(price, it, changes);
  await deliver(event("customer.subscription.updated", told, { created: clock + 1 }));
  await settle(sql);
}

/** As if the comp had been given long ago, for until a second ago. */
async function runsOut(): Promise<void> {
  await sql`update comps set given_at = now() - interval '2 days',
      ends_at = date_trunc('second', now()) - interval '1 second'
    where organization_id = ${it.org} and ended_at is null`;
  await sql`update organizations set tier_valid_until = (
      select ends_at from comps where organization_id = ${it.org} and ended_at is null)
    where id = ${it.org} and tier_valid_until is not null`;
}

async function history() {
  const rows = await sql`
    select f.name || ' → ' || t.name as moved, c.because, c.cause from tier_changes c
    join tiers f on f.id = c.from_tier_id join tiers t on t.id = c.to_tier_id
    where c.organization_id = ${it.org} order by c.at, c.id`;
  return rows.map((row) => ({ ...row }));
}

describe("what is given free of charge", () => {
  test("is what the product may use at once, until its last day is over", async () => {
    await gives();

    expect(await entitlementsOf(it.org)).toMatchObject({
      tier: { code: "business" },
      validUntil: new Date("2030-12-03T23:59:59Z"),
    });
    expect(await history()).toEqual([
      {
        moved: "Free → Business",
        because: "Business is free of charge until 2030-12-03.",
        cause: "comp",
      },
    ]);
  });

  test("ends by itself, by the worker's clock", async () => {
    await gives();
    await runsOut();

    await recomputeDue();

    expect(await tierOf(sql, it.org)).toBe("free");
    expect((await history()).at(-1)).toMatchObject({
      moved: "Business → Free",
      because: expect.stringMatching(/^Business was free of charge until /),
      cause: "time",
    });
  });

  test("is not read for a moment longer, even where no worker runs", async () => {
    await gives();
    await runsOut();

    expect(await entitlementsOf(it.org)).toMatchObject({ tier: { code: "free" } });
  });

  test("ends early when an administrator says so, once", async () => {
    const { id } = await gives();

    const [first, again] = [await ends(id), await ends(id)];

    expect(await tierOf(sql, it.org)).toBe("free");
    expect(again.comp.endedAt).toEqual(first.comp.endedAt);
    expect(
      await sql`select action, actor_label, before, reason from audit_entries
        where organization_id = ${it.org} order by id`,
    ).toMatchObject([
      { action: "comp.give", actor_label: "Ada", reason },
      {
        action: "comp.end",
        before: "Business is free of charge until 3 December 2030.",
        reason: "They did not come",
      },
    ]);
  });

  test("counts beside what is paid for, and the higher of the two wins", async () => {
    await subscribes("price_pro");
    const { id } = await gives();
    expect(await tierOf(sql, it.org)).toBe("business");

    await subscribes("price_pro");
    expect(await tierOf(sql, it.org)).toBe("business");
    await ends(id);
    expect(await tierOf(sql, it.org)).toBe("pro");
  });

  test("is there when a higher subscription ends", async () => {
    await subscribes("price_business");
    await gives("tir_pro");
    expect(await tierOf(sql, it.org)).toBe("business");

    await subscribes("price_business", { status: "canceled", ended_at: clock });

    expect(await tierOf(sql, it.org)).toBe("pro");
    expect((await history()).at(-1)).toMatchObject({
      because: "Pro is free of charge until 2030-12-03.",
    });
  });

  test("outlives an unlinking", async () => {
    await subscribes("price_pro");
    await gives();
    const [customer] = await sql<{ id: string }[]>`
      select id from customers where organization_id = ${it.org}`;

    await unlinkCustomer(ada, { customerId: customer?.id ?? "", reason: "Somebody else’s" });

    expect(await tierOf(sql, it.org)).toBe("business");
  });

  test("does not stay for good with a subscription whose price is in no plan", async () => {
    await gives();
    await subscribes(`price_unknown_${it.sub}`);
    expect(await tierOf(sql, it.org)).toBe("business");
    await runsOut();

    await recomputeDue();

    expect(await tierOf(sql, it.org)).toBe("free");
  });

  test("follows when a rebuild is over", async () => {
    await sql`update organizations set tier_held_by = 'rbd_1' where id = ${it.org}`;
    await gives();
    expect(await tierOf(sql, it.org)).toBe("free");
    expect(await whyOf(ada, it.org)).toMatchObject({
      because: expect.stringMatching(/^A rebuild is under way/),
      comp: { name: "Business" },
    });

    await sql`update organizations set tier_held_by = null where id = ${it.org}`;
    await subscribes("price_pro");

    expect(await tierOf(sql, it.org)).toBe("business");
  });
});

describe("one wish", () => {
  test("is granted once when it is double-clicked, or sent again later", async () => {
    const asked = await wish();

    const [first, second] = await Promise.all([giveComp(ada, asked), giveComp(ada, asked)]);
    const third = await giveComp(ada, asked);

    expect(new Set([first, second, third].map(({ comp }) => comp.id)).size).toBe(1);
    expect(await sql`select id from comps where organization_id = ${it.org}`).toHaveLength(1);
    expect(await sql`select id from audit_entries where organization_id = ${it.org}`).toHaveLength(
      1,
    );
  });

  test("of two people with different wishes only the first is granted", async () => {
    const [business, pro] = [await wish("pln_business"), await wish("pln_pro")];

    const both = await Promise.allSettled([giveComp(ada, business), giveComp(ada, pro)]);

    expect(both.map(({ status }) => status).sort()).toEqual(["fulfilled", "rejected"]);
    expect(both.find(({ status }) => status === "rejected")).toMatchObject({
      reason: { code: "conflict" },
    });
  });

  test("given, ended and given again is two comps", async () => {
    const first = await gives();
    await ends(first.id);

    const second = await gives();

    expect(second.id).not.toBe(first.id);
    expect(await tierOf(sql, it.org)).toBe("business");
  });

  test("is for administrators, who say why", async () => {
    const asked = await wish();
    const member: unknown = await person(sql, it.org, "owner");

    await expect(giveComp(member as Administrator, asked)).rejects.toMatchObject({
      code: "not_allowed",
    });
    await expect(giveComp(ada, { ...asked, reason: "" })).rejects.toMatchObject({
      fields: { reason: "Say why." },
    });
    expect(await tierOf(sql, it.org)).toBe("free");
  });

  test.each([
    [{ until: "2020-01-01" }, { until: "Choose a day that is still to come." }],
    [{ until: "2930-01-01" }, { until: "Choose a day within ten years." }],
    [{ until: "soon" }, { until: "Choose a day." }],
    [{ given: "tir_free" }, { given: "Everybody has Free already." }],
    [{ given: "pln_of_nobody" }, { given: "Choose what to give." }],
  ])("with %j is refused beside its field", async (changes, fields) => {
    await expect(giveComp(ada, await wish("pln_pro", changes))).rejects.toMatchObject({ fields });
  });

  test("names the comp of this organization only", async () => {
    const { id } = await gives();
    const other = names();
    await makeOrganization(sql, other.org);

    await expect(
      endComp(ada, { organizationId: other.org, compId: id, reason }),
    ).rejects.toMatchObject({ code: "not_found" });
    expect(await tierOf(sql, it.org)).toBe("business");
  });
});

describe("a plan that is archived", () => {
  afterEach(async () => {
    await sql`update plans set archived_at = null`;
  });

  test("stays with who was given it until its day, and is given to nobody any more", async () => {
    await gives();
    await sql`update plans set archived_at = now() where id = 'pln_business'`;
    await recomputeDue();

    const longer = gives("pln_business", { until: "2031-12-03" });

    await expect(longer).rejects.toMatchObject({
      code: "conflict",
      fields: { given: "Business is off sale. Give its tier, or another plan." },
    });
    expect(await entitlementsOf(it.org)).toMatchObject({
      tier: { code: "business" },
      validUntil: new Date("2030-12-03T23:59:59Z"),
    });
    await gives("tir_business", { until: "2031-12-03" });
    expect(await tierOf(sql, it.org)).toBe("business");
  });

  test("is not offered, and its tier is chosen beforehand in its place", async () => {
    await gives();
    await sql`update plans set archived_at = now() where id = 'pln_business'`;

    const { offered, chosen } = await findGranting(ada, { organizationId: it.org, mode: "test" });

    expect(offered.plans.map(({ id }) => id)).not.toContain("pln_business");
    expect(chosen).toBe("tir_business");
  });
});

describe("another one", () => {
  test("takes the place of what is open, whose end the database notes", async () => {
    await gives("pln_business");

    await gives("pln_pro", { until: "2031-01-31" });

    expect(await tierOf(sql, it.org)).toBe("pro");
    expect(
      await sql`select tier_id, ended_at is null as open from comps
        where organization_id = ${it.org} order by given_at`,
    ).toEqual([
      { tier_id: "tir_business", open: false },
      { tier_id: "tir_pro", open: true },
    ]);
    expect(await history()).toMatchObject([
      { moved: "Free → Business" },
      { moved: "Business → Pro" },
    ]);
  });

  test("leaves nothing of the first to a subscription whose price is in no plan", async () => {
    await gives("pln_business");
    await subscribes(`price_unknown_${it.sub}`);

    await gives("pln_pro");

    expect(await tierOf(sql, it.org)).toBe("pro");
  });

  test("may be given when the one before ran out, and leaves what was before both", async () => {
    await gives();
    await runsOut();

    const { id } = await gives("pln_pro");
    await subscribes(`price_unknown_${it.sub}`);
    await ends(id);

    expect(await tierOf(sql, it.org)).toBe("free");
  });

  test("cannot be open beside the first, whoever writes it", async () => {
    await gives();

    await expect(sql`
      insert into comps (id, organization_id, tier_id, tier_before_id, given_at, ends_at, reason,
        given_by_label, intention)
      values ('cmp_2', ${it.org}, 'tir_pro', 'tir_free', now(), now() + interval '1 day', 'Why not',
        'Somebody', ${`another ${it.org}`})`).rejects.toThrow(/one_open_comp_per_organization/);
  });
});

describe("the page of the plan", () => {
  test("says what is free of charge until when, and whether it is why", async () => {
    const owner = await person(sql, it.org, "owner");
    await gives("pln_pro");
    const alone = await findBilling({ actor: owner }, "test");
    await subscribes("price_business");
    const beside = await findBilling({ actor: owner }, "test");

    const endsAt = new Date("2030-12-03T23:59:59Z");
    expect(alone?.comp).toEqual({ name: "Pro", endsAt, isInForce: true });
    expect(beside?.comp).toEqual({ name: "Pro", endsAt, isInForce: false });
  });

  test("says before a plan is cancelled what is left of what was given", async () => {
    const owner = await person(sql, it.org, "owner");
    await subscribes("price_business");
    await gives("tir_pro");

    expect(await findEnding({ actor: owner })).toMatchObject({ tierAfter: "Pro" });
  });

  test("answers an administrator who gave it, and why", async () => {
    await gives();

    expect(await whyOf(ada, it.org)).toMatchObject({
      because: "Business is free of charge until 2030-12-03.",
      comp: { name: "Business", reason, givenByLabel: "Ada" },
    });
  });
});
