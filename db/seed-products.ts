import { eq } from "drizzle-orm";
import { newId } from "#lib/ids.ts";
import type { Tx } from "./client.ts";
import { gatewayPrices, productPrices, products } from "./schema/index.ts";
import { DEMO } from "./seed-data.ts";

/** What the demo's gateway calls the price of a one-time product in a currency. */
export function onceKeyOf(product: string, currency: string): string {
  return `${product}_once_${currency.toLowerCase()}`;
}

/** One-time products for the demo, unless somebody made some of their own, and the prices that sell them. */
export async function seedProducts(
  tx: Tx,
  made: ReadonlyMap<string, { readonly ref: string; readonly productRef: string }> | undefined,
): Promise<void> {
  if ((await tx.$count(products)) === 0) {
    for (const { prices, ...terms } of DEMO.products) {
      const id = newId("prd");
      await tx.insert(products).values({ id, ...terms });
      const rows = prices.map((price) => ({ id: newId("prc"), productId: id, ...price }));
      await tx.insert(productPrices).values(rows);
    }
  }
  for (const { code, prices } of DEMO.products) {
    const [row] = await tx
      .select({ id: products.id })
      .from(products)
      .where(eq(products.code, code));
    if (!row) continue;
    for (const { currency, amountMinor } of prices) {
      const lookupKey = onceKeyOf(code, currency);
      const ref = made ? made.get(lookupKey)?.ref : `price_demo_${lookupKey}`;
      if (!ref) continue;
      await tx
        .insert(gatewayPrices)
        .values({
          gateway: "stripe",
          mode: "test",
          ref,
          currency,
          amountMinor,
          intervalCount: 1,
          isActive: true,
          lookupKey,
          productRef: made?.get(lookupKey)?.productRef ?? `prod_demo_${code}`,
          productId: row.id,
          mappedAt: new Date(),
        })
        .onConflictDoNothing();
    }
  }
}
