import { beforeAll, beforeEach, describe, expect, test } from "vitest";
import { lookAtOpenPages } from "#lib/billing/asking/pages.ts";
import { sendForgotten } from "#lib/billing/asking/send.ts";
import { type Ordered, orderProduct } from "#lib/billing/ordering/commands.ts";
import {
  findOrder,
  findShop,
  hasShop,
  listAllOrders,
  listOrders,
} from "#lib/billing/ordering/views.ts";
import { syncNow } from "#lib/inbox/commands.ts";
import { settle } from "#tests/support/billing.ts";
import { person } from "#tests/support/commanding.ts";
import { useDatabase } from "#tests/support/database.ts";
import { refusal } from "#tests/support/identity.ts";
import { buys, ordersOf, paidAt, sellOnce, shownInShop } from "#tests/support/ordering.ts";
import { rebuilt } from "#tests/support/rebuilding.ts";
import { checkoutOf } from "#tests/support/sandbox-checkout.ts";
import { ada } from "#tests/support/settings.ts";
import { statementsOf } from "#tests/support/statements.ts";
import {
  EXPIRE,
  type Newcomer,
  newcomer,
  openAt,
  PAGE_CUTS,
  paysOn,
  refOf,
} from "#tests/support/subscribing.ts";
import type { Fate } from "#tests/support/wire-tap.ts";
import { useWiredSandbox } from "#tests/support/wired-sandbox.ts";

/* One-time products are ordered, and paid for once, whatever happens on the way. */

const database = await useDatabase();
const { sql } = database;
const { box, wire } = await useWiredSandbox(database);
const place = { gateway: "stripe", mode: "test" } as const;

let credits = "";
let who: Newcomer;

beforeAll(async () => {
  credits = (await sellOnce(box, sql)).productId;
});

beforeEach(async () => {
  wire.decide(() => "pass");
  who = await newcomer(sql);
});

/** What the order's own page does when people come back to it. */
async function looksAt({ orderId, command }: Ordered) {
  await syncNow({ ...place, refs: [{ type: "checkout", ref: refOf(command) }] });
  return findOrder(who.owner, { ...who, orderId });
}

async function paymentOf({ command }: Ordered): Promise<string> {
  const { payment_intent: payment } = await box.stripe.checkout.sessions.retrieve(refOf(command));
  if (typeof payment !== "string") throw new Error("Nothing was paid.");
  return payment;
}

async function bought(quantity = 1): Promise<Ordered> {
  const order = await buys(who, credits, quantity);
  await paysOn(box, order.command);
  return order;
}

/** How many in this database wait for somebody else's lock. */
async function waitingHere(): Promise<number> {
  const rows = await sql`select from pg_stat_activity
    where datname = current_database() and wait_event_type = 'Lock'`;
  return rows.length;
}

/** Makes something happen at the moment when a call is made, before it passes. */
function whenAsked(path: RegExp, then: () => Promise<unknown>): void {
  let isDone = false;
  wire.decide(async (call): Promise<Fate> => {
    if (!isDone && call.method === "POST" && path.test(call.path)) {
      isDone = true;
      await then();
    }
    return "pass";
  });
}

