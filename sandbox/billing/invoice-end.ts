import type Stripe from "stripe";
import { clockOf, emit } from "../events/emit.ts";
import { invalid } from "../protocol/errors.ts";
import { idOf } from "../state/reference.ts";
import type { World } from "../state/world.ts";
import { moveBalance } from "./balance.ts";
import { forgetInvoiceItem } from "./invoice-items.ts";
import { changeInvoice, draftOf, invoiceOf } from "./invoice-object.ts";
import { cancelPayment } from "./invoice-payments.ts";

/** Takes an open invoice back for good: its payment is given up and the balance it used is given back. */
export function voidInvoice(world: World, id: string): Stripe.Invoice {
  const before = unpaid(world, id, "voided");
  cancelPayment(world, before, "void_invoice");
  unapplyBalance(world, before);
  const after = changeInvoice(world, before, {
    auto_advance: false,
    next_payment_attempt: null,
    status: "void",
    status_transitions: {
      ...before.status_transitions,
      voided_at: world.now(clockOf(world, before)),
    },
  });
  emit(world, "invoice.voided", after);
  return after;
}

/** Gives an open invoice up as bad debt; it can still be paid. */
export function markUncollectible(
  world: World,
  id: string,
  reason: Stripe.Invoice.StatusDetails.Uncollectible.Reason = "user_forgiven",
): Stripe.Invoice {
  const before = unpaid(world, id, "marked uncollectible");
  const after = changeInvoice(world, before, {
    auto_advance: false,
    next_payment_attempt: null,
    status: "uncollectible",
    status_details: { uncollectible: { reason } },
    status_transitions: {
      ...before.status_transitions,
      marked_uncollectible_at: world.now(clockOf(world, before)),
    },
  });
  emit(world, "invoice.marked_uncollectible", after);
  return after;
}

function unpaid(world: World, id: string, wish: string): Stripe.Invoice {
  const invoice = invoiceOf(world, id);
  if (invoice.status === "open" || invoice.status === "uncollectible") return invoice;
  throw invalid(`This invoice cannot be ${wish} because its status is ${invoice.status}.`, {
    code: "status_transition_invalid",
  });
}

function unapplyBalance(world: World, invoice: Stripe.Invoice): void {
  const moved = (invoice.ending_balance ?? invoice.starting_balance) - invoice.starting_balance;
  const customer = idOf(invoice.customer);
  if (moved === 0 || customer === undefined) return;
  moveBalance(world, {
    customer,
    amount: -moved,
    currency: invoice.currency,
    type: "unapplied_from_invoice",
    invoice: invoice.id,
  });
}

/** Deletes a draft, with the invoice items that are on it. */
export function deleteDraft(world: World, id: string): Stripe.DeletedInvoice {
  const draft = draftOf(world, id);
  for (const item of world.of("invoiceitem", "invoice", id)) forgetInvoiceItem(world, item);
  world.remove("invoice", id);
  const deleted = { id, object: "invoice", deleted: true } as const;
  world.put("deleted", { ...deleted });
  emit(world, "invoice.deleted", draft);
  return deleted;
}
