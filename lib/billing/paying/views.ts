import { and, asc, desc, eq, isNotNull, sql } from "drizzle-orm";
import { db, type Tx } from "#db/client.ts";
import { invoices, payments } from "#db/schema/index.ts";
import type { Member } from "../../actor.ts";
import { config } from "../../config.ts";
import { expiryOf, methodInWords } from "../../payment-method.ts";
import { urlIn } from "../asking/answer.ts";
import { lastCommand, openCommand } from "../asking/store.ts";
import type { Touched } from "../commands.ts";
import { requireMoney } from "../views.ts";
import { methodToTry, payBlocker, payingMethodRef, removalBlocker } from "./rules.ts";
import {
  demandOf,
  findPayer,
  type Payer,
  placeOfCustomer,
  placeOfInvoice,
  type WhoPays,
  whoPays,
} from "./store.ts";

export type PaymentMethods = NonNullable<Awaited<ReturnType<typeof findMethods>>>;
export type ShownMethod = PaymentMethods["methods"][number];

/** How an organization pays: its cards, which one pays, and what may be done with each. */
export async function findMethods(actor: Member, now: Date = new Date()) {
  requireMoney({ actor });
  const payer = await findPayer(db(), actor.organizationId, config().mode);
  if (!payer) return undefined;
  return {
    revision: payer.revision,
    customerRef: payer.customer.ref,
    onItsWay: (await openCommand(db(), placeOfCustomer(payer.customer))) !== undefined,
    unpaid: await unpaidOf(actor, payer),
    methods: shownMethods(payer, now),
    next: nextOf(payer, now),
  };
}

/**
 * The card that pays for a live subscription, where its time is over or about to be. What is owed comes first:
 * until it is paid nothing is said of the card.
 */
export async function findCardAtItsEnd(actor: Member, now: Date = new Date(), tx: Tx = db()) {
  requireMoney({ actor });
  const paying = await whoPays(tx, actor.organizationId, config().mode);
  if (!paying || paying.live.length === 0) return undefined;
  const card = shownMethods(paying, now).find(({ isDefault }) => isDefault);
  if (!card?.expiry || (await unpaidOf(actor, paying, tx))) return undefined;
  return { words: card.words, expiry: card.expiry };
}

function shownMethods({ customer, methods, live }: WhoPays, now: Date) {
  const { defaultMethodRef } = customer;
  const [first] = live;
  const pays = first ? payingMethodRef(first, customer) : defaultMethodRef;
  return methods
    .map((method) => ({
      id: method.id,
      words: methodInWords(method),
      expMonth: method.expMonth,
      expYear: method.expYear,
      expiry: expiryOf(method, now),
      isDefault: method.ref === pays,
      cannotRemove: removalBlocker({
        method,
        others: methods.length - 1,
        defaultMethodRef,
        live,
      }),
    }))
    .sort((a, b) => Number(b.isDefault) - Number(a.isDefault));
}

/** The card to try next for what is owed. */
function nextOf({ customer, methods, live: [first] }: Payer, now: Date) {
  const pays = first ? payingMethodRef(first, customer) : customer.defaultMethodRef;
  const good = methods.filter((method) => expiryOf(method, now) !== "expired");
  const method = methodToTry(good, pays, first?.status);
  return method ? { id: method.id, words: methodInWords(method) } : undefined;
}

/** What is to be looked at when somebody comes back from the gateway's page for cards. */
export async function touchedByReturn(actor: Member): Promise<Touched | undefined> {
  requireMoney({ actor });
  const payer = await findPayer(db(), actor.organizationId, config().mode);
  if (!payer) return undefined;
  const { gateway, mode, ref } = payer.customer;
  const paid = payer.live.map((each) => ({ type: "subscription", ref: each.ref }) as const);
  return { gateway, mode, refs: [{ type: "customer", ref }, ...paid] };
}

/** The gateway's page that was opened last for another card, unless something was asked since. */
export async function findMethodPage(actor: Member): Promise<string | null> {
  requireMoney({ actor });
  const payer = await findPayer(db(), actor.organizationId, config().mode);
  const last = payer && (await lastCommand(db(), placeOfCustomer(payer.customer)));
  return last?.kind === "method.add" ? urlIn(last.answer) : null;
}

