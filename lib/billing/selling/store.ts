import { and, asc, eq, inArray, isNull, sql } from "drizzle-orm";
import type { Tx } from "#db/client.ts";
import { gatewayPrices, gatewayProducts, plans, prices } from "#db/schema/index.ts";
import type { SoldPlan } from "../../catalogue/drift-rules.ts";
import type { Place } from "../../catalogue/made-store.ts";
import { pricesOfPlan } from "../../catalogue/mirror-views.ts";
import type { MirroredPrice } from "../../catalogue/mirrored-rules.ts";
import { AppError } from "../../errors.ts";
import { revisionOf } from "../asking/intention.ts";
import { settledCount } from "../asking/store.ts";

/** A plan as commands see it: what it is here, what the gateway sells of it, and the revision of both. */
export type PlanSubject = {
  readonly plan: typeof plans.$inferSelect;
  readonly sold: SoldPlan;
  readonly mirrored: readonly MirroredPrice[];
  readonly revision: string;
};

/** The plan that a command is about, or `not_found`. */
export async function planSubject(tx: Tx, place: Place, planId: string): Promise<PlanSubject> {
  const [plan] = await tx.select().from(plans).where(eq(plans.id, planId));
  if (!plan) throw new AppError("not_found", "There is no such plan.");
  const own = await tx
    .select({
      currency: prices.currency,
      amountMinor: prices.amountMinor,
      interval: prices.interval,
      intervalCount: prices.intervalCount,
    })
    .from(prices)
    .where(and(eq(prices.planId, planId), isNull(prices.archivedAt)))
    .orderBy(prices.currency, prices.interval, prices.intervalCount);
  const mirrored = await pricesOfPlan(tx, place, planId);
  const sold = { name: plan.name, isArchived: plan.archivedAt !== null, prices: own };
  const { code, name, description, archivedAt } = plan;
  const seen = {
    plan: { code, name, description, archivedAt },
    prices: own,
    // Who subscribes meanwhile changes nothing of what is decided here.
    there: mirrored
      .map(({ subscriptions: _, ...price }) => price)
      .sort((a, b) => (a.ref < b.ref ? -1 : 1)),
  };
  const settled = await settledCount(tx, { ...place, object: objectOf(planId) });
  return { plan, sold, mirrored, revision: revisionOf(seen, settled) };
}

/** What commands about a plan are filed under. */
export function objectOf(planId: string): string {
  return `plan:${planId}`;
}

/** The product at the gateway whose metadata name the plan: made for it, and perhaps without a price yet. */
export async function productNamed(
  tx: Tx,
  { gateway, mode }: Place,
  planCode: string,
): Promise<{ ref: string; isActive: boolean } | undefined> {
  const [row] = await tx
    .select({ ref: gatewayProducts.ref, isActive: gatewayProducts.isActive })
    .from(gatewayProducts)
    .where(
      and(
        eq(gatewayProducts.gateway, gateway),
        eq(gatewayProducts.mode, mode),
        eq(gatewayProducts.planCode, planCode),
        isNull(gatewayProducts.deletedAt),
      ),
    )
    .orderBy(sql`${gatewayProducts.isActive} desc`, asc(gatewayProducts.ref))
    .limit(1);
  return row;
}

/** Who has these lookup keys at the gateway, as far as is known. */
export async function holdersOf(
  tx: Tx,
  { gateway, mode }: Place,
  lookupKeys: readonly string[],
): Promise<{ lookupKey: string | null; ref: string; planId: string | null }[]> {
  return tx
    .select({
      lookupKey: gatewayPrices.lookupKey,
      ref: gatewayPrices.ref,
      planId: gatewayPrices.planId,
    })
    .from(gatewayPrices)
    .where(
      and(
        eq(gatewayPrices.gateway, gateway),
        eq(gatewayPrices.mode, mode),
        inArray(gatewayPrices.lookupKey, [...lookupKeys]),
        isNull(gatewayPrices.deletedAt),
      ),
    );
}
