import type Stripe from "stripe";
import { decimal } from "../state/decimal.ts";
import { idOf } from "../state/reference.ts";
import type { World } from "../state/world.ts";
import type { Applied } from "./discount-shares.ts";
import { ratesFor } from "./tax-rates.ts";
import { type Exemption, rateOf, taxesOn } from "./taxes.ts";

/** What is to be billed, before it is a line of some invoice. Amounts of prorations are net of discounts. */
export type LineDraft = {
  readonly amount: number;
  readonly currency: string;
  readonly description: string | null;
  readonly quantity: number | null;
  readonly period: { readonly start: number; readonly end: number };
  readonly price?: Stripe.Price | undefined;
  readonly subscription?: string | undefined;
  readonly subscriptionItem?: string | undefined;
  readonly invoiceItem?: string | undefined;
  readonly proration: boolean;
  /** What a credit gives back: lines of one invoice, or an item that is still pending. */
  readonly credits?: Credited | undefined;
  readonly discountable: boolean;
  /** Discounts of this line alone, by id. */
  readonly discounts?: readonly string[] | undefined;
  readonly metadata?: Readonly<Record<string, string>> | undefined;
  /** Tax rates of this line alone, by id; none at all where it is empty. Left out: its invoice's. */
  readonly taxRates?: readonly string[] | undefined;
};

export type Credited =
  | { readonly invoice: string; readonly lines: readonly string[] }
  | { readonly invoiceItem: string };

/** A line of an invoice. What discounts take from it, and so its taxes, is known only with the whole invoice. */
export function newLine(
  world: World,
  invoice: Stripe.Invoice,
  draft: LineDraft,
): Stripe.InvoiceLineItem {
  return {
    id: world.newId("il"),
    object: "line_item",
    amount: draft.amount,
    currency: draft.currency,
    description: draft.description,
    discount_amounts: [],
    discountable: draft.discountable,
    discounts: [...(draft.discounts ?? [])],
    invoice: invoice.id,
    livemode: false,
    metadata: { ...draft.metadata },
    parent: parentOf(draft),
    period: { ...draft.period },
    pretax_credit_amounts: [],
    pricing: pricingOf(draft),
    quantity: draft.quantity,
    quantity_decimal: draft.quantity === null ? null : decimal(draft.quantity),
    subscription: draft.subscription ?? null,
    subtotal: draft.amount,
    taxes: taxesOn(
      draft.amount,
      ratesFor(world, invoice, draft),
      creditedLines(draft) ? "none" : invoice.customer_tax_exempt,
    ),
  } satisfies Stripe.InvoiceLineItem;
}

function parentOf(draft: LineDraft): Stripe.InvoiceLineItem.Parent {
  const shared = {
    proration: draft.proration,
    proration_details: draft.proration ? { credited_items: creditedLines(draft) } : null,
    subscription: draft.subscription ?? null,
  };
  if (draft.subscriptionItem !== undefined) {
    return {
      invoice_item_details: null,
      subscription_item_details: {
        ...shared,
        invoice_item: draft.invoiceItem ?? null,
        subscription_item: draft.subscriptionItem,
      },
      type: "subscription_item_details",
    };
  }
  return {
    invoice_item_details: { ...shared, invoice_item: draft.invoiceItem ?? "" },
    subscription_item_details: null,
    type: "invoice_item_details",
  };
}

function creditedLines({ credits }: LineDraft) {
  return credits && "invoice" in credits
    ? { invoice: credits.invoice, invoice_line_items: [...credits.lines] }
    : null;
}

/** What was asked for one: the price's own amount, or what the amount and the quantity come to. */
export function pricingOf(draft: Pick<LineDraft, "amount" | "price" | "quantity">) {
  const { amount, price, quantity } = draft;
  if (!price) {
    const each = amount / (quantity || 1);
    return {
      type: "price_details" as const,
      unit_amount_decimal: decimal(Number(each.toFixed(12))),
    };
  }
  return {
    price_details: { price: price.id, product: idOf(price.product) },
    type: "price_details" as const,
    unit_amount_decimal: price.unit_amount_decimal,
  };
}

/** The line with what discounts take from it. */
export function withDiscounts(
  line: Stripe.InvoiceLineItem,
  taken: readonly Applied[],
): Stripe.InvoiceLineItem {
  return {
    ...line,
    discount_amounts: taken.map(({ amount, discount }) => ({ amount, discount })),
    pretax_credit_amounts: taken.map(({ amount, discount }) => ({
      amount,
      discount,
      type: "discount" as const,
    })),
  };
}

/** The line with the taxes of its rates on what discounts left of it. */
export function withTaxes(
  world: World,
  line: Stripe.InvoiceLineItem,
  exempt: Exemption,
): Stripe.InvoiceLineItem {
  const rates = ratesOf(world, line);
  return { ...line, taxes: taxesOn(netOfLine(line), rates, exemptionOf(line, exempt)) };
}

/** Whoever pays no tax now is given back what was paid before all the same. */
export function exemptionOf({ parent }: Stripe.InvoiceLineItem, exempt: Exemption): Exemption {
  const details = parent?.subscription_item_details ?? parent?.invoice_item_details;
  return details?.proration_details?.credited_items ? "none" : exempt;
}

/** The rates that a line is taxed by. */
export function ratesOf(world: World, { taxes }: Stripe.InvoiceLineItem): Stripe.TaxRate[] {
  return (taxes ?? []).flatMap((tax) => world.get("tax_rate", rateOf(tax)) ?? []);
}

/** What a line comes to after discounts, before taxes that are added. */
export function netOfLine(line: Stripe.InvoiceLineItem): number {
  return (line.discount_amounts ?? []).reduce((left, { amount }) => left - amount, line.amount);
}

export function productOf(line: Stripe.InvoiceLineItem): string | null {
  return line.pricing?.price_details?.product ?? null;
}

/** The invoice item that a line came from. */
export function invoiceItemOf({ parent }: Stripe.InvoiceLineItem): string | null {
  return (
    parent?.subscription_item_details?.invoice_item ??
    parent?.invoice_item_details?.invoice_item ??
    null
  );
}
