import type Stripe from "stripe";
import type { z } from "zod";
import {
  collectInvoice,
  finalizeInvoice,
  markUncollectible,
  setNextAttempt,
  voidInvoice,
} from "../billing/invoice.ts";
import { DRAFT_SECONDS } from "../billing/invoice-draft.ts";
import { changeInvoice } from "../billing/invoice-object.ts";
import { intentOf } from "../billing/invoice-payments.ts";
import { subscriptionAfterInvoice } from "../billing/subscription-after-invoice.ts";
import { clockOf, emit } from "../events/emit.ts";
import { declined, invalid } from "../protocol/errors.ts";
import { mustFind } from "../protocol/find.ts";
import { type Operation, operation } from "../protocol/operation.ts";
import { params } from "../protocol/params.ts";
import type { World } from "../state/world.ts";
import { finalizeParams, payParams } from "./invoice-params.ts";

/** Finalizes and, where nothing was due, lets the subscription follow. */
function finalize(world: World, id: string, autoAdvance?: boolean): Stripe.Invoice {
  const draft = mustFind(world, "invoice", id);
  if (autoAdvance !== undefined && draft.status === "draft" && draft.auto_advance !== autoAdvance) {
    changeInvoice(world, draft, { auto_advance: autoAdvance });
  }
  const invoice = finalizeInvoice(world, id);
  if (invoice.status === "paid") subscriptionAfterInvoice(world, invoice);
  return mustFind(world, "invoice", id);
}

/** Finalizes what then is collected by itself, if it advances by itself. */
function finalizeOnly(world: World, id: string, autoAdvance?: boolean): Stripe.Invoice {
  const invoice = finalize(world, id, autoAdvance);
  const isCollected = invoice.auto_advance && invoice.collection_method === "charge_automatically";
  if (invoice.status !== "open" || !isCollected) return invoice;
  return setNextAttempt(world, id, world.now(clockOf(world, invoice)) + DRAFT_SECONDS);
}

function pay(world: World, id: string, given: z.output<typeof payParams>): Stripe.Invoice {
  if (mustFind(world, "invoice", id).status === "draft" && finalize(world, id).status === "paid") {
    return mustFind(world, "invoice", id);
  }
  const collected = collectInvoice(world, id, {
    offSession: given.off_session ?? true,
    paymentMethod: given.payment_method,
    paidOutOfBand: given.paid_out_of_band,
    isManual: true,
  });
  subscriptionAfterInvoice(world, collected.invoice);
  if (collected.outcome === "requires_action") throw collected.error ?? needsAction(world, id);
  if (collected.error) throw collected.error;
  return mustFind(world, "invoice", id);
}

function needsAction(world: World, id: string) {
  const intent = intentOf(world, id);
  return declined({
    code: "invoice_payment_intent_requires_action",
    message:
      "Payment for this invoice requires additional user action before it can be completed successfully. " +
      "Payment can be completed using the PaymentIntent associated with the invoice.",
    ...(intent ? { payment_intent: intent } : {}),
  });
}

/** Sends an invoice by mail, or would: the sandbox tells of it only. */
function send(world: World, id: string): Stripe.Invoice {
  const given = mustFind(world, "invoice", id);
  const invoice = given.status === "draft" ? finalize(world, id) : given;
  if (invoice.collection_method !== "send_invoice") {
    throw invalid(
      "You can only manually send an invoice if its collection method is 'send_invoice'.",
    );
  }
  if (invoice.status === "void") throw invalid("You cannot send a void invoice.");
  emit(world, "invoice.sent", invoice);
  return invoice;
}

/** What is done with an invoice, besides making and editing it. */
export const invoiceActionOperations: readonly Operation[] = [
  operation(
    "POST /v1/invoices/:id/finalize",
    finalizeParams,
    ({ world, params, path: { id = "" } }) => finalizeOnly(world, id, params.auto_advance),
  ),
  operation("POST /v1/invoices/:id/pay", payParams, ({ world, params, path: { id = "" } }) =>
    pay(world, id, params),
  ),
  operation(
    "POST /v1/invoices/:id/void",
    params<Stripe.InvoiceVoidInvoiceParams>()({}),
    ({ world, path: { id = "" } }) => {
      subscriptionAfterInvoice(world, voidInvoice(world, id));
      return mustFind(world, "invoice", id);
    },
  ),
  operation(
    "POST /v1/invoices/:id/mark_uncollectible",
    params<Stripe.InvoiceMarkUncollectibleParams>()({}),
    ({ world, path: { id = "" } }) => {
      subscriptionAfterInvoice(world, markUncollectible(world, id));
      return mustFind(world, "invoice", id);
    },
  ),
  operation(
    "POST /v1/invoices/:id/send",
    params<Stripe.InvoiceSendInvoiceParams>()({}),
    ({ world, path: { id = "" } }) => send(world, id),
  ),
];
