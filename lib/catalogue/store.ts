import { and, eq, sql } from "drizzle-orm";
import type { Tx } from "#db/client.ts";
import type { Change } from "#db/schema/inbox.ts";
import { gatewayPrices, gatewayProducts } from "#db/schema/index.ts";
import { AppError } from "../errors.ts";
import type { GatewayName, Mode, PriceSnapshot, ProductSnapshot } from "../gateways/gateway.ts";
import {
  gonePrice,
  goneProduct,
  priceFacts,
  priceWords,
  productFacts,
  productWords,
  wordsChanged,
} from "./facts.ts";

/** What the gateways' own catalogues say. Written by the sync; the plan of a price by people only. */

type Deleted = { readonly ref: string; readonly deleted: true };
/** Gives every price that something uses a row, so that it can be put into a plan. */
export async function notePrices(
  tx: Tx,
  gateway: GatewayName,
  mode: Mode,
  refs: readonly string[],
): Promise<void> {
  const rows = [...new Set(refs)].sort().map((ref) => ({ gateway, mode, ref }));
  if (rows.length > 0) await tx.insert(gatewayPrices).values(rows).onConflictDoNothing();
}

/**
 * Which plans prices are in. Each price is held, and made first where it is new, so that nobody puts it
 * into a plan between this look and the commit.
 */
export async function planByPrice(
  tx: Tx,
  gateway: GatewayName,
  mode: Mode,
  refs: readonly string[],
): Promise<Map<string, string>> {
  const named = new Set(refs);
  if (named.size === 0) return new Map();
  const hold = () =>
    tx.execute<{ ref: string; plan_id: string | null }>(sql`
      select ref, plan_id from gateway_prices
      where gateway = ${gateway} and mode = ${mode} and ref = any(${sql.param([...named])}::text[])
      order by ref for share`);
  let rows = await hold();
  if (rows.length < named.size) {
    await notePrices(tx, gateway, mode, refs);
    rows = await hold();
  }
  return new Map(rows.flatMap((row) => (row.plan_id ? [[row.ref, row.plan_id] as const] : [])));
}

/** Keeps a price as the gateway tells it now, and answers what is new. Never touches its plan. */
export async function savePrice(
  tx: Tx,
  gateway: GatewayName,
  mode: Mode,
  told: PriceSnapshot | Deleted,
): Promise<Change[]> {
  const key = { gateway, mode, ref: told.ref };
  const [held] = await tx.select().from(gatewayPrices).where(isPrice(key)).for("update");
  const facts = "deleted" in told ? gonePrice(held) : priceFacts(told);
  const changes = wordsChanged(`price ${told.ref}`, held && priceWords(held), priceWords(facts));
  if (held && changes.length === 0) return [];
  await tx
    .insert(gatewayPrices)
    .values({ ...key, ...facts })
    .onConflictDoUpdate({
      target: [gatewayPrices.gateway, gatewayPrices.mode, gatewayPrices.ref],
      set: facts,
    });
  return changes;
}

/** Keeps a product as the gateway tells it now, and answers what is new. */
export async function saveProduct(
  tx: Tx,
  gateway: GatewayName,
  mode: Mode,
  told: ProductSnapshot | Deleted,
): Promise<Change[]> {
  const key = { gateway, mode, ref: told.ref };
  const [held] = await tx.select().from(gatewayProducts).where(isProduct(key)).for("update");
  const facts = "deleted" in told ? goneProduct(told.ref, held) : productFacts(told);
  const changes = wordsChanged(
    `product ${told.ref}`,
    held && productWords(held),
    productWords(facts),
  );
  if (held && changes.length === 0) return [];
  await tx
    .insert(gatewayProducts)
    .values({ ...key, ...facts })
    .onConflictDoUpdate({
      target: [gatewayProducts.gateway, gatewayProducts.mode, gatewayProducts.ref],
      set: facts,
    });
  return changes;
}

/** Says which plan a price sells, or none. Answers the plan before; the caller recomputes tiers. */
export async function mapPriceTo(
  tx: Tx,
  price: { gateway: GatewayName; mode: Mode; ref: string; planId: string | null },
): Promise<{ planId: string | null } | undefined> {
  const [held] = await tx.select().from(gatewayPrices).where(isPrice(price)).for("update");
  if (!held) return undefined;
  if (held.productId && price.planId) {
    throw new AppError(
      "conflict",
      "This price sells a one-time product. Take it from there first.",
    );
  }
  const mapping = { planId: price.planId, mappedAt: price.planId ? new Date() : null };
  await tx.update(gatewayPrices).set(mapping).where(isPrice(price));
  return { planId: held.planId };
}

type Key = { gateway: string; mode: Mode; ref: string };

function isPrice({ gateway, mode, ref }: Key) {
  return and(
    eq(gatewayPrices.gateway, gateway),
    eq(gatewayPrices.mode, mode),
    eq(gatewayPrices.ref, ref),
  );
}

function isProduct({ gateway, mode, ref }: Key) {
  return and(
    eq(gatewayProducts.gateway, gateway),
    eq(gatewayProducts.mode, mode),
    eq(gatewayProducts.ref, ref),
  );
}
