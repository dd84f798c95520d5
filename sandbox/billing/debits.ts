import type Stripe from "stripe";
import { idOf } from "../state/reference.ts";
import type { World } from "../state/world.ts";
import { type Credited, invoiceItemOf, netOfLine } from "./lines.ts";
import { ownRates } from "./tax-rates.ts";
import { isPaid, rateOf } from "./taxes.ts";

/** What a customer was debited for a subscription item and has not been given back. */
export type Debit = {
  /** The line, or the pending invoice item, that debited it. */
  readonly lineId: string;
  /** Null while the debit is a pending invoice item. */
  readonly invoice: string | null;
  /** To be put into the `credits` of the line that gives it back. */
  readonly credits: Credited;
  /** After discounts, before taxes that are added. */
  readonly amountNet: number;
  readonly currency: string;
  readonly period: { readonly start: number; readonly end: number };
  readonly quantity: number | null;
  /** The price's id. */
  readonly price: string | null;
  /** The rates that it was taxed by; left out while its invoice's are not known. */
  readonly taxRates?: readonly string[] | undefined;
};

/**
 * What was debited for a subscription item, in invoices that are or will be due and in pending items, less
 * what was credited since, be the credit itself still pending. With its customer it is found sooner.
 */
export function debitsOf(
  world: World,
  subscriptionItemId: string,
  customer?: string,
): readonly Debit[] {
  const credited = creditedIds(world, customer);
  const debits = [
    ...invoicedDebits(world, subscriptionItemId, customer),
    ...pendingDebits(world, subscriptionItemId, customer),
  ];
  return debits.filter(({ names }) => !names.some((name) => credited.has(name))).map(toDebit);
}

type Named = Debit & { readonly names: readonly string[] };

function toDebit({ names: _, ...debit }: Named): Debit {
  return debit;
}

function invoicedDebits(world: World, subscriptionItemId: string, customer?: string): Named[] {
  return world
    .of("invoice", "customer", customer)
    .filter(({ status }) => status !== "void")
    .flatMap(({ id, lines, ...invoice }) =>
      lines.data
        .filter((line) => line.amount > 0 && subscriptionItemOf(line) === subscriptionItemId)
        .filter((line) => invoice.status !== "draft" || isComing(invoice, line))
        .map((line) => ({
          lineId: line.id,
          invoice: id,
          credits: { invoice: id, lines: [line.id] },
          amountNet: netOfLine(line),
          currency: line.currency,
          period: line.period,
          quantity: line.quantity,
          price: idOf(line.pricing?.price_details?.price) ?? null,
          taxRates: (line.taxes ?? []).filter(isPaid).map(rateOf),
          names: [line.id, invoiceItemOf(line) ?? line.id],
        })),
    );
}

/** A renewal's own line is owed before its draft is final; its invoice items count as pending until then. */
function isComing(draft: Pick<Stripe.Invoice, "auto_advance">, line: Stripe.InvoiceLineItem) {
  return draft.auto_advance && invoiceItemOf(line) === null;
}

function pendingDebits(world: World, subscriptionItemId: string, customer?: string): Named[] {
  return world
    .of("invoiceitem", "customer", customer)
    .filter(
      (item) =>
        item.amount > 0 &&
        isNotDemanded(world, item) &&
        item.parent?.subscription_details?.subscription_item === subscriptionItemId,
    )
    .map((item) => ({
      lineId: item.id,
      invoice: null,
      credits: { invoiceItem: item.id },
      amountNet: item.amount,
      currency: item.currency,
      period: item.period,
      quantity: item.quantity,
      price: idOf(item.pricing?.price_details?.price) ?? null,
      taxRates: ownRates(item.tax_rates),
      names: [item.id],
    }));
}

/** Pending, or on a draft that nobody has to pay yet. */
function isNotDemanded(world: World, item: Stripe.InvoiceItem): boolean {
  const invoice = idOf(item.invoice);
  return invoice === undefined || world.get("invoice", invoice)?.status === "draft";
}

function subscriptionItemOf({ parent }: Stripe.InvoiceLineItem): string | undefined {
  return parent?.subscription_item_details?.subscription_item;
}

/** The lines and items that some invoice item gives back. */
function creditedIds(world: World, customer?: string): ReadonlySet<string> {
  return new Set(
    world
      .of("invoiceitem", "customer", customer)
      .filter(({ invoice }) => world.get("invoice", idOf(invoice) ?? "")?.status !== "void")
      .flatMap(({ proration_details }) => {
        const credited = proration_details?.credited_items;
        return [
          ...(credited?.invoice_line_item_details?.invoice_line_items ?? []),
          ...(credited?.invoice_item === undefined ? [] : [credited.invoice_item]),
        ];
      }),
  );
}
