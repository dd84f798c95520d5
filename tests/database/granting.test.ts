import { beforeAll, beforeEach, describe, expect, test } from "vitest";
import type { Administrator } from "#lib/actor.ts";
import { sendForgotten } from "#lib/billing/asking/send.ts";
import { acceptQuote, dropPlannedChange } from "#lib/billing/changing/commands.ts";
import { cancelOnBehalf, keepSubscription } from "#lib/billing/ending/commands.ts";
import { extendTrial, giveCredit, refundPayment } from "#lib/billing/granting/commands.ts";
import { findGranting, findRefunding } from "#lib/billing/granting/views.ts";
import { lookAfter, syncNow } from "#lib/inbox/commands.ts";
import { settle } from "#tests/support/billing.ts";
import {
  askAt,
  askNobody,
  type Customer,
  customerWith,
  look,
  quoteFor,
  seen,
  sellTiers,
  settled,
} from "#tests/support/commanding.ts";
import { useDatabase } from "#tests/support/database.ts";
import { hasOneEffect, type Stage } from "#tests/support/one-effect.ts";
import { eventsSince, mark } from "#tests/support/sandbox-billing.ts";
import { advanceTo, at } from "#tests/support/sandbox-subscriptions.ts";
import { ada } from "#tests/support/settings.ts";
import { useWiredSandbox } from "#tests/support/wired-sandbox.ts";

/* What administrators ask of a gateway, each with a reason, over a wire that is cut at will. */

const database = await useDatabase();
const { sql } = database;
const { box, wire } = await useWiredSandbox(database);

let sold: (name: "Basic" | "Pro") => string;
let customer: Customer;
let since = 0;

const stage: Stage = { sql, wire: () => wire, customer: () => customer };
const reason = "Asked for by telephone";
const REVOKED = {
  status: 401,
  body: { error: { type: "invalid_request_error", message: "Invalid API Key provided" } },
} as const;

beforeAll(async () => {
  sold = await sellTiers(box, sql, { Basic: 9_00, Pro: 29_00 });
});

beforeEach(async () => {
  wire.decide(() => "pass");
  customer = await customerWith(box, sql, sold("Pro"));
  since = mark(box);
});

function told(type: string): number {
  return eventsSince(box, since).filter((each) => each === type).length;
}

/** Everything that can be given, as the administrator's page shows it. */
function page({ organizationId } = customer) {
  return findGranting(ada, { organizationId, mode: "test" });
}

async function subscriptionInput() {
  const { organizationId, subscriptionId } = customer;
  return { organizationId, subscriptionId, revision: await seen(customer), reason };
}

/** The last deed about the organization, as the audit log has it. */
async function lastDeed() {
  const [deed] = await sql`
    select action, actor_label as who, before, after, reason from audit_entries
    where organization_id = ${customer.organizationId} order by id desc limit 1`;
  return { ...deed };
}

/** A member in an administrator's place, as a forged call would put one there. */
function memberAs(): Administrator {
  const owner: unknown = customer.owner;
  return owner as Administrator;
}

describe("a longer trial", () => {
  /** A trial until 30 May 2027, noon. */
  async function trying(): Promise<void> {
    const { subscriptionRef, payer } = customer;
    await box.stripe.subscriptions.update(subscriptionRef, {
      trial_end: at("2027-05-30T12:00:00Z"),
      proration_behavior: "none",
    });
    await look(payer, subscriptionRef);
    since = mark(box);
  }

  async function input(until = "2027-06-20") {
    const { organizationId, subscriptionId } = customer;
    const [trial] = (await page()).trials;
    return { organizationId, subscriptionId, revision: trial?.revision ?? "", until, reason };
  }

  async function truth() {
    const { subscriptionRef } = customer;
    const [held] = await sql<{ at: Date }[]>`
      select trial_end as at from subscriptions where ref = ${subscriptionRef}`;
    const { trial_end: end } = await box.stripe.subscriptions.retrieve(subscriptionRef);
    return { held: held?.at.getTime(), told: (end ?? 0) * 1_000 };
  }

  hasOneEffect(
    {
      prepare: trying,
      page: async () => {
        const asked = await input();
        return () => extendTrial(ada, asked);
      },
      effects: () => told("customer.subscription.updated"),
      sentence: "The trial of Pro lasts until 20 June 2027.",
      truth,
    },
    stage,
  );

  test("ends at the same time of another day, and says who said why", async () => {
    await trying();

    await settled(async () => extendTrial(ada, await input()));

    expect((await truth()).held).toBe(Date.parse("2027-06-20T12:00:00Z"));
    expect(await lastDeed()).toEqual({
      action: "subscription.extend_trial",
      who: "Ada",
      before: "until 30 May 2027",
      after: "until 20 June 2027",
      reason,
    });
  });

  test.each([
    ["2027-05-30", "Choose a day after 30 May 2027."],
    ["2099-01-01", "Choose a day within two years."],
    ["2027-02-31", "Choose a day."],
  ])("does not end on %s", async (until, sentence) => {
    await trying();

    await expect(extendTrial(ada, await input(until))).rejects.toMatchObject({
      fields: { until: sentence },
    });
    expect(told("customer.subscription.updated")).toBe(0);
  });

  test("is not for a trial that is over at the gateway, and paid for", async () => {
    await trying();
    const asked = await input();
    await advanceTo(box, customer.payer, "2027-06-01");

    const late = await extendTrial(ada, asked);

    expect(late).toMatchObject({ status: "refused", sentence: "The trial is over already." });
    const now = await box.stripe.subscriptions.retrieve(customer.subscriptionRef);
    expect(now.status).toBe("active");
  });

  test("is not for what is in no trial", async () => {
    const asked = { ...(await subscriptionInput()), until: "2027-06-20" };

    await expect(extendTrial(ada, asked)).rejects.toMatchObject({
      message: "It is not in a trial.",
    });
  });
});

