import type Stripe from "stripe";
import { AppError } from "#lib/errors.ts";
import type { Connection, Gone, Missing, Mode, ObjectRef, Snapshot } from "../gateway.ts";
import { clientFor, TIMEOUT_MS } from "./client.ts";
import type { Told } from "./concepts.ts";
import { checkApiKey } from "./credentials.ts";
import { CREDIT_NOTES, CREDIT_NOTES_MAX } from "./credit-note.ts";
import { METHODS } from "./customer.ts";
import { cannotExpand, failureOf, isForbidden, isUnknownObject, wrongAnswer } from "./failures.ts";
import { LINES_MAX } from "./invoice.ts";
import { amountAt, at, isJson, type Json, listAt, objectAt, refAt } from "./json.ts";
import { snapshotOf } from "./read.ts";
import { UNPAID_BILL, unpaidBillOf } from "./unpaid-bill.ts";

/**
 * The object as it is now. As of the moment before we asked, so that what changed while Stripe was
 * answering is never taken for known. What an answer embeds is not expanded unless it is needed: it
 * would only be a link.
 */
export async function fetchObject(
  ref: ObjectRef,
  connection: Connection,
  signal: AbortSignal,
): Promise<Snapshot | Gone | Missing> {
  const askedAt = new Date();
  const client = clientFor(connection, signal);
  // A URL takes a name of dots for a step to another folder.
  const isStep = ref.ref === "." || ref.ref === "..";
  const answer = isStep ? undefined : await orMissing(() => ASK[ref.type](client, ref.ref));
  if (!answer) return { kind: "missing", ref: ref.ref };
  if (answer.deleted === true) return { kind: "gone", ref: ref.ref };
  const told: Told = { object: answer, at: askedAt, event: undefined };
  const isCharge = answer.object === "charge";
  const snapshot = snapshotOf(ref, {
    itself: told,
    intent: isCharge ? undefined : told,
    charges: isCharge ? [told] : [],
    refunds: [],
    notes: [],
  });
  if (!snapshot) throw wrongAnswer(`${ref.type} ${ref.ref}`);
  return snapshot;
}

/** Whose key it is. A restricted key may be refused its own account: then only the mode is known. */
export async function identify(
  connection: Connection,
): Promise<{ accountRef: string | null; mode: Mode }> {
  const { mode } = checkApiKey(connection.apiKey);
  if (mode !== connection.mode) {
    throw new AppError(
      "gateway_refused",
      `This is a ${mode} key, and it was given for ${connection.mode} mode.`,
    );
  }
  const client = clientFor(connection, AbortSignal.timeout(TIMEOUT_MS));
  try {
    const account: unknown = await client.accounts.retrieveCurrent();
    if (!isJson(account) || account.object !== "account") throw wrongAnswer("an account");
    return { accountRef: refAt(account, "id"), mode };
  } catch (error) {
    if (isForbidden(error)) return { accountRef: null, mode };
    throw failureOf(error);
  }
}

const PAGE_SIZE = 100;

async function orMissing(ask: () => Promise<Json | undefined>): Promise<Json | undefined> {
  try {
    return await ask();
  } catch (error) {
    if (isUnknownObject(error)) return undefined;
    throw failureOf(error);
  }
}

type Ask = (client: Stripe, ref: string) => Promise<Json | undefined>;

const ASK: Readonly<Record<ObjectRef["type"], Ask>> = {
  customer: askCustomer,
  price: async (client, ref) => expected("price", ref, await client.prices.retrieve(ref)),
  product: async (client, ref) => expected("product", ref, await client.products.retrieve(ref)),
  dispute: async (client, ref) => expected("dispute", ref, await client.disputes.retrieve(ref)),
  checkout: async (client, ref) =>
    expected(
      "checkout.session",
      ref,
      await client.checkout.sessions.retrieve(ref, { expand: ["line_items", "payment_intent"] }),
    ),
  subscription: askSubscription,
  invoice: askInvoice,
  payment: askPayment,
};

function expected(object: string, ref: string, answer: unknown): Json {
  if (isJson(answer) && answer.object === object && answer.id === ref) return answer;
  throw wrongAnswer(`${object.replaceAll(/[._]/g, " ")} ${ref}`);
}

