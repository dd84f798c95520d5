import type Stripe from "stripe";
import type { Box } from "./sandbox.ts";

/** A customer with a card to pay with. */
export async function payer(
  box: Box,
  card = "pm_card_visa",
  terms: Stripe.CustomerCreateParams = {},
): Promise<Stripe.Customer> {
  const { id } = await box.stripe.customers.create({ email: "payer@example.com", ...terms });
  const method = await box.stripe.paymentMethods.attach(card, { customer: id });
  return box.stripe.customers.update(id, {
    invoice_settings: { default_payment_method: method.id },
  });
}

/** A draft with one line of each amount. */
export async function draft(
  box: Box,
  customer: string,
  amounts: readonly number[],
  terms: Partial<Stripe.InvoiceCreateParams> = {},
): Promise<Stripe.Invoice> {
  for (const amount of amounts) {
    await box.stripe.invoiceItems.create({
      customer,
      amount,
      currency: "usd",
      description: "Work",
    });
  }
  return box.stripe.invoices.create({
    customer,
    pending_invoice_items_behavior: "include",
    ...terms,
  });
}

export async function finalized(
  box: Box,
  customer: string,
  amounts: readonly number[],
  terms: Partial<Stripe.InvoiceCreateParams> = {},
): Promise<Stripe.Invoice> {
  const { id } = await draft(box, customer, amounts, terms);
  return box.stripe.invoices.finalizeInvoice(id);
}

/** A tax rate, 21 % on top unless it is said otherwise. */
export async function taxedBy(
  box: Box,
  terms: Partial<Stripe.TaxRateCreateParams> = {},
): Promise<string> {
  const rate = { display_name: "VAT", inclusive: false, percentage: 21, ...terms };
  return (await box.stripe.taxRates.create(rate)).id;
}

/** The names of all events since, in their order. */
export function eventsSince(box: Box, mark: number): string[] {
  return box.world
    .all("event")
    .slice(mark)
    .map(({ type }) => type);
}

export function mark(box: Box): number {
  return box.world.all("event").length;
}
