import { beforeAll, beforeEach, describe, expect, test } from "vitest";
import type { Administrator, Member } from "#lib/actor.ts";
import { acceptQuote } from "#lib/billing/changing/commands.ts";
import {
  cancelSubscription,
  cancelSubscriptionNow,
  keepSubscription,
  pauseSubscription,
  resumeSubscription,
} from "#lib/billing/ending/commands.ts";
import { findEnding } from "#lib/billing/ending/views.ts";
import { newId } from "#lib/ids.ts";
import {
  type Customer,
  customerWith,
  look,
  person,
  quoteFor,
  seen,
  sellTiers,
  settled,
  useCard,
} from "#tests/support/commanding.ts";
import { useDatabase } from "#tests/support/database.ts";
import { hasOneEffect, type Stage } from "#tests/support/one-effect.ts";
import { eventsSince, mark } from "#tests/support/sandbox-billing.ts";
import { advanceTo } from "#tests/support/sandbox-subscriptions.ts";
import { ada } from "#tests/support/settings.ts";
import { useWiredSandbox } from "#tests/support/wired-sandbox.ts";

/* Cancelling, keeping, pausing and resuming, against the sandbox over a wire that is cut at will. */

const database = await useDatabase();
const { sql } = database;
const { box, wire } = await useWiredSandbox(database);

let sold: (name: "Basic" | "Pro") => string;
let customer: Customer;
let since = 0;

const stage: Stage = { sql, wire: () => wire, customer: () => customer };

beforeAll(async () => {
  sold = await sellTiers(box, sql, { Basic: 9_00, Pro: 29_00 });
  await sql`insert into entitlements (tier_id, key, name, kind, limit_value) values
    ('tir_free', 'seats', 'Seats', 'limit', 1),
    ((select id from tiers where name = 'Pro' order by rank desc limit 1), 'seats', 'Seats', 'limit', 10)`;
});

beforeEach(async () => {
  wire.decide(() => "pass");
  await sql`insert into settings (key, value) values ('isPauseAllowed', 'true')
    on conflict (key) do update set value = excluded.value`;
  customer = await customerWith(box, sql, sold("Pro"));
  since = mark(box);
});

function told(type: string): number {
  return eventsSince(box, since).filter((each) => each === type).length;
}

/** What a page shows, and what its form therefore carries. */
async function about(actor: Member | Administrator = customer.owner) {
  const { organizationId, subscriptionId } = customer;
  const reader = actor.kind === "administrator" ? { actor, organizationId } : { actor };
  const ending = await findEnding(reader, subscriptionId);
  return { organizationId, subscriptionId, revision: ending?.revision ?? "" };
}

const why = { reason: "too_expensive", comment: "Twice last year’s" };

async function cancel(actor = customer.owner) {
  return cancelSubscription(actor, { ...(await about(actor)), ...why });
}

/** The state here beside the state at the gateway. */
async function truth() {
  const { subscriptionRef } = customer;
  const [held] = await sql<{ status: string; cancelAt: Date | null }[]>`
    select status, cancel_at as "cancelAt" from subscriptions where ref = ${subscriptionRef}`;
  const { status, cancel_at: at } = await box.stripe.subscriptions.retrieve(subscriptionRef);
  return {
    held: { status: held?.status, at: held?.cancelAt?.getTime() ?? null },
    told: { status, at: at ? at * 1_000 : null },
  };
}

