import type Stripe from "stripe";
import { emit } from "../events/emit.ts";
import { invalid, missing } from "../protocol/errors.ts";
import type { World } from "../state/world.ts";
import { automaticTaxOn } from "./automatic-tax.ts";
import { activeDiscounts } from "./discounts.ts";
import { addInvoiceItem, draftOfItem, pendingItems } from "./invoice-items.ts";
import { newInvoice, totalled } from "./invoice-object.ts";
import { type LineDraft, newLine } from "./lines.ts";

export type InvoiceDraft = {
  /** Where something has named the invoice before it is drafted. */
  readonly id?: string | undefined;
  readonly customer: string;
  readonly currency: string;
  readonly subscription?: string | undefined;
  readonly billingReason: Stripe.Invoice.BillingReason;
  readonly lines: readonly LineDraft[];
  readonly periodStart: number;
  readonly periodEnd: number;
  /**
   * Discounts of the subscription or the customer, by id; those that ended or were used up are left out.
   * Where left out, the customer's.
   */
  readonly discounts?: readonly string[] | undefined;
  readonly collectionMethod?: Stripe.Invoice.CollectionMethod | undefined;
  readonly daysUntilDue?: number | null | undefined;
  readonly dueDate?: number | undefined;
  readonly defaultPaymentMethod?: string | null | undefined;
  readonly description?: string | null | undefined;
  readonly footer?: string | null | undefined;
  readonly metadata?: Readonly<Record<string, string>> | undefined;
  readonly effectiveAt?: number | null | undefined;
  readonly number?: string | null | undefined;
  readonly statementDescriptor?: string | null | undefined;
  readonly prorationDate?: number | undefined;
  /** Rates of all lines that have none of their own. */
  readonly defaultTaxRates?: readonly Stripe.TaxRate[] | undefined;
  /** Rates are worked out by the customer's country instead. */
  readonly hasAutomaticTax?: boolean | undefined;
  readonly autoAdvance: boolean;
  /** When time finalizes it; left out, an hour from now where it advances by itself. */
  readonly finalizesAt?: number | null | undefined;
  /** `all`: those of this subscription and of none; `subscription`: those of this subscription. */
  readonly withPendingItems: "all" | "subscription" | "none";
};

/** How long a draft that advances by itself stays a draft. *From memory.* */
export const DRAFT_SECONDS = 3_600;
export const DAY_SECONDS = 86_400;

/**
 * A draft of its lines and of the pending invoice items; emits invoice.created. What is no plain line of a
 * subscription becomes an invoice item first, as with Stripe.
 */
export function draftInvoice(world: World, draft: InvoiceDraft): Stripe.Invoice {
  const customer = inCurrency(world, draft);
  const empty: Stripe.Invoice = {
    ...newInvoice(world, customer, draft.currency, draft.id),
    ...termsOf(draft),
    automatic_tax: automaticTaxOn(draft.hasAutomaticTax ?? false, customer),
    default_tax_rates: [...(draft.defaultTaxRates ?? [])],
    discounts: activeDiscounts(world, draft.discounts ?? discountsOf(customer)).map(({ id }) => id),
    parent: parentOf(world, draft),
  };
  const isPlain = (line: LineDraft) =>
    line.invoiceItem !== undefined || (line.subscriptionItem !== undefined && !line.proration);
  const which = { ...draft, which: draft.withPendingItems };
  const items = [
    ...pendingItems(world, which),
    ...draft.lines
      .filter((line) => !isPlain(line))
      .map((line) => addInvoiceItem(world, { customer: customer.id, line })),
  ];
  const lines = [
    ...items.toReversed().map((item) => draftOfItem(world, item)),
    ...draft.lines.filter(isPlain),
  ].map((line) => newLine(world, empty, line));
  for (const item of items) world.put("invoiceitem", { ...item, invoice: empty.id });
  const invoice = world.put("invoice", {
    ...empty,
    ...timesOf(draft, empty.created),
    ...totalled(world, empty, lines),
  });
  emit(world, "invoice.created", invoice);
  return invoice;
}

/** The customer, from now on billed in this currency where none was settled. */
function inCurrency(world: World, draft: InvoiceDraft): Stripe.Customer {
  const customer = world.get("customer", draft.customer);
  if (!customer) throw missing("customer", draft.customer, "customer");
  if (customer.currency) return customer;
  const after = world.put("customer", { ...customer, currency: draft.currency });
  emit(world, "customer.updated", after, { before: customer });
  return after;
}

function discountsOf(customer: Stripe.Customer): readonly string[] {
  return customer.discount ? [customer.discount.id] : [];
}

function termsOf(draft: InvoiceDraft) {
  return {
    auto_advance: draft.autoAdvance,
    billing_reason: draft.billingReason,
    collection_method: draft.collectionMethod ?? "charge_automatically",
    default_payment_method: draft.defaultPaymentMethod ?? null,
    description: draft.description ?? null,
    footer: draft.footer ?? null,
    effective_at: draft.effectiveAt ?? null,
    metadata: { ...draft.metadata },
    number: draft.number ?? null,
    statement_descriptor: draft.statementDescriptor ?? null,
    period_end: draft.periodEnd,
    period_start: draft.periodStart,
  } satisfies Partial<Stripe.Invoice>;
}

function parentOf(world: World, draft: InvoiceDraft): Stripe.Invoice.Parent | null {
  if (draft.subscription === undefined) return null;
  const subscription = world.get("subscription", draft.subscription);
  return {
    quote_details: null,
    subscription_details: {
      metadata: subscription?.metadata ?? {},
      subscription: draft.subscription,
      ...(draft.prorationDate === undefined
        ? {}
        : { subscription_proration_date: draft.prorationDate }),
    },
    type: "subscription_details",
  };
}

function timesOf(draft: InvoiceDraft, created: number) {
  const finalizesAt = draft.autoAdvance ? created + DRAFT_SECONDS : null;
  const at = draft.finalizesAt === undefined ? finalizesAt : draft.finalizesAt;
  return {
    automatically_finalizes_at: at,
    next_payment_attempt: draft.collectionMethod === "send_invoice" ? null : at,
    due_date: dueDate(draft, created),
    webhooks_delivered_at: created,
  };
}

function dueDate(draft: InvoiceDraft, created: number): number | null {
  if (draft.collectionMethod !== "send_invoice") {
    if (draft.dueDate === undefined && typeof draft.daysUntilDue !== "number") return null;
    throw invalid(
      "`days_until_due` and `due_date` need `collection_method` to be `send_invoice`.",
      {
        param: draft.dueDate === undefined ? "days_until_due" : "due_date",
      },
    );
  }
  if (draft.dueDate !== undefined) return draft.dueDate;
  return typeof draft.daysUntilDue === "number" ? created + draft.daysUntilDue * DAY_SECONDS : null;
}

export function linesOf(world: World, invoiceId: string): readonly Stripe.InvoiceLineItem[] {
  return world.get("invoice", invoiceId)?.lines.data ?? [];
}

/** Says when an open invoice is tried next, or that it is not. */
export function setNextAttempt(world: World, id: string, at: number | null): Stripe.Invoice {
  const before = world.get("invoice", id);
  if (!before) throw missing("invoice", id);
  if (before.next_payment_attempt === at) return before;
  const after = world.put("invoice", { ...before, next_payment_attempt: at });
  emit(world, "invoice.updated", after, { before });
  return after;
}
