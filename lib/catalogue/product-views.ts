import { and, asc, desc, eq, isNull, sql } from "drizzle-orm";
import { db } from "#db/client.ts";
import {
  gatewayPrices,
  gatewayProducts,
  orders,
  productPrices,
  products,
} from "#db/schema/index.ts";
import type { Administrator } from "../actor.ts";
import { AppError } from "../errors.ts";
import type { Mode } from "../gateways/gateway.ts";
import { seenOf } from "../seen.ts";
import { productShown } from "./shown-rules.ts";

export type ProductPrice = Pick<
  typeof productPrices.$inferSelect,
  "id" | "currency" | "amountMinor"
>;
export type ProductView = typeof products.$inferSelect & {
  /** On sale, by currency. */
  readonly prices: readonly ProductPrice[];
};

/** Everything that is sold once, for everybody, by name. */
export async function productCatalogue(): Promise<ProductView[]> {
  const [rows, prices] = await Promise.all([
    db().select().from(products).orderBy(products.name, products.id),
    db()
      .select()
      .from(productPrices)
      .where(isNull(productPrices.archivedAt))
      .orderBy(productPrices.currency),
  ]);
  return rows.map((product) => ({
    ...product,
    prices: prices.flatMap(({ productId, archivedAt: _, ...price }) =>
      productId === product.id ? [price] : [],
    ),
  }));
}

/** One product for its page, with how often it was bought, or `not_found`. */
export async function findProduct(
  _: Administrator,
  id: string,
): Promise<ProductView & { readonly seen: string; readonly orders: number }> {
  const found = (await productCatalogue()).find((product) => product.id === id);
  if (!found) throw new AppError("not_found", "There is no such product.");
  const bought = sql`${orders.state} in ('completed', 'refunded')`;
  const seen = seenOf(productShown(found, found.prices));
  return {
    ...found,
    seen,
    orders: await db().$count(orders, and(eq(orders.productId, id), bought)),
  };
}

export type OneTimePrice = Pick<
  typeof gatewayPrices.$inferSelect,
  "gateway" | "mode" | "ref" | "currency" | "amountMinor" | "lookupKey" | "nickname" | "isActive"
> & { readonly productName: string | null };

const PRICES_MAX = 100;

/** The gateway's prices without a period that sell a product, and those that sell nothing yet. */
export async function oneTimePrices(
  _: Administrator,
  mode: Mode,
  productId: string,
): Promise<{ readonly own: OneTimePrice[]; readonly free: OneTimePrice[] }> {
  const rows = await db()
    .select({ price: gatewayPrices, productName: gatewayProducts.name })
    .from(gatewayPrices)
    .leftJoin(
      gatewayProducts,
      and(
        eq(gatewayProducts.gateway, gatewayPrices.gateway),
        eq(gatewayProducts.mode, gatewayPrices.mode),
        eq(gatewayProducts.ref, gatewayPrices.productRef),
      ),
    )
    .where(
      and(
        eq(gatewayPrices.mode, mode),
        isNull(gatewayPrices.planId),
        isNull(gatewayPrices.deletedAt),
        sql`(${gatewayPrices.productId} = ${productId} or (${gatewayPrices.productId} is null
          and ${gatewayPrices.interval} is null and ${gatewayPrices.amountMinor} > 0
          and ${gatewayPrices.isActive}))`,
      ),
    )
    .orderBy(
      sql`${gatewayPrices.productId} is null`,
      desc(gatewayPrices.firstSeenAt),
      asc(gatewayPrices.ref),
    )
    .limit(PRICES_MAX);
  const of = (isOwn: boolean) =>
    rows.flatMap(({ price, productName }) =>
      (price.productId === productId) === isOwn ? [{ ...price, productName }] : [],
    );
  return { own: of(true), free: of(false) };
}
