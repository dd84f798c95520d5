import type Stripe from "stripe";
import { clockOf, emit } from "../events/emit.ts";
import { invalid } from "../protocol/errors.ts";
import type { World } from "../state/world.ts";
import { bookCharge } from "./balance.ts";
import { intentOf, unexpected } from "./intent.ts";

/** Takes the money that a bank holds for an intent, or a part of it; the rest goes back to the holder. */
export function captureIntent(world: World, id: string, given?: number): Stripe.PaymentIntent {
  const before = intentOf(world, id);
  if (before.status !== "requires_capture") {
    throw unexpected(
      `This PaymentIntent could not be captured because it has a status of ${before.status}. Only a PaymentIntent with one of the following statuses may be captured: requires_capture.`,
    );
  }
  const amount = given ?? before.amount_capturable;
  if (amount < 1 || amount > before.amount_capturable) {
    throw invalid(
      `The amount to capture (${amount}) must be between 1 and the capturable amount (${before.amount_capturable}).`,
      { code: "amount_too_large", param: "amount_to_capture" },
    );
  }
  const charge = captureCharge(world, before, amount);
  const paid = world.put("payment_intent", {
    ...before,
    amount_capturable: 0,
    amount_received: amount,
    status: "succeeded",
  });
  emit(world, "charge.captured", charge);
  emit(world, "payment_intent.succeeded", paid);
  return paid;
}

function captureCharge(world: World, intent: Stripe.PaymentIntent, amount: number): Stripe.Charge {
  const charge = heldCharge(world, intent);
  const booked = bookCharge(world, charge, amount, world.now(clockOf(world, intent)));
  return world.put("charge", {
    ...charge,
    amount_captured: amount,
    amount_refunded: charge.amount - amount,
    balance_transaction: booked.id,
    captured: true,
  });
}

/** The charge whose money the bank holds for an intent. */
export function heldCharge(
  world: World,
  { id, latest_charge }: Stripe.PaymentIntent,
): Stripe.Charge {
  const charge = typeof latest_charge === "string" ? world.get("charge", latest_charge) : undefined;
  if (!charge) throw new Error(`an intent without its charge: ${id}`);
  return charge;
}
