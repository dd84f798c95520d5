import type Stripe from "stripe";
import type { z } from "zod";
import { discountsFrom } from "../billing/discounts.ts";
import { addInvoiceItem, type LineDraft } from "../billing/invoice.ts";
import { draftOfItem, removeInvoiceItem, reviseInvoiceItem } from "../billing/invoice-items.ts";
import { changedRates, ownRates, ratesNamed } from "../billing/tax-rates.ts";
import { clockOf } from "../events/emit.ts";
import { invalid } from "../protocol/errors.ts";
import { mustFind } from "../protocol/find.ts";
import { isWithin, pageOf } from "../protocol/list.ts";
import { type Operation, operation } from "../protocol/operation.ts";
import { mergeMetadata, params } from "../protocol/params.ts";
import { idOf } from "../state/reference.ts";
import type { World } from "../state/world.ts";
import { createItemParams, listItemParams, updateItemParams } from "./invoice-params.ts";
import { makePrice } from "./price-maker.ts";

type Given = z.output<typeof createItemParams>;
type Changes = z.output<typeof updateItemParams>;

function createItem(world: World, given: Given): Stripe.InvoiceItem {
  const customer = mustFind(world, "customer", given.customer, { param: "customer" });
  const invoice =
    given.invoice === undefined
      ? undefined
      : mustFind(world, "invoice", given.invoice, { param: "invoice" });
  if (given.subscription !== undefined) {
    mustFind(world, "subscription", given.subscription, { param: "subscription" });
  }
  const now = world.now(clockOf(world, customer));
  const amounts = amountsOf(world, given, { quantity: 1 });
  const currency = amounts.price?.currency ?? given.currency ?? customer.currency ?? undefined;
  if (currency === undefined) {
    throw invalid("You must pass currency.", { code: "parameter_missing", param: "currency" });
  }
  if (invoice && invoice.currency !== currency) {
    throw invalid(`The invoice is in ${invoice.currency}.`, { param: "currency" });
  }
  return addInvoiceItem(world, {
    customer: customer.id,
    invoice: given.invoice,
    line: {
      ...amounts,
      currency,
      description: given.description ?? productName(world, amounts.price),
      period: given.period ?? { start: now, end: now },
      subscription: given.subscription,
      proration: false,
      discountable: given.discountable ?? amounts.amount >= 0,
      discounts: discountsFrom(world, given.discounts ?? [], { customer: customer.id }),
      metadata: mergeMetadata(null, given.metadata),
      taxRates: ownRates(ratesNamed(world, given.tax_rates, "tax_rates")),
    },
  });
}

type Amounts = Pick<LineDraft, "amount" | "price" | "quantity">;

/** The amount as given, or what a price and a quantity come to. */
function amountsOf(
  world: World,
  given: Pick<Given, "amount" | "price_data" | "pricing" | "quantity">,
  before: Partial<Amounts>,
): Amounts {
  const quantity = given.quantity ?? before.quantity ?? 1;
  const price = priceOf(world, given) ?? (given.amount === undefined ? before.price : undefined);
  if (!price) {
    const amount = given.amount ?? before.amount;
    if (amount !== undefined) return { amount, quantity: 1 };
    throw invalid("You must pass one of amount, pricing or price_data.", {
      code: "parameter_missing",
      param: "amount",
    });
  }
  if (given.amount !== undefined) {
    throw invalid("You may only specify one of these parameters: amount, pricing.", {
      param: "amount",
    });
  }
  return { amount: (price.unit_amount ?? 0) * quantity, price, quantity };
}

function priceOf(
  world: World,
  given: Pick<Given, "price_data" | "pricing">,
): Stripe.Price | undefined {
  if (given.price_data) return makePrice(world, { ...given.price_data, active: false });
  const id = given.pricing?.price;
  if (id === undefined) return undefined;
  const price = mustFind(world, "price", id, { param: "pricing[price]" });
  if (price.type === "one_time") return price;
  throw invalid(
    "The price specified is set to `type=recurring` but this field only accepts prices with `type=one_time`.",
    {
      param: "pricing[price]",
    },
  );
}

function productName(world: World, price: Stripe.Price | undefined): string | null {
  return world.get("product", idOf(price?.product) ?? "")?.name ?? null;
}

function updateItem(world: World, item: Stripe.InvoiceItem, given: Changes): Stripe.InvoiceItem {
  const before = draftOfItem(world, item);
  const isFixed = item.proration && (given.amount !== undefined || given.quantity !== undefined);
  if (isFixed) throw invalid("The amount of a proration cannot be changed.", { param: "amount" });
  const amounts = amountsOf(world, given, before);
  return reviseInvoiceItem(world, item, {
    ...before,
    ...amounts,
    description: given.description === undefined ? before.description : given.description,
    period: given.period ?? before.period,
    discountable: given.discountable ?? before.discountable,
    discounts:
      given.discounts === undefined
        ? before.discounts
        : discountsFrom(world, given.discounts ?? [], { customer: idOf(item.customer) }),
    metadata: mergeMetadata(item.metadata, given.metadata),
    taxRates:
      given.tax_rates === undefined
        ? before.taxRates
        : ownRates(changedRates(world, item.tax_rates, given.tax_rates, "tax_rates")),
  });
}

export const invoiceItemOperations: readonly Operation[] = [
  operation("POST /v1/invoiceitems", createItemParams, ({ world, params }) =>
    createItem(world, params),
  ),
  operation(
    "GET /v1/invoiceitems/:id",
    params<Stripe.InvoiceItemRetrieveParams>()({}),
    ({ world, path: { id = "" } }) => mustFind(world, "invoiceitem", id),
  ),
  operation("POST /v1/invoiceitems/:id", updateItemParams, ({ world, params, path: { id = "" } }) =>
    updateItem(world, mustFind(world, "invoiceitem", id), params),
  ),
  operation(
    "DELETE /v1/invoiceitems/:id",
    params<Stripe.InvoiceItemDeleteParams>()({}),
    ({ world, path: { id = "" } }) => removeInvoiceItem(world, mustFind(world, "invoiceitem", id)),
  ),
  operation("GET /v1/invoiceitems", listItemParams, ({ world, params }) => {
    const found = world
      .of("invoiceitem", "customer", params.customer)
      .filter(({ invoice }) => params.invoice === undefined || params.invoice === idOf(invoice))
      .filter(
        ({ invoice }) => params.pending === undefined || params.pending === (invoice === null),
      )
      .filter(({ date }) => isWithin(date, params.created));
    return pageOf("/v1/invoiceitems", found, params);
  }),
];
