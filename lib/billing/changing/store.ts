import { and, eq, gt, sql } from "drizzle-orm";
import { db, type Tx } from "#db/client.ts";
import {
  entitlements,
  gatewayPrices,
  invitations,
  invoices,
  members,
  plans,
  quotes,
  subscriptions,
  tiers,
} from "#db/schema/index.ts";
import { AppError } from "../../errors.ts";
import { readSettings } from "../../settings/store.ts";
import type { SubscriptionRow } from "../state.ts";
import type { ChangePolicy, Sold } from "./rules.ts";

export type QuoteRow = typeof quotes.$inferSelect;

/** The entitlement that members and open invitations are counted against. */
export const SEATS = "seats";

/** What a gateway price sells, or undefined where it is in no plan. */
export async function soldAt(
  tx: Tx,
  { gateway, mode }: Pick<SubscriptionRow, "gateway" | "mode">,
  priceRef: string | null,
): Promise<Sold | undefined> {
  if (priceRef === null) return undefined;
  const [row] = await tx
    .select({
      planName: plans.name,
      archivedAt: plans.archivedAt,
      tierRank: tiers.rank,
      price: gatewayPrices,
      seats: entitlements.limitValue,
    })
    .from(gatewayPrices)
    .innerJoin(plans, eq(plans.id, gatewayPrices.planId))
    .innerJoin(tiers, eq(tiers.id, plans.tierId))
    .leftJoin(
      entitlements,
      and(
        eq(entitlements.tierId, tiers.id),
        eq(entitlements.key, SEATS),
        eq(entitlements.isIncluded, true),
      ),
    )
    .where(
      and(
        eq(gatewayPrices.gateway, gateway),
        eq(gatewayPrices.mode, mode),
        eq(gatewayPrices.ref, priceRef),
      ),
    );
  if (!row) return undefined;
  const { price } = row;
  return {
    planName: row.planName,
    isArchived: row.archivedAt !== null,
    isActive: price.isActive !== false && price.deletedAt === null,
    tierRank: row.tierRank,
    terms: termsOf(price),
    seats: row.seats,
  };
}

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

/** Members and open invitations: each takes, or is about to take, a seat. */
export async function seatsInUse(tx: Tx, organizationId: string): Promise<number> {
  const [held, promised] = await Promise.all([
    tx.$count(members, eq(members.organizationId, organizationId)),
    tx.$count(
      invitations,
      and(
        eq(invitations.organizationId, organizationId),
        sql`${invitations.acceptedAt} is null and ${invitations.revokedAt} is null`,
        gt(invitations.expiresAt, sql`now()`),
      ),
    ),
  ]);
  return held + promised;
}

/** Whether an invoice of the subscription was attempted and is still owed. */
export async function isPaymentOpen(
  tx: Tx,
  { gateway, mode, ref }: SubscriptionRow,
): Promise<boolean> {
  const owed = await tx.$count(
    invoices,
    and(
      eq(invoices.gateway, gateway),
      eq(invoices.mode, mode),
      eq(invoices.subscriptionRef, ref),
      eq(invoices.status, "open"),
      sql`${invoices.amountRemainingMinor} > 0`,
    ),
  );
  return owed > 0;
}

/** When changes take effect, as the operator set it. */
export async function changePolicy(tx: Tx): Promise<ChangePolicy> {
  const chosen = await readSettings(tx);
  return {
    upgrade: chosen.get("upgradeTiming") === "renewal" ? "renewal" : "now",
    downgrade: chosen.get("downgradeTiming") === "now" ? "now" : "renewal",
    isChoiceFree: chosen.get("isTimingFree") !== false,
  };
}

export async function insertQuote(row: typeof quotes.$inferInsert): Promise<QuoteRow> {
  const [quote] = await db().insert(quotes).values(row).returning();
  if (!quote) throw new Error("A quote was not kept.");
  return quote;
}

/** The organization's own quote; nothing for anybody else's. */
export async function findQuote(
  tx: Tx,
  organizationId: string,
  quoteId: string,
): Promise<QuoteRow | undefined> {
  const [row] = await tx
    .select()
    .from(quotes)
    .where(and(eq(quotes.id, quoteId), eq(quotes.organizationId, organizationId)));
  return row;
}

/** Our id of the subscription that a quote is for. */
export async function subscriptionOf(tx: Tx, quote: QuoteRow): Promise<string> {
  const [row] = await tx
    .select({ id: subscriptions.id })
    .from(subscriptions)
    .where(
      and(
        eq(subscriptions.gateway, quote.gateway),
        eq(subscriptions.mode, quote.mode),
        eq(subscriptions.ref, quote.subscriptionRef),
      ),
    );
  if (!row) throw new AppError("not_found", "There is no such subscription.");
  return row.id;
}
