import { and, desc, eq, isNull, ne, sql } from "drizzle-orm";
import type { Tx } from "#db/client.ts";
import { gatewayPrices, orders, productPrices, products } from "#db/schema/index.ts";
import { AppError } from "../../errors.ts";
import type { CommandRow } from "../asking/kind.ts";
import type { Market } from "../subscribing/store.ts";
import type { HeldOrder, ProductOffer } from "./rules.ts";

export const ORDER = "order.checkout";
export const GIVE_UP = "order.give_up";

export type OrderRow = typeof orders.$inferSelect;

/** What is asked for a product, and the gateway's price that sells just that; `not_found` for none. */
export async function offeredProduct(
  tx: Tx,
  market: Market,
  { productId, currency }: { productId: string; currency: string },
): Promise<ProductOffer> {
  const [product] = await tx.select().from(products).where(eq(products.id, productId));
  if (!product) throw new AppError("not_found", "There is no such product.");
  const [price] = await tx
    .select({ amountMinor: productPrices.amountMinor })
    .from(productPrices)
    .where(
      and(
        eq(productPrices.productId, productId),
        eq(productPrices.currency, currency),
        isNull(productPrices.archivedAt),
      ),
    );
  const { name, description, quantityMax, archivedAt } = product;
  return {
    productId,
    name,
    description,
    quantityMax,
    isArchived: archivedAt !== null,
    currency,
    amountMinor: price?.amountMinor,
    priceRef: price && (await priceRefFor(tx, market, productId, currency, price.amountMinor)),
  };
}

/** The gateway's newest price of the product that costs just this, once. */
async function priceRefFor(
  tx: Tx,
  { gateway, mode }: Market,
  productId: string,
  currency: string,
  amountMinor: number,
): Promise<string | undefined> {
  const [row] = await tx
    .select({ ref: gatewayPrices.ref })
    .from(gatewayPrices)
    .where(
      and(
        eq(gatewayPrices.gateway, gateway),
        eq(gatewayPrices.mode, mode),
        eq(gatewayPrices.productId, productId),
        eq(gatewayPrices.amountMinor, amountMinor),
        sql`upper(${gatewayPrices.currency}) = ${currency}`,
        isNull(gatewayPrices.interval),
        isNull(gatewayPrices.deletedAt),
        sql`${gatewayPrices.isActive} is not false`,
      ),
    )
    .orderBy(desc(gatewayPrices.firstSeenAt), desc(gatewayPrices.ref))
    .limit(1);
  return row?.ref;
}

/** The newest order of a product by an organization that came as far as a page. */
export async function lastOrder(
  tx: Tx,
  { gateway, mode }: Market,
  { organizationId, productId }: { organizationId: string; productId: string },
): Promise<OrderRow | undefined> {
  const [row] = await tx
    .select()
    .from(orders)
    .where(
      and(
        eq(orders.organizationId, organizationId),
        eq(orders.productId, productId),
        eq(orders.gateway, gateway),
        eq(orders.mode, mode),
        ne(orders.page, "refused"),
      ),
    )
    .orderBy(desc(orders.orderedAt), desc(orders.id))
    .limit(1);
  return row;
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
