import type Stripe from "stripe";
import { draftInvoice } from "../billing/invoice.ts";
import type { LineDraft } from "../billing/lines.ts";
import { ratesNamed } from "../billing/tax-rates.ts";
import { invalid, notModelled } from "../protocol/errors.ts";
import { makePrice } from "../resources/price-maker.ts";
import { makeProduct } from "../resources/product-maker.ts";
import type { World } from "../state/world.ts";
import type { LineItemParams, SessionParams } from "./params.ts";
import type { CheckoutPlan, PlanItem } from "./plan.ts";

/** The things to be bought, checked against the session's mode; prices given in place are made. */
export function itemsFrom(world: World, given: SessionParams): readonly PlanItem[] {
  const asked = given.line_items ?? [];
  if (given.mode === "setup") {
    if (asked.length > 0) throw invalid("You can not pass `line_items` in `setup` mode.");
    return [];
  }
  if (asked.length === 0) {
    throw invalid(`\`line_items\` is required in \`${given.mode}\` mode.`, { param: "line_items" });
  }
  const items = asked.map((item, place) => itemFrom(world, item, `line_items[${place}]`));
  const prices = items.map((item) => priceOf(world, item));
  checkMode(given.mode, prices);
  const currencies = new Set(prices.map((price) => price.currency));
  if (given.currency) currencies.add(given.currency);
  if (currencies.size > 1) {
    throw invalid("All prices of a Checkout Session must have the same currency.", {
      param: "line_items",
    });
  }
  return items;
}

function itemFrom(world: World, item: LineItemParams, param: string): PlanItem {
  if ((item.price === undefined) === (item.price_data === undefined)) {
    throw invalid(`You must specify either \`price\` or \`price_data\` in \`${param}\`.`, {
      param,
    });
  }
  if (item.quantity === undefined || item.quantity < 1) {
    throw invalid(`Quantity is required. Add \`quantity\` to \`${param}\``, {
      param: `${param}[quantity]`,
    });
  }
  const price = item.price ? existing(world, item.price, param) : inline(world, item, param);
  if (price.billing_scheme !== "per_unit" || price.unit_amount === null) {
    throw notModelled("checkout of prices that are not whole amounts per unit", `${param}[price]`);
  }
  return {
    id: world.newId("li"),
    price: price.id,
    quantity: item.quantity,
    metadata: item.metadata ?? {},
    taxRates: ratesNamed(world, item.tax_rates, `${param}[tax_rates]`).map(({ id: rate }) => rate),
  };
}

function existing(world: World, id: string, param: string): Stripe.Price {
  const price = world.get("price", id);
  if (!price) {
    throw invalid(`No such price: '${id}'`, { code: "resource_missing", param: `${param}[price]` });
  }
  if (price.active) return price;
  throw invalid("The price specified is inactive. This field only accepts active prices.", {
    param: `${param}[price]`,
  });
}

/** A price for this session only: it can be used nowhere else, so it is not active. */
function inline(world: World, { price_data: data }: LineItemParams, param: string): Stripe.Price {
  if (!data) throw invalid("You must specify a price.", { param });
  if ((data.product === undefined) === (data.product_data === undefined)) {
    throw invalid("You must specify either `product` or `product_data`.", {
      param: `${param}[price_data]`,
    });
  }
  const { product_data: described, product, ...draft } = data;
  if (product !== undefined && !world.get("product", product)) {
    throw invalid(`No such product: '${product}'`, {
      code: "resource_missing",
      param: `${param}[price_data][product]`,
    });
  }
  const id = described ? makeProduct(world, described).id : (product ?? "");
  return makePrice(world, { ...draft, product: id, active: false });
}

function checkMode(mode: string, prices: readonly Stripe.Price[]): void {
  const hasRecurring = prices.some((price) => price.type === "recurring");
  if (mode === "payment" && hasRecurring) {
    throw invalid(
      "You specified `payment` mode but passed a recurring price. Either switch to `subscription` mode or use only one-time prices.",
    );
  }
  if (mode === "subscription" && !hasRecurring) {
    throw invalid(
      "You must provide at least one recurring price in `subscription` mode when using prices.",
    );
  }
}

/** The price of an item; it is there as long as its session is. */
export function priceOf(world: World, item: PlanItem): Stripe.Price {
  const price = world.get("price", item.price);
  if (!price) throw new Error(`a session's price is gone: ${item.price}`);
  return price;
}

/** What is bought, in words. */
export function nameOf(world: World, price: Stripe.Price): string {
  const product = typeof price.product === "string" ? world.get("product", price.product) : null;
  return product?.name ?? price.nickname ?? price.id;
}

/** What each line costs today, before discounts and taxes. */
export function grossOf(world: World, plan: CheckoutPlan): readonly number[] {
  return plan.items.map((item) => {
    const price = priceOf(world, item);
    return isFreeToday(plan, price) ? 0 : (price.unit_amount ?? 0) * item.quantity;
  });
}

function isFreeToday(plan: CheckoutPlan, price: Stripe.Price): boolean {
  return hasTrial(plan) && price.type === "recurring";
}

export function hasTrial({ given }: Pick<CheckoutPlan, "given">): boolean {
  const data = given.subscription_data;
  return data?.trial_end !== undefined || data?.trial_period_days !== undefined;
}

/** The discounts that a session gives, as its caller or its customer named them. */
export function discountsGiven(plan: CheckoutPlan) {
  const entered = plan.promotionCode ? [{ promotion_code: plan.promotionCode }] : [];
  return [...(plan.given.discounts ?? []), ...entered];
}

/** A draft of what is bought, for a one-time purchase with an invoice and for reckoning what a session costs. */
export function invoiceDraftOf(
  world: World,
  plan: CheckoutPlan,
  customer: string,
  discounts: readonly string[],
): Stripe.Invoice {
  const gross = grossOf(world, plan);
  const clock = world.get("customer", customer)?.test_clock ?? null;
  const now = world.now(typeof clock === "string" ? clock : null);
  const rates = plan.given.subscription_data?.default_tax_rates;
  const lines = plan.items.map((item, place): LineDraft => {
    const price = priceOf(world, item);
    return {
      amount: gross[place] ?? 0,
      currency: price.currency,
      description: nameOf(world, price),
      quantity: item.quantity,
      period: { start: now, end: now },
      price,
      proration: false,
      discountable: true,
      taxRates: item.taxRates.length > 0 ? item.taxRates : undefined,
    };
  });
  return draftInvoice(world, {
    customer,
    currency: lines[0]?.currency ?? "usd",
    billingReason: "manual",
    lines,
    periodStart: now,
    periodEnd: now,
    discounts,
    defaultTaxRates: ratesNamed(world, rates, "subscription_data[default_tax_rates]"),
    hasAutomaticTax: plan.given.automatic_tax?.enabled,
    metadata: plan.given.invoice_creation?.invoice_data?.metadata ?? {},
    autoAdvance: false,
    finalizesAt: null,
    withPendingItems: "none",
  });
}
