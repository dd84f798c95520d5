import type Stripe from "stripe";
import { sum } from "../billing/discount-shares.ts";
import { discountsFrom } from "../billing/discounts.ts";
import { addedBy, includedIn } from "../billing/taxes.ts";
import { emit } from "../events/emit.ts";
import { embedded, type Page } from "../protocol/list.ts";
import { addressFrom } from "../resources/address.ts";
import { createCustomer } from "../resources/customers.ts";
import type { World } from "../state/world.ts";
import { discountsGiven, grossOf, invoiceDraftOf, nameOf, priceOf } from "./items.ts";
import type { CheckoutPlan } from "./plan.ts";

/** What a session costs, as its customer sees it. */
export type Totals = {
  readonly currency: string;
  readonly lines: readonly Stripe.LineItem[];
  readonly subtotal: number;
  readonly discount: number;
  /** All of it, be it added or included. */
  readonly tax: number;
  readonly total: number;
};

/**
 * What is owed today: nothing for what a trial gives away. Discounts and taxes come out as they will on
 * the invoice, because such an invoice is made and forgotten.
 */
export function totalsOf(world: World, plan: CheckoutPlan): Totals {
  if (plan.bought) return summed(plan.bought);
  const gross = grossOf(world, plan);
  const reckoned = reckon(world, plan, gross);
  const lines = plan.items.map((item, place): Stripe.LineItem => {
    const price = priceOf(world, item);
    const amount = gross[place] ?? 0;
    const { off, added, included } = reckoned[place] ?? { off: 0, added: 0, included: 0 };
    return {
      id: item.id,
      object: "item",
      adjustable_quantity: null,
      amount_discount: off,
      amount_subtotal: amount,
      amount_tax: added + included,
      amount_total: amount - off + added,
      currency: price.currency,
      description: nameOf(world, price),
      metadata: item.metadata,
      price,
      quantity: item.quantity,
    };
  });
  return summed(lines);
}

function summed(lines: readonly Stripe.LineItem[]): Totals {
  return {
    currency: lines[0]?.currency ?? "usd",
    lines,
    subtotal: sum(lines.map((line) => line.amount_subtotal)),
    discount: sum(lines.map((line) => line.amount_discount)),
    tax: sum(lines.map((line) => line.amount_tax)),
    total: sum(lines.map((line) => line.amount_total)),
  };
}

/** What the session itself says of its totals. */
export function amountsIn({ subtotal, discount, tax, total }: Totals) {
  return {
    amount_subtotal: subtotal,
    amount_total: total,
    total_details: { amount_discount: discount, amount_shipping: 0, amount_tax: tax },
  } satisfies Partial<Stripe.Checkout.Session>;
}

/** What discounts take from each line, and what taxes add to it or have in it. */
function reckon(world: World, plan: CheckoutPlan, gross: readonly number[]) {
  const given = discountsGiven(plan);
  const isPlain = given.length === 0 && !isTaxed(plan);
  if (isPlain || gross.every((amount) => amount === 0)) return [];
  return world.rehearse(() => {
    const customer = plan.given.customer ?? createCustomer(world, {}).id;
    locate(world, plan, customer);
    const discounts = discountsFrom(world, given, { customer, checkoutSession: plan.id });
    const invoice = invoiceDraftOf(world, plan, customer, discounts);
    // What is bought comes as invoice items, of which the newest is listed first.
    return invoice.lines.data.toReversed().map(({ discount_amounts, taxes }) => ({
      off: sum((discount_amounts ?? []).map(({ amount }) => amount)),
      added: addedBy(taxes ?? []),
      included: includedIn(taxes ?? []),
    }));
  });
}

function isTaxed({ given, items }: CheckoutPlan): boolean {
  const { automatic_tax, subscription_data } = given;
  const all = [
    ...(subscription_data?.default_tax_rates ?? []),
    ...items.flatMap((item) => item.taxRates),
  ];
  return automatic_tax?.enabled === true || all.length > 0;
}

/** Keeps the country that was said on the page: tax is worked out by it, now and on later invoices. */
export function locate(world: World, { country }: CheckoutPlan, customerId: string): void {
  const before = world.get("customer", customerId);
  if (!before || country === null || before.address?.country === country) return;
  const address = { ...addressFrom({}), country };
  const customer = world.put("customer", { ...before, address });
  emit(world, "customer.updated", customer, { before });
}

/** Where the customer is, as far as the session knows; null where tax cannot be worked out yet. */
export function countryOf(world: World, { country, given }: CheckoutPlan): string | null {
  return country ?? world.get("customer", given.customer ?? "")?.address?.country ?? null;
}

/** How far the tax of a session is known. */
export function automaticTaxIn(
  world: World,
  plan: CheckoutPlan,
): Stripe.Checkout.Session["automatic_tax"] {
  if (!plan.given.automatic_tax?.enabled) {
    return { enabled: false, liability: null, provider: null, status: null };
  }
  const status = countryOf(world, plan) === null ? "requires_location_inputs" : "complete";
  return { enabled: true, liability: { type: "self" }, provider: "stripe", status };
}

/** The list of a session's line items, as `expand` and its own address answer it. */
export function lineItemsOf(world: World, session: Stripe.Checkout.Session): Page<Stripe.LineItem> {
  const plan = world.get("checkout_plan", session.id);
  const lines = plan ? [...totalsOf(world, plan).lines] : [];
  return embedded(`/v1/checkout/sessions/${session.id}/line_items`, lines);
}
