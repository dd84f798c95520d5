import type Stripe from "stripe";
import { clockOf, emit } from "../events/emit.ts";
import type { World } from "../state/world.ts";
import { heldCharge } from "./capture.ts";
import { intentOf } from "./intent.ts";
import { releaseHold } from "./refunds.ts";

type Reason = Stripe.PaymentIntent.CancellationReason;

/** Ends an intent that was not paid; money that is held goes back. One that has ended stays as it is. */
export function cancelIntent(
  world: World,
  id: string,
  reason: Reason | null,
): Stripe.PaymentIntent {
  const before = intentOf(world, id);
  const { status } = before;
  if (hasEnded(before)) return before;
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

export function hasEnded({ status }: Stripe.PaymentIntent): boolean {
  return status === "succeeded" || status === "canceled";
}
