import type Stripe from "stripe";
import { emit } from "../events/emit.ts";
import type { World } from "../state/world.ts";
import { attempted, paidInFull } from "./collect.ts";
import { invoiceOf } from "./invoice-object.ts";
import { cancelPayment } from "./invoice-payments.ts";
import { subscriptionAfterInvoice } from "./subscription-after-invoice.ts";

/**
 * Takes note of what became of an invoice's payment outside of `collectInvoice`, such as after 3-D Secure,
 * and lets the subscription follow. Nothing the second time.
 */
export function noteIntentOutcome(
  world: World,
  invoiceId: string,
  intent: Stripe.PaymentIntent,
): Stripe.Invoice {
  const before = invoiceOf(world, invoiceId);
  if (before.status !== "open" && before.status !== "uncollectible") return before;
  const after = noted(world, before, intent);
  if (after !== before) subscriptionAfterInvoice(world, after);
  return invoiceOf(world, invoiceId);
}

function noted(
  world: World,
  invoice: Stripe.Invoice,
  intent: Stripe.PaymentIntent,
): Stripe.Invoice {
  if (intent.status === "succeeded") {
    return paidInFull(world, invoice, true);
  }
  if (intent.status === "canceled") {
    cancelPayment(world, invoice, "abandoned");
    return invoice;
  }
  if (intent.status !== "requires_payment_method") return invoice;
  const failed = attempted(world, invoice, true);
  emit(world, "invoice.payment_failed", failed);
  return failed;
}
