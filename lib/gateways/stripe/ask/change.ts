import type Stripe from "stripe";
import { AppError } from "#lib/errors.ts";
import type { ChangeAsked, GatewayCommands, PaidAnswer } from "../../asking.ts";
import { calling, idIn, once, secondsOf } from "./call.ts";
import { billedBy, nothingDue, paidBy, refusedPayment } from "./paid.ts";
import { withoutSchedule } from "./schedule.ts";
import { voidBill } from "./void.ts";

/**
 * The change and its invoice at once, in effect when that is paid. A card that does not pay leaves an
 * update that waits, and the subscription as it was.
 */
export const changeNow: GatewayCommands["changeNow"] = (asked, asking) =>
  calling(asking, async (stripe) => {
    const { subscriptionRef, itemRef, to, isSamePrice, proratedAt, scheduleRef } = asked;
    const { priceRef: price, quantity } = to;
    const change: Stripe.SubscriptionUpdateParams = {
      // Another price without a quantity would be one of it.
      items: [{ id: itemRef, quantity, ...(!isSamePrice && { price }) }],
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
  if (!isOwn) return nothingDue(currency);
  return paidBy(invoice) ?? billedBy(stripe, invoice.id);
}

/**
 * A change that was made left the subscription as it was wanted, or an update that waits to make it so, and
 * its invoice: the first one of an update since the moment that was quoted.
 */
export const lookForChange: GatewayCommands["lookForChange"] = (asked, asking) =>
  calling(asking, async (stripe) => {
    const { subscriptionRef, proratedAt } = asked;
    const subscription = await stripe.subscriptions.retrieve(subscriptionRef);
    const since = proratedAt && {
      subscription: subscriptionRef,
      created: { gte: secondsOf(proratedAt) },
      limit: 100,
    };
    const { data } = since ? await stripe.invoices.list(since) : { data: [] };
    const own = data.findLast(({ billing_reason: why }) => why === "subscription_update");
    const scheduleRef = idIn(subscription.schedule);
    if (isMade(asked, subscription)) {
      const { currency } = subscription;
      return { answer: own ? await billedBy(stripe, own.id) : nothingDue(currency), scheduleRef };
    }
    if (!own) return { answer: undefined, scheduleRef };
    if (own.status === "void") return { answer: await billedBy(stripe, own.id), scheduleRef };
    throw new AppError(
      "gateway_unsure",
      "The subscription was changed at Stripe meanwhile, and is not what was asked for.",
    );
  });

function isMade({ itemRef, to }: ChangeAsked, subscription: Stripe.Subscription): boolean {
  const { items, pending_update: pending } = subscription;
  return [...items.data, ...(pending?.subscription_items ?? [])].some(
    ({ id, price, quantity }) =>
      id === itemRef && price.id === to.priceRef && quantity === to.quantity,
  );
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
    await voidBill(stripe, invoiceRef, asking);
  });