/** Where the organization is billed, as the gateway told it last. Undefined where none knows it yet. */
export async function findDetails(actor: Member) {
  requireMoney({ actor });
  const payer = await findPayer(db(), actor.organizationId, config().mode);
  if (!payer) return undefined;
  const { customer, revision } = payer;
  const { name, email, details } = customer;
  return {
    revision,
    onItsWay: (await openCommand(db(), placeOfCustomer(customer))) !== undefined,
    details: details ?? { name, email, address: null, taxIds: [] },
  };
}

/** What an invoice's page needs for paying it: the revision, and what became of the last try. */
export async function findPaying(actor: Member, invoiceId: string) {
  requireMoney({ actor });
  const { organizationId } = actor;
  const { invoice, revision } = await demandOf(db(), actor, { organizationId, invoiceId });
  const payer = await findPayer(db(), organizationId, invoice.mode);
  const [live] = payer?.live ?? [];
  const pays =
    payer && (live ? payingMethodRef(live, payer.customer) : payer.customer.defaultMethodRef);
  const method = payer?.methods.find(({ ref }) => ref === pays);
  const last = await lastCommand(db(), placeOfInvoice(invoice));
  return {
    revision,
    blocker: payBlocker(invoice),
    with: method ? methodInWords(method) : null,
    onItsWay: last?.status === "open",
    /** What the last try lacked, while it is not paid in another way. */
    lacks: last?.status === "needs_person" ? last.sentence : null,
    /** Only the gateway's page leads on: it waits for a person there, or for a bank. */
    isElsewhere:
      last?.status === "needs_person" &&
      (last.answer?.because === "authentication" || last.answer?.because === "processing"),
  };
}

/** Every try to pay an invoice, the newest first. */
export async function listPayments(actor: Member, invoiceId: string) {
  requireMoney({ actor });
  const { invoice } = await demandOf(db(), actor, { ...actor, invoiceId });
  return db()
    .select({
      id: payments.id,
      status: payments.status,
      currency: payments.currency,
      amountMinor: payments.amountMinor,
      refundedMinor: payments.refundedMinor,
      failureMessage: payments.failureMessage,
      method: payments.method,
      startedAt: payments.startedAt,
    })
    .from(payments)
    .where(
      and(
        eq(payments.organizationId, actor.organizationId),
        eq(payments.gateway, invoice.gateway),
        eq(payments.mode, invoice.mode),
        eq(payments.invoiceRef, invoice.ref),
      ),
    )
    .orderBy(sql`${payments.startedAt} desc nulls last`, desc(payments.id))
    .limit(PAYMENTS_MAX);
}

const PAYMENTS_MAX = 50;

/** The oldest invoice of the customer that was tried and not paid; that of a change only where nothing is overdue. */
async function unpaidOf(actor: Member, { customer, live }: WhoPays, tx: Tx = db()) {
  const ofChanges = live.flatMap(({ unpaidChange }) => unpaidChange?.invoiceRef ?? []);
  const [row] = await tx
    .select({
      id: invoices.id,
      number: invoices.number,
      currency: invoices.currency,
      amountRemainingMinor: invoices.amountRemainingMinor,
    })
    .from(invoices)
    .where(
      and(
        eq(invoices.organizationId, actor.organizationId),
        eq(invoices.gateway, customer.gateway),
        eq(invoices.mode, customer.mode),
        eq(invoices.customerRef, customer.ref),
        eq(invoices.status, "open"),
        isNotNull(invoices.issuedAt),
        sql`${invoices.attemptCount} > 0 and ${invoices.amountRemainingMinor} > 0`,
      ),
    )
    .orderBy(sql`${invoices.ref} = any(${sql.param(ofChanges)}::text[])`, asc(invoices.issuedAt))
    .limit(1);
  if (!row) return undefined;
  const { revision } = await demandOf(tx, actor, { ...actor, invoiceId: row.id });
  return { ...row, revision };
}