describe("cancelling", () => {
  hasOneEffect(
    {
      page: async (actor) => {
        const input = { ...(await about(actor)), ...why };
        return () => cancelSubscription(actor, input);
      },
      effects: () => told("customer.subscription.updated"),
      sentence:
        "Your plan is cancelled. You keep Pro until 1 June 2027, and nothing more is charged.",
      truth,
    },
    stage,
  );

  test.each(["", "x"])("tells no half characters of a long reason: %j", async (before) => {
    const comment = `${before}${"😀".repeat(249)}`;

    const command = await cancelSubscription(customer.owner, {
      ...(await about()),
      reason: "too_expensive",
      comment,
    });

    expect(command.status).toBe("done");
    const { cancellation_details: details } = await box.stripe.subscriptions.retrieve(
      customer.subscriptionRef,
    );
    expect(details?.comment).toMatch(/😀$/u);
  });

  test("tells the gateway why, and the audit log who", async () => {
    await cancel();

    const { cancellation_details: details, cancel_at_period_end: isEnding } =
      await box.stripe.subscriptions.retrieve(customer.subscriptionRef);
    expect(isEnding).toBe(true);
    expect(details).toMatchObject({
      feedback: "too_expensive",
      comment: "Twice last year’s",
      reason: "cancellation_requested",
    });
    const [deed] = await sql`select actor_label, after from audit_entries
      where organization_id = ${customer.organizationId} and action = 'subscription.cancel'`;
    expect(deed).toEqual({ actor_label: customer.owner.label, after: why });
  });

  test("leaves nothing of what the organization has in the other mode", async () => {
    await sql`insert into subscriptions
        (id, gateway, mode, ref, organization_id, status, gateway_status, plan_id, items)
      select ${newId("sub")}, gateway, 'live', ref, organization_id, status, gateway_status, plan_id, items
      from subscriptions where id = ${customer.subscriptionId}`;

    const ending = await findEnding({ actor: customer.owner });
    await sql`delete from subscriptions where mode = 'live'`;

    expect(ending?.tierAfter).toBe("Free");
  });

  test("is told beforehand with what will be lost, and when", async () => {
    const ending = await findEnding({ actor: customer.owner });

    expect(ending).toMatchObject({
      planName: "Pro",
      endsAt: new Date("2027-06-01T00:00:00Z"),
      tierAfter: "Free",
      lost: ["1 seat instead of 10"],
      blockers: { cancel: undefined },
    });
  });

  test("gives a planned change up, and says so before and after", async () => {
    const quote = await quoteFor(customer, sold("Basic"), { timing: "renewal" });
    const { organizationId, owner } = customer;
    await acceptQuote(owner, { organizationId, quoteId: quote.id });
    await look(customer.payer, customer.subscriptionRef);

    const before = await findEnding({ actor: owner });
    const command = await settled(() => cancel());

    expect(before?.givenUp).toBe("The change that was planned for 1 June 2027 is given up.");
    expect(command.sentence).toContain(before?.givenUp);
    const after = await box.stripe.subscriptions.retrieve(customer.subscriptionRef);
    expect(after).toMatchObject({ schedule: null, cancel_at_period_end: true });
  });

  test("says so too where it is refused after that, and the subscription is looked at", async () => {
    const { organizationId, owner, subscriptionRef } = customer;
    const quote = await quoteFor(customer, sold("Basic"), { timing: "renewal" });
    await acceptQuote(owner, { organizationId, quoteId: quote.id });
    await look(customer.payer, subscriptionRef);
    wire.decide(({ method, path }) =>
      method === "POST" && path === `/v1/subscriptions/${subscriptionRef}`
        ? { status: 400, body: { error: { type: "invalid_request_error", message: "No." } } }
        : "pass",
    );

    const command = await settled(() => cancel());

    expect(command).toMatchObject({
      status: "refused",
      sentence: expect.stringMatching(/No\. What was planned for later was given up before\.$/),
    });
    const [held] = await sql`select planned from subscriptions where ref = ${subscriptionRef}`;
    expect(held?.planned).toBeNull();
  });

  test("asks for a reason that is one", async () => {
    const input = { ...(await about()), reason: "because", comment: "" };

    await expect(cancelSubscription(customer.owner, input)).rejects.toMatchObject({
      code: "invalid_input",
      fields: { reason: "Choose the reason that fits best." },
    });
  });

  test("is refused to members who do no billing, and to other organizations", async () => {
    const input = { ...(await about()), ...why };
    const member = await person(sql, customer.organizationId, "member");
    const stranger = (await customerWith(box, sql, sold("Pro"))).owner;

    await expect(cancelSubscription(member, input)).rejects.toMatchObject({ code: "not_allowed" });
    await expect(cancelSubscription(stranger, input)).rejects.toMatchObject({ code: "not_found" });
    const own = { ...input, organizationId: stranger.organizationId };
    await expect(cancelSubscription(stranger, own)).rejects.toMatchObject({ code: "not_found" });
    expect(
      await sql`select id from commands where organization_id = ${customer.organizationId}`,
    ).toEqual([]);
  });

  test("ends what is paused at once, for nothing", async () => {
    await settled(async () => pauseSubscription(customer.owner, await about()));

    const command = await settled(() => cancel());

    expect(command.sentence).toBe("The subscription has ended. Nothing more is charged.");
    expect((await truth()).held).toMatchObject({ status: "canceled" });
  });
});