describe("ordering", () => {
  test("opens a page that asks for just what was shown, once", async () => {
    const { orderId, command } = await buys(who, credits, 3);

    const session = await box.stripe.checkout.sessions.retrieve(refOf(command));
    expect(session).toMatchObject({
      mode: "payment",
      amount_total: 30_00,
      client_reference_id: who.organizationId,
      success_url: expect.stringMatching(new RegExp(`/orders/${orderId}$`)),
    });
    expect(await findOrder(who.owner, { ...who, orderId })).toMatchObject({
      state: "pending",
      page: "open",
      amountMinor: 30_00,
      quantity: 3,
      productName: "Credits",
    });
  });

  test("waits for a sync of its page in the order in which that locks, and never in a circle", async () => {
    let syncing: Promise<unknown> = Promise.resolve();
    whenAsked(/^\/v1\/checkout\/sessions$/, async () => {
      let isHeld = () => {};
      const held = new Promise<void>((resolve) => {
        isHeld = resolve;
      });
      syncing = sql.begin(async (tx) => {
        await tx`select from orders where organization_id = ${who.organizationId} for update`;
        isHeld();
        await expect
          .poll(async () => (await openAt(box, who)).length + (await waitingHere()), {
            timeout: 5_000,
          })
          .toBeGreaterThan(1);
        const [ref = ""] = await openAt(box, who);
        await tx`
          insert into gateway_objects (gateway, mode, type, ref)
          values ('stripe', 'test', 'checkout', ${ref})
          on conflict (gateway, mode, type, ref) do update set rung = gateway_objects.rung`;
      });
      await held;
    });

    const { command } = await buys(who, credits);

    await syncing;
    const [row] = await sql`select sends from commands where id = ${command.id}`;
    expect(row).toEqual({ sends: 1 });
    expect(command.status).toBe("needs_person");
  });

  test("shows at once that it is completed to who comes back, before any word of the gateway's", async () => {
    const order = await bought();

    expect(await looksAt(order)).toMatchObject({
      state: "completed",
      completedAt: expect.any(Date),
    });
    const [command] = await sql`select status from commands where id = ${order.command.id}`;
    expect(command).toMatchObject({ status: "done" });
    expect(await paidAt(box, who)).toEqual([10_00]);
  });

  test("charges the tax that the gateway works out, beside the price that was shown", async () => {
    await sql`insert into settings (key, value) values ('worksOutTax', 'true')`;
    try {
      const order = await buys(who, credits);
      const page = { id: refOf(order.command) };
      await checkoutOf(box).pay(page, undefined, { country: "DE" });
      await checkoutOf(box).pay(page, undefined, { country: "DE" });
      await looksAt(order);
      await settle(sql);

      expect(await findOrder(who.owner, { ...who, orderId: order.orderId })).toMatchObject({
        state: "completed",
        amountMinor: 10_00,
        chargedMinor: 11_90,
      });
    } finally {
      await sql`delete from settings where key = 'worksOutTax'`;
    }
  });

  test("completes it although the window was closed after paying", async () => {
    await bought();

    await lookAtOpenPages();
    await settle(sql);

    expect(await ordersOf(sql, who)).toMatchObject([{ state: "completed" }]);
  });

  test("cancels it where its page ran out", async () => {
    const order = await buys(who, credits);
    await box.stripe.checkout.sessions.expire(refOf(order.command));

    await lookAtOpenPages();
    await settle(sql);

    expect(await findOrder(who.owner, { ...who, orderId: order.orderId })).toMatchObject({
      state: "canceled",
      page: "expired",
      completedAt: null,
    });
  });

  test("cancels it where the gateway refuses to open a page", async () => {
    const gone = await sellOnce(box, sql, { name: "Gone" });
    await box.stripe.prices.update(gone.priceRef, { active: false });

    const { orderId, command } = await buys(who, gone.productId);

    expect(command.status).toBe("refused");
    expect(await findOrder(who.owner, { ...who, orderId })).toMatchObject({
      state: "canceled",
      page: "refused",
    });
  });
});

