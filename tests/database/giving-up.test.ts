import { beforeAll, beforeEach, describe, expect, test } from "vitest";
import { sendForgotten } from "#lib/billing/asking/send.ts";
import { giveUpOrder, type Ordered, orderProduct } from "#lib/billing/ordering/commands.ts";
import { findOrder } from "#lib/billing/ordering/views.ts";
import { lookAfter, syncNow } from "#lib/inbox/commands.ts";
import { settle } from "#tests/support/billing.ts";
import { person } from "#tests/support/commanding.ts";
import { useDatabase } from "#tests/support/database.ts";
import { refusal } from "#tests/support/identity.ts";
import { buys, ordersOf, paidAt, sellOnce, shownInShop } from "#tests/support/ordering.ts";
import {
  EXPIRE,
  type Newcomer,
  newcomer,
  openAt,
  paysOn,
  refOf,
} from "#tests/support/subscribing.ts";
import type { Fate } from "#tests/support/wire-tap.ts";
import { useWiredSandbox } from "#tests/support/wired-sandbox.ts";

/* Who began an order and does not want it gives it up: nobody can pay for it any more, or it is paid. */

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

/** The form on an order's page as it stands now. */
async function formOf({ orderId }: Ordered) {
  const order = await findOrder(who.owner, { ...who, orderId });
  return { organizationId: who.organizationId, orderId, revision: order?.revision ?? "" };
}

async function givesUp(order: Ordered) {
  const command = await giveUpOrder(who.owner, await formOf(order));
  if (command) await lookAfter(command);
  return command;
}

async function stateOf({ orderId }: Ordered) {
  const order = await findOrder(who.owner, { ...who, orderId });
  return `${order?.state} ${order?.page}`;
}

/** What becomes of closing a page, the first time that it is asked. */
function whenClosed(fate: Fate | (() => Promise<unknown>)): void {
  let isDone = false;
  wire.decide(async (call): Promise<Fate> => {
    if (isDone || call.method !== "POST" || !EXPIRE.test(call.path)) return "pass";
    isDone = true;
    if (typeof fate !== "function") return fate;
    await fate();
    return "pass";
  });
}

describe("an order that is given up", () => {
  test("is canceled, and nobody can pay on its page any more", async () => {
    const order = await buys(who, credits);

    const command = await givesUp(order);

    expect(command).toMatchObject({
      status: "done",
      sentence: "The order is given up. Nothing was charged, and nobody can pay for it any more.",
    });
    expect(await stateOf(order)).toBe("canceled expired");
    expect(await openAt(box, who)).toEqual([]);
    const [page] = await sql`select status from commands where id = ${order.command.id}`;
    expect(page).toMatchObject({ status: "refused" });
  });

  test("stands in the audit log with who gave it up", async () => {
    const order = await buys(who, credits, 2);

    await givesUp(order);

    expect(
      await sql`select actor_label, before from audit_entries
        where subject = ${order.orderId} and action = 'order.give_up'`,
    ).toEqual([{ actor_label: who.owner.label, before: { cost: "2 × €10.00, €20.00 in all" } }]);
  });

  test("is given up once by a double click, and by two people at once", async () => {
    const order = await buys(who, credits);
    const bill = await person(sql, who.organizationId, "billing");
    const form = await formOf(order);

    const all = await Promise.all([
      giveUpOrder(who.owner, form),
      giveUpOrder(who.owner, form),
      giveUpOrder(bill, form),
    ]);
    const late = await giveUpOrder(bill, form);

    expect(new Set([...all, late].map((command) => command?.id)).size).toBe(1);
    expect(late).toMatchObject({ status: "done" });
  });

  test("may be bought again, on another page", async () => {
    await givesUp(await buys(who, credits));

    const again = await buys(who, credits);

    expect(await openAt(box, who)).toEqual([refOf(again.command)]);
    expect(await ordersOf(sql, who)).toMatchObject([{ state: "canceled" }, { state: "pending" }]);
  });
});

describe("an order that was paid meanwhile", () => {
  test("stays, and says so, where nobody has seen it yet", async () => {
    const order = await buys(who, credits);
    const form = await formOf(order);
    await paysOn(box, order.command);

    const command = await giveUpOrder(who.owner, form);
    if (command) await lookAfter(command);

    expect(command).toMatchObject({
      status: "refused",
      sentence: "It was paid for on its page meanwhile, so it was not given up.",
    });
    expect(await stateOf(order)).toBe("completed complete");
    expect(await paidAt(box, who)).toEqual([10_00]);
  });

  test("stays where it is paid at the moment when its page is closed", async () => {
    const order = await buys(who, credits);
    whenClosed(() => paysOn(box, order.command));

    expect(await givesUp(order)).toMatchObject({ status: "refused" });
    expect(await stateOf(order)).toBe("completed complete");
  });

  test("is left alone from a page that is out of date", async () => {
    const order = await buys(who, credits);
    const stale = await formOf(order);
    await paysOn(box, order.command);
    await syncNow({ ...place, refs: [{ type: "checkout", ref: refOf(order.command) }] });

    expect(await giveUpOrder(who.owner, stale)).toBeUndefined();
    expect(await giveUpOrder(who.owner, await formOf(order))).toBeUndefined();
    expect(await stateOf(order)).toBe("completed complete");
    expect(
      await sql`select from audit_entries where action = 'order.give_up'
      and organization_id = ${who.organizationId}`,
    ).toHaveLength(0);
  });
});

describe("the network", () => {
  const FAILURE = { status: 500, body: { error: { type: "api_error" } } } as const;

  test.each(["cut before", "cut after", FAILURE] as const)(
    "may end as the page is closed (%o): it is given up once",
    async (fate) => {
      const order = await buys(who, credits);
      whenClosed(fate);

      expect(await givesUp(order)).toMatchObject({ status: "done" });
      expect(await stateOf(order)).toBe("canceled expired");
    },
  );

  test("may stay away: the worker goes on with it", async () => {
    const order = await buys(who, credits);
    const form = await formOf(order);
    wire.decide(() => "cut before");
    expect(await giveUpOrder(who.owner, form)).toMatchObject({ status: "open" });
    expect(await stateOf(order)).toBe("pending open");

    wire.decide(() => "pass");
    await sql`update commands set leased_until = null where status = 'open'`;
    await sendForgotten();
    await settle(sql);

    expect(await stateOf(order)).toBe("canceled expired");
  });
});

test("giving up and wanting more at once leave one page at most, and nothing charged", async () => {
  const order = await buys(who, credits);
  const [form, more] = [await formOf(order), await shownInShop(who, credits, 2)];

  await Promise.allSettled([giveUpOrder(who.owner, form), orderProduct(who.owner, more)]);
  await settle(sql);

  expect(await stateOf(order)).toBe("canceled expired");
  const pending = (await ordersOf(sql, who)).filter(({ state }) => state === "pending");
  expect(await openAt(box, who)).toHaveLength(pending.length);
  expect(await paidAt(box, who)).toEqual([]);
});

test("an order is given up by owners and billing members of its own organization only", async () => {
  const order = await buys(who, credits);
  const form = await formOf(order);
  const member = await person(sql, who.organizationId, "member");
  const stranger = await newcomer(sql);

  expect(await refusal(giveUpOrder(member, form))).toBe("not_allowed");
  expect(await refusal(giveUpOrder(stranger.owner, form))).toBe("not_found");
  const theirs = { ...form, organizationId: stranger.organizationId };
  expect(await refusal(giveUpOrder(stranger.owner, theirs))).toBe("not_found");
  expect(await openAt(box, who)).toHaveLength(1);
});
