import type { Becoming } from "#lib/billing/changing/views.ts";
import { priceInWords } from "#lib/catalogue/rules.ts";

/** The plan that a subscription becomes. */
export function nameOf({ sold }: Becoming): string {
  return sold?.planName ?? "a plan that is not set up here";
}

/** ", €29.00 a month × 3": what it then costs, as the rest of a sentence. */
export function costOf({ sold, quantity }: Becoming): string {
  if (!sold?.terms) return "";
  return `, ${priceInWords(sold.terms)}${quantity > 1 ? ` × ${quantity}` : ""}`;
}

/** What is to be done on the gateway's page. */
export function payingInWords(because: string | null): string {
  if (because === "authentication") return "Confirm the payment";
  return because === "declined" ? "Pay with another card" : "Pay";
}
