import type Stripe from "stripe";

/** What is to be billed, before it is a line of some invoice. Amounts of prorations are net of discounts. */
export type LineDraft = {
  readonly amount: number;
  readonly currency: string;
  readonly description: string | null;
  readonly quantity: number | null;
  readonly period: { readonly start: number; readonly end: number };
  readonly price?: Stripe.Price;
  readonly subscription?: string;
  readonly subscriptionItem?: string;
  readonly invoiceItem?: string;
  readonly proration: boolean;
  /** What a credit gives back: lines of one invoice, or an item that is still pending. */
  readonly credits?: Credited;
  readonly discountable: boolean;
  /** Discounts of this line alone, by id. */
  readonly discounts?: readonly string[];
  readonly metadata?: Readonly<Record<string, string>>;
};

export type Credited =
  | { readonly invoice: string; readonly lines: readonly string[] }
  | { readonly invoiceItem: string };

/** What a customer was debited for a subscription item and has not been given back. */
export type Debit = {
  /** The line, or the pending invoice item, that debited it. */
  readonly lineId: string;
  /** Null while the debit is a pending invoice item. */
  readonly invoice: string | null;
  /** To be put into the `credits` of the line that gives it back. */
  readonly credits: Credited;
  /** After discounts. */
  readonly amountNet: number;
  readonly currency: string;
  readonly period: { readonly start: number; readonly end: number };
  readonly quantity: number | null;
  /** The price's id. */
  readonly price: string | null;
};
