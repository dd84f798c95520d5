import type Stripe from "stripe";
import { intentOf, paymentsOf } from "../billing/invoice-payments.ts";
import { embedded } from "../protocol/list.ts";
import type { World } from "../state/world.ts";

/** What an invoice shows only when it is expanded. */
export const invoiceIncludes = {
  payments: (world: World, invoice: Stripe.Invoice) =>
    embedded(`/v1/invoice_payments?invoice=${invoice.id}`, [...paymentsOf(world, invoice.id)]),
  confirmation_secret: (
    world: World,
    invoice: Stripe.Invoice,
  ): Stripe.Invoice.ConfirmationSecret | null => {
    const secret = intentOf(world, invoice.id)?.client_secret;
    return secret ? { client_secret: secret, type: "payment_intent" } : null;
  },
};
