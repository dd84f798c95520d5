import { and, eq, ne, or, sql } from "drizzle-orm";
import type { Tx } from "#db/client.ts";
import {
  customers,
  invoices,
  organizations,
  paymentMethods,
  plans,
  subscriptions,
} from "#db/schema/index.ts";
import { AppError } from "../errors.ts";
import { formatMoney } from "../money.ts";
import { expiresAt, methodInWords } from "../payment-method.ts";
import { isBeingRebuilt } from "../rings/rebuild-store.ts";
import { DAY } from "../time.ts";

/** What a notice's mail tells, as words; see templates.ts. Empty where it is not known. */
export type NoticeFacts = { template: string; data: Record<string, string> };

/** The fact that a notice is about, by its own name `<gateway>:<mode>:<ref>`. */
type Named = { kind: string; object: string; organizationId: string };

/** A kind's question to the present: is it still true, and what is there to say? Else why not. */
type Question = (tx: Tx, place: Place) => Promise<Record<string, string> | NotDue>;

export type NotDue = { notDue: string };

type Place = { gateway: string; mode: "test" | "live"; ref: string; organizationId: string };

/** Looks at what is true now: time has passed since the notice was noted. */
export async function whatToSay(tx: Tx, notice: Named): Promise<NoticeFacts | NotDue> {
  const question = QUESTIONS[notice.kind];
  const place = placeOf(notice);
  if (!question || !place) return { notDue: `Nobody knows how to tell of "${notice.kind}".` };
  const found = await question(tx, place);
  if (isNotDue(found)) return found;
  const [organization] = await tx
    .select({ name: organizations.name, slug: organizations.slug })
    .from(organizations)
    .where(eq(organizations.id, notice.organizationId));
  if (!organization) return { notDue: "The organization is gone." };
  const data = {
    organization: organization.name,
    billingPath: `/portal/${organization.slug}/billing`,
    methodsPath: `/portal/${organization.slug}/payment-methods`,
  };
  return { template: notice.kind, data: { ...found, ...data } };
}

const QUESTIONS: Readonly<Record<string, Question>> = {
  payment_failed: unpaidInvoice,
  payment_action_required: unpaidInvoice,
  trial_ending: (tx, place) => subscriptionThatIs(tx, place, "trialing"),
  card_expiring: expiringCard,
  subscription_canceled: (tx, place) => subscriptionThatIs(tx, place, "canceled"),
};

async function unpaidInvoice(tx: Tx, { gateway, mode, ref, organizationId }: Place) {
  const [invoice] = await tx
    .select()
    .from(invoices)
    .where(and(eq(invoices.gateway, gateway), eq(invoices.mode, mode), eq(invoices.ref, ref)));
  if (!invoice) return missing(tx, { gateway, mode }, "The invoice is not known.");
  if (invoice.organizationId !== organizationId) return ELSEWHERE;
  if (invoice.status !== "open") return { notDue: `The invoice is ${invoice.status} by now.` };
  if (invoice.amountRemainingMinor <= 0)
    return { notDue: "Nothing of the invoice is left to pay." };
  return {
    invoice: invoice.number ?? invoice.ref,
    amount: formatMoney({ amountMinor: invoice.amountRemainingMinor, currency: invoice.currency }),
    nextAttemptAt: invoice.nextAttemptAt?.toISOString() ?? "",
    hostedUrl: invoice.hostedUrl ?? "",
  };
}

async function subscriptionThatIs(tx: Tx, place: Place, status: "trialing" | "canceled") {
  const { gateway, mode, ref, organizationId } = place;
  const t = subscriptions;
  const [found] = await tx
    .select({
      status: t.status,
      organizationId: t.organizationId,
      trialEnd: t.trialEnd,
      endedAt: t.endedAt,
      plan: plans.name,
    })
    .from(t)
    .leftJoin(plans, eq(plans.id, t.planId))
    .where(and(eq(t.gateway, gateway), eq(t.mode, mode), eq(t.ref, ref)));
  if (!found) return missing(tx, { gateway, mode }, "The subscription is not known.");
  if (found.organizationId !== organizationId) return ELSEWHERE;
  if (found.status !== status) return { notDue: `The subscription is ${found.status} by now.` };
  return {
    plan: found.plan ?? "",
    trialEnd: found.trialEnd?.toISOString() ?? "",
    endedAt: found.endedAt?.toISOString() ?? "",
  };
}

/** Twice as long as people are told of a card beforehand: mails may wait for a mail server. */
const SOON = 60 * DAY;

/** A card that pays for a subscription and is about to end. */
async function expiringCard(tx: Tx, { gateway, mode, ref, organizationId }: Place) {
  const t = paymentMethods;
  const [card] = await tx
    .select({
      kind: t.kind,
      brand: t.brand,
      last4: t.last4,
      expMonth: t.expMonth,
      expYear: t.expYear,
      organizationId: customers.organizationId,
      pays: sql<boolean>`${subscriptions.id} is not null`,
    })
    .from(t)
    .innerJoin(
      customers,
      and(
        eq(customers.gateway, t.gateway),
        eq(customers.mode, t.mode),
        eq(customers.ref, t.customerRef),
      ),
    )
    .leftJoin(
      subscriptions,
      and(
        eq(subscriptions.gateway, t.gateway),
        eq(subscriptions.mode, t.mode),
        eq(subscriptions.customerRef, t.customerRef),
        ne(subscriptions.status, "canceled"),
        or(
          eq(subscriptions.methodRef, t.ref),
          sql`${subscriptions.methodRef} is null and ${t.isDefault}`,
        ),
      ),
    )
    .where(and(eq(t.gateway, gateway), eq(t.mode, mode), eq(t.ref, ref)))
    .limit(1);
  if (!card) return missing(tx, { gateway, mode }, "The card was removed.");
  if (card.organizationId !== organizationId) return ELSEWHERE;
  if (!card.pays) return { notDue: "The card pays for no subscription any more." };
  const over = expiresAt(card);
  if (!over || over.getTime() - Date.now() > SOON) {
    return { notDue: "The card expires later by now." };
  }
  const { expMonth, expYear } = card;
  const expires = `${String(expMonth).padStart(2, "0")}/${expYear}`;
  return { card: methodInWords(card), expires };
}

/** While a rebuild is under way, what is not there will be again. */
async function missing(tx: Tx, place: Pick<Place, "gateway" | "mode">, notDue: string) {
  if (await isBeingRebuilt(tx, place)) {
    throw new AppError("not_yet", `${place.gateway} (${place.mode}) is being rebuilt.`);
  }
  return { notDue };
}

/** A person took the customer from the organization after the notice was noted. */
const ELSEWHERE: NotDue = { notDue: "It does not belong to this organization any more." };

function placeOf({ object, organizationId }: Named): Place | undefined {
  const match = /^([a-z]+):(test|live):(.+)$/.exec(object);
  const [, gateway = "", mode, ref = ""] = match ?? [];
  return mode === "test" || mode === "live" ? { gateway, mode, ref, organizationId } : undefined;
}

function isNotDue(found: Record<string, string> | NotDue): found is NotDue {
  return "notDue" in found;
}