describe("credit", () => {
  async function input(amount = "12.50") {
    const { creditor } = await page();
    const { organizationId } = customer;
    const { revision = "", customer: row } = creditor ?? {};
    return { organizationId, customerId: row?.id ?? "", revision, amount, reason };
  }

  function credits(): number {
    const all = box.world.all("customer_balance_transaction");
    return all.filter((each) => each.customer === customer.payer.customer).length;
  }

  async function truth() {
    const { customer: ref } = customer.payer;
    const [held] = await sql<{ balance: string | null }[]>`
      select balance_minor as balance from customers where ref = ${ref}`;
    const found = await box.stripe.customers.retrieve(ref);
    return { held: Number(held?.balance), told: found.deleted ? 0 : 0 - found.balance };
  }

  hasOneEffect(
    {
      page: async () => {
        const asked = await input();
        return () => giveCredit(ada, asked);
      },
      effects: credits,
      sentence: "€12.50 credited. Later invoices take it first.",
      truth,
    },
    stage,
  );

  test.each([
    ["is revoked", () => {}],
    ["is removed", askNobody],
  ])("whose answer was lost is not told as refused when the key %s", async (_, lose) => {
    const asked = await input();
    let times = 0;
    wire.decide(({ method, path }) => {
      if (method !== "POST" || !path.endsWith("/balance_transactions")) return "pass";
      times += 1;
      lose();
      return times === 1 ? "cut after" : REVOKED;
    });

    const { status } = await giveCredit(ada, asked);
    askAt(wire.url);
    wire.decide(() => "pass");
    await sql`update commands set leased_until = null where status = 'open'`;
    await sendForgotten();

    expect(status).toBe("open");
    expect(credits()).toBe(1);
    expect(await giveCredit(ada, asked)).toMatchObject({ status: "done" });
    expect(credits()).toBe(1);
  });

  test("is given for a reason that is longer than the gateway takes", async () => {
    const asked = await input();

    const command = await giveCredit(ada, { ...asked, reason: `${"x".repeat(349)}😀 and more` });

    expect(command.status).toBe("done");
  });

  test("is given twice by two looks at the page, each with its reason", async () => {
    await settled(async () => giveCredit(ada, await input()));
    await settled(async () => giveCredit(ada, await input()));

    expect((await truth()).held).toBe(25_00);
    expect(await lastDeed()).toMatchObject({ action: "customer.credit", who: "Ada", reason });
  });

  test.each([
    ["0", "Write an amount above zero."],
    ["12.345", "Write an amount such as 29.00."],
    ["1000000", "Credit €999,999.99 at most at once."],
  ])("of %s is refused", async (amount, sentence) => {
    await expect(giveCredit(ada, await input(amount))).rejects.toMatchObject({
      fields: { amount: sentence },
    });
    expect(credits()).toBe(0);
  });

  test("is given by administrators only, to their own customer, and for a reason", async () => {
    const asked = await input();
    const other = await customerWith(box, sql, sold("Pro"));

    await expect(giveCredit(memberAs(), asked)).rejects.toMatchObject({ code: "not_allowed" });
    await expect(giveCredit(ada, { ...asked, reason: " " })).rejects.toMatchObject({
      fields: { reason: "Say why." },
    });
    const foreign = { ...asked, organizationId: other.organizationId };
    await expect(giveCredit(ada, foreign)).rejects.toMatchObject({ code: "not_found" });
    expect(credits()).toBe(0);
  });
});

