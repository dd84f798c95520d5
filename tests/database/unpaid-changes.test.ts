import { beforeAll, beforeEach, describe, expect, test } from "vitest";
import { acceptQuote } from "#lib/billing/changing/commands.ts";
import { heldPlan } from "#lib/billing/changing/views.ts";
import {
  cancelSubscription,
  cancelSubscriptionNow,
  pauseSubscription,
  resumeSubscription,
} from "#lib/billing/ending/commands.ts";
import { findEnding } from "#lib/billing/ending/views.ts";
import { findMethods } from "#lib/billing/paying/views.ts";
import { findBilling } from "#lib/billing/views.ts";
import { syncNow } from "#lib/inbox/commands.ts";
import { settle } from "#tests/support/billing.ts";
import {
  type Customer,
  customerWith,
  look,
  quoteFor,
  seen,
  sellTiers,
  settled,
  useCard,
} from "#tests/support/commanding.ts";
import { useDatabase } from "#tests/support/database.ts";
import { advanceTo } from "#tests/support/sandbox-subscriptions.ts";
import { ada } from "#tests/support/settings.ts";
import { useWiredSandbox } from "#tests/support/wired-sandbox.ts";

/* A change that waits for its payment: which invoice is its own, and what becomes of it. */

const database = await useDatabase();
const { sql } = database;
const { box, wire } = await useWiredSandbox(database);

let sold: (name: "Pro" | "Business") => string;
let customer: Customer;

beforeAll(async () => {
  sold = await sellTiers(box, sql, { Pro: 29_00, Business: 99_00 });
});

beforeEach(async () => {
  wire.decide(() => "pass");
  customer = await customerWith(box, sql, sold("Pro"), { now: "2027-05-31T12:00:00Z" });
});

/** After the first renewal and the try to collect it. */
const RENEWED = "2027-06-01T02:00:00Z";

/** An upgrade whose card is declined, seen here. */
async function declined(): Promise<void> {
  const { payer, owner, organizationId } = customer;
  await useCard(box, payer, "pm_card_chargeCustomerFail");
  const { id } = await quoteFor(customer, sold("Business"));
  await settled(async () => {
    const accepted = await acceptQuote(owner, { organizationId, quoteId: id });
    if (accepted.kind !== "asked") throw new Error("Quoted anew.");
    return accepted.command;
  });
}

async function renewed(): Promise<void> {
  await advanceTo(box, customer.payer, RENEWED);
  await look(customer.payer, customer.subscriptionRef);
  await settle(sql);
}

async function invoiceFor(reason: string) {
  const { data } = await box.stripe.invoices.list({ customer: customer.payer.customer });
  const found = data.find(({ billing_reason: why }) => why === reason);
  if (!found) throw new Error(`There is no invoice for ${reason}.`);
  return found;
}

async function subscriptionNow() {
  return box.stripe.subscriptions.retrieve(customer.subscriptionRef);
}

const named = () => {
  const { organizationId, subscriptionId } = customer;
  return { organizationId, subscriptionId };
};

const about = async () => ({ ...named(), revision: await seen(customer) });

describe("a renewal that comes before it is paid", () => {
  beforeEach(async () => {
    await declined();
    await renewed();
  });

  test("has an invoice of its own: paying for the change leads to that of the change", async () => {
    const { unpaid } = await heldPlan(customer.owner, named());

    const { hosted_invoice_url: url } = await invoiceFor("subscription_update");
    expect(unpaid).toMatchObject({ url, because: "declined" });
  });

  test("is what is overdue, on the page of the plan and on that of the cards", async () => {
    const { id: ref } = await invoiceFor("subscription_cycle");

    const billing = await findBilling({ actor: customer.owner }, "test");
    const paying = await findMethods(customer.owner);

    expect(billing?.subscriptions[0]).toMatchObject({ status: "past_due", unpaid: { ref } });
    const [row] = await sql`select id from invoices where ref = ${ref}`;
    expect(paying?.unpaid?.id).toBe(row?.id);
  });
});

test("a change whose payment failed is what another card pays where nothing is overdue", async () => {
  await declined();

  const { id: ref } = await invoiceFor("subscription_update");
  const [row] = await sql`select id from invoices where ref = ${ref}`;
  expect((await findMethods(customer.owner))?.unpaid?.id).toBe(row?.id);
});

