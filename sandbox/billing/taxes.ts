import type Stripe from "stripe";
import { sum } from "./discount-shares.ts";

export type Tax = Stripe.InvoiceLineItem.Tax;

/** Whether a customer pays tax at all, and why not. */
export type Exemption = Stripe.Invoice.CustomerTaxExempt | null;

/**
 * What rates take from, or add to, what a line comes to after its discounts. Each rate is rounded on each
 * line, half a minor unit away from zero, as Stripe documents; so a credit gives back what its debit took.
 * Rates that are added are reckoned without those that are included *(from memory)*.
 */
export function taxesOn(net: number, rates: readonly Stripe.TaxRate[], exempt: Exemption): Tax[] {
  if (exempt === "exempt" || exempt === "reverse") {
    return rates.map((rate) => taxOf(rate, 0, 0, exempt));
  }
  const within = rates.filter(({ inclusive }) => inclusive).map(partsOf);
  const included = (rate: Stripe.TaxRate) =>
    rounded(net, partsOf(rate), WHOLE + within.reduce((all, parts) => all + parts, 0n));
  const taxable = rates.reduce((left, rate) => left - (rate.inclusive ? included(rate) : 0), net);
  return rates.map((rate) =>
    taxOf(
      rate,
      rate.inclusive ? included(rate) : rounded(taxable, partsOf(rate), WHOLE),
      taxable,
      exempt,
    ),
  );
}

/** The sum of taxes that an amount has in it already. */
export function includedIn(taxes: readonly Pick<Tax, "amount" | "tax_behavior">[]): number {
  return sum(taxes.map((tax) => (tax.tax_behavior === "inclusive" ? tax.amount : 0)));
}

/** The sum of taxes that come on top. */
export function addedBy(taxes: readonly Pick<Tax, "amount" | "tax_behavior">[]): number {
  return sum(taxes.map((tax) => (tax.tax_behavior === "inclusive" ? 0 : tax.amount)));
}

/** Taxes of several lines, one for each rate, in the order in which the rates come first. */
export function totalTaxes(lines: readonly (readonly Tax[])[]): Tax[] {
  const byRate = new Map<string, Tax>();
  for (const tax of lines.flat()) {
    const before = byRate.get(rateOf(tax));
    byRate.set(rateOf(tax), {
      ...tax,
      amount: tax.amount + (before?.amount ?? 0),
      taxable_amount: (tax.taxable_amount ?? 0) + (before?.taxable_amount ?? 0),
    });
  }
  return [...byRate.values()];
}

/** The id of the rate that a tax was reckoned by. */
export function rateOf(tax: Tax): string {
  return tax.tax_rate_details?.tax_rate ?? "";
}

/** Whether it was asked for, or its customer was free of it. */
export function isPaid({ taxability_reason: reason }: Tax): boolean {
  return reason !== REASONS.exempt && reason !== REASONS.reverse;
}

const REASONS = { exempt: "customer_exempt", reverse: "reverse_charge" } as const;

function taxOf(rate: Stripe.TaxRate, amount: number, taxable: number, exempt: Exemption): Tax {
  return {
    amount,
    tax_behavior: rate.inclusive ? "inclusive" : "exclusive",
    tax_rate_details: { tax_rate: rate.id },
    taxability_reason: reasonOf(rate, exempt),
    taxable_amount: taxable,
    type: "tax_rate_details",
  };
}

/** A rate that the merchant made says nothing of why it holds; one that was worked out does. */
function reasonOf({ rate_type }: Stripe.TaxRate, exempt: Exemption): Tax["taxability_reason"] {
  if (exempt === "exempt") return REASONS.exempt;
  if (exempt === "reverse") return REASONS.reverse;
  return rate_type ? "standard_rated" : "not_available";
}

/** Four places of a percentage are kept. */
const WHOLE = 1_000_000n;
function partsOf({ percentage }: Stripe.TaxRate): bigint {
  return BigInt(Math.round(percentage * 10_000));
}

/** `amount × part / whole`, half a unit rounded away from zero. */
function rounded(amount: number, part: bigint, whole: bigint): number {
  const size = (BigInt(Math.abs(amount)) * part * 2n + whole) / (2n * whole);
  return amount < 0 ? 0 - Number(size) : Number(size);
}