describe("the state follows page and payment", () => {
  const looks = [
    ["the page first", ["checkout", "payment"]],
    ["the payment first", ["payment", "checkout"]],
    ["each of them again", ["payment", "checkout", "payment", "checkout"]],
    ["the payment alone", ["payment"]],
  ] as const;

  test.each(looks)("to its end, looking at %s", async (_, types) => {
    const order = await bought();
    const ref = { checkout: refOf(order.command), payment: await paymentOf(order) };

    for (const type of types) await syncNow({ ...place, refs: [{ type, ref: ref[type] }] });

    expect(await ordersOf(sql, who)).toMatchObject([{ state: "completed" }]);
  });

  test("is found by its payment although nobody saw the answer of our own call", async () => {
    const order = await bought();
    const payment = await paymentOf(order);
    await sql`update orders set checkout_ref = null, page = 'opening' where id = ${order.orderId}`;

    await syncNow({ ...place, refs: [{ type: "payment", ref: payment }] });

    expect(await ordersOf(sql, who)).toMatchObject([{ state: "completed" }]);
  });

  test("shows a part that went back, and is refunded when all did", async () => {
    const order = await bought();
    const payment = await paymentOf(order);
    const looked = async () => {
      await syncNow({ ...place, refs: [{ type: "payment", ref: payment }] });
      return looksAt(order);
    };
    const completed = await looked();

    await box.stripe.refunds.create({ payment_intent: payment, amount: 4_00 });
    expect(await looked()).toMatchObject({ state: "completed", refundedMinor: 4_00 });
    await box.stripe.refunds.create({ payment_intent: payment });
    expect(await looked()).toMatchObject({
      state: "refunded",
      refundedMinor: 10_00,
      completedAt: completed?.completedAt,
    });
  });

  test("says what changed it in the sync that did", async () => {
    const order = await bought();
    await looksAt(order);

    const [row] = await sql<{ n: number }[]>`select count(*)::int as n from syncs
      where changes @> ${JSON.stringify([{ record: `order ${order.orderId}`, after: "completed" }])}::text::jsonb`;
    expect(row?.n).toBe(1);
  });

  test("is what it was after everything that the gateway told was emptied and asked for anew", async () => {
    const one = await bought();
    await looksAt(one);
    await looksAt(await bought());
    await buys(who, credits);
    const first = await paymentOf(one);
    await box.stripe.refunds.create({ payment_intent: first });
    await lookAtOpenPages();
    await settle(sql);
    await syncNow({ ...place, refs: [{ type: "payment", ref: first }] });
    const all = () => sql`select * from orders order by id`;
    const before = await all();

    await rebuilt(sql);

    expect(await all()).toEqual(before);
    expect((await ordersOf(sql, who)).map(({ state }) => state)).toEqual([
      "refunded",
      "completed",
      "pending",
    ]);
  });
});

test("a page that the product's own code opened links what was paid there, and is no order", async () => {
  const { priceRef } = await sellOnce(box, sql, { name: "Elsewhere" });
  const session = await box.stripe.checkout.sessions.create({
    mode: "payment",
    line_items: [{ price: priceRef, quantity: 1 }],
    client_reference_id: who.organizationId,
    success_url: "http://shop.localhost/done",
  });
  await checkoutOf(box).pay(session);
  const { payment_intent: ref } = await box.stripe.checkout.sessions.retrieve(session.id);

  await syncNow({ ...place, refs: [{ type: "payment", ref: String(ref) }] });
  await syncNow({ ...place, refs: [{ type: "checkout", ref: session.id }] });
  await settle(sql);

  const [payment] = await sql`
    select organization_id as whose, status from payments where ref = ${String(ref)}`;
  expect(payment).toEqual({ whose: who.organizationId, status: "succeeded" });
  expect(await ordersOf(sql, who)).toEqual([]);
});

