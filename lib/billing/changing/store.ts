import { and, desc, eq, isNotNull, isNull, lt, ne, or, type SQL, sql } from "drizzle-orm";
import { db, type Tx } from "#db/client.ts";
import {
  commands,
  entitlements,
  gatewayPrices,
  invoices,
  plans,
  prices,
  quotes,
  subscriptions,
  tiers,
} from "#db/schema/index.ts";
import { SEATS, seatsAllowed } from "../../seats.ts";
import { productSettings } from "../../settings/views.ts";
import { type Asker, modeFor } from "../asking/authority.ts";
import { settledHere } from "../asking/store.ts";
import { type Subject, subjectIn } from "../asking/subject.ts";
import type { SubscriptionRow } from "../state.ts";
import type { ChangePolicy, Sold } from "./rules.ts";

export type QuoteRow = typeof quotes.$inferSelect;

/** A gateway price that sells a plan, with the plan. */
export type SoldPrice = Sold & {
  readonly priceRef: string;
  readonly planId: string;
  readonly description: string;
};

/** What a gateway price sells, or undefined where it is in no plan. */
export async function soldAt(
  tx: Tx,
  place: Pick<SubscriptionRow, "gateway" | "mode">,
  priceRef: string | null,
): Promise<SoldPrice | undefined> {
  if (priceRef === null) return undefined;
  const [sold] = await soldPrices(tx, place, eq(gatewayPrices.ref, priceRef));
  return sold;
}

/**
 * What anybody may change to now, and what somebody has: prices of former times are many, and would take
 * the place of the highest tiers'.
 */
export async function pricesOnSale(
  tx: Tx,
  place: Pick<SubscriptionRow, "gateway" | "mode" | "priceRef">,
): Promise<SoldPrice[]> {
  const isOnSale = and(
    isNull(plans.archivedAt),
    isNull(gatewayPrices.deletedAt),
    sql`${gatewayPrices.isActive} is not false`,
    isAsked,
  );
  return soldPrices(tx, place, or(isOnSale, eq(gatewayPrices.ref, place.priceRef ?? "")));
}

/** Every gateway price that is in a plan, the lowest tier and the newest price first. */
export async function soldPrices(
  tx: Tx,
  { gateway, mode }: Pick<SubscriptionRow, "gateway" | "mode">,
  where?: SQL,
): Promise<SoldPrice[]> {
  const rows = await tx
    .select({
      plan: plans,
      tierRank: tiers.rank,
      price: gatewayPrices,
      seats: { isIncluded: entitlements.isIncluded, limitValue: entitlements.limitValue },
      isAsked: isAsked.as("is_asked"),
    })
    .from(gatewayPrices)
    .innerJoin(plans, eq(plans.id, gatewayPrices.planId))
    .innerJoin(tiers, eq(tiers.id, plans.tierId))
    .leftJoin(
      entitlements,
      and(
        eq(entitlements.tierId, tiers.id),
        eq(entitlements.key, SEATS),
        eq(entitlements.kind, "limit"),
      ),
    )
    .where(and(eq(gatewayPrices.gateway, gateway), eq(gatewayPrices.mode, mode), where))
    .orderBy(tiers.rank, plans.name, plans.id, desc(gatewayPrices.firstSeenAt), gatewayPrices.ref)
    .limit(SOLD_MAX);
  return rows.map(({ plan, tierRank, price, seats, isAsked: asked }) => ({
    priceRef: price.ref,
    planId: plan.id,
    planName: plan.name,
    description: plan.description,
    isArchived: plan.archivedAt !== null,
    isActive: price.isActive !== false && price.deletedAt === null && asked,
    tierRank,
    terms: termsOf(price),
    isPerSeat: plan.isPerSeat,
    seats: seatsAllowed(seats),
  }));
}

const SOLD_MAX = 500;

/** All gateway prices of the plan that a price sells, the newest first. */
export function soldBeside(
  tx: Tx,
  place: Pick<SubscriptionRow, "gateway" | "mode">,
  priceRef: string,
): Promise<SoldPrice[]> {
  const plan = sql`(select p.plan_id from ${gatewayPrices} p
    where p.gateway = ${place.gateway} and p.mode = ${place.mode} and p.ref = ${priceRef})`;
  return soldPrices(tx, place, eq(gatewayPrices.planId, plan));
}

/** Whether the catalogue asks just this price for the plan. A plan that has no prices there asks any. */
const isAsked = sql<boolean>`(
  exists (
    select from ${prices} p
    where p.plan_id = ${plans.id} and p.archived_at is null
      and p.currency = upper(${gatewayPrices.currency})
      and p.amount_minor = ${gatewayPrices.amountMinor}
      and p.interval = ${gatewayPrices.interval}
      and p.interval_count = coalesce(${gatewayPrices.intervalCount}, 1))
  or not exists (
    select from ${prices} p where p.plan_id = ${plans.id} and p.archived_at is null))`;

function termsOf(price: typeof gatewayPrices.$inferSelect): Sold["terms"] {
  const { currency, amountMinor, interval, intervalCount } = price;
  if (!currency || amountMinor === null || (interval !== "month" && interval !== "year"))
    return null;
  return {
    currency: currency.toUpperCase(),
    amountMinor,
    interval,
    intervalCount: intervalCount ?? 1,
  };
}

