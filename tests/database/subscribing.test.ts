import { beforeAll, beforeEach, describe, expect, test } from "vitest";
import { lookAtOpenPages } from "#lib/billing/asking/pages.ts";
import { sendForgotten } from "#lib/billing/asking/send.ts";
import { startSubscription } from "#lib/billing/subscribing/commands.ts";
import { findCheckout, findStanding } from "#lib/billing/subscribing/views.ts";
import { syncNow } from "#lib/inbox/commands.ts";
import { settle, tierOf } from "#tests/support/billing.ts";
import { askAt, askNobody, person, sellTiers } from "#tests/support/commanding.ts";
import { useDatabase } from "#tests/support/database.ts";
import { refusal } from "#tests/support/identity.ts";
import {
  askInCatalogue,
  EXPIRE,
  livingAt,
  type Newcomer,
  newcomer,
  OPEN,
  openAt,
  PAGE_CUTS,
  paysOn,
  refOf,
  shown,
  subscribes,
} from "#tests/support/subscribing.ts";
import type { Fate } from "#tests/support/wire-tap.ts";
import { useWiredSandbox } from "#tests/support/wired-sandbox.ts";

/*
 * An organization subscribes, once, whatever happens on the way; against the sandbox, over a wire that
 * is cut at will.
 */

const database = await useDatabase();
const { sql } = database;
const { box, wire } = await useWiredSandbox(database);

let pro = { planId: "" };
let business = { planId: "" };
let who: Newcomer;

beforeAll(async () => {
  const sold = await sellTiers(box, sql, { Pro: 29_00, Business: 99_00 });
  const plans = await askInCatalogue(sql);
  pro = { planId: plans.get(sold("Pro")) ?? "" };
  business = { planId: plans.get(sold("Business")) ?? "" };
});

beforeEach(async () => {
  wire.decide(() => "pass");
  who = await newcomer(sql);
  wire.calls.length = 0;
});

/** What the page that people come back to does. */
async function looksAt(command: { id: string; answer: Record<string, unknown> | null }) {
  const place = { gateway: "stripe", mode: "test" } as const;
  await syncNow({ ...place, refs: [{ type: "checkout", ref: refOf(command) }] });
  const page = await findCheckout(who.owner, { ...who, commandId: command.id });
  const ref = page?.checkout?.subscriptionRef;
  if (ref) await syncNow({ ...place, refs: [{ type: "subscription", ref }] });
  return findCheckout(who.owner, { ...who, commandId: command.id });
}

async function customersOf() {
  return sql<{ ref: string; source: string }[]>`
    select ref, link_source as source from customers where organization_id = ${who.organizationId}`;
}

/** Makes something happen at the moment when a call is made, before it passes. */
function whenAsked(method: string, path: RegExp, then: () => Promise<unknown>): void {
  let isDone = false;
  wire.decide(async (call): Promise<Fate> => {
    if (!isDone && call.method === method && path.test(call.path)) {
      isDone = true;
      await then();
    }
    return "pass";
  });
}

