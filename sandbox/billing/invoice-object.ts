import type Stripe from "stripe";
import { clockOf, emit } from "../events/emit.ts";
import { invalid, missing } from "../protocol/errors.ts";
import { embedded } from "../protocol/list.ts";
import { idOf } from "../state/reference.ts";
import type { World } from "../state/world.ts";
import { discountShares, sum } from "./discount-shares.ts";
import { applicable } from "./discounts.ts";
import { exemptionOf, productOf, ratesOf, withDiscounts, withTaxes } from "./lines.ts";
import { addedBy, type Exemption, includedIn, taxesOn, totalTaxes } from "./taxes.ts";

const ACCOUNT = { country: "US", name: "Billhook sandbox" };

export function invoiceOf(world: World, id: string): Stripe.Invoice {
  const invoice = world.get("invoice", id);
  if (!invoice) throw missing("invoice", id);
  return invoice;
}

/** An invoice that may still be edited. */
export function draftOf(world: World, id: string): Stripe.Invoice {
  const invoice = invoiceOf(world, id);
  if (invoice.status === "draft") return invoice;
  throw invalid("Finalized invoices can't be updated in this way.", {
    code: "invoice_not_editable",
  });
}

export function customerOf(world: World, invoice: Stripe.Invoice): Stripe.Customer | undefined {
  return world.get("customer", idOf(invoice.customer) ?? "");
}

export function subscriptionOf(invoice: Stripe.Invoice): string | undefined {
  return idOf(invoice.parent?.subscription_details?.subscription);
}

/** An empty draft for a customer, with all that an invoice has. */
export function newInvoice(
  world: World,
  customer: Stripe.Customer,
  currency: string,
  id = world.newId("in"),
) {
  const now = world.now(clockOf(world, customer));
  const isInTheirs = customer.currency === currency || !customer.currency;
  return {
    id,
    object: "invoice",
    account_country: ACCOUNT.country,
    account_name: ACCOUNT.name,
    account_tax_ids: null,
    amount_due: 0,
    amount_overpaid: 0,
    amount_paid: 0,
    amount_paid_off_stripe: 0,
    amount_remaining: 0,
    amount_shipping: 0,
    application: null,
    attempt_count: 0,
    attempted: false,
    auto_advance: false,
    automatic_tax: {
      disabled_reason: null,
      enabled: false,
      liability: null,
      provider: null,
      status: null,
    },
    automatically_finalizes_at: null,
    billing_reason: "manual",
    collection_method: "charge_automatically",
    created: now,
    currency,
    custom_fields: null,
    customer: customer.id,
    customer_account: null,
    customer_address: customer.address ?? null,
    customer_email: customer.email,
    customer_name: customer.name ?? null,
    customer_phone: customer.phone ?? null,
    customer_shipping: customer.shipping,
    customer_tax_exempt: customer.tax_exempt ?? "none",
    customer_tax_ids: [],
    default_payment_method: null,
    default_source: null,
    default_tax_rates: [],
    description: null,
    discounts: [],
    due_date: null,
    effective_at: null,
    ending_balance: null,
    footer: null,
    from_invoice: null,
    hosted_invoice_url: null,
    invoice_pdf: null,
    issuer: { type: "self" },
    last_finalization_error: null,
    latest_revision: null,
    lines: embedded<Stripe.InvoiceLineItem>(`/v1/invoices/${id}/lines`, []),
    livemode: false,
    metadata: {},
    next_payment_attempt: null,
    number: null,
    on_behalf_of: null,
    parent: null,
    payment_settings: {
      default_mandate: null,
      payment_method_options: null,
      payment_method_types: null,
    },
    period_end: now,
    period_start: now,
    post_payment_credit_notes_amount: 0,
    pre_payment_credit_notes_amount: 0,
    receipt_number: null,
    rendering: null,
    shipping_cost: null,
    shipping_details: null,
    starting_balance: isInTheirs ? customer.balance : 0,
    statement_descriptor: null,
    status: "draft",
    status_transitions: {
      finalized_at: null,
      marked_uncollectible_at: null,
      paid_at: null,
      voided_at: null,
    },
    subtotal: 0,
    subtotal_excluding_tax: 0,
    test_clock: idOf(customer.test_clock) ?? null,
    total: 0,
    total_discount_amounts: [],
    total_excluding_tax: 0,
    total_pretax_credit_amounts: [],
    total_taxes: [],
    webhooks_delivered_at: null,
  } satisfies Stripe.Invoice;
}

