import type Stripe from "stripe";
import { clockOf, emit } from "../events/emit.ts";
import { invalid, StripeError } from "../protocol/errors.ts";
import { idOf } from "../state/reference.ts";
import type { World } from "../state/world.ts";
import { finalizeInvoice } from "./invoice.ts";
import { HOUR } from "./period.ts";
import { renewsAt, startPeriod } from "./renewal.ts";
import { dueOfSchedule } from "./schedule-move.ts";
import { isOver } from "./schedule-object.ts";
import { noteTime } from "./subscription-notes.ts";
import { subscriptionNamed } from "./subscription-object.ts";

/** Says what a renewal that is near will bill. */
export function announceUpcoming(world: World, subscription: Stripe.Subscription): void {
  const end = renewsAt(subscription) ?? null;
  noteTime(world, subscription.id, { upcomingSaid: end });
  const preview = world.rehearse(() => {
    const draft = nextInvoice(world, subscription.id);
    return draft && shown(world, draft);
  });
  if (preview) emit(world, "invoice.upcoming", withoutId(preview));
}

/** An invoice that is not there yet has no id in its event, though the SDK's type says so. */
function withoutId(invoice: Stripe.Invoice): Stripe.Invoice;
function withoutId({ id: _id, ...invoice }: Stripe.Invoice): unknown {
  return invoice;
}

/**
 * Goes to the next renewal and drafts its invoice; undefined where the subscription ends instead. Only for
 * rehearsals: the clock stays there.
 */
export function nextInvoice(world: World, id: string): Stripe.Invoice | undefined {
  const clock = clockOf(world, subscriptionNamed(world, id));
  for (;;) {
    const subscription = subscriptionNamed(world, id);
    const end = renewsAt(subscription);
    if (end === undefined) return undefined;
    const schedule = world.get("subscription_schedule", idOf(subscription.schedule) ?? "");
    const due = schedule && !isOver(schedule) ? dueOfSchedule(world, schedule) : undefined;
    if (due && due.at <= end) {
      world.setClock(clock, due.at);
      due.run();
      continue;
    }
    world.setClock(clock, end);
    return startPeriod(world, subscription);
  }
}

export function noUpcoming(customer: string): StripeError {
  const { body } = invalid(`No upcoming invoices for customer: '${customer}'`, {
    code: "invoice_upcoming_none",
  });
  return new StripeError(404, body);
}

/** A draft as a preview shows it: with the balance that it will leave, under an id of its own. */
export function shown(world: World, draft: Stripe.Invoice): Stripe.Invoice {
  const final = finalizeInvoice(world, draft.id);
  const id = world.newId("upcoming_in");
  const url = `/v1/invoices/${id}/lines`;
  const isCharged = draft.collection_method === "charge_automatically";
  return {
    ...draft,
    id,
    automatically_finalizes_at: null,
    ending_balance: final.ending_balance,
    lines: {
      ...draft.lines,
      url,
      data: draft.lines.data.map((line) => ({ ...line, invoice: id })),
    },
    next_payment_attempt: isCharged ? draft.created + HOUR : null,
    webhooks_delivered_at: null,
  };
}