/** With tax ids and means of payment; a key that may not list these says nothing of them. */
async function askCustomer(client: Stripe, ref: string): Promise<Json> {
  const customer = expected("customer", ref, await retrieveCustomer(client, ref));
  if (customer.deleted === true) return customer;
  try {
    const methods: unknown = await client.paymentMethods.list({ customer: ref, limit: PAGE_SIZE });
    return { ...customer, [METHODS]: methods };
  } catch (error) {
    if (isForbidden(error)) return customer;
    throw error;
  }
}

/**
 * Stripe checks what is to be expanded before it looks the customer up, so a deleted one is answered like
 * any other. Were it refused all the same, the answer that matters, that it is gone, is asked for alone.
 */
async function retrieveCustomer(client: Stripe, ref: string): Promise<unknown> {
  try {
    return await client.customers.retrieve(ref, { expand: ["tax_ids"] });
  } catch (error) {
    if (!cannotExpand(error)) throw error;
    return client.customers.retrieve(ref);
  }
}

/** A schedule is read with it: alone, its id does not say what is planned. So is what a change waits for. */
async function askSubscription(client: Stripe, ref: string): Promise<Json> {
  const found = await client.subscriptions.retrieve(ref, { expand: ["schedule"] });
  const answer = await withUnpaidBill(client, expected("subscription", ref, found), ref);
  if (at(answer, "items", "has_more") !== true) return answer;
  const items: unknown = await client.subscriptionItems.list({
    subscription: ref,
    limit: PAGE_SIZE,
  });
  return { ...answer, items };
}

/** A key that may not list invoices says nothing of it. */
async function withUnpaidBill(client: Stripe, subscription: Json, ref: string): Promise<Json> {
  if (!objectAt(subscription, "pending_update")) return subscription;
  try {
    return { ...subscription, [UNPAID_BILL]: await unpaidBillOf(client, ref) };
  } catch (error) {
    if (isForbidden(error)) return subscription;
    throw error;
  }
}

async function askInvoice(client: Stripe, ref: string): Promise<Json> {
  const answer = await client.invoices.retrieve(ref, { expand: ["payments"] });
  const invoice = await withCreditNotes(client, expected("invoice", ref, answer), ref);
  if (at(invoice, "lines", "has_more") !== true) return invoice;
  const lines: unknown[] = await client.invoices
    .listLineItems(ref, { limit: PAGE_SIZE })
    .autoPagingToArray({ limit: LINES_MAX });
  return { ...invoice, lines };
}

/**
 * An invoice with its credit notes. One that nothing is taken back of has none, or none that count; a key
 * that may not list them says nothing of them.
 */
async function withCreditNotes(client: Stripe, invoice: Json, ref: string): Promise<Json> {
  const credited =
    (amountAt(invoice, "pre_payment_credit_notes_amount") ?? 0) +
    (amountAt(invoice, "post_payment_credit_notes_amount") ?? 0);
  if (credited === 0) return { ...invoice, [CREDIT_NOTES]: [] };
  try {
    const notes: unknown = await client.creditNotes.list({ invoice: ref, limit: CREDIT_NOTES_MAX });
    return { ...invoice, [CREDIT_NOTES]: notes };
  } catch (error) {
    if (isForbidden(error)) return invoice;
    throw error;
  }
}

/**
 * A payment is a payment intent, or a charge that has none. A charge that has one is no payment of its
 * own: under that name there is nothing.
 */
async function askPayment(client: Stripe, ref: string): Promise<Json | undefined> {
  if (/^(?:ch|py)_/.test(ref)) {
    const charge = expected("charge", ref, await client.charges.retrieve(ref));
    return refAt(charge, "payment_intent") ? undefined : charge;
  }
  const answer = await client.paymentIntents.retrieve(ref, { expand: ["latest_charge"] });
  const intent = expected("payment_intent", ref, answer);
  if (refAt(intent, "invoice") || !refAt(intent, "customer")) return intent;
  return { ...intent, invoice: await invoiceOf(client, ref) };
}

/** Since basil (2025-03-31) only the invoice knows its payments, so it is asked the other way round. */
async function invoiceOf(client: Stripe, paymentIntent: string): Promise<string | null> {
  const found: unknown = await client.invoicePayments.list({
    payment: { type: "payment_intent", payment_intent: paymentIntent },
    limit: 1,
  });
  return refAt(listAt(found)[0], "invoice");
}
