import { beforeAll, beforeEach, expect, test } from "vitest";
import { sendForgotten } from "#lib/billing/asking/send.ts";
import { acceptQuote } from "#lib/billing/changing/commands.ts";
import { lookAfter } from "#lib/inbox/commands.ts";
import {
  type Customer,
  customerWith,
  look,
  quoteFor,
  sellTiers,
  useCard,
} from "#tests/support/commanding.ts";
import { useDatabase } from "#tests/support/database.ts";
import type { Fate } from "#tests/support/wire-tap.ts";
import { useWiredSandbox } from "#tests/support/wired-sandbox.ts";

/*
 * A change that was accepted in time and not answered, when its quote holds no longer: it is looked for,
 * and never made then.
 */

const database = await useDatabase();
const { sql } = database;
const { box, wire } = await useWiredSandbox(database);

let sold: (name: "Basic" | "Pro" | "Business") => string;
let customer: Customer;

beforeAll(async () => {
  sold = await sellTiers(box, sql, { Basic: 9_00, Pro: 29_00, Business: 99_00 });
});

beforeEach(async () => {
  wire.decide(() => "pass");
  customer = await customerWith(box, sql, sold("Pro"));
});

const UPGRADED = "Plan updated, €35.00 charged today";
const NOT_IN_TIME =
  "The payment company did not answer while the quote was valid, so the plan was not changed and nothing is charged.";

async function accept(quoteId: string) {
  const { organizationId, owner } = customer;
  const accepted = await acceptQuote(owner, { organizationId, quoteId });
  if (accepted.kind !== "asked") throw new Error(`Quoted anew: ${accepted.because}`);
  return accepted.command;
}

/** A change to Business that nobody heard the answer to; from then on everything passes. */
async function unanswered(fate: Fate): Promise<string> {
  const { id } = await quoteFor(customer, sold("Business"));
  const path = `/v1/subscriptions/${customer.subscriptionRef}`;
  wire.decide((call) => (call.method === "POST" && call.path === path ? fate : "pass"));
  const command = await accept(id);
  wire.decide(() => "pass");
  wire.calls.length = 0;
  expect(command.status).toBe("open");
  return command.id;
}

/** Sends it again so long after its quote. */
async function sentAgain(commandId: string, minutes: number) {
  const until = new Date(Date.now() - minutes * 60_000).toISOString();
  await sql`update commands set leased_until = null,
    plan = jsonb_set(plan, '{until}', to_jsonb(${until}::text)) where id = ${commandId}`;
  await sendForgotten();
  const [command] = await sql<{ status: string; sentence: string | null; rest: number | null }[]>`
    select status, sentence, extract(epoch from leased_until - now())::float as rest
    from commands where id = ${commandId}`;
  return command;
}

/** What was asked of the gateway besides looking. */
const deeds = () => wire.calls.filter(({ method }) => method !== "GET");

async function atTheGateway() {
  const { items, pending_update } = await box.stripe.subscriptions.retrieve(
    customer.subscriptionRef,
  );
  const { data } = await box.stripe.invoices.list({ customer: customer.payer.customer });
  const bills = data.filter(({ billing_reason: why }) => why === "subscription_update");
  return {
    price: items.data[0]?.price.id,
    isPending: pending_update !== null,
    charged: bills.map(({ amount_paid }) => amount_paid),
  };
}

test("a change that never arrived is refused, and nothing is charged late", async () => {
  const id = await unanswered("cut before");

  expect(await sentAgain(id, 4)).toMatchObject({
    status: "refused",
    sentence: `${NOT_IN_TIME} Look at the new quote.`,
  });
  expect(deeds()).toEqual([]);
  expect(await atTheGateway()).toEqual({ price: sold("Pro"), isPending: false, charged: [] });
});

