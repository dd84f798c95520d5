import type { Tx } from "#db/client.ts";
import { AppError } from "../../errors.ts";
import { revisionOf } from "../asking/intention.ts";
import { type Place, settledCount, settledCounts } from "../asking/store.ts";
import type { Seller } from "../subscribing/choice.ts";
import type { Market } from "../subscribing/store.ts";
import { blockersOf, type ProductOffer } from "./rules.ts";
import { lastOrders, type OrderRow, offeredProducts } from "./store.ts";

/** What somebody would like to buy. */
export type ProductWish = {
  readonly productId: string;
  readonly currency: string;
  readonly quantity: number;
};

/** A wish with everything that decides whether it can be granted, as of one moment. */
export type ProductChoice = {
  readonly offer: ProductOffer;
  readonly blockers: readonly string[];
  /** The order of this product before. */
  readonly last: OrderRow | undefined;
  /** Of what is shown: a wish that is made of something else is not granted. */
  readonly revision: string;
};

/** A wish as it stands now, or `not_found`. */
export async function productChoice(
  tx: Tx,
  organizationId: string,
  seller: Seller,
  { productId, currency, quantity }: ProductWish,
): Promise<ProductChoice> {
  const wishes = { productIds: [productId], currency, quantity };
  const [choice] = await productChoices(tx, organizationId, seller, wishes);
  if (!choice) throw new AppError("not_found", "There is no such product.");
  return choice;
}

/** So many of each of these products as it stands now: as many looks for many as for one. */
export async function productChoices(
  tx: Tx,
  organizationId: string,
  seller: Seller,
  wishes: { productIds: readonly string[]; currency: string; quantity: number },
): Promise<ProductChoice[]> {
  const { productIds, currency, quantity } = wishes;
  const offers = await offeredProducts(tx, seller, { productIds, currency });
  const before = await lastOrders(tx, seller, { organizationId, productIds });
  const objectOf = (productId: string) => placeOf(organizationId, productId, seller).object;
  const settled = await settledCounts(tx, seller, productIds.map(objectOf));
  return productIds.flatMap((productId) => {
    const offer = offers.get(productId);
    if (!offer) return [];
    const last = before.get(productId);
    const blockers = blockersOf({ offer, quantity, gatewayTitle: seller.title });
    const shown = {
      priceRef: offer.priceRef ?? null,
      amountMinor: offer.amountMinor ?? null,
      last: last ? [last.id, last.state] : null,
    };
    const revision = revisionOf(shown, settled.get(objectOf(productId)) ?? 0);
    return [{ offer, last, blockers, revision }];
  });
}

/** The revision of an order as its page shows it. */
export async function orderRevision(tx: Tx, order: OrderRow): Promise<string> {
  const { id, state, page, organizationId, productId } = order;
  const settled = await settledCount(tx, placeOf(organizationId, productId, order));
  return revisionOf({ id, state, page }, settled);
}

/** What orders of one product by one organization are filed under: one page at a time. */
export function placeOf(
  organizationId: string,
  productId: string,
  { gateway, mode }: Market,
): Place {
  return { gateway, mode, object: `order:${organizationId}:${productId}` };
}
