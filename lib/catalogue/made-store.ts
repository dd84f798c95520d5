import { and, eq, inArray, isNull } from "drizzle-orm";
import type { Tx } from "#db/client.ts";
import { gatewayPrices, gatewayProducts } from "#db/schema/index.ts";
import type { ListedPrice } from "../gateways/adapter.ts";
import type { GatewayName, Mode, ObjectRef } from "../gateways/gateway.ts";
import { priceFacts, priceWords, productFacts, productWords, wordsChanged } from "./facts.ts";
import { notePrices } from "./store.ts";

/** What was just made at a gateway for a plan, and what a gateway lists and is not held here. */

export type Place = { readonly gateway: GatewayName; readonly mode: Mode };

/** A price that was just made for a plan at its gateway. */
export type MadePrice = {
  readonly ref: string;
  readonly planId: string;
  readonly productRef: string;
  readonly planCode: string;
  readonly lookupKey: string;
  readonly currency: string;
  readonly amountMinor: number;
  readonly interval: string | null;
  readonly intervalCount: number;
};

/**
 * Puts a price into the plan that it was made for. What a sync told of it meanwhile is newer and stays,
 * and so does another plan, if somebody put it there.
 */
export async function keepMadePrice(tx: Tx, place: Place, made: MadePrice): Promise<void> {
  const { gateway, mode } = place;
  const { ref, planId, ...facts } = made;
  await notePrices(tx, gateway, mode, [ref]);
  const key = inPlace(gatewayPrices, place, [ref]);
  const untold = and(key, isNull(gatewayPrices.isActive));
  await tx
    .update(gatewayPrices)
    .set({ ...facts, isActive: true })
    .where(untold);
  const inNone = and(key, isNull(gatewayPrices.planId), isNull(gatewayPrices.productId));
  await tx.update(gatewayPrices).set({ planId, mappedAt: new Date() }).where(inNone);
}

/** Keeps a product that was just made, so that whatever ends here, no second one is. */
export async function keepMadeProduct(
  tx: Tx,
  place: Place,
  made: { ref: string; name: string; description: string; planCode: string },
): Promise<void> {
  const { gateway, mode } = place;
  await tx
    .insert(gatewayProducts)
    .values({ gateway, mode, ...made, description: made.description || null, isActive: true })
    .onConflictDoNothing();
}

/** Those of the gateway's prices and products that are not held as it tells them now. */
export async function notHeld(
  tx: Tx,
  { gateway, mode }: Place,
  told: readonly ListedPrice[],
): Promise<ObjectRef[]> {
  const products = new Map(
    told.flatMap(({ product }) => (product ? [[product.ref, product] as const] : [])),
  );
  const heldPrices = await tx
    .select()
    .from(gatewayPrices)
    .where(
      inPlace(
        gatewayPrices,
        { gateway, mode },
        told.map(({ price }) => price.ref),
      ),
    );
  const heldProducts = await tx
    .select()
    .from(gatewayProducts)
    .where(inPlace(gatewayProducts, { gateway, mode }, [...products.keys()]));
  const prices = told.flatMap(({ price }): ObjectRef[] => {
    const held = heldPrices.find(({ ref }) => ref === price.ref);
    const words = priceWords(priceFacts(price));
    const isHeld = held && wordsChanged("", priceWords(held), words).length === 0;
    return isHeld ? [] : [{ type: "price", ref: price.ref }];
  });
  const others = [...products.values()].flatMap((product): ObjectRef[] => {
    const held = heldProducts.find(({ ref }) => ref === product.ref);
    const words = productWords(productFacts(product));
    const isHeld = held && wordsChanged("", productWords(held), words).length === 0;
    return isHeld ? [] : [{ type: "product", ref: product.ref }];
  });
  return [...prices, ...others];
}

function inPlace(
  table: typeof gatewayPrices | typeof gatewayProducts,
  { gateway, mode }: Place,
  refs: readonly string[],
) {
  return and(eq(table.gateway, gateway), eq(table.mode, mode), inArray(table.ref, [...refs]));
}
