import type Stripe from "stripe";
import type { z } from "zod";
import { checkTax } from "../billing/automatic-tax.ts";
import { discountsFrom } from "../billing/discounts.ts";
import { deleteDraft, draftInvoice } from "../billing/invoice.ts";
import { DAY_SECONDS, DRAFT_SECONDS } from "../billing/invoice-draft.ts";
import { changeInvoice, draftOf, subscriptionOf, totalled } from "../billing/invoice-object.ts";
import { taxesOfAll } from "../billing/subscription-bill.ts";
import { ratesNamed } from "../billing/tax-rates.ts";
import { clockOf } from "../events/emit.ts";
import { checkDefault } from "../payments/methods.ts";
import { invalid, notModelled } from "../protocol/errors.ts";
import { mustFind } from "../protocol/find.ts";
import { isWithin, pageOf } from "../protocol/list.ts";
import { type Operation, operation } from "../protocol/operation.ts";
import { mergeMetadata, page, params } from "../protocol/params.ts";
import { idOf } from "../state/reference.ts";
import type { World } from "../state/world.ts";
import { createParams, listParams, searchParams, updateParams } from "./invoice-params.ts";

type Given = z.output<typeof createParams>;
type Changes = z.output<typeof updateParams>;

/** In Stripe's dashboard accounts have a currency of their own; this is the sandbox's. */
const ACCOUNT_CURRENCY = "usd";

function createInvoice(world: World, given: Given): Stripe.Invoice {
  const customer = mustFind(world, "customer", given.customer, { param: "customer" });
  const { subscription } = given;
  if (subscription !== undefined) {
    mustFind(world, "subscription", subscription, { param: "subscription" });
  }
  checkMethod(world, given.default_payment_method, customer.id);
  const now = world.now(clockOf(world, customer));
  const isWithItems = given.pending_invoice_items_behavior === "include";
  const invoice = draftInvoice(world, {
    customer: customer.id,
    currency: given.currency ?? customer.currency ?? ACCOUNT_CURRENCY,
    subscription,
    billingReason: "manual",
    lines: [],
    periodStart: now,
    periodEnd: now,
    discounts: given.discounts === undefined ? undefined : discountsOf(world, given, customer.id),
    collectionMethod: given.collection_method,
    daysUntilDue: given.days_until_due,
    dueDate: given.due_date,
    defaultPaymentMethod: given.default_payment_method,
    description: given.description,
    effectiveAt: given.effective_at,
    footer: given.footer,
    metadata: mergeMetadata(null, given.metadata),
    number: given.number,
    statementDescriptor: given.statement_descriptor,
    ...taxesGiven(world, given, customer),
    autoAdvance: given.auto_advance ?? false,
    finalizesAt: given.automatically_finalizes_at,
    withPendingItems: isWithItems || subscription !== undefined ? "all" : "none",
  });
  const { collection_method: method, due_date: due } = invoice;
  if (method === "send_invoice" && due === null) {
    throw invalid(
      "If invoice's collection_method is set to send_invoice, you must pass due_date or days_until_due.",
      { code: "parameter_missing", param: "days_until_due" },
    );
  }
  return invoice;
}

/** What the call says of all lines; else what the subscription says that is billed. */
function taxesGiven(world: World, given: Given, customer: Stripe.Customer) {
  const subscription = world.get("subscription", given.subscription ?? "");
  const of = subscription && taxesOfAll(subscription);
  const named = given.default_tax_rates;
  const defaultTaxRates = named
    ? ratesNamed(world, named, "default_tax_rates")
    : (of?.defaultTaxRates ?? []);
  const isAutomatic = given.automatic_tax?.enabled ?? of?.hasAutomaticTax ?? false;
  checkTax(customer, { isAutomatic, hasRates: defaultTaxRates.length > 0 });
  return { defaultTaxRates, hasAutomaticTax: isAutomatic };
}

function discountsOf(world: World, { discounts }: Pick<Given, "discounts">, customer: string) {
  return discountsFrom(world, discounts ?? [], { customer });
}

function checkMethod(world: World, id: string | undefined, customer: string): void {
  if (id === undefined) return;
  const param = "default_payment_method";
  const method = mustFind(world, "payment_method", id, { param, what: "PaymentMethod" });
  if (idOf(method.customer) !== customer) {
    throw invalid("The customer does not have a payment method with this ID.", { param });
  }
  checkDefault(method, param);
}

/** What a finalized invoice still lets be changed. */
const ALWAYS_EDITABLE = new Set(["auto_advance", "default_payment_method", "metadata"]);