describe("keeping the plan", () => {
  hasOneEffect(
    {
      prepare: async () => {
        await settled(() => cancel());
        since = mark(box);
      },
      page: async (actor) => {
        const input = await about(actor);
        return () => keepSubscription(actor, input);
      },
      effects: () => told("customer.subscription.updated"),
      sentence: "You keep Pro. It renews as before.",
      truth,
    },
    stage,
  );

  test("takes back an end that was set as a date elsewhere", async () => {
    const { subscriptionRef, payer } = customer;
    const date = Date.parse("2027-05-20T00:00:00Z") / 1_000;
    await box.stripe.subscriptions.update(subscriptionRef, { cancel_at: date });
    await look(payer, subscriptionRef);

    await settled(async () => keepSubscription(customer.owner, await about()));

    const after = await box.stripe.subscriptions.retrieve(subscriptionRef);
    expect(after).toMatchObject({ cancel_at: null, cancel_at_period_end: false });
  });

  test("then cancelling, keeping and cancelling again are each done", async () => {
    const keep = async () => keepSubscription(customer.owner, await about());

    const all = [];
    for (const ask of [cancel, keep, cancel, keep, cancel]) all.push(await settled(() => ask()));

    expect(all.map(({ status }) => status)).toEqual(Array(5).fill("done"));
    expect(new Set(all.map(({ intention }) => intention)).size).toBe(5);
    expect(await truth()).toMatchObject({ held: { at: Date.parse("2027-06-01T00:00:00Z") } });
  });

  test("is refused with a sentence where the page is out of date", async () => {
    await settled(() => cancel());
    const stale = await about();
    await settled(async () => keepSubscription(customer.owner, await about()));

    const again = await keepSubscription(customer.owner, stale);

    expect(again).toMatchObject({ kind: "subscription.keep", status: "done" });
    expect(told("customer.subscription.updated")).toBe(2);
  });
});

describe("ending at once", () => {
  const input = async (givesBack: boolean) => ({
    ...(await about(ada)),
    reason: "Asked for by telephone",
    givesBack,
  });

  hasOneEffect(
    {
      page: async () => {
        const asked = await input(true);
        return () => cancelSubscriptionNow(ada, asked);
      },
      effects: () => told("customer.subscription.deleted"),
      sentence: "The subscription has ended. What was not used is credited.",
      truth,
    },
    stage,
  );

  test("gives back nothing that was never paid", async () => {
    const { payer, subscriptionRef } = customer;
    await useCard(box, payer, "pm_card_chargeCustomerFail");
    await advanceTo(box, payer, "2027-06-01T02:00:00Z");
    await look(payer, subscriptionRef);

    await expect(cancelSubscriptionNow(ada, await input(true))).rejects.toMatchObject({
      code: "conflict",
      message: expect.stringContaining("never paid"),
    });
    expect(await cancelSubscriptionNow(ada, await input(false))).toMatchObject({ status: "done" });
    expect(await box.stripe.customers.retrieve(payer.customer)).toMatchObject({ balance: 0 });
  });

  test("gives back what was not used, and without that nothing", async () => {
    await settled(async () => cancelSubscriptionNow(ada, await input(true)));
    const other = customer;
    customer = await customerWith(box, sql, sold("Pro"));
    await settled(async () => cancelSubscriptionNow(ada, await input(false)));

    const balance = async (ref: string) => {
      const found = await box.stripe.customers.retrieve(ref);
      return found.deleted ? 0 : found.balance;
    };
    expect(await balance(other.payer.customer)).toBeLessThan(0);
    expect(await balance(customer.payer.customer)).toBe(0);
    expect(
      await sql`select reason from audit_entries
      where organization_id = ${customer.organizationId}`,
    ).toEqual([{ reason: "Asked for by telephone" }]);
  });

  test("is for administrators only", async () => {
    const asked = await input(true);
    const owner: unknown = customer.owner;

    await expect(cancelSubscriptionNow(owner as Administrator, asked)).rejects.toMatchObject({
      code: "not_allowed",
    });
    expect(told("customer.subscription.deleted")).toBe(0);
  });
});

describe("a pause", () => {
  hasOneEffect(
    {
      page: async (actor) => {
        const input = await about(actor);
        return () => pauseSubscription(actor, input);
      },
      effects: () => told("customer.subscription.paused"),
      sentence: "Your subscription is paused. Nothing is charged until you resume it.",
      truth,
    },
    stage,
  );

  test("is refused where the operator does not allow it, but for administrators", async () => {
    await sql`delete from settings where key = 'isPauseAllowed'`;
    const input = await about();

    await expect(pauseSubscription(customer.owner, input)).rejects.toMatchObject({
      code: "conflict",
      message: expect.stringContaining("cannot be paused here"),
    });
    expect(await pauseSubscription(ada, { ...input, reason: "On leave" })).toMatchObject({
      status: "done",
    });
  });
});

