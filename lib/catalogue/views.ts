import { and, asc, desc, eq, inArray, isNull, sql } from "drizzle-orm";
import { db, type Tx } from "#db/client.ts";
import {
  entitlements,
  gatewayPrices,
  gatewayProducts,
  plans,
  prices,
  subscriptions,
  tiers,
} from "#db/schema/index.ts";
import type { Administrator } from "../actor.ts";
import { AppError } from "../errors.ts";
import type { GatewayName, Mode } from "../gateways/gateway.ts";
import { seenOf } from "../seen.ts";
import { suggestedPlan } from "./naming-rules.ts";
import { planShown, tierShown } from "./shown-rules.ts";

export type EntitlementView = Omit<typeof entitlements.$inferSelect, "tierId">;
export type TierView = typeof tiers.$inferSelect & { readonly entitlements: EntitlementView[] };
export type PriceView = Omit<typeof prices.$inferSelect, "planId" | "archivedAt">;
export type PlanView = Omit<typeof plans.$inferSelect, "tierId"> & {
  readonly tier: { readonly id: string; readonly code: string; readonly name: string };
  /** On sale, cheapest first. */
  readonly prices: PriceView[];
};
export type Catalogue = { readonly tiers: TierView[]; readonly plans: PlanView[] };

/** What is sold, for everybody: it is what the pricing page shows. Lowest tier first. */
export async function catalogue(): Promise<Catalogue> {
  const [tierRows, entitlementRows, planRows, priceRows] = await Promise.all([
    db().select().from(tiers).orderBy(tiers.rank),
    db().select().from(entitlements).orderBy(entitlements.kind, entitlements.key),
    db()
      .select({ plan: plans, tier: { id: tiers.id, code: tiers.code, name: tiers.name } })
      .from(plans)
      .innerJoin(tiers, eq(tiers.id, plans.tierId))
      .orderBy(tiers.rank, plans.name, plans.id),
    db()
      .select()
      .from(prices)
      .where(isNull(prices.archivedAt))
      .orderBy(prices.currency, prices.interval, prices.intervalCount, prices.amountMinor),
  ]);
  return {
    tiers: tierRows.map((tier) => ({
      ...tier,
      entitlements: entitlementRows.flatMap(({ tierId, ...rest }) =>
        tierId === tier.id ? [rest] : [],
      ),
    })),
    plans: planRows.map(({ plan: { tierId: _, ...plan }, tier }) => ({
      ...plan,
      tier,
      prices: priceRows.flatMap(({ planId, archivedAt: __, ...rest }) =>
        planId === plan.id ? [rest] : [],
      ),
    })),
  };
}

/** A mark of what the form of something shows, as it is now. */
type Seen = { readonly seen: string };

/** One tier for its page, or `not_found`. */
export async function findTier(_: Administrator, id: string): Promise<TierView & Seen> {
  const found = (await catalogue()).tiers.find((tier) => tier.id === id);
  if (!found) throw new AppError("not_found", "There is no such tier.");
  return { ...found, seen: seenOf(tierShown(found, found.entitlements)) };
}

/** One plan for its page, with how many subscriptions it has, or `not_found`. */
export async function findPlan(
  _: Administrator,
  id: string,
): Promise<PlanView & Seen & { readonly subscriptions: number }> {
  const found = (await catalogue()).plans.find((plan) => plan.id === id);
  if (!found) throw new AppError("not_found", "There is no such plan.");
  const seen = seenOf(planShown(found, found.tier, found.prices));
  return { ...found, seen, subscriptions: await subscriptionsOfPlan(db(), id) };
}

/** How many subscriptions of a plan have not ended. */
export async function subscriptionsOfPlan(tx: Tx, planId: string): Promise<number> {
  return tx.$count(
    subscriptions,
    and(eq(subscriptions.planId, planId), sql`${subscriptions.status} <> 'canceled'`),
  );
}

export type PlanOfPrice = {
  readonly planId: string;
  readonly planCode: string;
  readonly planName: string;
  readonly tierId: string;
};

