import type { gatewayPrices, gatewayProducts } from "#db/schema/catalogue.ts";
import type { Change } from "#db/schema/inbox.ts";
import type { PriceSnapshot, ProductSnapshot } from "../gateways/gateway.ts";
import { formatMoney } from "../money.ts";

/** What is held of a gateway's catalogue, from what it tells; and what is new of it, in words. */

/** A gateway's price as it is held, without whose it is. */
export type PriceFacts = Omit<
  typeof gatewayPrices.$inferSelect,
  "gateway" | "mode" | "ref" | "planId" | "productId" | "mappedAt" | "firstSeenAt"
>;
export type ProductFacts = Omit<typeof gatewayProducts.$inferSelect, "gateway" | "mode" | "ref">;

export function priceFacts(told: PriceSnapshot): PriceFacts {
  return {
    productRef: told.productRef,
    currency: told.currency.toUpperCase(),
    amountMinor: told.amountMinor,
    interval: told.interval,
    intervalCount: told.intervalCount,
    isActive: told.isActive,
    lookupKey: told.lookupKey,
    nickname: told.nickname,
    planCode: told.planCode,
    productCode: told.productCode,
    deletedAt: null,
  };
}

export function gonePrice(held: PriceFacts | undefined): PriceFacts {
  return {
    productRef: held?.productRef ?? null,
    currency: held?.currency ?? null,
    amountMinor: held?.amountMinor ?? null,
    interval: held?.interval ?? null,
    intervalCount: held?.intervalCount ?? null,
    isActive: false,
    lookupKey: held?.lookupKey ?? null,
    nickname: held?.nickname ?? null,
    planCode: held?.planCode ?? null,
    productCode: held?.productCode ?? null,
    deletedAt: held?.deletedAt ?? new Date(),
  };
}

export function productFacts(told: ProductSnapshot): ProductFacts {
  const { name, description, isActive, planCode, productCode } = told;
  return { name, description, isActive, planCode, productCode, deletedAt: null };
}

export function goneProduct(ref: string, held: ProductFacts | undefined): ProductFacts {
  return {
    name: held?.name ?? ref,
    description: held?.description ?? null,
    isActive: false,
    planCode: held?.planCode ?? null,
    productCode: held?.productCode ?? null,
    deletedAt: held?.deletedAt ?? new Date(),
  };
}

type Words = Record<string, string | null>;

export function priceWords(price: PriceFacts): Words {
  const { amountMinor, currency, interval, intervalCount } = price;
  const isMoney = amountMinor !== null && /^[A-Z]{3}$/.test(currency ?? "");
  return {
    amount: isMoney && currency ? formatMoney({ amountMinor, currency }) : currency,
    period: interval && ((intervalCount ?? 1) > 1 ? `${intervalCount} ${interval}s` : interval),
    product: price.productRef,
    "lookup key": price.lookupKey,
    nickname: price.nickname,
    "names the plan": price.planCode,
    "names the one-time product": price.productCode,
    "on sale": yesOrNo(price.isActive),
    "deleted at the gateway": price.deletedAt ? "yes" : null,
  };
}

export function productWords(product: ProductFacts): Words {
  return {
    name: product.name,
    description: product.description,
    "names the plan": product.planCode,
    "names the one-time product": product.productCode,
    "on sale": yesOrNo(product.isActive),
    "deleted at the gateway": product.deletedAt ? "yes" : null,
  };
}

function yesOrNo(value: boolean | null): string | null {
  if (value === null) return null;
  return value ? "yes" : "no";
}

export function wordsChanged(record: string, held: Words | undefined, told: Words): Change[] {
  return Object.entries(told).flatMap(([field, after]) => {
    const before = held?.[field] ?? null;
    return before === after ? [] : [{ record, field, before, after }];
  });
}
