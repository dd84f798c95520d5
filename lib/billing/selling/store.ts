import { and, asc, eq, inArray, isNull, sql } from "drizzle-orm";
import type { Tx } from "#db/client.ts";
import {
  gatewayPrices,
  gatewayProducts,
  plans,
  prices,
  productPrices,
  products,
} from "#db/schema/index.ts";
import type { Sold } from "../../catalogue/drift-rules.ts";
import type { Place } from "../../catalogue/made-store.ts";
import { pricesOf } from "../../catalogue/mirror-views.ts";
import type { Charge, MirroredPrice } from "../../catalogue/mirrored-rules.ts";
import { nounOf, ONCE } from "../../catalogue/naming-rules.ts";
import { AppError } from "../../errors.ts";
import type { Sells } from "../../gateways/asking.ts";
import { revisionOf } from "../asking/intention.ts";
import { settledCount } from "../asking/store.ts";

/** A plan or a one-time product in words. */
type Named = {
  readonly id: string;
  readonly code: string;
  readonly name: string;
  readonly description: string;
};

/** What is sold as commands see it: what it is here, what the gateway sells of it, and the revision of both. */
export type SoldSubject = {
  readonly what: Named;
  readonly sold: Sold;
  readonly mirrored: readonly MirroredPrice[];
  readonly revision: string;
};

/** The plan or the one-time product that a command is about, or `not_found`. */
export async function soldSubject(tx: Tx, place: Place, soldId: string): Promise<SoldSubject> {
  const noun = nounOf(soldId);
  const found = await (noun === "plan" ? findPlan(tx, soldId) : findProduct(tx, soldId));
  if (!found) throw new AppError("not_found", `There is no such ${noun}.`);
  const { what, archivedAt, asked } = found;
  const mirrored = await pricesOf(tx, place, soldId);
  const sold = { noun, name: what.name, isArchived: archivedAt !== null, prices: asked };
  const seen = {
    what: { ...what, archivedAt },
    prices: asked,
    // Who subscribes meanwhile changes nothing of what is decided here.
    there: mirrored
      .map(({ subscriptions: _, ...price }) => price)
      .sort((a, b) => (a.ref < b.ref ? -1 : 1)),
  };
  const settled = await settledCount(tx, { ...place, object: objectOf(soldId) });
  return { what, sold, mirrored, revision: revisionOf(seen, settled) };
}

type Found = {
  readonly what: Named;
  readonly archivedAt: Date | null;
  /** What is asked for it, in an order of its own. */
  readonly asked: readonly Charge[];
};

async function findPlan(tx: Tx, planId: string): Promise<Found | undefined> {
  const [plan] = await tx.select().from(plans).where(eq(plans.id, planId));
  if (!plan) return undefined;
  const { id, code, name, description, archivedAt } = plan;
  const asked = await tx
    .select({
      currency: prices.currency,
      amountMinor: prices.amountMinor,
      interval: prices.interval,
      intervalCount: prices.intervalCount,
    })
    .from(prices)
    .where(and(eq(prices.planId, planId), isNull(prices.archivedAt)))
    .orderBy(prices.currency, prices.interval, prices.intervalCount);
  return { what: { id, code, name, description }, archivedAt, asked };
}

async function findProduct(tx: Tx, productId: string): Promise<Found | undefined> {
  const [product] = await tx.select().from(products).where(eq(products.id, productId));
  if (!product) return undefined;
  const { id, code, name, description, archivedAt } = product;
  const asked = await tx
    .select({ currency: productPrices.currency, amountMinor: productPrices.amountMinor })
    .from(productPrices)
    .where(and(eq(productPrices.productId, productId), isNull(productPrices.archivedAt)))
    .orderBy(productPrices.currency);
  return {
    what: { id, code, name, description },
    archivedAt,
    asked: asked.map((price) => ({ ...price, ...ONCE })),
  };
}

/** What commands about a plan or a one-time product are filed under. */
export function objectOf(soldId: string): string {
  return `${nounOf(soldId)}:${soldId}`;
}

/** The product at the gateway whose metadata name what is sold: made for it, and perhaps without a price yet. */
export async function productNamed(
  tx: Tx,
  { gateway, mode }: Place,
  { noun, code }: Sells,
): Promise<{ ref: string; isActive: boolean } | undefined> {
  const named = noun === "plan" ? gatewayProducts.planCode : gatewayProducts.productCode;
  const [row] = await tx
    .select({ ref: gatewayProducts.ref, isActive: gatewayProducts.isActive })
    .from(gatewayProducts)
    .where(
      and(
        eq(gatewayProducts.gateway, gateway),
        eq(gatewayProducts.mode, mode),
        eq(named, code),
        isNull(gatewayProducts.deletedAt),
      ),
    )
    .orderBy(sql`${gatewayProducts.isActive} desc`, asc(gatewayProducts.ref))
    .limit(1);
  return row;
}

/** Who has these lookup keys at the gateway, as far as is known. */
export async function holdersOf(
  tx: Tx,
  { gateway, mode }: Place,
  lookupKeys: readonly string[],
): Promise<{ lookupKey: string | null; ref: string; soldId: string | null }[]> {
  return tx
    .select({
      lookupKey: gatewayPrices.lookupKey,
      ref: gatewayPrices.ref,
      soldId: sql<string | null>`coalesce(${gatewayPrices.planId}, ${gatewayPrices.productId})`,
    })
    .from(gatewayPrices)
    .where(
      and(
        eq(gatewayPrices.gateway, gateway),
        eq(gatewayPrices.mode, mode),
        inArray(gatewayPrices.lookupKey, [...lookupKeys]),
        isNull(gatewayPrices.deletedAt),
      ),
    );
}
