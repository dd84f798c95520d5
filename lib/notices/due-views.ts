import { and, eq } from "drizzle-orm";
import type { Tx } from "#db/client.ts";
import {
  comps,
  invoices,
  orders,
  organizations,
  paymentMethods,
  plans,
  products,
  subscriptions,
  tiers,
} from "#db/schema/index.ts";
import { AppError } from "../errors.ts";
import { formatMoney } from "../money.ts";
import { expiresAt, methodInWords } from "../payment-method.ts";
import { isBeingRebuilt } from "../rings/rebuild-store.ts";
import { DAY } from "../time.ts";
import { cardsOf } from "./cards-views.ts";

/** What a notice's mail tells, as words; see templates.ts. Empty where it is not known. */
export type NoticeFacts = { template: string; data: Record<string, string> };

/** The fact that a notice is about, by its own name: `<gateway>:<mode>:<ref>`, or `comp:<id>`. */
type Named = { kind: string; object: string; organizationId: string };

/** A kind's question to the present: is it still true, and what is there to say? Else why not. */
type Question = (tx: Tx, notice: Named) => Promise<Record<string, string> | NotDue>;

export type NotDue = { notDue: string };

type Place = { gateway: string; mode: "test" | "live"; ref: string; organizationId: string };

/** Looks at what is true now: time has passed since the notice was noted. */
export async function whatToSay(tx: Tx, notice: Named): Promise<NoticeFacts | NotDue> {
  const question = QUESTIONS[notice.kind];
  const found = question ? await question(tx, notice) : untold(notice);
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
    ordersPath: `/portal/${organization.slug}/orders`,
  };
  return { template: notice.kind, data: { ...found, ...data } };
}

const QUESTIONS: Readonly<Record<string, Question>> = {
  payment_failed: atGateway(unpaidInvoice),
  payment_action_required: atGateway(unpaidInvoice),
  trial_ending: atGateway((tx, place) => subscriptionThatIs(tx, place, "trialing")),
  card_expiring: atGateway(expiringCard),
  subscription_canceled: atGateway((tx, place) => subscriptionThatIs(tx, place, "canceled")),
  order_completed: atGateway(completedOrder),
  comp_given: openComp,
  comp_ending: openComp,
};

/** A question about something that a gateway told of, by its place there. */
function atGateway(
  ask: (tx: Tx, place: Place) => Promise<Record<string, string> | NotDue>,
): Question {
  return async (tx, notice) => {
    const place = placeOf(notice);
    return place ? ask(tx, place) : untold(notice);
  };
}

function untold({ kind }: Named): NotDue {
  return { notDue: `Nobody knows how to tell of "${kind}".` };
}

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
  const [card] = await cardsOf(tx).where(
    and(eq(t.gateway, gateway), eq(t.mode, mode), eq(t.ref, ref)),
  );
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

/** What somebody bought once, by our own id of the order. */
async function completedOrder(tx: Tx, { ref, organizationId }: Place) {
  const [found] = await tx
    .select({ order: orders, product: products.name })
    .from(orders)
    .innerJoin(products, eq(products.id, orders.productId))
    .where(and(eq(orders.id, ref), eq(orders.organizationId, organizationId)));
  if (!found) return { notDue: "The order is not known." };
  const { id, state, quantity, currency, chargedMinor, paymentRef } = found.order;
  if (state !== "completed") return { notDue: `The order is ${state} by now.` };
  if (paymentRef && chargedMinor === null) {
    throw new AppError("not_yet", "What was charged for the order is not known yet.");
  }
  return {
    order: id,
    product: quantity > 1 ? `${found.product} × ${quantity}` : found.product,
    amount: chargedMinor ? formatMoney({ amountMinor: chargedMinor, currency }) : "",
  };
}

/** What an administrator gave free of charge. */
async function openComp(tx: Tx, { object, organizationId }: Named) {
  const [found] = await tx
    .select({ comp: comps, plan: plans.name, tier: tiers.name })
    .from(comps)
    .innerJoin(tiers, eq(tiers.id, comps.tierId))
    .leftJoin(plans, eq(plans.id, comps.planId))
    .where(
      and(eq(comps.id, object.replace(/^comp:/, "")), eq(comps.organizationId, organizationId)),
    );
  if (!found) return { notDue: "Nothing of that kind was given." };
  const { endsAt, endedAt } = found.comp;
  if (endedAt || endsAt.getTime() <= Date.now()) return { notDue: "It is over by now." };
  return { given: found.plan ?? found.tier, until: endsAt.toISOString() };
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
