import { and, eq, inArray, isNull, ne, sql } from "drizzle-orm";
import { alias } from "drizzle-orm/pg-core";
import type { Tx } from "#db/client.ts";
import { gatewayPrices, orders, productPrices, products } from "#db/schema/index.ts";
import type { CommandRow } from "../asking/kind.ts";
import type { Market } from "../subscribing/store.ts";
import type { HeldOrder, ProductOffer } from "./rules.ts";

export const ORDER = "order.checkout";
export const GIVE_UP = "order.give_up";

export type OrderRow = typeof orders.$inferSelect;

/** What is asked for products in a currency, and the gateway's prices that sell just that; by their ids. */
export async function offeredProducts(
  tx: Tx,
  market: Market,
  { productIds, currency }: { productIds: readonly string[]; currency: string },
): Promise<Map<string, ProductOffer>> {
  const rows = await tx
    .select({
      product: products,
      amountMinor: productPrices.amountMinor,
      priceRef: sellsIn(market),
    })
    .from(products)
    .leftJoin(
      productPrices,
      and(
        eq(productPrices.productId, products.id),
        eq(productPrices.currency, currency),
        isNull(productPrices.archivedAt),
      ),
    )
    .where(inArray(products.id, [...productIds]));
  const offers = rows.map(({ product, amountMinor, priceRef }): ProductOffer => {
    const { id: productId, name, description, quantityMax, archivedAt } = product;
    return {
      productId,
      name,
      description,
      quantityMax,
      isArchived: archivedAt !== null,
      currency,
      amountMinor: amountMinor ?? undefined,
      priceRef: priceRef ?? undefined,
    };
  });
  return new Map(offers.map((offer) => [offer.productId, offer]));
}

/** The gateway's newest price of a product that costs just what is asked for it, once. */
function sellsIn({ gateway, mode }: Market) {
  return sql<string | null>`(
    select g.ref from ${gatewayPrices} g
    where g.gateway = ${gateway} and g.mode = ${mode} and g.product_id = ${products.id}
      and g.amount_minor = ${productPrices.amountMinor}
      and upper(g.currency) = ${productPrices.currency}
      and g.interval is null and g.deleted_at is null and g.is_active is not false
    order by g.first_seen_at desc, g.ref desc limit 1)`;
}

/** The newest order of each product by an organization that came as far as a page; by the product's id. */
export async function lastOrders(
  tx: Tx,
  { gateway, mode }: Market,
  { organizationId, productIds }: { organizationId: string; productIds: readonly string[] },
): Promise<Map<string, OrderRow>> {
  const theirs = alias(orders, "theirs");
  const newest = tx
    .select({ id: theirs.id })
    .from(theirs)
    .where(
      and(
        eq(theirs.organizationId, organizationId),
        eq(theirs.productId, products.id),
        eq(theirs.gateway, gateway),
        eq(theirs.mode, mode),
        ne(theirs.page, "refused"),
      ),
    )
    .orderBy(sql`${theirs.orderedAt} desc nulls last, ${theirs.id} desc nulls last`)
    .limit(1)
    .as("newest");
  const rows = await tx
    .select({ productId: products.id, order: orders })
    .from(products)
    .crossJoinLateral(newest)
    .innerJoin(orders, eq(orders.id, newest.id))
    .where(inArray(products.id, [...productIds]));
  return new Map(rows.map(({ productId, order }) => [productId, order]));
}

/** The organization's own order; nothing for anybody else's. */
export async function ownOrder(
  tx: Tx,
  { organizationId, orderId }: { organizationId: string; orderId: string },
): Promise<OrderRow | undefined> {
  const [row] = await tx
    .select()
    .from(orders)
    .where(and(eq(orders.id, orderId), eq(orders.organizationId, organizationId)));
  return row;
}

export async function insertOrder(tx: Tx, row: typeof orders.$inferInsert): Promise<void> {
  await tx.insert(orders).values(row);
}

/** Notes which page an order is paid on; or that none was opened, unless one was heard of meanwhile. */
export async function noteOpened(
  tx: Tx,
  { id }: Pick<CommandRow, "id">,
  checkoutRef: string | undefined,
): Promise<void> {
  const isUnheard = and(eq(orders.commandId, id), eq(orders.page, "opening"));
  await tx
    .update(orders)
    .set(checkoutRef ? { checkoutRef, page: "open" } : { page: "refused", state: "canceled" })
    .where(isUnheard);
}

/** Writes down what became of an order. When it was first completed is never said anew. */
export async function updateOrder(
  tx: Tx,
  { id, currency: _, organizationId: __, ...row }: HeldOrder,
): Promise<void> {
  const isBought = row.state === "completed" || row.state === "refunded";
  await tx
    .update(orders)
    .set({
      ...row,
      ...(isBought ? { completedAt: sql`coalesce(${orders.completedAt}, clock_timestamp())` } : {}),
    })
    .where(eq(orders.id, id));
}