describe("a change that is not paid in time", () => {
  beforeEach(async () => {
    customer = await customerWith(box, sql, sold("Pro"));
    await declined();
    await advanceTo(box, customer.payer, "2027-05-17T12:00:00Z");
    await look(customer.payer, customer.subscriptionRef);
    const { id: ref } = await invoiceFor("subscription_update");
    await syncNow({ gateway: "stripe", mode: "test", refs: [{ type: "invoice", ref }] });
  });

  test("lapses: it is offered anew, and nothing waits for it any more", async () => {
    const { lapsed, unpaid } = await heldPlan(customer.owner, named());

    expect(unpaid).toBeUndefined();
    expect(lapsed).toMatchObject({
      sold: { planName: "Business" },
      priceRef: sold("Business"),
      quantity: 1,
      isRecent: true,
    });
    expect((await quoteFor(customer, sold("Business"))).dueMinor).toBeGreaterThan(0);
  });

  test("is told of for a week, unless something else is asked for", async () => {
    await sql`update commands set asked_at = now() - interval '8 days'
      where organization_id = ${customer.organizationId}`;
    expect((await heldPlan(customer.owner, named())).lapsed).toMatchObject({ isRecent: false });

    await settled(async () =>
      cancelSubscription(customer.owner, {
        ...(await about()),
        reason: "too_expensive",
        comment: "",
      }),
    );

    expect((await heldPlan(customer.owner, named())).lapsed).toBeUndefined();
  });
});

test("a change that still waits, or was made, has not lapsed", async () => {
  await declined();
  expect((await heldPlan(customer.owner, named())).lapsed).toBeUndefined();

  await useCard(box, customer.payer, "pm_card_visa");
  await box.stripe.invoices.pay((await invoiceFor("subscription_update")).id);
  await look(customer.payer, customer.subscriptionRef);
  await settle(sql);

  expect((await heldPlan(customer.owner, named())).lapsed).toBeUndefined();
});

describe("an end at once", () => {
  const why = { reason: "Asked for by telephone" };
  const endNow = async (givesBack = false) =>
    cancelSubscriptionNow(ada, { ...(await about()), ...why, givesBack });
  const ending = () =>
    findEnding({ actor: ada, organizationId: customer.organizationId }, customer.subscriptionId);

  test("gives the change up, says so before and after, and nobody can pay for it any more", async () => {
    await declined();

    const before = await ending();
    const command = await settled(() => endNow());

    expect(before?.givenUp).toBe("The change that waits for its payment is given up.");
    expect(command).toMatchObject({
      status: "done",
      sentence: `The subscription has ended. ${before?.givenUp}`,
    });
    expect(await invoiceFor("subscription_update")).toMatchObject({ status: "void" });
    expect(await subscriptionNow()).toMatchObject({ status: "canceled" });
    const [held] = await sql`select status from invoices
      where organization_id = ${customer.organizationId} and billing_reason = 'subscription_update'`;
    expect(held?.status).toBe("void");
  });

  test("credits what was paid for: a change that was not paid takes nothing of that", async () => {
    await declined();

    expect(await settled(() => endNow(true))).toMatchObject({ status: "done" });
    const payer = await box.stripe.customers.retrieve(customer.payer.customer);
    expect(payer).toMatchObject({ balance: expect.toSatisfy((owed: number) => owed < 0) });
  });

  test.each(["cut before", "cut after"] as const)(
    "comes to the same where the network is %s on the way",
    async (fate) => {
      await declined();
      let isCut = false;
      wire.decide(({ method }) => {
        if (isCut || method === "GET") return "pass";
        isCut = true;
        return fate;
      });

      expect(await settled(() => endNow())).toMatchObject({ status: "done" });
      expect(await invoiceFor("subscription_update")).toMatchObject({ status: "void" });
      expect(await subscriptionNow()).toMatchObject({ status: "canceled" });
    },
  );

  test("gives a change up that nobody has seen here, and leaves the renewal that is owed", async () => {
    await declined();
    await sql`update subscriptions set unpaid_change = null where id = ${customer.subscriptionId}`;
    await advanceTo(box, customer.payer, RENEWED);

    expect(await settled(() => endNow())).toMatchObject({ status: "done" });
    expect(await invoiceFor("subscription_update")).toMatchObject({ status: "void" });
    expect(await invoiceFor("subscription_cycle")).toMatchObject({ status: "open" });
  });

  test("is refused where the change was paid meanwhile: nothing is taken for what is over", async () => {
    await declined();
    const asked = await about();
    await useCard(box, customer.payer, "pm_card_visa");
    await box.stripe.invoices.pay((await invoiceFor("subscription_update")).id);

    const command = await settled(() =>
      cancelSubscriptionNow(ada, { ...asked, ...why, givesBack: false }),
    );

    expect(command).toMatchObject({
      status: "refused",
      sentence: "The payment came in the meantime, so the change has taken effect.",
    });
    expect(await subscriptionNow()).toMatchObject({ status: "active" });
    expect((await heldPlan(customer.owner, named())).sold?.planName).toBe("Business");
  });

  test("of what is paused gives up going on, where that waits for its payment", async () => {
    const { owner, payer } = customer;
    const reason = { reason: "too_expensive", comment: "" };
    await settled(async () => pauseSubscription(ada, { ...(await about()), ...why }));
    await useCard(box, payer, "pm_card_chargeCustomerFail");
    await settled(async () => resumeSubscription(owner, await about()));

    const command = await settled(async () =>
      cancelSubscription(owner, { ...(await about()), ...reason }),
    );

    expect(command).toMatchObject({ status: "done" });
    expect(await invoiceFor("subscription_update")).toMatchObject({ status: "void" });
  });
});
