import type Stripe from "stripe";
import { clockOf, emit } from "../events/emit.ts";
import type { World } from "../state/world.ts";
import { heldCharge } from "./capture.ts";
import { intentOf, unexpected } from "./intent.ts";
import { releaseHold } from "./refunds.ts";

type Reason = Stripe.PaymentIntent.CancellationReason;

/** Reasons that are Stripe's own: an intent that has ended already is then left as it is. */
const OWN_REASONS: readonly Reason[] = ["automatic", "failed_invoice", "void_invoice", "expired"];

/** Ends an intent that was not paid, or refuses for one that was; money that is held goes back. */
export function cancelIntent(
  world: World,
  id: string,
  reason: Reason | null,
): Stripe.PaymentIntent {
  const before = intentOf(world, id);
  const { status } = before;
  if (status === "succeeded" || status === "canceled") {
    if (reason !== null && OWN_REASONS.includes(reason)) return before;
    throw unexpected(
      `You cannot cancel this PaymentIntent because it has a status of ${status}. Only a PaymentIntent with one of the following statuses may be canceled: requires_payment_method, requires_capture, requires_confirmation, requires_action, processing.`,
    );
  }
  if (status === "requires_capture") releaseHold(world, heldCharge(world, before));
  const canceled = world.put("payment_intent", {
    ...before,
    amount_capturable: 0,
    canceled_at: world.now(clockOf(world, before)),
    cancellation_reason: reason,
    next_action: null,
    status: "canceled",
  });
  emit(world, "payment_intent.canceled", canceled);
  return canceled;
}