describe("a pause by an administrator", () => {
  const input = async (reason: string) => ({ ...(await about(ada)), reason });

  hasOneEffect(
    {
      page: async () => {
        const asked = await input("On parental leave");
        return () => pauseSubscription(ada, asked);
      },
      effects: () => told("customer.subscription.paused"),
      sentence: "Pro is paused. Nothing is charged until it is resumed.",
      truth,
    },
    stage,
  );

  test("needs a reason, as its end does, and the audit log keeps both", async () => {
    await expect(pauseSubscription(ada, await input(" "))).rejects.toMatchObject({
      fields: { reason: "Say why." },
    });
    await settled(async () => pauseSubscription(ada, await input("On parental leave")));
    await expect(resumeSubscription(ada, await input(""))).rejects.toMatchObject({
      fields: { reason: "Say why." },
    });

    await settled(async () => resumeSubscription(ada, await input("They are back")));

    expect((await truth()).held).toMatchObject({ status: "active" });
    const deeds = await sql`select action, reason, actor_label from audit_entries
      where organization_id = ${customer.organizationId} order by id`;
    expect(deeds).toEqual([
      { action: "subscription.pause", reason: "On parental leave", actor_label: ada.label },
      { action: "subscription.unpause", reason: "They are back", actor_label: ada.label },
    ]);
  });

  test("is possible whatever customers may, and said to be in the way of nothing", async () => {
    await sql`delete from settings where key = 'isPauseAllowed'`;
    const { organizationId, subscriptionId, owner } = customer;

    const seen = await findEnding({ actor: ada, organizationId }, subscriptionId);
    const own = await findEnding({ actor: owner }, subscriptionId);

    expect(seen?.blockers.pause).toBeUndefined();
    expect(own?.blockers.pause).toMatch(/cannot be paused here/);
  });
});

test("what will be lost of seats is those that are bought, not those that the tier allows", async () => {
  const team = await sellTiers(box, sql, { Basic: 5_00, Pro: 15_00 }, { isPerSeat: true });
  await sql`insert into entitlements (tier_id, key, name, kind, limit_value)
    select tier_id, 'seats', 'Seats', 'limit', 50 from plans p join gateway_prices g on g.plan_id = p.id
    where g.ref = ${team("Pro")}`;
  customer = await customerWith(box, sql, team("Pro"), { quantity: 4 });

  const ending = await findEnding({ actor: customer.owner });

  expect(ending?.lost).toEqual(["1 seat instead of 4"]);
});

describe("going on after a pause", () => {
  hasOneEffect(
    {
      prepare: async () => {
        await settled(async () => pauseSubscription(customer.owner, await about()));
        since = mark(box);
      },
      page: async (actor) => {
        const input = await about(actor);
        return () => resumeSubscription(actor, input);
      },
      effects: () => told("invoice.paid"),
      sentence: "Pro goes on, €29.00 charged today",
      truth,
    },
    stage,
  );

  test("waits for another card where the card is declined, and stays paused", async () => {
    await settled(async () => pauseSubscription(customer.owner, await about()));
    await useCard(box, customer.payer, "pm_card_chargeCustomerFail");

    const command = await settled(async () => resumeSubscription(customer.owner, await about()));

    expect(command).toMatchObject({
      status: "needs_person",
      sentence: expect.stringMatching(/declined\. The subscription stays paused\.$/),
    });
    expect(await truth()).toMatchObject({ held: { status: "paused" }, told: { status: "paused" } });
  });

  test("is not asked for twice while its invoice is open: there would be two to pay", async () => {
    const { owner, payer, subscriptionRef } = customer;
    await settled(async () => pauseSubscription(owner, await about()));
    await useCard(box, payer, "pm_card_chargeCustomerFail");
    await settled(async () => resumeSubscription(owner, await about()));
    await useCard(box, payer, "pm_card_visa");
    await look(payer, subscriptionRef);

    const input = await about();

    await expect(resumeSubscription(owner, input)).rejects.toMatchObject({
      message: expect.stringContaining("still open"),
    });
    const { data } = await box.stripe.invoices.list({ customer: payer.customer });
    const ofResuming = data.filter(({ billing_reason: why }) => why === "subscription_update");
    expect(ofResuming.map(({ status }) => status)).toEqual(["open"]);
  });
});

test("what is seen on a page is what its form carries", async () => {
  expect((await about()).revision).toBe(await seen(customer));
});
