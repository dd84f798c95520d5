import type Stripe from "stripe";
import type { Box } from "./sandbox.ts";

/** Seconds since 1970 of a moment in UTC, such as `2027-05-01` or `2027-05-16T12:00:00Z`. */
export function at(text: string): number {
  return Date.parse(text) / 1_000;
}

export const HOUR = 3_600;
export const DAY = 86_400;

export type Payer = {
  readonly customer: string;
  readonly clock: string;
};

/** A customer who pays by card, living under a clock of their own that stands at a moment. */
export async function payerAt(
  box: Box,
  moment: string,
  card: string | null = "pm_card_visa",
): Promise<Payer> {
  const clock = await box.stripe.testHelpers.testClocks.create({ frozen_time: at(moment) });
  const customer = await box.stripe.customers.create({ test_clock: clock.id });
  if (card !== null) await payWith(box, customer.id, card);
  return { customer: customer.id, clock: clock.id };
}

/** Makes a card what the customer pays with from now on. */
export async function payWith(box: Box, customer: string, card: string): Promise<string> {
  const { id } = await box.stripe.paymentMethods.attach(card, { customer });
  await box.stripe.customers.update(customer, {
    invoice_settings: { default_payment_method: id },
  });
  return id;
}

type Interval = "day" | "week" | "month" | "year";

/** A recurring price in minor units. */
export async function priced(
  box: Box,
  amount: number,
  { interval = "month" as Interval, currency = "usd", name = `Plan ${amount}` } = {},
): Promise<string> {
  const { id } = await box.stripe.prices.create({
    currency,
    product_data: { name },
    recurring: { interval },
    unit_amount: amount,
  });
  return id;
}

/** Moves a clock to a moment; a longer way than Stripe takes at once is gone in steps. */
export async function advanceTo(box: Box, { clock }: Payer, moment: string | number) {
  const to = typeof moment === "number" ? moment : at(moment);
  await box.stripe.testHelpers.testClocks.advance(clock, { frozen_time: to });
}

export function onlyItem(subscription: Stripe.Subscription): Stripe.SubscriptionItem {
  const [item] = subscription.items.data;
  if (!item || subscription.items.data.length > 1) throw new Error("not one item");
  return item;
}

/** All of a customer's invoices, oldest first. */
export async function invoicesOf(box: Box, { customer }: Payer): Promise<Stripe.Invoice[]> {
  const { data } = await box.stripe.invoices.list({ customer, limit: 100 });
  return data.toReversed();
}

/** The totals of a customer's invoices, oldest first. */
export async function totalsOf(box: Box, payer: Payer): Promise<number[]> {
  return (await invoicesOf(box, payer)).map(({ total }) => total);
}

export async function latestInvoice(
  box: Box,
  { latest_invoice }: Stripe.Subscription,
): Promise<Stripe.Invoice> {
  if (typeof latest_invoice !== "string") throw new Error("no latest invoice");
  return box.stripe.invoices.retrieve(latest_invoice);
}

type Refusal = { statusCode?: number; code?: string | undefined; message: string; type?: string };

/** What a call is refused with. */
export async function refusal(call: Promise<unknown>): Promise<Refusal> {
  try {
    await call;
  } catch (error) {
    if (error instanceof Error) return error;
  }
  throw new Error("the call was not refused");
}
