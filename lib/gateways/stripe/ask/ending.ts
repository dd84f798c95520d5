import type Stripe from "stripe";
import { AppError } from "#lib/errors.ts";
import { beginningOf } from "#lib/text.ts";
import { fromUnixSeconds } from "#lib/time.ts";
import type { CancelAsked, GatewayCommands } from "../../asking.ts";
import { calling, idIn, once, secondsOf, unless } from "./call.ts";
import { nothingDue, outcomeOf, refusedPayment } from "./paid.ts";
import { withoutSchedule } from "./schedule.ts";
import { withoutUnpaidBill } from "./void.ts";

/** A schedule decides the end of what it manages, so it is released before. */
export const cancelAtPeriodEnd: GatewayCommands["cancelAtPeriodEnd"] = (asked, asking) =>
  calling(asking, async (stripe) => {
    const canceled = await withoutSchedule(stripe, asked.scheduleRef, asking, () =>
      stripe.subscriptions.update(
        asked.subscriptionRef,
        { cancel_at_period_end: true, ...because(asked) },
        once(asking, "cancel"),
      ),
    );
    const ends = canceled.items.data.map((item) => item.current_period_end);
    return { at: fromUnixSeconds(canceled.cancel_at ?? Math.min(...ends)) };
  });

/** Stripe keeps no key for what it deletes: a second no is a yes where the subscription is over. */
export const cancelNow: GatewayCommands["cancelNow"] = (asked, asking) =>
  calling(asking, async (stripe) => {
    const { subscriptionRef, givesBack } = asked;
    const isOver = async () => {
      const { status } = await stripe.subscriptions.retrieve(subscriptionRef);
      return status === "canceled" || status === "incomplete_expired";
    };
    const end: Stripe.SubscriptionCancelParams = {
      invoice_now: givesBack,
      prorate: givesBack,
      ...because(asked),
    };
    await withoutUnpaidBill(stripe, asked, asking, () =>
      withoutSchedule(stripe, asked.scheduleRef, asking, () =>
        unless(isOver, () => stripe.subscriptions.cancel(subscriptionRef, end)),
      ),
    );
  });

/** Stripe's own pages set a date where others set the flag; either is taken back. */
export const keep: GatewayCommands["keep"] = (subscriptionRef, asking) =>
  calling(asking, async (stripe) => {
    const now = await stripe.subscriptions.retrieve(subscriptionRef);
    const keeps: Stripe.SubscriptionUpdateParams | undefined = now.cancel_at_period_end
      ? { cancel_at_period_end: false }
      : now.cancel_at
        ? { cancel_at: "" }
        : undefined;
    if (!keeps) return;
    const step = now.cancel_at_period_end ? "keep" : "keep_after_date";
    await stripe.subscriptions.update(subscriptionRef, keeps, once(asking, step));
  });

/** No billing and no service until it goes on; what is paid for and unused is not given back. */
export const pause: GatewayCommands["pause"] = ({ subscriptionRef, scheduleRef }, asking) =>
  calling(asking, async (stripe) => {
    await withoutSchedule(stripe, scheduleRef, asking, () =>
      stripe.subscriptions.pause(
        subscriptionRef,
        { type: "subscription", bill_for: { unused_time_from: { type: "none" } } },
        once(asking, "pause"),
      ),
    );
  });

export const unpause: GatewayCommands["unpause"] = (subscriptionRef, asking) =>
  calling(asking, async (stripe) => {
    let resumed: Stripe.Subscription;
    try {
      resumed = await stripe.subscriptions.resume(
        subscriptionRef,
        {
          billing_cycle_anchor: { type: "now" },
          payment_behavior: "resume_on_payment_success",
        },
        once(asking, "resume"),
      );
    } catch (error) {
      return refusedPayment(error);
    }
    const invoiceRef = idIn(resumed.latest_invoice);
    return invoiceRef ? outcomeOf(stripe, invoiceRef) : nothingDue(resumed.currency);
  });

export const extendTrial: GatewayCommands["extendTrial"] = ({ subscriptionRef, until }, asking) =>
  calling(asking, async (stripe) => {
    const { status } = await stripe.subscriptions.retrieve(subscriptionRef);
    // Stripe would give what is paid for already another trial.
    if (status !== "trialing") throw new AppError("gateway_refused", "The trial is over already.");
    await stripe.subscriptions.update(
      subscriptionRef,
      { trial_end: secondsOf(until), proration_behavior: "none" },
      once(asking, "trial"),
    );
  });

/** Our reasons are Stripe's own words. It keeps a comment of a few hundred characters. */
function because({ feedback, comment }: CancelAsked) {
  const details = {
    ...(feedback && { feedback }),
    ...(comment && { comment: beginningOf(comment, 500) }),
  };
  return Object.keys(details).length > 0 ? { cancellation_details: details } : {};
}
