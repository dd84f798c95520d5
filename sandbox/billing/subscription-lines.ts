import type Stripe from "stripe";
import type { World } from "../state/world.ts";
import type { LineDraft } from "./lines.ts";
import { type Period, shareOf } from "./period.ts";
import { amountOf, oneTimePrice, productOf } from "./subscription-items.ts";
import { recurringOf } from "./subscription-object.ts";
import type { ExtraItem } from "./subscription-terms.ts";
import { ownRates, ratesNamed } from "./tax-rates.ts";

type Item = Stripe.SubscriptionItem;

/** What a period of each item costs; its share, where the period is a part of a whole one. */
export function periodLines(
  world: World,
  items: readonly Item[],
  period: Period,
  whole = period.end - period.start,
): LineDraft[] {
  const part = period.end - period.start;
  return items.map((item) => ({
    ...lineOf(item, period),
    amount: shareOf(amountOf(item.price, item.quantity ?? 1), part, whole),
    description: `${countOf(world, item)} (at ${ratedAt(item.price)})`,
  }));
}

/** What a trial costs: nothing, said item by item. */
export function trialLines(world: World, items: readonly Item[], period: Period): LineDraft[] {
  return items.map((item) => ({
    ...lineOf(item, period),
    amount: 0,
    description: `Trial period for ${nameOf(world, item.price)}`,
  }));
}

export function lineOf(item: Item, period: Period): Omit<LineDraft, "amount" | "description"> {
  return {
    currency: item.price.currency,
    quantity: item.quantity ?? 1,
    period,
    price: item.price,
    subscription: item.subscription,
    subscriptionItem: item.id,
    proration: false,
    discountable: true,
    metadata: item.metadata,
    taxRates: ownRates(item.tax_rates),
  };
}

/** One-time prices that come with a subscription. */
export function extraLines(
  world: World,
  subscription: string,
  extras: readonly ExtraItem[],
  at: number,
): LineDraft[] {
  return extras.map((extra, place) => {
    const price = oneTimePrice(world, extra, `add_invoice_items[${place}]`);
    const quantity = extra.quantity ?? 1;
    return {
      amount: amountOf(price, quantity),
      currency: price.currency,
      description: nameOf(world, price),
      quantity,
      period: { start: at, end: at },
      price,
      subscription,
      proration: false,
      discountable: extra.discountable ?? true,
      taxRates: ownRates(
        ratesNamed(world, extra.tax_rates, `add_invoice_items[${place}][tax_rates]`),
      ),
    };
  });
}

export function countOf(world: World, { price, quantity = 1 }: Item): string {
  return `${quantity} × ${nameOf(world, price)}`;
}

export function nameOf(world: World, price: Stripe.Price): string {
  return world.get("product", productOf(price))?.name ?? price.nickname ?? price.id;
}

function ratedAt(price: Stripe.Price): string {
  const { interval, interval_count } = recurringOf(price);
  const { digits, format } = moneyIn(price.currency);
  const amount = format.format((price.unit_amount ?? 0) / 10 ** digits);
  return interval_count === 1
    ? `${amount} / ${interval}`
    : `${amount} / every ${interval_count} ${interval}s`;
}

type Money = { readonly digits: number; readonly format: Intl.NumberFormat };

/** Making one takes longer than all else about a line. */
const known = new Map<string, Money>();

function moneyIn(currency: string): Money {
  const there = known.get(currency);
  if (there) return there;
  const plain = new Intl.NumberFormat("en-US", { style: "currency", currency });
  const digits = plain.resolvedOptions().maximumFractionDigits ?? 2;
  const format = new Intl.NumberFormat("en-US", {
    style: "currency",
    currency,
    minimumFractionDigits: digits,
    maximumFractionDigits: Math.max(digits, 2),
  });
  const made = { digits, format };
  known.set(currency, made);
  return made;
}