function updateInvoice(world: World, before: Stripe.Invoice, given: Changes): Stripe.Invoice {
  if (before.status !== "draft") {
    const [fixed] = Object.keys(given).filter((name) => !ALWAYS_EDITABLE.has(name));
    if (fixed !== undefined) {
      throw invalid(`Finalized invoices can't be updated in this way: ${fixed}.`, {
        code: "invoice_not_editable",
        param: fixed,
      });
    }
  }
  const customer = idOf(before.customer) ?? "";
  checkMethod(world, given.default_payment_method, customer);
  const { discounts: _, metadata, days_until_due: days, ...rest } = given;
  const discounts =
    given.discounts === undefined ? before.discounts : [...discountsOf(world, given, customer)];
  const changed = {
    ...before,
    ...defined(rest),
    automatic_tax: before.automatic_tax,
    automatically_finalizes_at: finalizesAt(world, before, given),
    discounts,
    due_date:
      given.due_date ??
      (days === undefined ? before.due_date : before.created + days * DAY_SECONDS),
    next_payment_attempt:
      before.status === "draft" && before.next_payment_attempt !== null
        ? (given.automatically_finalizes_at ?? before.next_payment_attempt)
        : before.next_payment_attempt,
    metadata: metadata === undefined ? before.metadata : mergeMetadata(before.metadata, metadata),
  };
  const amounts = before.status === "draft" ? totalled(world, changed, changed.lines.data) : {};
  return changeInvoice(world, before, { ...changed, ...amounts });
}

function finalizesAt(world: World, before: Stripe.Invoice, given: Changes): number | null {
  if (before.status !== "draft") return null;
  if (given.automatically_finalizes_at !== undefined) return given.automatically_finalizes_at;
  if (given.auto_advance === undefined) return before.automatically_finalizes_at;
  return given.auto_advance ? world.now(clockOf(world, before)) + DRAFT_SECONDS : null;
}

type Defined<Given> = { [Name in keyof Given]: Exclude<Given[Name], undefined> };

function defined<Given extends object>(given: Given): Partial<Defined<Given>>;
function defined(given: object): object {
  return Object.fromEntries(Object.entries(given).filter(([, value]) => value !== undefined));
}

function removeInvoice(world: World, id: string): Stripe.DeletedInvoice {
  const draft = draftOf(world, id);
  if (subscriptionOf(draft) !== undefined) {
    throw invalid("You can't delete invoices created by subscriptions.", {
      code: "invoice_not_editable",
    });
  }
  return deleteDraft(world, id);
}

export const invoiceOperations: readonly Operation[] = [
  operation("GET /v1/invoices/search", searchParams, () => {
    throw notModelled("searching; list and filter instead");
  }),
  operation("POST /v1/invoices", createParams, ({ world, params }) => createInvoice(world, params)),
  operation(
    "GET /v1/invoices/:id",
    params<Stripe.InvoiceRetrieveParams>()({}),
    ({ world, path: { id = "" } }) => mustFind(world, "invoice", id),
  ),
  operation("POST /v1/invoices/:id", updateParams, ({ world, params, path: { id = "" } }) =>
    updateInvoice(world, mustFind(world, "invoice", id), params),
  ),
  operation(
    "DELETE /v1/invoices/:id",
    params<Stripe.InvoiceDeleteParams>()({}),
    ({ world, path: { id = "" } }) => removeInvoice(world, id),
  ),
  operation("GET /v1/invoices", listParams, ({ world, params }) => {
    const found = world
      .of("invoice", "customer", params.customer)
      .filter(({ status }) => params.status === undefined || params.status === status)
      .filter(({ created }) => isWithin(created, params.created))
      .filter(
        ({ due_date: due }) => params.due_date === undefined || isWithin(due ?? 0, params.due_date),
      )
      .filter(
        ({ collection_method: method }) =>
          params.collection_method === undefined || params.collection_method === method,
      )
      .filter(
        (invoice) =>
          params.subscription === undefined || params.subscription === subscriptionOf(invoice),
      );
    return pageOf("/v1/invoices", found, params);
  }),
  operation(
    "GET /v1/invoices/:id/lines",
    params<Stripe.InvoiceListLineItemsParams>()(page),
    ({ world, params, path: { id = "" } }) => {
      const { data } = mustFind(world, "invoice", id).lines;
      return pageOf(`/v1/invoices/${id}/lines`, data.toReversed(), params);
    },
  ),
];
