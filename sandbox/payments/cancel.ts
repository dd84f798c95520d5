import type Stripe from "stripe";
import { clockOf, emit } from "../events/emit.ts";
import type { World } from "../state/world.ts";
import { heldCharge } from "./capture.ts";
import { intentOf } from "./intent.ts";
import { releaseHold } from "./refunds.ts";

type Reason = Stripe.PaymentIntent.CancellationReason;

/** Ends an intent that was not paid; money that is held goes back. Where it is too late, all stays as it is. */
export function cancelIntent(
  world: World,
  id: string,
  reason: Reason | null,
): Stripe.PaymentIntent {
  const before = intentOf(world, id);
  const { status } = before;
  if (isTooLateToCancel(before)) return before;
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

/** Whether an intent has ended, or its bank was asked for the money and has yet to answer. */
export function isTooLateToCancel({ status }: Stripe.PaymentIntent): boolean {
  return status === "succeeded" || status === "canceled" || status === "processing";
}
