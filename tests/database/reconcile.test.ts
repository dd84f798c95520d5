import { afterAll, beforeAll, beforeEach, expect, test } from "vitest";
import { reloadConfig } from "#lib/config.ts";
import { compareSubscriptions } from "#lib/reconcile/drift.ts";
import { compareEverywhere, findGapsEverywhere } from "#lib/reconcile/every-place.ts";
import { findGaps } from "#lib/reconcile/gaps.ts";
import { forgetOldGaps } from "#lib/reconcile/store.ts";
import { forgetSecrets } from "#lib/settings/secrets.ts";
import { seededRandom } from "#sandbox/state/random.ts";
import {
  deliver,
  makeOrganization,
  prepareBilling,
  settle,
  tierOf,
} from "#tests/support/billing.ts";
import { askNobody } from "#tests/support/commanding.ts";
import { useDatabase } from "#tests/support/database.ts";
import { type Box, KEY, startSandbox } from "#tests/support/sandbox.ts";
import { subscribed } from "#tests/support/sandbox-subscriber.ts";

const database = await useDatabase();
const { sql } = database;
await prepareBilling(database);
const place = { gateway: "stripe", mode: "test" } as const;
let box: Box;
let price = "";

beforeAll(async () => {
  await makeOrganization(sql, "org_acme");
});

