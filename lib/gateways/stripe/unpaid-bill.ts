import type Stripe from "stripe";

/** Where a fetch puts the invoice whose payment a pending update waits for; null where there is none to pay. */
export const UNPAID_BILL = "billhook_unpaid_bill";

/**
 * The invoice whose payment a pending update waits for. Stripe names none: the newest of the subscription is
 * another one as soon as it renews.
 */
export async function unpaidBillOf(
  stripe: Stripe,
  subscriptionRef: string,
): Promise<string | null> {
  const open = { subscription: subscriptionRef, status: "open", limit: 100 } as const;
  const { data } = await stripe.invoices.list(open);
  return data.find(({ billing_reason: why }) => why === "subscription_update")?.id ?? null;
}