describe("nobody pays twice", () => {
  test("by a double click", async () => {
    const form = await shownInShop(who, credits);

    const [one, two] = await Promise.all([
      orderProduct(who.owner, form),
      orderProduct(who.owner, form),
    ]);

    expect(two.orderId).toBe(one.orderId);
    expect(await openAt(box, who)).toEqual([refOf(one.command)]);
    expect(await ordersOf(sql, who)).toHaveLength(1);
  });

  test("by two people who want the same at once", async () => {
    const bill = await person(sql, who.organizationId, "billing");
    const form = await shownInShop(who, credits);

    const [one, two] = await Promise.all([orderProduct(who.owner, form), orderProduct(bill, form)]);

    expect(two.orderId).toBe(one.orderId);
    expect(await openAt(box, who)).toHaveLength(1);
  });

  test("by asking again from a tab that shows it: it is the same page", async () => {
    const first = await buys(who, credits);

    const second = await buys(who, credits);

    expect(second).toMatchObject({ orderId: first.orderId, command: { id: first.command.id } });
    expect(await openAt(box, who)).toHaveLength(1);
  });

  test("by wanting more of it: the page before is closed first, and its order is canceled", async () => {
    await buys(who, credits);

    const second = await buys(who, credits, 2);
    await settle(sql);

    expect(await openAt(box, who)).toEqual([refOf(second.command)]);
    expect(await ordersOf(sql, who)).toMatchObject([
      { state: "canceled", quantity: 1 },
      { state: "pending", quantity: 2 },
    ]);
  });

  test("where it was paid and nobody has seen it yet: that order is shown, and nothing is opened", async () => {
    const first = await bought();

    const again = await buys(who, credits);

    expect(again.orderId).toBe(first.orderId);
    expect(await looksAt(again)).toMatchObject({ state: "completed" });
    expect(await openAt(box, who)).toEqual([]);
  });

  test("where it is paid at the moment when its page is closed", async () => {
    const first = await buys(who, credits);
    whenAsked(EXPIRE, () => paysOn(box, first.command));

    const second = await buys(who, credits, 2);
    await settle(sql);

    expect(second.command).toMatchObject({
      status: "refused",
      sentence: expect.stringMatching(/paid for in another window/),
    });
    expect(await openAt(box, who)).toEqual([]);
    expect(await ordersOf(sql, who)).toMatchObject([{ state: "completed" }, { state: "canceled" }]);
    expect(await paidAt(box, who)).toEqual([10_00]);
  });

  test("by a tab from before it was paid", async () => {
    const stale = await shownInShop(who, credits);
    await looksAt(await bought());

    await expect(orderProduct(who.owner, { ...stale, quantity: 2 })).rejects.toMatchObject({
      code: "conflict",
    });
    expect(await openAt(box, who)).toEqual([]);
  });

  test("by a tab that shows it as not paid yet", async () => {
    const order = await buys(who, credits);
    const stale = await shownInShop(who, credits);
    await paysOn(box, order.command);
    await looksAt(order);

    await expect(orderProduct(who.owner, stale)).rejects.toMatchObject({ code: "conflict" });
    expect(await openAt(box, who)).toEqual([]);
  });

  test("but buys the same again who wants it, from a page that shows the order before", async () => {
    await looksAt(await bought());
    await looksAt(await bought());

    expect(await ordersOf(sql, who)).toMatchObject([
      { state: "completed" },
      { state: "completed" },
    ]);
    expect(await paidAt(box, who)).toEqual([10_00, 10_00]);
  });

  test.each(PAGE_CUTS)("when the network ends as %s (%o)", async (_, cut, path) => {
    if (path === EXPIRE) await buys(who, credits, 2);
    const form = await shownInShop(who, credits);
    let times = 1;
    wire.decide((call) =>
      call.method === "POST" && path.test(call.path) && times-- > 0 ? cut : "pass",
    );

    await Promise.allSettled([orderProduct(who.owner, form), orderProduct(who.owner, form)]);

    const { command } = await orderProduct(who.owner, form);
    expect(command.status).toBe("needs_person");
    expect(await openAt(box, who)).toEqual([refOf(command)]);
    const pending = (await ordersOf(sql, who)).filter(({ quantity }) => quantity === 1);
    expect(pending).toMatchObject([{ state: "pending", page: "open" }]);
  });

  test("when the network is away for long: the order waits, and goes on when it is back", async () => {
    wire.decide(() => "cut before");
    const { orderId } = await buys(who, credits);
    const before = await findOrder(who.owner, { ...who, orderId });

    wire.decide(() => "pass");
    await sql`update commands set leased_until = null where status = 'open'`;
    await sendForgotten();

    expect(before).toMatchObject({ state: "pending", page: "opening" });
    expect(await findOrder(who.owner, { ...who, orderId })).toMatchObject({ page: "open" });
  });
});

