import { and, desc, eq, gt, inArray, isNull, sql } from "drizzle-orm";
import type { Tx } from "#db/client.ts";
import {
  checkouts,
  commands,
  customers,
  entitlements,
  gatewayPrices,
  invoices,
  organizations,
  plans,
  prices,
  subscriptions,
} from "#db/schema/index.ts";
import type { PriceTerms } from "../../catalogue/rules.ts";
import { AppError } from "../../errors.ts";
import type { Mode } from "../../gateways/gateway.ts";
import { SEATS, seatsAllowed } from "../../seats.ts";
import { PAGE_KINDS } from "../asking/pages-store.ts";
import { soldPrices } from "../changing/store.ts";
import { findOrganization } from "../store.ts";
import { type PayerPlan, payerPlan } from "./plan.ts";
import { type Held, type Offered, type Standing, standingOf } from "./rules.ts";

export const SUBSCRIBE = "subscription.checkout";

/** Where a gateway sells. */
export type Market = { readonly gateway: string; readonly mode: Mode };

export type Choice = {
  readonly planId: string;
  readonly currency: string;
  readonly interval: "month" | "year";
};

/** What is asked for a plan, and the gateway's price that sells just that; `not_found` for no plan. */
export async function offered(tx: Tx, market: Market, choice: Choice): Promise<Offered> {
  const [plan] = await tx.select().from(plans).where(eq(plans.id, choice.planId));
  if (!plan) throw new AppError("not_found", "There is no such plan.");
  const price = await priceAsked(tx, choice);
  return {
    planId: plan.id,
    planName: plan.name,
    isArchived: plan.archivedAt !== null,
    trialDays: plan.trialDays,
    price,
    priceRef: price && (await priceRefFor(tx, market, plan.id, price)),
    isPerSeat: plan.isPerSeat,
    seats: await seatsOf(tx, plan.tierId),
  };
}

async function priceAsked(
  tx: Tx,
  { planId, currency, interval }: Choice,
): Promise<PriceTerms | undefined> {
  const [row] = await tx
    .select()
    .from(prices)
    .where(
      and(
        eq(prices.planId, planId),
        eq(prices.currency, currency),
        eq(prices.interval, interval),
        eq(prices.intervalCount, 1),
        isNull(prices.archivedAt),
      ),
    );
  return row && { currency, interval, intervalCount: 1, amountMinor: row.amountMinor };
}

/** The newest price that the catalogue asks for; one that costs anything else is not active to us. */
async function priceRefFor(
  tx: Tx,
  market: Market,
  planId: string,
  asked: PriceTerms,
): Promise<string | undefined> {
  const sold = await soldPrices(tx, market, eq(gatewayPrices.planId, planId));
  return sold.find(
    ({ isActive, terms }) =>
      isActive &&
      terms?.currency === asked.currency &&
      terms.interval === asked.interval &&
      terms.intervalCount === 1,
  )?.priceRef;
}

/** How many seats a tier allows; null for any number. */
async function seatsOf(tx: Tx, tierId: string): Promise<Offered["seats"]> {
  const [row] = await tx
    .select({ isIncluded: entitlements.isIncluded, limitValue: entitlements.limitValue })
    .from(entitlements)
    .where(
      and(
        eq(entitlements.tierId, tierId),
        eq(entitlements.key, SEATS),
        eq(entitlements.kind, "limit"),
      ),
    );
  return seatsAllowed(row);
}

/** How an organization stands in one mode, whichever gateway told of it. */
export async function standing(
  tx: Tx,
  organizationId: string,
  mode: Mode,
): Promise<{ standing: Standing; hadOne: boolean; seen: readonly Held[] }> {
  const rows = await tx
    .select({
      id: subscriptions.id,
      status: subscriptions.status,
      planId: subscriptions.planId,
      payUrl: invoices.hostedUrl,
    })
    .from(subscriptions)
    .leftJoin(
      invoices,
      and(
        eq(invoices.gateway, subscriptions.gateway),
        eq(invoices.mode, subscriptions.mode),
        eq(invoices.ref, subscriptions.latestInvoiceRef),
      ),
    )
    .where(and(eq(subscriptions.organizationId, organizationId), eq(subscriptions.mode, mode)))
    .orderBy(subscriptions.id);
  const held = rows.map(({ payUrl: _, ...each }) => each);
  return {
    standing: standingOf({
      subscriptions: held,
      isArriving: await isArriving(tx, organizationId, mode),
      isBeingRebuilt: (await findOrganization(tx, organizationId))?.isTierHeld ?? false,
      payUrl: rows.find(({ status }) => status === "incomplete")?.payUrl ?? null,
    }),
    hadOne: rows.length > 0,
    seen: held,
  };
}