beforeEach(async () => {
  await sql`truncate gateway_prices, gateway_products, subscriptions, invoices, payments, customers,
    checkouts, gateway_objects, syncs, event_keys, webhook_events, event_walks, event_gaps, alerts cascade`;
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

test("what was never delivered is found in the gateway's list, and its truth is fetched", async () => {
  await subscribed(box, price, "org_acme");

  const compared = await findGaps(place);
  await settle(sql);

  expect(await tierOf(sql, "org_acme")).toBe("pro");
  expect(compared?.missing).toBeGreaterThan(5);
  const [told] =
    await sql`select distinct cause from syncs where cause <> 'related' and cause <> 'link'`;
  expect(told).toEqual({ cause: "reconciliation" });
});

test("a second walk finds nothing new, and rings nothing", async () => {
  await subscribed(box, price, "org_acme");
  await findGaps(place);
  await settle(sql);
  const before = await rings();

  expect(await findGaps(place)).toMatchObject({ missing: 0 });
  expect(await rings()).toEqual(before);
});

test("a gap whose delivery came after all is closed, and told to nobody", async () => {
  await subscribed(box, price, "org_acme");
  await findGaps(place);
  for (const event of box.world.all("event")) await deliver(JSON.parse(JSON.stringify(event)));
  await openSince("10 minutes");

  await findGaps(place);

  expect(await sql`select from event_gaps where arrived_at is null`).toHaveLength(0);
  expect(await sql`select from alerts where kind = 'events_missed'`).toHaveLength(0);
});

test("gaps that stay open for five minutes are told once, with how many", async () => {
  await subscribed(box, price, "org_acme");
  const compared = await findGaps(place);
  expect(await sql`select from alerts where kind = 'events_missed'`).toHaveLength(0);
  await openSince("6 minutes");

  await findGaps(place);
  await findGaps(place);

  const alerts = await sql`select count, message from alerts where kind = 'events_missed'`;
  expect(alerts).toMatchObject([
    {
      count: 1,
      message: expect.stringContaining(`${compared?.missing} events were never delivered`),
    },
  ]);
});

test("events of a connected account, and of kinds that nobody asked for, are no gaps", async () => {
  await box.stripe.coupons.create({ percent_off: 10 });

  const compared = await findGaps(place);

  expect(compared?.listed).toBeGreaterThan(0);
  const types = await sql<{ type: string }[]>`select type from event_gaps`;
  expect(types.map(({ type }) => type)).not.toContain("coupon.created");
});

test("a walk that breaks off between two pages goes on at its page", async () => {
  for (let made = 0; made < 130; made += 1) await box.stripe.customers.create();
  const listed = countLists();
  await box.control("/faults", { seed: seedThatFailsTheSecond(), calls: { error: 0.5 } });
  await expect(findGaps(place)).rejects.toMatchObject({ code: "gateway_unavailable" });
  await box.control("/faults", { calls: { error: 0 } });
  const [walk] = await sql`select next_page from event_walks`;

  await findGaps(place);

  const found = await sql`select from event_gaps where type = 'customer.created'`;
  expect(found).toHaveLength(130);
  const [after] = await sql`select next_page, finished_at from event_walks`;
  expect(after).toMatchObject({ next_page: null, finished_at: expect.any(Date) });
  expect(walk?.next_page).toMatch(/^evt_/);
  expect(listed()).toContain(walk?.next_page);
});

test("a page that the gateway no longer knows begins the walk anew", async () => {
  await subscribed(box, price, "org_acme");
  await findGaps(place);
  await sql`update event_walks set next_page = 'evt_forgotten', newest_seen = now()`;

  await expect(findGaps(place)).rejects.toMatchObject({ code: "gateway_refused" });

  expect(await findGaps(place)).toMatchObject({ missing: 0 });
});

test("without a key, or while the gateway wants silence, nobody is asked", async () => {
  await sql`update gateway_connections set paused_until = now() + interval '1 hour' where mode = 'test'`;
  forgetSecrets();
  expect(await findGaps(place)).toBeUndefined();
  await sql`update gateway_connections set paused_until = null`;
  askNobody();

  expect(await findGaps(place)).toBeUndefined();
  expect(await compareSubscriptions(place)).toBe(0);
});

test("one gateway that is away does not end the round, nor does its failure", async () => {
  await box.control("/faults", { calls: { error: 1 } });

  await expect(findGapsEverywhere(AbortSignal.timeout(10_000))).resolves.toBeUndefined();
});

test("each night a live subscription that differs is mended, with reconciliation as the cause", async () => {
  const subscription = await subscribed(box, price, "org_acme");
  await findGaps(place);
  await settle(sql);
  await box.stripe.subscriptions.cancel(subscription);

  await compareEverywhere();
  await settle(sql);

  expect(await tierOf(sql, "org_acme")).toBe("free");
  const [change] = await sql`select cause from tier_changes order by id desc limit 1`;
  expect(change).toMatchObject({ cause: "reconciliation" });
  expect(await compareSubscriptions(place)).toBe(0);
});

test("gaps older than 90 days are forgotten", async () => {
  await subscribed(box, price, "org_acme");
  await findGaps(place);
  await sql`update event_gaps set found_at = now() - interval '91 days' where type = 'invoice.paid'`;
  const before = await sql`select from event_gaps`;

  await forgetOldGaps();

  expect((await sql`select from event_gaps`).length).toBe(before.length - 1);
});

async function priced(): Promise<string> {
  const product = await box.stripe.products.create({ name: "Pro" });
  const made = await box.stripe.prices.create({
    product: product.id,
    currency: "eur",
    unit_amount: 2_900,
    recurring: { interval: "month" },
  });
  await sql`insert into gateway_prices (gateway, mode, ref, plan_id)
    values ('stripe', 'test', ${made.id}, 'pln_pro')`;
  return made.id;
}

async function rings() {
  return [...(await sql`select ref, rung from gateway_objects order by ref`)];
}

async function openSince(age: string): Promise<void> {
  await sql`update event_gaps set found_at = now() - ${age}::interval`;
}

/** The events after which the list was asked to go on. */
function countLists(): () => (string | null)[] {
  return () =>
    box.calls
      .all()
      .filter(({ address }) => address === "/v1/events")
      .map(({ query }) => new URLSearchParams(query).get("starting_after"));
}

/** With half of all calls failing, one whose first call is answered and whose second is not. */
function seedThatFailsTheSecond(): number {
  for (let seed = 1; ; seed += 1) {
    const random = seededRandom(seed);
    const [first, second] = [random.below(1_000_000), random.below(1_000_000)];
    if (first >= 500_000 && second < 500_000) return seed;
  }
}