describe("an order", () => {
  test("is refused in words where nothing can be bought so", async () => {
    const form = await shownInShop(who, credits);
    const asked = (changes: object) => orderProduct(who.owner, { ...form, ...changes });

    await expect(asked({ quantity: 6 })).rejects.toThrow("Credits is sold 5 at a time.");
    await expect(asked({ currency: "GBP" })).rejects.toThrow("Credits is not sold in GBP.");
    await sql`update products set archived_at = now() where id = ${credits}`;
    await expect(asked({})).rejects.toThrow("Credits is no longer sold.");
    await sql`update products set archived_at = null where id = ${credits}`;
    expect(await ordersOf(sql, who)).toEqual([]);
  });

  test("is asked for and seen by owners and billing members of its own organization only", async () => {
    const { orderId } = await buys(who, credits);
    const form = await shownInShop(who, credits);
    const member = await person(sql, who.organizationId, "member");
    const stranger = await newcomer(sql);

    for (const ask of [
      () => orderProduct(member, form),
      () => findOrder(member, { ...who, orderId }),
      () => findShop(member, who),
      () => listOrders(member, who),
    ]) {
      expect(await refusal(ask())).toBe("not_allowed");
    }
    expect(await refusal(orderProduct(stranger.owner, form))).toBe("not_found");
    expect(await findOrder(stranger.owner, { ...stranger, orderId })).toBeUndefined();
  });

  test("stands in the lists of its organization and of the administrator", async () => {
    const { orderId } = await buys(who, credits);
    const shown = await listAllOrders(ada, { mode: "test", organizationId: who.organizationId });

    expect((await listOrders(who.owner, who)).rows).toMatchObject([{ id: orderId }]);
    expect(shown.rows).toMatchObject([
      { id: orderId, organization: { id: who.organizationId, name: "Acme" } },
    ]);
    expect(await hasShop(who.organizationId)).toBe(true);
  });
});

test("the shop asks the database as often for many products as for few, and shows each as it stands", async () => {
  await buys(who, credits);
  await buys(who, credits, 2);
  const shop = () => findShop(who.owner, who);
  const few = await statementsOf(shop);
  const before = await shop();
  await sql`insert into products (id, code, name, quantity_max)
    select 'prd_many' || n, 'many' || n, 'Many ' || n, 1 from generate_series(1, 30) n`;
  await sql`insert into product_prices (id, product_id, currency, amount_minor)
    select 'prc_many' || n, 'prd_many' || n, 'EUR', 100 + n from generate_series(1, 30) n`;

  expect(await statementsOf(shop)).toBe(few);

  const { items } = await shop();
  expect(items).toHaveLength(before.items.length + 30);
  expect(items).toEqual(expect.arrayContaining([...before.items]));
  const [shown] = items.filter(({ offer }) => offer.productId === "prd_many7");
  expect(shown).toMatchObject({
    offer: { name: "Many 7", amountMinor: 107, priceRef: undefined },
    blockers: [expect.stringContaining("cannot be bought at €1.07 yet")],
    last: undefined,
  });
  expect(items.find(({ offer }) => offer.productId === credits)?.last?.quantity).toBe(2);
  await sql`update products set archived_at = now() where code like 'many%'`;
});

test("an order is noted before its page is rung, as a sync of the page locks them", async () => {
  let syncing: Promise<string> = Promise.resolve("not begun");
  let times = 0;
  wire.decide(async ({ method, path }): Promise<Fate> => {
    if (method !== "POST" || path !== "/v1/checkout/sessions") return "pass";
    times += 1;
    if (times === 1) return "cut after";
    await new Promise<void>((begun) => {
      syncing = lockedAsInSync(begun);
    });
    return "pass";
  });

  const { command } = await buys(who, credits);

  expect(await syncing).toBe("synced");
  expect(command.status).toBe("needs_person");
});

/** The order first, and last the object. */
async function lockedAsInSync(begun: () => void): Promise<string> {
  const ref = box.world.all("checkout.session").at(-1)?.id ?? "";
  await sql`insert into gateway_objects (gateway, mode, type, ref)
    values ('stripe', 'test', 'checkout', ${ref})`;
  const syncing = sql.begin(async (tx) => {
    await tx`select 1 from orders where organization_id = ${who.organizationId} for update`;
    begun();
    await someoneWaits();
    await tx`select 1 from gateway_objects where ref = ${ref} for update`;
  });
  return syncing.then(
    () => "synced",
    (error: unknown) => String(error),
  );
}

async function someoneWaits(): Promise<void> {
  for (;;) {
    const rows = await sql`select 1 from pg_stat_activity
      where datname = current_database() and wait_event_type = 'Lock'`;
    if (rows.length > 0) return;
    await new Promise((done) => setTimeout(done, 10));
  }
}
