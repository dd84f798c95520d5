import { afterAll, beforeAll, beforeEach, describe, expect, test } from "vitest";
import { linkCustomer, unlinkCustomer } from "#lib/billing/commands.ts";
import type { Ordered } from "#lib/billing/ordering/commands.ts";
import { syncNow } from "#lib/inbox/commands.ts";
import { prepareBilling, settle } from "#tests/support/billing.ts";
import { askAt, askNobody } from "#tests/support/commanding.ts";
import { useDatabase } from "#tests/support/database.ts";
import { buys, ordersOf, sellOnce } from "#tests/support/ordering.ts";
import { rebuilt } from "#tests/support/rebuilding.ts";
import { type Box, startSandbox } from "#tests/support/sandbox.ts";
import { checkoutOf } from "#tests/support/sandbox-checkout.ts";
import { ada } from "#tests/support/settings.ts";
import { type Newcomer, newcomer, paysOn, refOf } from "#tests/support/subscribing.ts";

/* An order stays its organization's, and follows its own money, whoever's customer paid it by now. */

const database = await useDatabase();
const { sql } = database;
const place = { gateway: "stripe", mode: "test" } as const;

let box: Box;
let priceRef = "";
let credits = "";
let who: Newcomer;

beforeAll(async () => {
  await prepareBilling(database);
  box = await startSandbox();
  askAt(box.url);
  ({ productId: credits, priceRef } = await sellOnce(box, sql));
});

beforeEach(async () => {
  who = await newcomer(sql);
});

afterAll(async () => {
  askNobody();
  await box.close();
});

async function looksAt(order: Ordered): Promise<string> {
  await syncNow({ ...place, refs: [{ type: "checkout", ref: refOf(order.command) }] });
  const { payment_intent: payment } = await box.stripe.checkout.sessions.retrieve(
    refOf(order.command),
  );
  if (typeof payment !== "string") return "";
  await syncNow({ ...place, refs: [{ type: "payment", ref: payment }] });
  return payment;
}

async function bought(): Promise<{ order: Ordered; payment: string }> {
  const order = await buys(who, credits);
  await paysOn(box, order.command);
  return { order, payment: await looksAt(order) };
}

async function customerOf({ organizationId }: Newcomer): Promise<string> {
  const [row] = await sql<{ id: string }[]>`
    select id from customers where organization_id = ${organizationId}`;
  return row?.id ?? "";
}

async function unlinks(): Promise<string> {
  const customerId = await customerOf(who);
  await unlinkCustomer(ada, { customerId, reason: "The wrong one" });
  await settle(sql);
  return customerId;
}

async function ownerOfPayment(ref: string): Promise<string | null> {
  const [row] = await sql<{ whose: string | null }[]>`
    select organization_id as whose from payments where ref = ${ref}`;
  return row?.whose ?? null;
}

describe("after its customer was taken from the organization", () => {
  test("a refund reaches the order, and the payment stays nobody's", async () => {
    const { order, payment } = await bought();
    await unlinks();

    await box.stripe.refunds.create({ payment_intent: payment, amount: 4_00 });
    await looksAt(order);
    expect(await ordersOf(sql, who)).toMatchObject([{ state: "completed", refunded: 4_00 }]);
    await box.stripe.refunds.create({ payment_intent: payment });
    await looksAt(order);

    expect(await ordersOf(sql, who)).toMatchObject([{ state: "refunded", refunded: 10_00 }]);
    expect(await ownerOfPayment(payment)).toBeNull();
  });

  test("the sync that moved the order says so, and that it waits all the same", async () => {
    const { order, payment } = await bought();
    await unlinks();
    await box.stripe.refunds.create({ payment_intent: payment });

    await looksAt(order);

    expect(
      await sql`select outcome, reason_code as why, organization_id as whose from syncs
        where changes @> ${JSON.stringify([{ record: `order ${order.orderId}`, after: "refunded" }])}::text::jsonb`,
    ).toEqual([{ outcome: "waiting", why: "unlinked", whose: null }]);
  });

  test("a page that was open completes the order when it is paid, and its people hear of it", async () => {
    const order = await buys(who, credits);
    await unlinks();
    await paysOn(box, order.command);

    await looksAt(order);

    expect(await ordersOf(sql, who)).toMatchObject([{ state: "completed" }]);
    expect(
      await sql`select kind, object from notices where organization_id = ${who.organizationId}`,
    ).toEqual([{ kind: "order_completed", object: `stripe:test:${order.orderId}` }]);
  });

  test("a rebuild leaves the order as it is", async () => {
    const { order, payment } = await bought();
    await unlinks();
    await box.stripe.refunds.create({ payment_intent: payment });
    await looksAt(order);
    const before = await sql`select * from orders order by id`;

    await rebuilt(sql);

    expect(await sql`select * from orders order by id`).toEqual(before);
  });
});

describe("after its customer was given to another organization", () => {
  test("a refund reaches the order of who bought it, and nobody else's", async () => {
    const { order, payment } = await bought();
    const other = await newcomer(sql);
    await linkCustomer(ada, {
      customerId: await unlinks(),
      organizationId: other.organizationId,
    });
    await settle(sql);
    expect(await ownerOfPayment(payment)).toBe(other.organizationId);

    await box.stripe.refunds.create({ payment_intent: payment });
    await looksAt(order);

    expect(await ordersOf(sql, who)).toMatchObject([{ state: "refunded" }]);
    expect(await ordersOf(sql, other)).toEqual([]);
    expect(
      await sql`select 1 from notices where organization_id = ${other.organizationId}`,
    ).toEqual([]);
  });
});

test("what only says that it is of an order moves none of another organization's", async () => {
  const order = await buys(who, credits);
  const other = await newcomer(sql);
  const session = await box.stripe.checkout.sessions.create({
    mode: "payment",
    line_items: [{ price: priceRef, quantity: 1 }],
    client_reference_id: other.organizationId,
    metadata: { command_id: order.command.id },
    payment_intent_data: { metadata: { command_id: order.command.id } },
    success_url: "http://shop.localhost/done",
  });
  await checkoutOf(box).pay(session);
  const { payment_intent: payment } = await box.stripe.checkout.sessions.retrieve(session.id);

  await syncNow({ ...place, refs: [{ type: "checkout", ref: session.id }] });
  await syncNow({ ...place, refs: [{ type: "payment", ref: String(payment) }] });
  await settle(sql);

  expect(await ordersOf(sql, who)).toMatchObject([{ state: "pending", page: "open" }]);
});
