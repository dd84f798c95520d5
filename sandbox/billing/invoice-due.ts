import type Stripe from "stripe";
import type { Due, DueSource } from "../clock/due.ts";
import { settingsOf } from "../control/settings.ts";
import { emit } from "../events/emit.ts";
import { idOf } from "../state/reference.ts";
import type { ClockRef, World } from "../state/world.ts";
import { collectInvoice } from "./collect.ts";
import { DAY_SECONDS, setNextAttempt } from "./invoice-draft.ts";
import { finalizeInvoice } from "./invoice-finalize.ts";
import { invoiceOf, subscriptionOf } from "./invoice-object.ts";

/**
 * What time does to invoices without a subscription: drafts that advance by themselves are finalized and
 * collected or sent, failed ones are tried again, and those that were sent become overdue. Those of a
 * subscription are in `renewal-invoices.ts`.
 */
export const invoiceDue: DueSource = (world, clock) => {
  let first: Due | undefined;
  for (const invoice of world.all("invoice")) {
    if (invoice.status !== "draft" && invoice.status !== "open") continue;
    if ((idOf(invoice.test_clock) ?? null) !== clock) continue;
    if (subscriptionOf(invoice) !== undefined) continue;
    const due = nextOf(world, invoice, clock);
    if (due && (!first || due.at < first.at)) first = due;
  }
  return first;
};

function nextOf(world: World, invoice: Stripe.Invoice, clock: ClockRef): Due | undefined {
  const { id, status } = invoice;
  if (status === "draft") {
    const at = invoice.automatically_finalizes_at;
    if (at === null || !invoice.auto_advance) return undefined;
    return { at, run: () => advanceDraft(world, id) };
  }
  const attempt = invoice.next_payment_attempt;
  if (attempt !== null) return { at: attempt, run: () => attemptByTime(world, id) };
  const due = invoice.due_date;
  if (due === null || (due <= world.now(clock) && wasSaid(world, id))) return undefined;
  return { at: due, run: () => emit(world, "invoice.overdue", invoiceOf(world, id)) };
}

/** An overdue invoice says nothing of it itself; only the event does. */
function wasSaid(world: World, id: string): boolean {
  return world
    .all("event")
    .some(
      ({ type, data }) =>
        type === "invoice.overdue" && "id" in data.object && data.object.id === id,
    );
}

function advanceDraft(world: World, id: string): void {
  const invoice = finalizeInvoice(world, id);
  if (invoice.status !== "open") return;
  if (invoice.collection_method === "send_invoice") emit(world, "invoice.sent", invoice);
  else attemptByTime(world, id);
}

/** Tried again after the same days as a subscription's; nothing follows the last. */
function attemptByTime(world: World, id: string): void {
  const { attempt_count: count, test_clock: clock } = invoiceOf(world, id);
  const days = settingsOf(world).retryDays[count];
  const next = days === undefined ? null : world.now(idOf(clock) ?? null) + days * DAY_SECONDS;
  setNextAttempt(world, id, next);
  collectInvoice(world, id, { offSession: true });
}
