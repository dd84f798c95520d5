import type Stripe from "stripe";
import type { World } from "../state/world.ts";

/**
 * Lets a subscription follow its invoice, after somebody else changed the invoice's standing: it was
 * paid, voided, given up, or an attempt to collect it has failed. Does nothing for other invoices, and
 * nothing the second time.
 */
export function subscriptionAfterInvoice(_world: World, _invoice: Stripe.Invoice): void {}