test("and is wanted anew by a quote of what it costs then", async () => {
  const id = await unanswered("cut before");
  await box.stripe.customers.createBalanceTransaction(customer.payer.customer, {
    amount: -5_00,
    currency: "eur",
  });
  await sentAgain(id, 4);

  expect(await accept((await quoteFor(customer, sold("Business"))).id)).toMatchObject({
    status: "done",
    sentence: "Plan updated, €30.00 charged today",
  });
});

test("a change that was made is told as it was, and not made again", async () => {
  const id = await unanswered("cut after");

  expect(await sentAgain(id, 60)).toMatchObject({ status: "done", sentence: UPGRADED });
  expect(deeds()).toEqual([]);
  expect(await atTheGateway()).toEqual({
    price: sold("Business"),
    isPending: false,
    charged: [35_00],
  });
});

test("a change that waits for the bank is told so, with where to go on", async () => {
  await useCard(box, customer.payer, "pm_card_authenticationRequired");
  const id = await unanswered("cut after");

  expect(await sentAgain(id, 60)).toMatchObject({
    status: "needs_person",
    sentence: "Your bank wants you to confirm the payment. Nothing changes before.",
  });
  expect(deeds()).toEqual([]);
  expect(await atTheGateway()).toEqual({ price: sold("Pro"), isPending: true, charged: [0] });
});

test("a change in a trial, which makes no invoice, is told as it was", async () => {
  const { subscriptionRef, payer } = customer;
  await box.stripe.subscriptions.update(subscriptionRef, {
    trial_end: Date.parse("2027-06-10") / 1_000,
    proration_behavior: "none",
  });
  await look(payer, subscriptionRef);
  const id = await unanswered("cut after");

  expect(await sentAgain(id, 60)).toMatchObject({
    status: "done",
    sentence: "Plan updated, nothing charged today",
  });
});

test("nothing is said while what was sent may still be under way", async () => {
  const id = await unanswered("cut before");

  const early = await sentAgain(id, 2);

  expect(early).toMatchObject({ status: "open" });
  expect(early?.rest).toBeGreaterThan(50);
  expect(early?.rest).toBeLessThanOrEqual(60);
  expect(deeds()).toEqual([]);
});

test("a change that was accepted at the last moment is sent", async () => {
  const id = await unanswered("cut before");

  expect(await sentAgain(id, 0.5)).toMatchObject({ status: "done", sentence: UPGRADED });
});

test("what was planned for later and given up on the way is told", async () => {
  const planned = await accept((await quoteFor(customer, sold("Basic"), { timing: "renewal" })).id);
  await lookAfter(planned);
  const id = await unanswered("cut before");

  expect(await sentAgain(id, 4)).toMatchObject({
    status: "refused",
    sentence: `${NOT_IN_TIME} What was planned for later was given up before. Look at the new quote.`,
  });
});

test("a change that was made and changed again elsewhere is for people to look at", async () => {
  const { subscriptionRef, payer } = customer;
  const id = await unanswered("cut after");
  const { items } = await box.stripe.subscriptions.retrieve(subscriptionRef);
  await box.stripe.subscriptions.update(subscriptionRef, {
    items: [{ id: items.data[0]?.id ?? "", price: sold("Basic"), quantity: 1 }],
    proration_behavior: "none",
  });
  await look(payer, subscriptionRef);

  expect(await sentAgain(id, 60)).toMatchObject({ status: "unknown" });
  expect(await sql`select kind from alerts where subject = ${id}`).toEqual([
    { kind: "command_unanswered" },
  ]);
});

test("a change whose payment was given up elsewhere came to nothing", async () => {
  await useCard(box, customer.payer, "pm_card_chargeCustomerFail");
  const id = await unanswered("cut after");
  const { latest_invoice: bill } = await box.stripe.subscriptions.retrieve(
    customer.subscriptionRef,
  );
  await box.stripe.invoices.voidInvoice(String(bill));

  expect(await sentAgain(id, 60)).toMatchObject({
    status: "refused",
    sentence: "Its invoice was voided, so nothing came of it.",
  });
});
