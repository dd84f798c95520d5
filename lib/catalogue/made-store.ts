import { and, eq, inArray, isNull } from "drizzle-orm";
import type { Tx } from "#db/client.ts";
import { gatewayPrices, gatewayProducts } from "#db/schema/index.ts";
import type { ListedPrice } from "../gateways/adapter.ts";
import type { GatewayName, Mode, ObjectRef } from "../gateways/gateway.ts";
import { priceFacts, priceWords, productFacts, productWords, wordsChanged } from "./facts.ts";
import { nounOf } from "./naming-rules.ts";
import { notePrices } from "./store.ts";

/** What was just made at a gateway, and what a gateway lists and is not held here. */

export type Place = { readonly gateway: GatewayName; readonly mode: Mode };

/** The plan or the one-time product that something was made for. */
type For = { readonly soldId: string; readonly code: string };

/** A price that was just made at its gateway. */
export type MadePrice = For & {
  readonly ref: string;
  readonly productRef: string;
  readonly lookupKey: string;
  readonly currency: string;
  readonly amountMinor: number;
  readonly interval: string | null;
  readonly intervalCount: number;
};

/**
 * Puts a price into what it was made for. What a sync told of it meanwhile is newer and stays, and so
 * does anything else that somebody put it into.
 */
export async function keepMadePrice(tx: Tx, place: Place, made: MadePrice): Promise<void> {
  const { gateway, mode } = place;
  const { ref, soldId, code: _, ...facts } = made;
  await notePrices(tx, gateway, mode, [ref]);
  const key = inPlace(gatewayPrices, place, [ref]);
  const untold = and(key, isNull(gatewayPrices.isActive));
  await tx
    .update(gatewayPrices)
    .set({ ...facts, ...codeOf(made), isActive: true })
    .where(untold);
  const inNone = and(key, isNull(gatewayPrices.planId), isNull(gatewayPrices.productId));
  const owner = nounOf(soldId) === "plan" ? { planId: soldId } : { productId: soldId };
  await tx
    .update(gatewayPrices)
    .set({ ...owner, mappedAt: new Date() })
    .where(inNone);
}

/** Keeps a product that was just made, so that whatever ends here, no second one is. */
export async function keepMadeProduct(
  tx: Tx,
  place: Place,
  made: For & { ref: string; name: string; description: string },
): Promise<void> {
  const { gateway, mode } = place;
  const { ref, name, description } = made;
  const facts = { ref, name, description: description || null, ...codeOf(made), isActive: true };
  await tx
    .insert(gatewayProducts)
    .values({ gateway, mode, ...facts })
    .onConflictDoNothing();
}

function codeOf({ soldId, code }: For) {
  return nounOf(soldId) === "plan" ? { planCode: code } : { productCode: code };
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