describe("subscribing", () => {
  test("opens a page that sells just what was chosen, for a customer that is linked already", async () => {
    const command = await subscribes(who, pro);

    expect(command).toMatchObject({ status: "needs_person", answer: { url: expect.any(String) } });
    const session = await box.stripe.checkout.sessions.retrieve(refOf(command), {
      expand: ["line_items"],
    });
    expect(session).toMatchObject({
      client_reference_id: who.organizationId,
      allow_promotion_codes: true,
      amount_total: 29_00,
      success_url: expect.stringMatching(new RegExp(`/checkout/${command.id}$`)),
      cancel_url: expect.stringMatching(new RegExp(`/checkout/${command.id}\\?left=1$`)),
    });
    expect(await customersOf()).toEqual([{ ref: session.customer, source: "portal" }]);
  });

  test("shows the plan at once to who comes back, before any word of the gateway's", async () => {
    const command = await subscribes(who, pro);
    await paysOn(box, command);

    const page = await looksAt(command);

    expect(page).toMatchObject({
      progress: "subscribed",
      command: { status: "done" },
      subscription: { status: "active", planName: "Pro" },
    });
    expect(await tierOf(sql, who.organizationId)).toMatch(/^pro-/);
  });

  test("gives who closed the window after paying what they paid for", async () => {
    const command = await subscribes(who, pro);
    await settle(sql);
    await paysOn(box, command);

    await lookAtOpenPages();
    await settle(sql);
    await lookAtOpenPages();

    expect(await tierOf(sql, who.organizationId)).toMatch(/^pro-/);
    const [row] = await sql`select status from commands where id = ${command.id}`;
    expect(row).toMatchObject({ status: "done" });
  });

  test("waits while a rebuild has taken away what the organization may have", async () => {
    await sql`update organizations set tier_held_by = 'rbd_1' where id = ${who.organizationId}`;

    const asked = await refusal(subscribes(who, pro));
    await sql`update organizations set tier_held_by = null where id = ${who.organizationId}`;

    expect(asked).toBe("conflict");
    expect(await openAt(box, who)).toEqual([]);
    expect((await subscribes(who, pro)).status).toBe("needs_person");
  });

  test("puts a page away that ran out", async () => {
    const command = await subscribes(who, pro);
    await settle(sql);
    await box.stripe.checkout.sessions.expire(refOf(command));

    await lookAtOpenPages();
    await settle(sql);

    expect(await findCheckout(who.owner, { ...who, commandId: command.id })).toMatchObject({
      progress: "closed",
      command: { status: "refused", sentence: expect.stringMatching(/Nothing was charged/) },
    });
  });

  test("says that a page is open still, whatever its address said", async () => {
    const command = await subscribes(who, pro);

    expect(await looksAt(command)).toMatchObject({ progress: "open" });
    expect(await tierOf(sql, who.organizationId)).toBe("free");
  });

  test("makes a customer once, and sends everybody to the same page, when the answer is lost", async () => {
    let lost = 2;
    wire.decide(({ method }) => (method === "POST" && lost-- > 0 ? "cut after" : "pass"));

    const command = await subscribes(who, pro);
    await sql`update commands set leased_until = null where status = 'open'`;
    await sendForgotten();

    expect(await openAt(box, who)).toHaveLength(1);
    expect(await customersOf()).toHaveLength(1);
    const { data } = await box.stripe.customers.list({ limit: 100 });
    const ours = data.filter(({ metadata }) => metadata.organization_id === who.organizationId);
    expect(ours).toHaveLength(1);
    const [row] = await sql`select status from commands where id = ${command.id}`;
    expect(row).toMatchObject({ status: "needs_person" });
  });

  test("tries a plan for nothing only where there never was a subscription", async () => {
    await sql`update plans set trial_days = 14 where id = ${pro.planId}`;
    try {
      const first = await subscribes(who, pro);
      await paysOn(box, first);
      const page = await looksAt(first);
      expect(page?.subscription).toMatchObject({ status: "trialing" });
      expect(page?.chosen.cost).toBe("14 days free, then €29.00 a month");
      await box.stripe.subscriptions.cancel(page?.subscription?.ref ?? "");
      await looksAt(first);

      const second = await subscribes(who, pro);

      await paysOn(box, second);
      expect((await looksAt(second))?.subscription).toMatchObject({ status: "active" });
    } finally {
      await sql`update plans set trial_days = null where id = ${pro.planId}`;
    }
  });

  test("is begun with another customer where the one before was deleted, unheard of", async () => {
    await box.stripe.checkout.sessions.expire(refOf(await subscribes(who, pro)));
    await settle(sql);
    const [before] = await customersOf();
    await box.stripe.customers.del(before?.ref ?? "");

    const refused = await subscribes(who, pro);
    await settle(sql);
    const again = await subscribes(who, pro);

    expect(refused).toMatchObject({ status: "refused" });
    expect(again).toMatchObject({ status: "needs_person" });
  });

  test("takes no promotion codes where the operator wants none", async () => {
    await sql`insert into settings (key, value) values ('takesPromotionCodes', 'false')`;
    try {
      const session = await box.stripe.checkout.sessions.retrieve(
        refOf(await subscribes(who, pro)),
      );

      expect(session.allow_promotion_codes).not.toBe(true);
    } finally {
      await sql`delete from settings where key = 'takesPromotionCodes'`;
    }
  });
});

