import type Stripe from "stripe";
import { AppError } from "#lib/errors.ts";
import type { Asking, CancelNowAsked } from "../../asking.ts";
import { unpaidBillOf } from "../unpaid-bill.ts";
import { afterGivingUp, idIn, once, unless } from "./call.ts";

/** Nobody can pay it any more, and what it was for is given up. */
export async function voidBill(stripe: Stripe, invoiceRef: string, asking: Asking): Promise<void> {
  const isVoid = async () => (await statusOfUnpaid(stripe, invoiceRef)) === "void";
  await unless(isVoid, () =>
    stripe.invoices.voidInvoice(invoiceRef, {}, once(asking, `void.${invoiceRef}`)),
  );
}

async function statusOfUnpaid(stripe: Stripe, invoiceRef: string) {
  const { status } = await stripe.invoices.retrieve(invoiceRef);
  if (status !== "paid") return status;
  throw new AppError(
    "gateway_refused",
    "The payment came in the meantime, so the change has taken effect.",
  );
}

/**
 * Ends a subscription, after what waits for a payment is given up: a change, or going on after a pause.
 * Stripe leaves its invoice open for whoever has the link, and that money would be for nothing. What was
 * paid after somebody decided by its not being paid is not ended.
 */
export async function withoutUnpaidBill<T>(
  stripe: Stripe,
  { subscriptionRef, unpaidInvoiceRef }: CancelNowAsked,
  asking: Asking,
  end: () => Promise<T>,
): Promise<T> {
  const bill = await billOf(stripe, subscriptionRef);
  if (bill === null) {
    if (unpaidInvoiceRef) await statusOfUnpaid(stripe, unpaidInvoiceRef);
    return end();
  }
  await voidBill(stripe, bill, asking);
  return afterGivingUp("What waited for its payment was given up before.", end);
}

/** What goes on after a pause has its invoice as the newest; any other was owed before. */
async function billOf(stripe: Stripe, subscriptionRef: string): Promise<string | null> {
  const now = await stripe.subscriptions.retrieve(subscriptionRef);
  if (now.pending_update) return unpaidBillOf(stripe, subscriptionRef);
  if (now.status !== "paused") return null;
  const bill = await unpaidBillOf(stripe, subscriptionRef);
  return bill === idIn(now.latest_invoice) ? bill : null;
}