describe("a refund", () => {
  async function input(amount = "9.00") {
    const { organizationId } = customer;
    const [payment] = (await page()).refundable;
    const paymentId = payment?.id ?? "";
    const { revision = "" } = (await findRefunding(ada, { organizationId, paymentId })) ?? {};
    return { organizationId, paymentId, revision, amount, reason };
  }

  const refunds = (of: string) => box.world.all("refund").filter((each) => intentOf(each) === of);
  const intentOf = ({ payment_intent: intent }: { payment_intent?: unknown }) => intent;

  async function paymentRef(): Promise<string> {
    const [row] = await sql<{ ref: string }[]>`
      select ref from payments where organization_id = ${customer.organizationId}`;
    return row?.ref ?? "";
  }

  async function truth() {
    const ref = await paymentRef();
    const [held] = await sql<{ minor: string }[]>`
      select refunded_minor as minor from payments where ref = ${ref}`;
    const all = refunds(ref).map(({ amount }) => amount);
    return { held: Number(held?.minor), told: all.reduce((sum, each) => sum + each, 0) };
  }

  let of = "";
  async function paid(): Promise<void> {
    await settle(sql);
    of = await paymentRef();
  }

  hasOneEffect(
    {
      prepare: paid,
      page: async () => {
        const asked = await input();
        return () => refundPayment(ada, asked);
      },
      effects: () => refunds(of).length,
      sentence: "€9.00 refunded. It may take the bank ten days to show it.",
      truth,
    },
    stage,
  );

  test("goes back in parts, but never more than was paid", async () => {
    await paid();
    await settled(async () => refundPayment(ada, await input("20")));

    await expect(refundPayment(ada, await input("9.01"))).rejects.toMatchObject({
      fields: { amount: "Only €9.00 of it is left to give back." },
    });
    await settled(async () => refundPayment(ada, await input("9")));

    expect(await truth()).toEqual({ held: 29_00, told: 29_00 });
    expect((await page()).refundable).toEqual([]);
    expect(await lastDeed()).toEqual({
      action: "payment.refund",
      who: "Ada",
      before: "€20.00 refunded",
      after: "€9.00 more refunded",
      reason,
    });
  });

  test("is of the organization's own payment", async () => {
    await paid();
    const asked = await input();
    const { organizationId } = await customerWith(box, sql, sold("Pro"));

    await expect(refundPayment(ada, { ...asked, organizationId })).rejects.toMatchObject({
      code: "not_found",
    });
    expect(refunds(of)).toEqual([]);
  });

  test("waits for the bank where the bank decides", async () => {
    await paid();
    const asked = await input();
    const [charge] = box.world.all("charge").filter((each) => intentOf(each) === of);
    await box.control("/disputes", { charge: charge?.id ?? "" });
    await settle(sql);
    const dispute = box.world.all("dispute").find((each) => intentOf(each) === of);
    const refs = [{ type: "dispute" as const, ref: dispute?.id ?? "" }];
    await syncNow({ gateway: "stripe", mode: "test", refs });

    await expect(refundPayment(ada, asked)).rejects.toMatchObject({
      message: expect.stringContaining("bank decides about it"),
    });
    expect(refunds(of)).toEqual([]);
  });
});

describe("in an organization's place", () => {
  hasOneEffect(
    {
      page: async () => {
        const asked = await subscriptionInput();
        return () => cancelOnBehalf(ada, asked);
      },
      effects: () => told("customer.subscription.updated"),
      sentence: "Pro is cancelled. It lasts until 1 June 2027, and nothing more is charged.",
      truth: async () => {
        const { subscriptionRef } = customer;
        const [held] = await sql<{ at: Date | null }[]>`
          select cancel_at as at from subscriptions where ref = ${subscriptionRef}`;
        const { cancel_at: end } = await box.stripe.subscriptions.retrieve(subscriptionRef);
        return { held: held?.at?.getTime(), told: (end ?? 0) * 1_000 };
      },
    },
    stage,
  );

  test("a plan is kept only for a reason, which the audit log has", async () => {
    await settled(async () => cancelOnBehalf(ada, await subscriptionInput()));
    const silent = { ...(await subscriptionInput()), reason: "" };
    await expect(keepSubscription(ada, silent)).rejects.toMatchObject({
      fields: { reason: "Say why." },
    });

    await settled(async () => keepSubscription(ada, await subscriptionInput()));

    expect(await lastDeed()).toMatchObject({ action: "subscription.keep", who: "Ada", reason });
  });

  test("a plan is changed at the moment that customers may not choose, and for a reason", async () => {
    await sql`insert into settings (key, value) values ('isTimingFree', 'false')
      on conflict (key) do update set value = excluded.value`;
    const { organizationId } = customer;
    await expect(quoteFor(customer, sold("Basic"), { timing: "now" })).rejects.toThrow(/Blocked/);
    const now = await quoteFor(customer, sold("Basic"), { actor: ada });
    expect(now.creditedMinor).toBeGreaterThan(0);
    await expect(acceptQuote(ada, { organizationId, quoteId: now.id })).rejects.toMatchObject({
      fields: { reason: "Say why." },
    });
    const quote = await quoteFor(customer, sold("Basic"), { actor: ada, timing: "renewal" });

    const accepted = await acceptQuote(ada, { organizationId, quoteId: quote.id, reason });

    expect(accepted).toMatchObject({
      command: { status: "done", sentence: "Change scheduled for 1 June 2027" },
    });
    expect(await lastDeed()).toMatchObject({ action: "subscription.change", who: "Ada", reason });
    if (accepted.kind === "asked") await lookAfter(accepted.command);
    expect(await dropPlannedChange(ada, await subscriptionInput())).toMatchObject({
      status: "done",
    });
    expect(await lastDeed()).toMatchObject({ reason });
    await sql`delete from settings where key = 'isTimingFree'`;
  });
});