describe("tax", () => {
  test("is worked out by the gateway where the operator wants it", async () => {
    const before = await taxAsked();
    await sql`insert into settings (key, value) values ('worksOutTax', 'true')`;
    try {
      expect([before, await taxAsked()]).toEqual([false, true]);
    } finally {
      await sql`delete from settings where key = 'worksOutTax'`;
    }
  });

  test("that is wanted from now on closes a page that was opened without", async () => {
    const first = await subscribes(who, pro);
    await sql`insert into settings (key, value) values ('worksOutTax', 'true')`;
    try {
      const second = await subscribes(who, pro);

      const { stripe } = box;
      expect(await stripe.checkout.sessions.retrieve(refOf(first))).toMatchObject({
        status: "expired",
      });
      expect(await stripe.checkout.sessions.retrieve(refOf(second))).toMatchObject({
        status: "open",
        automatic_tax: { enabled: true },
      });
    } finally {
      await sql`delete from settings where key = 'worksOutTax'`;
    }
  });

  async function taxAsked(): Promise<boolean> {
    const command = await subscribes(await newcomer(sql), pro);
    const page = await box.stripe.checkout.sessions.retrieve(refOf(command));
    return page.automatic_tax.enabled;
  }
});

describe("the network may end", () => {
  test.each(PAGE_CUTS)("when %s (%o): there is one page and one customer", async (_, cut, path) => {
    // Its own page cannot be closed before there is one.
    if (path === EXPIRE) await subscribes(who, business);
    let times = 1;
    wire.decide((call) =>
      call.method === "POST" && path.test(call.path) && times-- > 0 ? cut : "pass",
    );
    const form = await shown(who, pro);

    await Promise.allSettled([
      startSubscription(who.owner, form),
      startSubscription(who.owner, form),
    ]);

    const command = await startSubscription(who.owner, form);
    expect(command).toMatchObject({ status: "needs_person" });
    expect(await openAt(box, who)).toEqual([refOf(command)]);
    expect(await customersOf()).toHaveLength(1);
    const { data } = await box.stripe.customers.list({ limit: 100 });
    const ours = data.filter(({ metadata }) => metadata.organization_id === who.organizationId);
    expect(ours).toHaveLength(1);
  });

  test("for long: the page that people come back to says so, and goes on when it is back", async () => {
    wire.decide(() => "cut before");

    const form = await shown(who, pro);
    const command = await startSubscription(who.owner, form);
    const before = await findCheckout(who.owner, { ...who, commandId: command.id });
    wire.decide(() => "pass");
    await sql`update commands set leased_until = null where status = 'open'`;
    await sendForgotten();
    const after = await findCheckout(who.owner, { ...who, commandId: command.id });

    expect(command.status).toBe("open");
    expect(before?.progress).toBe("opening");
    expect(after).toMatchObject({ progress: "open", page: { url: expect.any(String) } });
  });
});

