import { and, asc, desc, eq, isNull, type SQL, sql } from "drizzle-orm";
import type { Tx } from "#db/client.ts";
import { gatewayPrices, gatewayProducts, subscriptions } from "#db/schema/index.ts";
import type { Place } from "./made-store.ts";
import type { MirroredPrice } from "./mirrored-rules.ts";

/** What a gateway sells of one plan or one-time product: all of it, since what is there is not made again. */
export async function pricesOf(tx: Tx, place: Place, soldId: string): Promise<MirroredPrice[]> {
  return mirrored(tx, place, isOf([soldId]));
}

/**
 * What a gateway sells of several plans or one-time products and has not deleted, by the id of each. Who
 * subscribes is not counted.
 */
export async function pricesOfEach(
  tx: Tx,
  place: Place,
  soldIds: readonly string[],
): Promise<Map<string | null, MirroredPrice[]>> {
  const isThere = and(isOf(soldIds), isNull(gatewayPrices.deletedAt));
  const all = await mirrored(tx, place, isThere, { isCounted: false });
  return Map.groupBy(all, ({ soldId }) => soldId);
}

function isOf(soldIds: readonly string[]): SQL {
  const ids = sql`any(${sql.param([...soldIds])}::text[])`;
  return sql`(${gatewayPrices.planId} = ${ids} or ${gatewayPrices.productId} = ${ids})`;
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
  const rows = await mirrored(tx, place, inNone, { limit: IMPORT_MAX + 1 });
  return { rows: rows.slice(0, IMPORT_MAX), more: rows.length > IMPORT_MAX };
}

/** More than a reading lists of what is on sale. */
const IMPORT_MAX = 10_000;

async function mirrored(
  tx: Tx,
  { gateway, mode }: Place,
  which: SQL | undefined,
  { isCounted = true, limit }: { isCounted?: boolean; limit?: number } = {},
): Promise<MirroredPrice[]> {
  const counted = isCounted ? used : sql<number>`0`;
  const query = tx
    .select({ price: gatewayPrices, product: gatewayProducts, used: counted.as("used") })
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
    );
  const rows = limit === undefined ? await query : await query.limit(limit);
  const refs = rows.flatMap(({ price }) => price.productRef ?? []);
  const shared = await sharedOf(tx, { gateway, mode }, refs);
  return rows.map(({ price, product, used: subscriptions }) => ({
    ref: price.ref,
    productRef: price.productRef,
    product: product && {
      name: product.name,
      description: product.description,
      planCode: product.planCode,
      isActive: product.isActive && product.deletedAt === null,
      isShared: shared.has(price.productRef),
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

/** Those of the gateway's products that sell more than one plan or one-time product. */
async function sharedOf(
  tx: Tx,
  { gateway, mode }: Place,
  productRefs: readonly string[],
): Promise<Set<string | null>> {
  const owner = sql`coalesce(${gatewayPrices.planId}, ${gatewayPrices.productId})`;
  const rows = await tx
    .select({ ref: gatewayPrices.productRef })
    .from(gatewayPrices)
    .where(
      and(
        eq(gatewayPrices.gateway, gateway),
        eq(gatewayPrices.mode, mode),
        sql`${gatewayPrices.productRef} = any(${sql.param([...new Set(productRefs)])}::text[])`,
      ),
    )
    .groupBy(gatewayPrices.productRef)
    .having(sql`min(${owner}) <> max(${owner})`);
  return new Set(rows.map(({ ref }) => ref));
}
