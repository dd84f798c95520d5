import type Stripe from "stripe";
import { noteIntentOutcome } from "./billing/intent-outcome.ts";
import { noteSessionIntent } from "./checkout/session.ts";
import { invoiceOf } from "./payments/intent.ts";
import type { World } from "./state/world.ts";

/**
 * Tells whoever waits for an intent what became of it: first its invoice (and so its subscription), then
 * its checkout. For intents that come to an end outside of `collectInvoice` and of checkout itself.
 */
export function settleIntent(
  world: World,
  intent: Stripe.PaymentIntent | Stripe.SetupIntent,
): void {
  if (intent.object === "payment_intent") {
    const invoice = invoiceOf(intent);
    if (invoice !== undefined) noteIntentOutcome(world, invoice, intent);
  }
  noteSessionIntent(world, intent);
}