/** What an invoice of these lines comes to, with its own discounts, its taxes and its customer's balance. */
export function totalled(
  world: World,
  invoice: Pick<
    Stripe.Invoice,
    "currency" | "customer_tax_exempt" | "discounts" | "lines" | "starting_balance"
  >,
  drafted: readonly Stripe.InvoiceLineItem[],
) {
  const ids = [...drafted, invoice].flatMap(({ discounts }) => discounts.map((held) => idOf(held)));
  const discounts = [...new Set(ids)].flatMap((id) => applicable(world, id) ?? []);
  const shares = discountShares(drafted.map(discountable), discounts, invoice.currency);
  const exempt = invoice.customer_tax_exempt;
  const lines = drafted.map((line, place) =>
    withTaxes(world, withDiscounts(line, shares[place] ?? []), exempt),
  );
  const taken = discounts.map(({ id }) => ({
    amount: sum(shares.flat().map((share) => (share.discount === id ? share.amount : 0))),
    discount: id,
  }));
  const subtotal = sum(lines.map((line) => line.amount));
  const taxes = totalTaxes(lines.map((line) => line.taxes ?? []));
  const net = subtotal - sum(taken.map(({ amount }) => amount));
  const total = net + addedBy(taxes);
  const { due } = settledWithBalance(total, invoice.starting_balance, invoice.currency);
  return {
    lines: embedded(invoice.lines.url, lines),
    subtotal,
    subtotal_excluding_tax:
      subtotal - sum(lines.map((line) => includedBefore(world, line, exempt))),
    total,
    total_excluding_tax: net - includedIn(taxes),
    total_discount_amounts: taken,
    total_pretax_credit_amounts: taken.map((each) => ({ ...each, type: "discount" as const })),
    total_taxes: taxes,
    amount_due: due,
    amount_remaining: due,
  } satisfies Partial<Stripe.Invoice>;
}

/** The tax that a line's amount has in it before discounts. */
function includedBefore(world: World, line: Stripe.InvoiceLineItem, exempt: Exemption): number {
  return includedIn(taxesOn(line.amount, ratesOf(world, line), exemptionOf(line, exempt)));
}

function discountable(line: Stripe.InvoiceLineItem) {
  return {
    amount: line.amount,
    product: productOf(line),
    discountable: line.discountable,
    own: line.discounts.map((held) => idOf(held)),
  };
}

/**
 * What Stripe charges at the least, in minor units; less is put on the customer's balance. *From memory*;
 * a currency that is not named has no least.
 */
const LEAST_CHARGE: Readonly<Record<string, number>> = {
  aud: 50,
  brl: 50,
  cad: 50,
  chf: 50,
  eur: 50,
  inr: 50,
  jpy: 50,
  nzd: 50,
  sgd: 50,
  usd: 50,
  gbp: 30,
  pln: 200,
  dkk: 250,
  nok: 300,
  sek: 300,
  hkd: 400,
  mxn: 1_000,
  czk: 1_500,
  huf: 17_500,
};

/** What is due of a total and what the balance then is; a balance below zero is the customer's credit. */
export function settledWithBalance(
  total: number,
  balance: number,
  currency: string,
): { due: number; balance: number; isTooSmall: boolean } {
  const owed = total + balance;
  if (owed <= 0) return { due: 0, balance: owed, isTooSmall: false };
  const isTooSmall = owed < (LEAST_CHARGE[currency] ?? 0);
  return isTooSmall ? { due: 0, balance: owed, isTooSmall } : { due: owed, balance: 0, isTooSmall };
}

/** Changes an invoice and says so. */
export function changeInvoice(
  world: World,
  before: Stripe.Invoice,
  changes: Partial<Stripe.Invoice>,
): Stripe.Invoice {
  const after = world.put("invoice", { ...before, ...changes });
  emit(world, "invoice.updated", after, { before });
  return after;
}