/** Whether an invoice of the subscription was attempted and is still owed; that of a change that waits is not. */
export async function isPaymentOpen(
  tx: Tx,
  { gateway, mode, ref, unpaidChange }: SubscriptionRow,
): Promise<boolean> {
  const ofChange = unpaidChange?.invoiceRef;
  const owed = await tx.$count(
    invoices,
    and(
      eq(invoices.gateway, gateway),
      eq(invoices.mode, mode),
      eq(invoices.subscriptionRef, ref),
      eq(invoices.status, "open"),
      sql`${invoices.amountRemainingMinor} > 0`,
      ofChange ? ne(invoices.ref, ofChange) : undefined,
    ),
  );
  return owed > 0;
}

/** When changes take effect, as the operator set it. Administrators are always free to choose. */
export async function changePolicy(tx: Tx, actor: Asker): Promise<ChangePolicy> {
  const { upgradeTiming, downgradeTiming, isTimingFree } = await productSettings(tx);
  return {
    upgrade: upgradeTiming,
    downgrade: downgradeTiming,
    isChoiceFree: isTimingFree || actor.kind === "administrator",
  };
}

/** A subscription that has what a change of ours planned, with the schedule that is done by that. */
export type BegunSchedule = Pick<SubscriptionRow, "gateway" | "mode" | "ref"> & {
  readonly scheduleRef: string;
  /** The change. */
  readonly commandId: string;
};

/** Those whose turn it is: who was never tried first, then who was tried longest ago. */
export async function begunSchedules(tx: Tx): Promise<BegunSchedule[]> {
  const rows = await tx
    .select({
      commandId: commands.id,
      gateway: subscriptions.gateway,
      mode: subscriptions.mode,
      ref: subscriptions.ref,
      scheduleRef: subscriptions.scheduleRef,
    })
    .from(subscriptions)
    .innerJoin(
      commands,
      and(
        eq(commands.gateway, subscriptions.gateway),
        eq(commands.mode, subscriptions.mode),
        eq(commands.object, sql`'subscription:' || ${subscriptions.ref}`),
        eq(commands.kind, "subscription.change"),
        eq(commands.status, "done"),
        eq(sql`${commands.answer} ->> 'scheduleRef'`, subscriptions.scheduleRef),
        eq(sql`${commands.plan} -> 'to' ->> 'priceRef'`, subscriptions.priceRef),
        eq(sql`${commands.plan} -> 'to' -> 'quantity'`, sql`to_jsonb(${subscriptions.quantity})`),
      ),
    )
    .where(
      and(
        isNotNull(subscriptions.scheduleRef),
        isNull(subscriptions.planned),
        ne(subscriptions.status, "canceled"),
        sql`(${commands.leasedUntil} is null or ${commands.leasedUntil} <= now())`,
      ),
    )
    .orderBy(sql`${commands.leasedUntil} nulls first`, commands.settledAt, commands.id)
    .limit(BEGUN_AT_ONCE);
  return rows.flatMap(({ scheduleRef, ...row }) => (scheduleRef ? [{ ...row, scheduleRef }] : []));
}

/** How many schedules are released in one go. */
export const BEGUN_AT_ONCE = 50;

/** Lets a schedule that was not released rest, and others go before it. */
export async function putOff({ commandId }: BegunSchedule, seconds: number): Promise<void> {
  await db()
    .update(commands)
    .set({ leasedUntil: sql`now() + make_interval(secs => ${seconds})` })
    .where(eq(commands.id, commandId));
}

export async function insertQuote(row: typeof quotes.$inferInsert): Promise<QuoteRow> {
  const [quote] = await db().insert(quotes).values(row).returning();
  if (!quote) throw new Error("A quote was not kept.");
  return quote;
}

/** Deletes quotes that nobody can accept any more, and that no deed is so near that people still ask. */
export async function forgetOldQuotes(): Promise<void> {
  await db().delete(quotes).where(lt(quotes.quotedAt, sql`now() - interval '90 days'`));
}

/** The organization's own quote, with its subscription as it is; nothing for anybody else's. */
export async function findQuote(
  tx: Tx,
  actor: Asker,
  organizationId: string,
  quoteId: string,
): Promise<{ quote: QuoteRow; subject: Subject } | undefined> {
  const mode = modeFor(actor);
  const [row] = await tx
    .select({ quote: quotes, subscription: subscriptions, settled: settledHere })
    .from(quotes)
    .innerJoin(
      subscriptions,
      and(
        eq(subscriptions.gateway, quotes.gateway),
        eq(subscriptions.mode, quotes.mode),
        eq(subscriptions.ref, quotes.subscriptionRef),
      ),
    )
    .where(
      and(
        eq(quotes.id, quoteId),
        eq(quotes.organizationId, organizationId),
        eq(subscriptions.organizationId, organizationId),
        mode && eq(subscriptions.mode, mode),
      ),
    );
  return row && { quote: row.quote, subject: subjectIn(row) };
}
