import type Stripe from "stripe";
import { notModelled } from "../protocol/errors.ts";
import type { World } from "../state/world.ts";

/**
 * The holder says yes to the bank (3-D Secure) for a payment or setup intent (`pi_` or `seti_`): the card
 * is charged or saved, and what waits for it (invoice, checkout) is told by `settle.ts`.
 */
export function approve(
  _world: World,
  _intentId: string,
): Stripe.PaymentIntent | Stripe.SetupIntent {
  throw notModelled("this yet");
}

/** The holder says no, or fails to prove who they are; the intent waits for another card. */
export function refuse(
  _world: World,
  _intentId: string,
): Stripe.PaymentIntent | Stripe.SetupIntent {
  throw notModelled("this yet");
}
