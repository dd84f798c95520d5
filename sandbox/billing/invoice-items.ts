import type Stripe from "stripe";
import { clockOf, emit } from "../events/emit.ts";
import { decimal } from "../state/decimal.ts";
import { idOf } from "../state/reference.ts";
import type { World } from "../state/world.ts";
import { changeInvoice, draftOf, totalled } from "./invoice-object.ts";
import { invoiceItemOf, type LineDraft, newLine, pricingOf } from "./lines.ts";
import { ownRates } from "./tax-rates.ts";

/** Bills on the customer's next invoice, or on a given draft: prorations, and the operation's own items. */
export function addInvoiceItem(
  world: World,
  { customer, line, invoice }: { customer: string; line: LineDraft; invoice?: string | undefined },
): Stripe.InvoiceItem {
  const draft = invoice === undefined ? undefined : draftOf(world, invoice);
  const item = world.put("invoiceitem", newItem(world, customer, line));
  emit(world, "invoiceitem.created", item);
  if (!draft) return item;
  const lines = [...draft.lines.data, newLine(world, draft, draftOfItem(world, item))];
  changeInvoice(world, draft, totalled(world, draft, lines));
  return world.put("invoiceitem", { ...item, invoice: draft.id });
}

function newItem(world: World, customer: string, line: LineDraft): Stripe.InvoiceItem {
  const clock = clockOf(world, { customer });
  return {
    id: world.newId("ii"),
    object: "invoiceitem",
    amount: line.amount,
    currency: line.currency,
    customer,
    customer_account: null,
    date: world.now(clock),
    description: line.description,
    discountable: line.discountable,
    discounts: [...(line.discounts ?? [])],
    invoice: null,
    livemode: false,
    metadata: { ...line.metadata },
    ...(line.discountable ? {} : { net_amount: line.amount }),
    parent: parentOf(line),
    period: { ...line.period },
    pricing: pricingOf(line),
    proration: line.proration,
    ...(line.proration
      ? { proration_details: { credited_items: creditedBy(line), discount_amounts: [] } }
      : {}),
    quantity: line.quantity ?? 1,
    quantity_decimal: decimal(line.quantity ?? 1),
    tax_rates: (line.taxRates ?? []).flatMap((id) => world.get("tax_rate", id) ?? []),
    test_clock: clock,
  } satisfies Stripe.InvoiceItem;
}

function parentOf({ subscription, subscriptionItem }: LineDraft): Stripe.InvoiceItem.Parent | null {
  if (subscription === undefined) return null;
  return {
    subscription_details: {
      subscription,
      ...(subscriptionItem === undefined ? {} : { subscription_item: subscriptionItem }),
    },
    type: "subscription_details",
  };
}

function creditedBy({
  credits,
}: LineDraft): Stripe.InvoiceItem.ProrationDetails.CreditedItems | null {
  if (!credits) return null;
  if ("invoiceItem" in credits) return { invoice_item: credits.invoiceItem, type: "invoice_item" };
  return {
    invoice_line_item_details: {
      invoice: credits.invoice,
      invoice_line_items: [...credits.lines],
    },
    type: "invoice_line_items",
  };
}

/** What an invoice item puts on an invoice. */
export function draftOfItem(world: World, item: Stripe.InvoiceItem): LineDraft {
  const credited = item.proration_details?.credited_items?.invoice_line_item_details;
  const of = item.parent?.subscription_details;
  return {
    amount: item.amount,
    currency: item.currency,
    description: item.description,
    quantity: item.quantity,
    period: item.period,
    price: world.get("price", idOf(item.pricing?.price_details?.price) ?? ""),
    subscription: of?.subscription,
    subscriptionItem: of?.subscription_item,
    invoiceItem: item.id,
    proration: item.proration,
    credits: credited && { invoice: credited.invoice, lines: credited.invoice_line_items },
    discountable: item.discountable,
    discounts: (item.discounts ?? []).map((discount) => idOf(discount)),
    metadata: item.metadata ?? {},
    // What was billed is given back with the taxes that it was billed with, be it none.
    taxRates: credited ? item.tax_rates?.map(({ id }) => id) : ownRates(item.tax_rates),
  };
}

/** The items that wait for the customer's next invoice, oldest first. */
export function pendingItems(
  world: World,
  wanted: {
    customer: string;
    currency: string;
    subscription?: string | undefined;
    which: "all" | "subscription" | "none";
  },
): readonly Stripe.InvoiceItem[] {
  if (wanted.which === "none") return [];
  return world.of("invoiceitem", "customer", wanted.customer).filter((item) => {
    const isTheirs = item.invoice === null && item.currency === wanted.currency;
    const subscription = item.parent?.subscription_details?.subscription;
    if (wanted.subscription === undefined) return isTheirs;
    const fits = subscription === undefined && wanted.which === "all";
    return isTheirs && (fits || subscription === wanted.subscription);
  });
}

/** Changes an item and, where it is on a draft, its line. */
export function reviseInvoiceItem(
  world: World,
  item: Stripe.InvoiceItem,
  line: LineDraft,
): Stripe.InvoiceItem {
  const draft = item.invoice === null ? undefined : draftOf(world, idOf(item.invoice));
  const { id, date, invoice, proration_details } = item;
  const revised = newItem(world, idOf(item.customer), line);
  const after = world.put("invoiceitem", {
    ...revised,
    id,
    date,
    invoice,
    ...(proration_details ? { proration_details } : {}),
  });
  if (draft) {
    const lines = draft.lines.data.map((old) =>
      invoiceItemOf(old) === id
        ? { ...newLine(world, draft, draftOfItem(world, after)), id: old.id }
        : old,
    );
    changeInvoice(world, draft, totalled(world, draft, lines));
  }
  return after;
}

/** Takes an item away, and its line from the draft that it is on. */
export function removeInvoiceItem(
  world: World,
  item: Stripe.InvoiceItem,
): Stripe.DeletedInvoiceItem {
  const draft = item.invoice === null ? undefined : draftOf(world, idOf(item.invoice));
  if (draft) {
    const lines = draft.lines.data.filter((line) => invoiceItemOf(line) !== item.id);
    changeInvoice(world, draft, totalled(world, draft, lines));
  }
  return forgetInvoiceItem(world, item);
}

/** Takes an item away that is on no invoice any more. */
export function forgetInvoiceItem(
  world: World,
  item: Stripe.InvoiceItem,
): Stripe.DeletedInvoiceItem {
  const deleted = { id: item.id, object: "invoiceitem", deleted: true } as const;
  world.remove("invoiceitem", item.id);
  world.put("deleted", { ...deleted });
  emit(world, "invoiceitem.deleted", item);
  return deleted;
}
