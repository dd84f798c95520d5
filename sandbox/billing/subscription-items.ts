import type Stripe from "stripe";
import { invalid, missing, notModelled } from "../protocol/errors.ts";
import { mergeMetadata } from "../protocol/params.ts";
import { makePrice } from "../resources/price-maker.ts";
import { idOf } from "../state/reference.ts";
import type { World } from "../state/world.ts";
import { isSameInterval, type Period } from "./period.ts";
import { itemObject, planOf, recurringOf } from "./subscription-object.ts";
import type { ExtraItem, ItemChange, NewItem } from "./subscription-terms.ts";
import { changedRates, ratesNamed } from "./tax-rates.ts";

/** One item before a change and after it; without `before` it is new, without `after` it is gone. */
export type ChangedItem = {
  readonly before?: Stripe.SubscriptionItem | undefined;
  readonly after?: Stripe.SubscriptionItem | undefined;
};

type Home = { readonly subscription: string; readonly created: number; readonly period: Period };

export function newItem(
  world: World,
  given: NewItem,
  place: number,
  home: Home,
): Stripe.SubscriptionItem {
  return itemObject({
    id: world.newId("si", 14),
    created: home.created,
    metadata: mergeMetadata({}, given.metadata),
    price: recurringPrice(world, given, `items[${place}]`),
    quantity: given.quantity ?? 1,
    subscription: home.subscription,
    period: home.period,
    tax_rates: ratesNamed(world, given.tax_rates, `items[${place}][tax_rates]`),
  });
}

/** The items after a change, and which of them it touches: a new price has the quantity 1 unless one is given. */
export function changedItems(
  world: World,
  before: readonly Stripe.SubscriptionItem[],
  changes: readonly ItemChange[],
  home: Home,
): readonly ChangedItem[] {
  const byId = new Map<string, ChangedItem>(
    before.map((item) => [item.id, { before: item, after: item }]),
  );
  const added: ChangedItem[] = [];
  for (const [place, change] of changes.entries()) {
    if (change.id === undefined) {
      refuseTwin(world, before, change, place);
      added.push({ after: newItem(world, change, place, home) });
      continue;
    }
    const item = byId.get(change.id)?.before;
    if (!item) throw missing("subscription_item", change.id, `items[${place}][id]`);
    const after = change.deleted ? undefined : changedItem(world, item, change, place);
    byId.set(item.id, { before: item, after });
  }
  const all = [...byId.values(), ...added];
  checkTogether(all.flatMap(({ after }) => after ?? []));
  return all;
}

function refuseTwin(
  world: World,
  before: readonly Stripe.SubscriptionItem[],
  change: ItemChange,
  place: number,
): void {
  const price = change.price && world.get("price", change.price);
  if (!price || !before.some((item) => item.price.id === price.id)) return;
  throw invalid(
    `Cannot add multiple subscription items with the same plan: \`${price.id}\`. Pass the item's \`id\` to change it.`,
    { param: `items[${place}][price]` },
  );
}

function changedItem(
  world: World,
  item: Stripe.SubscriptionItem,
  change: ItemChange,
  place: number,
): Stripe.SubscriptionItem {
  const isNamed = change.price !== undefined || change.price_data !== undefined;
  const price = isNamed ? recurringPrice(world, change, `items[${place}]`) : item.price;
  const isSame = price.id === item.price.id;
  checkCurrency(price, item.price.currency, `items[${place}][price]`);
  return {
    ...item,
    metadata: mergeMetadata(item.metadata, change.metadata),
    price: isSame ? item.price : price,
    plan: isSame ? item.plan : planOf(price),
    quantity: change.quantity ?? (isSame ? (item.quantity ?? 1) : 1),
    tax_rates: changedRates(world, item.tax_rates, change.tax_rates, `items[${place}][tax_rates]`),
  };
}

/** Refuses items that cannot be billed together. */
export function checkTogether(items: readonly Stripe.SubscriptionItem[]): void {
  const [first, ...others] = items;
  if (!first) throw invalid("A subscription must have at least one item.", { param: "items" });
  for (const { price } of others) {
    if (price.currency !== first.price.currency) {
      throw invalid("All prices on a subscription must have the same currency.", {
        param: "items",
      });
    }
    if (!isSameInterval(recurringOf(price), recurringOf(first.price))) {
      throw notModelled("subscriptions whose items recur at different intervals", "items");
    }
  }
}

/** A subscription is billed in one currency for ever. */
export function checkCurrency({ currency }: Stripe.Price, expected: string, param: string): void {
  if (currency === expected) return;
  throw invalid(
    `The price specified only supports \`${currency}\`. This doesn't match the expected currency: \`${expected}\`.`,
    { param },
  );
}

/** A price that may be on a subscription; one that is `held` there already may be archived. *From memory.* */
export function recurringPrice(
  world: World,
  given: NewItem,
  param: string,
  held: ReadonlySet<string> = new Set(),
): Stripe.Price {
  const price = priceOf(world, given, param, held);
  if (!price.recurring) {
    throw invalid(
      `The price specified is set to \`type=one_time\` but this field only accepts prices with \`type=recurring\`.`,
      { param: `${param}[price]` },
    );
  }
  return price;
}

/** A price that is billed once, on the next invoice. */
export function oneTimePrice(world: World, given: ExtraItem, param: string): Stripe.Price {
  const price = priceOf(world, given, param);
  if (price.recurring) {
    throw invalid(
      `The price specified is set to \`type=recurring\` but this field only accepts prices with \`type=one_time\`.`,
      { param: `${param}[price]` },
    );
  }
  return price;
}

function priceOf(
  world: World,
  given: NewItem | ExtraItem,
  param: string,
  held: ReadonlySet<string> = new Set(),
): Stripe.Price {
  if (given.price_data) return makePrice(world, { ...given.price_data, active: false });
  if (given.price === undefined) {
    throw invalid(`Missing required param: ${param}[price].`, {
      code: "parameter_missing",
      param: `${param}[price]`,
    });
  }
  const price = world.get("price", given.price);
  if (!price) throw missing("price", given.price, `${param}[price]`);
  if (!price.active && !held.has(price.id)) {
    throw invalid(`The price specified is inactive. This field only accepts active prices.`, {
      param: `${param}[price]`,
    });
  }
  if (price.billing_scheme !== "per_unit" || price.custom_unit_amount) {
    throw notModelled("tiered and custom prices on a subscription", `${param}[price]`);
  }
  return price;
}

export function amountOf(price: Stripe.Price, quantity: number): number {
  return (price.unit_amount ?? 0) * quantity;
}

export function productOf(price: Stripe.Price): string {
  return idOf(price.product);
}

export function sumOf(items: readonly Stripe.SubscriptionItem[]): number {
  return items.reduce((sum, { price, quantity }) => sum + amountOf(price, quantity ?? 1), 0);
}