/** The plans that these prices sell; prices in no plan are left out. */
export async function planOfPrices(
  tx: Tx,
  gateway: GatewayName,
  mode: Mode,
  refs: readonly string[],
): Promise<Map<string, PlanOfPrice>> {
  if (refs.length === 0) return new Map();
  const rows = await tx
    .select({
      ref: gatewayPrices.ref,
      planId: plans.id,
      planCode: plans.code,
      planName: plans.name,
      tierId: plans.tierId,
    })
    .from(gatewayPrices)
    .innerJoin(plans, eq(plans.id, gatewayPrices.planId))
    .where(
      and(
        eq(gatewayPrices.gateway, gateway),
        eq(gatewayPrices.mode, mode),
        inArray(gatewayPrices.ref, [...refs]),
      ),
    );
  return new Map(rows.map(({ ref, ...plan }) => [ref, plan]));
}

export type GatewayPriceView = Omit<typeof gatewayPrices.$inferSelect, "mappedAt"> & {
  readonly productName: string | null;
  readonly planName: string | null;
  /** Subscriptions that use it and have not ended. */
  readonly subscriptions: number;
  /** The plan that it says it is of, and by what, for a person to confirm. */
  readonly suggestion: { readonly id: string; readonly name: string; readonly by: string } | null;
};

const GATEWAY_PRICES_MAX = 200;

/** What sells a one-time product stands with that product. */
const sellsNoProduct = isNull(gatewayPrices.productId);

/** Prices in no plan: all of them, and those that subscriptions use. Deleted ones matter only if used. */
export async function countUnmapped(
  _: Administrator,
  mode: Mode,
): Promise<{ all: number; used: number }> {
  const used = sql`exists (
    select from ${subscriptions} s
    where s.gateway = ${gatewayPrices.gateway} and s.mode = ${gatewayPrices.mode}
      and s.price_ref = ${gatewayPrices.ref} and s.status <> 'canceled')`;
  const [row] = await db()
    .select({
      all: sql<number>`count(*) filter (where ${gatewayPrices.deletedAt} is null or ${used})::int`,
      used: sql<number>`count(*) filter (where ${used})::int`,
    })
    .from(gatewayPrices)
    .where(and(eq(gatewayPrices.mode, mode), isNull(gatewayPrices.planId), sellsNoProduct));
  return { all: row?.all ?? 0, used: row?.used ?? 0 };
}

/**
 * The gateway's prices of one mode: those in no plan first, and of these the ones that subscriptions
 * wait for. `more` says that there are others than the first ones shown.
 */
export async function gatewayPriceList(
  _: Administrator,
  mode: Mode,
): Promise<{ rows: GatewayPriceView[]; more: boolean }> {
  const used = sql<number>`(
    select count(*)::int from ${subscriptions} s
    where s.gateway = ${gatewayPrices.gateway} and s.mode = ${gatewayPrices.mode}
      and s.price_ref = ${gatewayPrices.ref} and s.status <> 'canceled')`;
  const [rows, planRows] = await Promise.all([
    db()
      .select({
        price: gatewayPrices,
        productName: gatewayProducts.name,
        productPlanCode: gatewayProducts.planCode,
        planName: plans.name,
        subscriptions: used.as("used"),
      })
      .from(gatewayPrices)
      .leftJoin(
        gatewayProducts,
        and(
          eq(gatewayProducts.gateway, gatewayPrices.gateway),
          eq(gatewayProducts.mode, gatewayPrices.mode),
          eq(gatewayProducts.ref, gatewayPrices.productRef),
        ),
      )
      .leftJoin(plans, eq(plans.id, gatewayPrices.planId))
      .where(and(eq(gatewayPrices.mode, mode), sellsNoProduct))
      .orderBy(
        sql`${gatewayPrices.planId} is not null`,
        sql`used desc`,
        desc(gatewayPrices.firstSeenAt),
        asc(gatewayPrices.ref),
      )
      .limit(GATEWAY_PRICES_MAX + 1),
    db().select().from(plans).where(isNull(plans.archivedAt)),
  ]);
  const views = rows.slice(0, GATEWAY_PRICES_MAX).map((row) => {
    const { mappedAt: _, ...price } = row.price;
    const { productPlanCode } = row;
    const named = price.planId ? undefined : suggestedPlan({ ...price, productPlanCode }, planRows);
    return {
      ...price,
      productName: row.productName,
      planName: row.planName,
      subscriptions: row.subscriptions,
      suggestion: named ? { id: named.plan.id, name: named.plan.name, by: named.by } : null,
    };
  });
  return { rows: views, more: rows.length > GATEWAY_PRICES_MAX };
}
