import type { Tx } from "#db/client.ts";
import { revisionOf } from "../asking/intention.ts";
import { type Place, settledCount } from "../asking/store.ts";
import type { Seller } from "../subscribing/choice.ts";
import type { Market } from "../subscribing/store.ts";
import { blockersOf, type ProductOffer } from "./rules.ts";
import { lastOrder, type OrderRow, offeredProduct } from "./store.ts";

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

export async function productChoice(
  tx: Tx,
  organizationId: string,
  seller: Seller,
  wish: ProductWish,
): Promise<ProductChoice> {
  const { productId } = wish;
  const offer = await offeredProduct(tx, seller, wish);
  const last = await lastOrder(tx, seller, { organizationId, productId });
  const settled = await settledCount(tx, placeOf(organizationId, productId, seller));
  return {
    offer,
    last,
    blockers: blockersOf({ offer, quantity: wish.quantity, gatewayTitle: seller.title }),
    revision: revisionOf(
      {
        priceRef: offer.priceRef ?? null,
        amountMinor: offer.amountMinor ?? null,
        last: last ? [last.id, last.state] : null,
      },
      settled,
    ),
  };
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