describe("a second subscription cannot be begun", () => {
  test("by a double click", async () => {
    const form = await shown(who, pro);

    const [one, two] = await Promise.all([
      startSubscription(who.owner, form),
      startSubscription(who.owner, form),
    ]);

    expect(two.id).toBe(one.id);
    expect(await openAt(box, who)).toEqual([refOf(one)]);
  });

  test("by two people who want the same at once", async () => {
    const bill = await person(sql, who.organizationId, "billing");
    const form = await shown(who, pro);

    const [one, two] = await Promise.all([
      startSubscription(who.owner, form),
      startSubscription(bill, form),
    ]);

    expect(two.id).toBe(one.id);
    expect(await openAt(box, who)).toHaveLength(1);
  });

  test("by two windows that want different plans at once", async () => {
    const forms = [await shown(who, pro), await shown(who, business)];

    const said = await Promise.allSettled(forms.map((form) => startSubscription(who.owner, form)));

    expect(said.map(({ status }) => status).sort()).toEqual(["fulfilled", "rejected"]);
    expect(await openAt(box, who)).toHaveLength(1);
  });

  test("by asking for the same again later: it is the same page", async () => {
    const first = await subscribes(who, pro);

    const second = await subscribes(who, pro);

    expect(second.id).toBe(first.id);
    expect(await openAt(box, who)).toEqual([refOf(first)]);
  });

  test("by asking for another plan: the page before is closed first", async () => {
    const first = await subscribes(who, pro);

    const second = await subscribes(who, business);

    expect(await openAt(box, who)).toEqual([refOf(second)]);
    expect(await findCheckout(who.owner, { ...who, commandId: first.id })).toMatchObject({
      progress: "closed",
    });
    expect(await customersOf()).toHaveLength(1);
  });

  test("by asking anew after the page ran out: only the new one can be paid", async () => {
    const first = await subscribes(who, pro);
    await box.stripe.checkout.sessions.expire(refOf(first));

    const second = await subscribes(who, pro);

    expect(second.id).not.toBe(first.id);
    expect(await openAt(box, who)).toEqual([refOf(second)]);
  });

  test("by a page that is out of date", async () => {
    const stale = await shown(who, business);
    await subscribes(who, pro);

    expect(await refusal(startSubscription(who.owner, stale))).toBe("conflict");
    expect(await openAt(box, who)).toHaveLength(1);
  });

  test("by a page that shows another price than the catalogue's", async () => {
    const stale = await shown(who, pro);
    await sql`update plans set trial_days = 7 where id = ${pro.planId}`;
    try {
      expect(await refusal(startSubscription(who.owner, stale))).toBe("conflict");
    } finally {
      await sql`update plans set trial_days = null where id = ${pro.planId}`;
    }
  });

  test.each(["pro", "business"] as const)(
    "in a window while another one is paid, which nobody heard of yet: %s",
    async (name) => {
      const first = await subscribes(who, pro);
      const form = await shown(who, { pro, business }[name]);
      await paysOn(box, first);

      const second = await startSubscription(who.owner, form);

      expect(second).toMatchObject({ id: first.id, status: "done" });
      expect(await looksAt(second)).toMatchObject({ progress: "subscribed" });
      expect(await openAt(box, who)).toEqual([]);
    },
  );

  test("by pressing again before what was paid in another window is seen here", async () => {
    const first = await subscribes(who, pro);
    const form = await shown(who, business);
    await paysOn(box, first);
    await startSubscription(who.owner, form);

    expect(await refusal(startSubscription(who.owner, form))).toBe("conflict");
    expect(await openAt(box, who)).toEqual([]);
  });

  test("by a page that is paid at the very moment when it is closed", async () => {
    const first = await subscribes(who, pro);
    const form = await shown(who, business);
    whenAsked("POST", EXPIRE, () => paysOn(box, first));

    const second = await startSubscription(who.owner, form);

    expect(second).toMatchObject({ status: "refused" });
    expect(second.sentence).toMatch(/no second subscription was begun/);
    expect(await openAt(box, who)).toEqual([]);
    expect(await looksAt(first)).toMatchObject({ progress: "subscribed" });
  });

  test("between the end of the page and the first sight of what it began", async () => {
    const first = await subscribes(who, pro);
    const form = await shown(who, business);
    await paysOn(box, first);
    const place = { gateway: "stripe", mode: "test" } as const;
    await syncNow({ ...place, refs: [{ type: "checkout", ref: refOf(first) }] });
    await findCheckout(who.owner, { ...who, commandId: first.id });

    expect(await findStanding(who.owner, { ...who, mode: "test" })).toMatchObject({
      standing: { kind: "arriving" },
    });
    expect(await refusal(startSubscription(who.owner, form))).toBe("conflict");
  });

  test("where there is one", async () => {
    const first = await subscribes(who, pro);
    await paysOn(box, first);
    await looksAt(first);
    const form = await shown(who, business);

    await expect(startSubscription(who.owner, form)).rejects.toThrow(/^You have a subscription/);
    expect(await livingAt(box, who)).toHaveLength(1);
  });

  test("while the page is being opened by somebody else", async () => {
    const forms = [await shown(who, pro), await shown(who, business)] as const;
    let second: unknown;
    whenAsked("POST", OPEN, async () => {
      second = await startSubscription(who.owner, forms[1]).catch((error: unknown) => error);
    });

    await startSubscription(who.owner, forms[0]);

    expect(second).toMatchObject({ code: "conflict" });
    expect(await openAt(box, who)).toHaveLength(1);
  });
});

