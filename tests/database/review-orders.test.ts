import { expect, test } from "vitest";
import { linkCustomer, unlinkCustomer } from "#lib/billing/commands.ts";
import { sweepWaiting } from "#lib/inbox/ring.ts";
import {
  deliver,
  makeOrganization,
  prepareBilling,
  settle,
  tierOf,
} from "#tests/support/billing.ts";
import { useDatabase } from "#tests/support/database.ts";
import { play, type Step } from "#tests/support/histories.ts";
import { noticesOf, rowsOf } from "#tests/support/rows.ts";
import { ada } from "#tests/support/settings.ts";
import {
  charge,
  checkoutSession,
  customer,
  dispute,
  event,
  paymentIntent,
  price,
  type StripeObject,
  subscription,
  subscriptionItem,
} from "#tests/support/stripe-objects.ts";

const database = await useDatabase();
const { sql } = database;
await prepareBilling(database);

const startsAt = Math.floor(Date.now() / 1000) - 24 * 3600;

/** A one-time purchase by somebody who is no customer: only the page says whose it is. */
function purchase(prefix: string): StripeObject[] {
  const intent = paymentIntent({ id: `pi_${prefix}_1`, customer: null });
  const paid = charge({ id: `ch_${prefix}_1`, payment_intent: intent.id, customer: null });
  const page = checkoutSession({
    id: `cs_${prefix}_1`,
    mode: "payment",
    customer: null,
    subscription: null,
    invoice: null,
    payment_intent: intent.id,
    client_reference_id: `org_${prefix}`,
  });
  const contested = dispute({
    id: `dp_${prefix}_1`,
    charge: paid.id,
    payment_intent: intent.id,
  });
  const told = (type: string, object: StripeObject, second: number) =>
    event(type, object, { id: `evt_${prefix}_${second}`, created: startsAt + second });
  return [
    told("checkout.session.completed", page, 1),
    told("payment_intent.succeeded", intent, 2),
    told("charge.refunded", { ...paid, amount_refunded: 100 }, 3),
    told("charge.dispute.created", contested, 4),
  ];
}

function permutations<T>(items: readonly T[]): T[][] {
  if (items.length < 2) return [[...items]];
  return items.flatMap((item, n) =>
    permutations([...items.slice(0, n), ...items.slice(n + 1)]).map((rest) => [item, ...rest]),
  );
}

test("finds the owner of a purchase without a customer in every order of its four events", async () => {
  const ends = new Set<string>();
  for (const [n, order] of permutations([0, 1, 2, 3]).entries()) {
    const prefix = `g${n}`;
    await makeOrganization(sql, `org_${prefix}`);
    const events = purchase(prefix);
    for (const place of order) {
      await deliver(events[place] as StripeObject);
      await settle(sql, 2);
    }
    const rows = await rowsOf(sql, prefix);
    ends.add(rows);
    expect(rows.match(/"organization_id": "org_X"/g), `order ${order}`).toHaveLength(3);
  }
  expect(ends.size).toBe(1);
}, 60_000);

const steps: Step[] = [
  { kind: "renew" },
  { kind: "fail" },
  { kind: "change", to: "price_business" },
  { kind: "refund", half: true },
  { kind: "dispute", won: false },
];

test("ends the same whenever its customer is linked, unlinked and linked again", async () => {
  const ends = new Set<string>();
  for (let n = 0; n < 6; n++) {
    const prefix = `u${n}`;
    await makeOrganization(sql, `org_${prefix}`);
    await sql`insert into customers (id, gateway, mode, ref)
      values (${`cus_${prefix}`}, 'stripe', 'test', ${`cus_${prefix}_1`})`;
    const customerId = `cus_${prefix}`;
    const link = () => linkCustomer(ada, { customerId, organizationId: `org_${prefix}` });
    const events = play(prefix, steps, startsAt)
      .flatMap((moment) => moment.events)
      .filter((one) => one.type !== "checkout.session.completed");
    const turn = Math.floor((events.length * n) / 6);
    for (const [place, one] of events.entries()) {
      const working = settle(sql, 3);
      if (place === turn) await link();
      if (place === turn + 2) await unlinkCustomer(ada, { customerId, reason: "by mistake" });
      if (place === turn + 4) await link();
      await deliver(one);
      await working;
    }
    await link();
    await settle(sql, 3);
    ends.add(await rowsOf(sql, prefix));
    const notices = await noticesOf(sql, prefix);
    expect(new Set(notices).size).toBe(notices.length);
  }
  expect([...ends]).toHaveLength(1);
}, 60_000);

test("gives an organization what named it before it was there", async () => {
  await deliver(event("customer.created", customer({ id: "cus_early" }), { created: startsAt }));
  const early = subscription({
    id: "sub_early",
    customer: "cus_early",
    latest_invoice: null,
    metadata: { org_id: "early-7" },
    items: {
      object: "list",
      has_more: false,
      data: [subscriptionItem({ price: price({ id: "price_pro" }), subscription: "sub_early" })],
    },
  });
  const page = checkoutSession({
    id: "cs_early",
    mode: "payment",
    customer: null,
    subscription: null,
    invoice: null,
    payment_intent: "pi_early",
    client_reference_id: "early-7",
  });
  await deliver(event("customer.subscription.updated", early, { created: startsAt }));
  await deliver(event("checkout.session.completed", page, { created: startsAt }));
  await settle(sql);
  const before = await sweepWaiting();

  await makeOrganization(sql, "org_early");
  await sql`update organizations set reference = 'early-7' where id = 'org_early'`;
  await sweepWaiting();
  await settle(sql);

  expect(before).toBe(0);
  expect(await tierOf(sql, "org_early")).toBe("pro");
  expect(await sql`select 1 from checkouts where organization_id = 'org_early'`).toHaveLength(1);
  expect(await sweepWaiting()).toBe(0);
});

test("changes nothing when events come again after their keys were forgotten", async () => {
  await makeOrganization(sql, "org_late");
  const events = play("late", steps, startsAt).flatMap((moment) => moment.events);
  for (const one of events) await deliver(one);
  await settle(sql);
  const before = [await rowsOf(sql, "late"), await noticesOf(sql, "late")];
  const [changes] =
    await sql`select count(*)::int from tier_changes where organization_id = 'org_late'`;

  await sql`delete from event_keys`;
  for (const one of [...events].reverse()) await deliver(one);
  await settle(sql);

  expect([await rowsOf(sql, "late"), await noticesOf(sql, "late")]).toEqual(before);
  expect(
    (await sql`select count(*)::int from tier_changes where organization_id = 'org_late'`)[0],
  ).toEqual(changes);
  const open = await sql`select event_ref, status from webhook_events
    where event_ref like 'evt_late_%' and status not in ('processed')`;
  expect(open).toEqual([]);
});
