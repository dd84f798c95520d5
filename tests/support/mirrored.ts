import type { MirroredPrice } from "#lib/catalogue/mirrored-rules.ts";

type More = Partial<Omit<MirroredPrice, "product">> & {
  readonly product?: Partial<NonNullable<MirroredPrice["product"]>> | null;
};

/** A gateway's price of €29.00 a month, on sale, of a product called Pro or as the test says. */
export function mirrored({ product, ...more }: More = {}): MirroredPrice {
  return {
    ref: "price_1",
    productRef: "prod_1",
    product:
      product === null
        ? null
        : {
            name: "Pro",
            description: null,
            planCode: null,
            isActive: true,
            isShared: false,
            ...product,
          },
    currency: "EUR",
    amountMinor: 2900,
    interval: "month",
    intervalCount: 1,
    isActive: true,
    lookupKey: null,
    planCode: null,
    productCode: null,
    isDeleted: false,
    soldId: "pln_pro",
    subscriptions: 0,
    ...more,
  };
}
