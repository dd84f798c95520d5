import { and, eq, inArray, isNull, sql } from "drizzle-orm";
import type { Tx } from "#db/client.ts";
import { entitlements, plans, prices, tiers } from "#db/schema/index.ts";
import { newId } from "../ids.ts";
import { type PriceTerms, repriced } from "./rules.ts";

export type TierRow = typeof tiers.$inferSelect;
export type PlanRow = typeof plans.$inferSelect;
export type PriceRow = typeof prices.$inferSelect;
export type EntitlementTerms = Omit<typeof entitlements.$inferSelect, "tierId">;

/**
 * All tiers, while nobody else changes the catalogue, so that codes, ranks and the default are judged
 * against what will be there. Syncs, which only refer to tiers and plans, do not wait for it.
 */
export async function lockTiers(tx: Tx): Promise<TierRow[]> {
  await tx.execute(sql`lock table ${tiers} in share row exclusive mode`);
  return tx.select().from(tiers).orderBy(tiers.id);
}

export async function insertTier(tx: Tx, row: TierRow): Promise<void> {
  await tx.insert(tiers).values(row);
}

export async function updateTier(tx: Tx, row: TierRow): Promise<void> {
  await tx.update(tiers).set(row).where(eq(tiers.id, row.id));
}

export async function entitlementsOfTier(tx: Tx, tierId: string): Promise<EntitlementTerms[]> {
  const rows = await tx.select().from(entitlements).where(eq(entitlements.tierId, tierId));
  return rows.map(({ tierId: _, ...terms }) => terms);
}

/** A tier's entitlements become these. */
export async function replaceEntitlements(
  tx: Tx,
  tierId: string,
  wanted: readonly EntitlementTerms[],
): Promise<void> {
  await tx.delete(entitlements).where(eq(entitlements.tierId, tierId));
  if (wanted.length > 0) {
    await tx.insert(entitlements).values(wanted.map((terms) => ({ tierId, ...terms })));
  }
}

/** What the other tiers call an entitlement, by its key: a key means one thing everywhere. */
export async function entitlementMeanings(
  tx: Tx,
  exceptTierId: string,
): Promise<Map<string, { name: string; kind: "feature" | "limit" }>> {
  const rows = await tx
    .select({ key: entitlements.key, name: entitlements.name, kind: entitlements.kind })
    .from(entitlements)
    .where(sql`${entitlements.tierId} <> ${exceptTierId}`);
  return new Map(rows.map(({ key, ...meaning }) => [key, meaning]));
}

export async function lockPlan(tx: Tx, id: string): Promise<PlanRow | undefined> {
  const [row] = await tx.select().from(plans).where(eq(plans.id, id)).for("no key update");
  return row;
}

export async function planWithCode(tx: Tx, code: string): Promise<PlanRow | undefined> {
  const [row] = await tx.select().from(plans).where(eq(plans.code, code));
  return row;
}

export async function insertPlan(tx: Tx, row: PlanRow): Promise<void> {
  await tx.insert(plans).values(row);
}

export async function updatePlan(tx: Tx, row: PlanRow): Promise<void> {
  await tx.update(plans).set(row).where(eq(plans.id, row.id));
}

export async function pricesOnSale(tx: Tx, planId: string): Promise<PriceRow[]> {
  return tx
    .select()
    .from(prices)
    .where(and(eq(prices.planId, planId), isNull(prices.archivedAt)))
    .orderBy(prices.currency, prices.interval, prices.intervalCount);
}

/** A plan's prices on sale become these. Those that end stay in the table, archived. */
export async function replacePrices(
  tx: Tx,
  planId: string,
  wanted: readonly PriceTerms[],
): Promise<void> {
  const before = await pricesOnSale(tx, planId);
  const { ended, added } = repriced(before, wanted);
  if (ended.length > 0) {
    const ids = ended.map((price) => price.id);
    await tx.update(prices).set({ archivedAt: new Date() }).where(inArray(prices.id, ids));
  }
  if (added.length > 0) {
    await tx.insert(prices).values(added.map((terms) => ({ id: newId("prc"), planId, ...terms })));
  }
}
