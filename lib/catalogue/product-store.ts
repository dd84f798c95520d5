import { and, eq, inArray, isNull, sql } from "drizzle-orm";
import type { Tx } from "#db/client.ts";
import { gatewayPrices, productPrices, products } from "#db/schema/index.ts";
import type { GatewayName, Mode } from "../gateways/gateway.ts";
import { newId } from "../ids.ts";

export type ProductRow = typeof products.$inferSelect;
export type ProductPriceTerms = { readonly currency: string; readonly amountMinor: number };

export async function lockProduct(tx: Tx, id: string): Promise<ProductRow | undefined> {
  const [row] = await tx.select().from(products).where(eq(products.id, id)).for("no key update");
  return row;
}

export async function productWithCode(tx: Tx, code: string): Promise<ProductRow | undefined> {
  const [row] = await tx.select().from(products).where(eq(products.code, code));
  return row;
}

export async function insertProduct(tx: Tx, row: ProductRow): Promise<void> {
  await tx.insert(products).values(row);
}

export async function updateProduct(tx: Tx, row: ProductRow): Promise<void> {
  await tx.update(products).set(row).where(eq(products.id, row.id));
}

export async function productPricesOnSale(tx: Tx, productId: string) {
  return tx
    .select()
    .from(productPrices)
    .where(and(eq(productPrices.productId, productId), isNull(productPrices.archivedAt)))
    .orderBy(productPrices.currency);
}

/** A product's prices on sale become these. Those that end stay in the table, archived. */
export async function replaceProductPrices(
  tx: Tx,
  productId: string,
  wanted: readonly ProductPriceTerms[],
): Promise<void> {
  const before = await productPricesOnSale(tx, productId);
  const isSame = (a: ProductPriceTerms) => (b: ProductPriceTerms) =>
    a.currency === b.currency && a.amountMinor === b.amountMinor;
  const ended = before.filter((price) => !wanted.some(isSame(price)));
  const added = wanted.filter((price) => !before.some(isSame(price)));
  if (ended.length > 0) {
    const ids = ended.map(({ id }) => id);
    await tx
      .update(productPrices)
      .set({ archivedAt: sql`clock_timestamp()` })
      .where(inArray(productPrices.id, ids));
  }
  if (added.length > 0) {
    const rows = added.map((terms) => ({ id: newId("prc"), productId, ...terms }));
    await tx.insert(productPrices).values(rows);
  }
}

type PriceName = { readonly gateway: GatewayName; readonly mode: Mode; readonly ref: string };
export type MappedPrice = typeof gatewayPrices.$inferSelect;

/** A gateway price, held against everybody who would put it somewhere. */
export async function lockGatewayPrice(tx: Tx, name: PriceName): Promise<MappedPrice | undefined> {
  const [row] = await tx.select().from(gatewayPrices).where(isPrice(name)).for("update");
  return row;
}

/** Says which product a gateway price sells, or none. */
export async function sellWith(tx: Tx, name: PriceName, productId: string | null): Promise<void> {
  const mappedAt = productId ? sql`clock_timestamp()` : null;
  await tx.update(gatewayPrices).set({ productId, mappedAt }).where(isPrice(name));
}

function isPrice({ gateway, mode, ref }: PriceName) {
  return and(
    eq(gatewayPrices.gateway, gateway),
    eq(gatewayPrices.mode, mode),
    eq(gatewayPrices.ref, ref),
  );
}