describe("nothing is begun, and why is said,", () => {
  test("where the plan is archived", async () => {
    const form = await shown(who, pro);
    await sql`update plans set archived_at = now() where id = ${pro.planId}`;
    try {
      await expect(startSubscription(who.owner, form)).rejects.toThrow(/no longer sold/);
    } finally {
      await sql`update plans set archived_at = null where id = ${pro.planId}`;
    }
  });

  test("where no price at the gateway costs what the catalogue asks", async () => {
    await sql`update prices set amount_minor = 3000 where plan_id = ${pro.planId}`;
    try {
      await expect(subscribes(who, pro)).rejects.toThrow(
        /^Pro cannot be bought at €30\.00 a month/,
      );
    } finally {
      await sql`update prices set amount_minor = 2900 where plan_id = ${pro.planId}`;
    }
  });

  test("where the gateway has no key", async () => {
    const form = await shown(who, pro);
    askNobody();
    try {
      await expect(startSubscription(who.owner, form)).rejects.toThrow(/no API key/);
    } finally {
      askAt(wire.url);
    }
  });

  test("where a first payment is to be finished", async () => {
    const customer = await box.stripe.customers.create({
      metadata: { organization_id: who.organizationId },
    });
    const [row] = await sql<{ ref: string }[]>`
      select ref from gateway_prices where plan_id = ${pro.planId}`;
    const { id } = await box.stripe.subscriptions.create({
      customer: customer.id,
      items: [{ price: row?.ref ?? "" }],
      payment_behavior: "default_incomplete",
    });
    const refs = [
      { type: "customer", ref: customer.id },
      { type: "subscription", ref: id },
    ] as const;
    await syncNow({ gateway: "stripe", mode: "test", refs: [...refs] });
    await settle(sql);

    await expect(subscribes(who, pro)).rejects.toThrow(/Finish it first/);
    expect(await findStanding(who.owner, { ...who, mode: "test" })).toMatchObject({
      standing: { kind: "unfinished", payUrl: expect.stringMatching(/^http/) },
    });
  });

  test("where the gateway refuses, and asking again is another wish", async () => {
    const refused = { error: { type: "invalid_request_error", message: "No such price." } };
    let times = 1;
    wire.decide(({ method, path }) =>
      method === "POST" && OPEN.test(path) && times-- > 0 ? { status: 400, body: refused } : "pass",
    );

    const first = await subscribes(who, pro);
    const second = await subscribes(who, pro);

    expect(first).toMatchObject({ status: "refused" });
    expect(second).toMatchObject({ status: "needs_person" });
    expect(await customersOf()).toHaveLength(1);
  });

  test("for somebody who only uses what others pay for, or belongs elsewhere", async () => {
    const form = await shown(who, pro);
    const max = await person(sql, who.organizationId, "member");
    const { owner: stranger } = await newcomer(sql);

    expect(await refusal(startSubscription(max, form))).toBe("not_allowed");
    expect(await refusal(startSubscription(stranger, form))).toBe("not_found");
    expect(wire.calls).toEqual([]);
  });
});

test("shows nobody what another organization asked for", async () => {
  const command = await subscribes(who, pro);
  const other = await newcomer(sql);
  const about = { organizationId: other.organizationId, commandId: command.id };

  expect(await findCheckout(other.owner, about)).toBeUndefined();
});
