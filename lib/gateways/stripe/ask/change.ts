import type Stripe from "stripe";
import { AppError } from "#lib/errors.ts";
import type { GatewayCommands, PaidAnswer } from "../../asking.ts";
import { calling, once, secondsOf, unless } from "./call.ts";
import { itemAsked } from "./item.ts";
import { billedBy, nothingDue, refusedPayment } from "./paid.ts";
import { withoutSchedule } from "./schedule.ts";

/**
 * The change and its invoice at once, in effect when that is paid. A card that does not pay leaves an
 * update that waits, and the subscription as it was.
 */
export const changeNow: GatewayCommands["changeNow"] = (asked, asking) =>
  calling(asking, async (stripe) => {
    const { subscriptionRef, to, proratedAt, scheduleRef } = asked;
    const [subscription, price] = await Promise.all([
      stripe.subscriptions.retrieve(subscriptionRef),
      stripe.prices.retrieve(to.priceRef),
    ]);
    const item = itemAsked(asked, subscription, price);
    const change: Stripe.SubscriptionUpdateParams = {
      items: [item],
      proration_behavior: "always_invoice",
      payment_behavior: "pending_if_incomplete",
      ...(proratedAt && { proration_date: secondsOf(proratedAt) }),
      expand: ["latest_invoice"],
    };
    return withoutSchedule(stripe, scheduleRef, asking, async () => {
      let changed: Stripe.Subscription;
      try {
        const key = once(asking, "change");
        changed = await stripe.subscriptions.update(subscriptionRef, change, key);
      } catch (error) {
        return refusedPayment(error);
      }
      return billOf(stripe, changed, proratedAt);
    });
  });

/** The invoice is the change's own if it is not older than the moment that was quoted. */
async function billOf(
  stripe: Stripe,
  { latest_invoice: invoice, currency }: Stripe.Subscription,
  proratedAt: Date | null,
): Promise<PaidAnswer> {
  const isOwn =
    typeof invoice === "object" &&
    invoice !== null &&
    proratedAt !== null &&
    invoice.created >= secondsOf(proratedAt);
  return isOwn ? billedBy(stripe, invoice.id) : nothingDue(currency);
}

/**
 * With its invoice Stripe gives up the update that waits for it. That is the newest of the subscription,
 * unless a renewal has come since.
 */
export const dropUnpaidChange: GatewayCommands["dropUnpaidChange"] = (invoiceRef, asking) =>
  calling(asking, async (stripe) => {
    const { billing_reason } = await stripe.invoices.retrieve(invoiceRef);
    if (billing_reason !== "subscription_update") {
      throw new AppError(
        "gateway_refused",
        "The subscription was renewed meanwhile, and that invoice stays. The change lapses by itself where it is not paid.",
      );
    }
    const isVoid = async () => {
      const { status } = await stripe.invoices.retrieve(invoiceRef);
      if (status !== "paid") return status === "void";
      throw new AppError(
        "gateway_refused",
        "The payment came in the meantime, so the change has taken effect.",
      );
    };
    await unless(isVoid, () =>
      stripe.invoices.voidInvoice(invoiceRef, {}, once(asking, `void.${invoiceRef}`)),
    );
  });