/** Whether a page was completed whose subscription nobody has seen here. What never came is forgotten. */
async function isArriving(tx: Tx, organizationId: string, mode: Mode): Promise<boolean> {
  const completed = await tx.$count(
    checkouts,
    and(
      eq(checkouts.organizationId, organizationId),
      eq(checkouts.mode, mode),
      eq(checkouts.purpose, "subscription"),
      eq(checkouts.status, "complete"),
      gt(checkouts.asOf, sql`now() - interval '1 day'`),
      sql`not exists (
        select from ${subscriptions} s
        where s.gateway = ${checkouts.gateway} and s.mode = ${checkouts.mode}
          and s.ref = ${checkouts.subscriptionRef})`,
    ),
  );
  return completed > 0 || (await isPaidUnseen(tx, organizationId, mode));
}

/** Whether a command knows its page to be completed, and the page itself was not looked at since. */
async function isPaidUnseen(tx: Tx, organizationId: string, mode: Mode): Promise<boolean> {
  const paid = await tx.$count(
    commands,
    and(
      eq(commands.organizationId, organizationId),
      eq(commands.mode, mode),
      eq(commands.kind, SUBSCRIBE),
      eq(commands.status, "done"),
      // A page lasts for a day, and what it began is awaited for another.
      gt(commands.askedAt, sql`now() - interval '2 days'`),
      sql`not exists (
        select from ${checkouts} k
        where k.gateway = ${commands.gateway} and k.mode = ${commands.mode}
          and k.ref = ${commands.answer} ->> 'ref' and k.status <> 'open')`,
    ),
  );
  return paid > 0;
}

/**
 * Who is to pay: the organization's newest customer at the gateway that is not deleted. Where it has none, the
 * one that a command on its way is making: the same call under the same key makes the same customer. The
 * organization must be locked, so that no two commands look at once.
 */
export async function payerOf(
  tx: Tx,
  organizationId: string,
  market: Market,
  organization: PayerPlan["organization"],
): Promise<PayerPlan> {
  // In this order: who makes it links it before their command is settled.
  const maker = await makerOf(tx, organizationId, market);
  const customerRef = await customerOf(tx, organizationId, market);
  return { customerRef, organization, ...(!customerRef && maker) };
}

async function customerOf(tx: Tx, organizationId: string, { gateway, mode }: Market) {
  const [row] = await tx
    .select({ ref: customers.ref })
    .from(customers)
    .where(
      and(
        eq(customers.organizationId, organizationId),
        eq(customers.gateway, gateway),
        eq(customers.mode, mode),
        isNull(customers.deletedAt),
      ),
    )
    .orderBy(desc(customers.linkedAt), desc(customers.id))
    .limit(1);
  return row?.ref ?? null;
}

/** What an open command sends to make the customer, and under which key. */
async function makerOf(tx: Tx, organizationId: string, { gateway, mode }: Market) {
  const [command] = await tx
    .select({ plan: commands.plan, intention: commands.intention })
    .from(commands)
    .where(
      and(
        eq(commands.organizationId, organizationId),
        eq(commands.gateway, gateway),
        eq(commands.mode, mode),
        inArray(commands.kind, [...PAGE_KINDS]),
        eq(commands.status, "open"),
        sql`${commands.plan} ->> 'customerRef' is null`,
      ),
    )
    .orderBy(commands.askedAt)
    .limit(1);
  if (!command) return undefined;
  const { organization, customerKey } = payerPlan.parse(command.plan);
  return { organization, customerKey: customerKey ?? command.intention };
}

export async function organizationOf(tx: Tx, id: string) {
  const [row] = await tx
    .select({
      name: organizations.name,
      slug: organizations.slug,
      billingEmail: organizations.billingEmail,
    })
    .from(organizations)
    .where(eq(organizations.id, id));
  if (!row) throw new AppError("not_found", "There is no such organization.");
  return row;
}
