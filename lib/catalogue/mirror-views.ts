import { and, asc, desc, eq, isNotNull, isNull, type SQL, sql } from "drizzle-orm";
import type { Tx } from "#db/client.ts";
import { gatewayPrices, gatewayProducts, subscriptions } from "#db/schema/index.ts";
import type { Place } from "./made-store.ts";
import type { MirroredPrice } from "./mirrored-rules.ts";
import { nounOf } from "./naming-rules.ts";

/** What a gateway sells of one plan or one-time product. */
export async function pricesOf(tx: Tx, place: Place, soldId: string): Promise<MirroredPrice[]> {
  const column = nounOf(soldId) === "plan" ? gatewayPrices.planId : gatewayPrices.productId;
  return mirrored(tx, place, eq(column, soldId), PRICES_MAX);
}

/** What a gateway sells of all plans and one-time products. */
export async function pricesOfAll(tx: Tx, place: Place): Promise<MirroredPrice[]> {
  return mirrored(tx, place, isNotNull(owner), PRICES_MAX);
}

/**
 * What a gateway sells that is in no plan and no product: those that say something of a plan before all
 * others, and of very many the first. What is off sale and used by nobody is left out.
 */
export async function pricesInNone(
  tx: Tx,
  place: Place,
): Promise<{ rows: MirroredPrice[]; more: boolean }> {
  const inNone = and(
    isNull(gatewayPrices.planId),
    isNull(gatewayPrices.productId),
    isNull(gatewayPrices.deletedAt),
    sql`(${gatewayPrices.isActive} is distinct from false or ${used} > 0)`,
  );
  const rows = await mirrored(tx, place, inNone, IMPORT_MAX + 1);
  return { rows: rows.slice(0, IMPORT_MAX), more: rows.length > IMPORT_MAX };
}

/** More than a reading lists of what is on sale. */
const IMPORT_MAX = 10_000;
const PRICES_MAX = 2_000;

async function mirrored(
  tx: Tx,
  { gateway, mode }: Place,
  which: SQL | undefined,
  limit: number,
): Promise<MirroredPrice[]> {
  const rows = await tx
    .select({ price: gatewayPrices, product: gatewayProducts, used: used.as("used"), isShared })
    .from(gatewayPrices)
    .leftJoin(
      gatewayProducts,
      and(
        eq(gatewayProducts.gateway, gatewayPrices.gateway),
        eq(gatewayProducts.mode, gatewayPrices.mode),
        eq(gatewayProducts.ref, gatewayPrices.productRef),
      ),
    )
    .where(and(eq(gatewayPrices.gateway, gateway), eq(gatewayPrices.mode, mode), which))
    .orderBy(
      sql`coalesce(${gatewayPrices.planCode}, ${gatewayProducts.planCode}, ${gatewayPrices.lookupKey}) is null`,
      sql`used desc`,
      sql`${gatewayPrices.isActive} desc nulls last`,
      desc(gatewayPrices.firstSeenAt),
      asc(gatewayPrices.ref),
    )
    .limit(limit);
  return rows.map(({ price, product, used: subscriptions, isShared }) => ({
    ref: price.ref,
    productRef: price.productRef,
    product: product && {
      name: product.name,
      description: product.description,
      planCode: product.planCode,
      isActive: product.isActive && product.deletedAt === null,
      isShared,
    },
    currency: price.currency,
    amountMinor: price.amountMinor,
    interval: price.interval,
    intervalCount: price.intervalCount,
    isActive: price.isActive,
    lookupKey: price.lookupKey,
    planCode: price.planCode,
    productCode: price.productCode,
    isDeleted: price.deletedAt !== null,
    soldId: price.planId ?? price.productId,
    subscriptions,
  }));
}

const used = sql<number>`(
  select count(*)::int from ${subscriptions} s
  where s.gateway = ${gatewayPrices.gateway} and s.mode = ${gatewayPrices.mode}
    and s.price_ref = ${gatewayPrices.ref} and s.status <> 'canceled')`;

const owner = sql<string | null>`coalesce(${gatewayPrices.planId}, ${gatewayPrices.productId})`;

const isShared = sql<boolean>`exists (
  select from ${gatewayPrices} o
  where o.gateway = ${gatewayPrices.gateway} and o.mode = ${gatewayPrices.mode}
    and o.product_ref = ${gatewayPrices.productRef}
    and coalesce(o.plan_id, o.product_id) <> ${owner})`;
