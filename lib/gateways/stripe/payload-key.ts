import type { PayloadKey } from "../verdict.ts";
import type { StripeEvent } from "./event.ts";
import { isName, objectAt, refAt } from "./json.ts";
import { kindOf, rootOf } from "./roots.ts";

/**
 * How a payload ranks among those about the same object, for the second in which Stripe's clock
 * cannot tell them apart. `.created` is always the first; after it, whatever is further along wins.
 *
 * Terminal, so that no later clock takes them back: a subscription canceled or never begun, an invoice
 * paid or void (a paid one cannot be voided; should both be told, the later clock wins), a payment
 * intent succeeded or canceled, a refund failed or canceled, a credit note voided, a checkout that was completed or expired,
 * a customer or an invoice deleted. Not terminal: an uncollectible invoice can still be paid, a charge's
 * refunds move, a lost dispute can be appealed, and a plan or product may be made anew under its id.
 */
export function payloadKey(event: StripeEvent): PayloadKey {
  const kind = event.isThin ? "event" : kindOf(event);
  const id = event.isThin
    ? event.id
    : (refAt(event.object, "id") ?? rootOf(event).root?.ref ?? event.id);
  if (isDeletion(event)) {
    return { object: `${kind}:${id}`, terminal: !REUSABLE.has(kind), rank: RANK_OF_DELETION };
  }
  const stage = STAGES.get(kind)?.(event) ?? 0;
  return {
    object: `${kind}:${id}`,
    terminal: stage >= TERMINAL,
    rank: event.meaning.endsWith(".created") ? 0 : 1 + (stage % TERMINAL),
  };
}

/** Whether the event says that its own object was deleted at Stripe. A subscription never is: it ends. */
export function isDeletion(event: StripeEvent): boolean {
  const kind = kindOf(event);
  return (
    DELETABLE.has(kind) && (event.meaning === `${kind}.deleted` || event.object.deleted === true)
  );
}

/** A stage is a rank; this much is added where no later payload may take it back. */
const TERMINAL = 100;
const RANK_OF_DELETION = 90;

const DELETABLE: ReadonlySet<string> = new Set(["customer", "invoice", "price", "plan", "product"]);
/** Kinds whose ids a merchant chooses, and can choose again. */
const REUSABLE: ReadonlySet<string> = new Set(["price", "plan", "product"]);

const STAGES: ReadonlyMap<string, (event: StripeEvent) => number> = new Map([
  ["subscription", subscriptionStage],
  ["invoice", invoiceStage],
  ["payment_intent", intentStage],
  ["charge", chargeStage],
  ["refund", refundStage],
  ["dispute", disputeStage],
  ["checkout.session", checkoutStage],
  ["credit_note", creditNoteStage],
]);

function subscriptionStage({ object, meaning }: StripeEvent): number {
  if (meaning === "customer.subscription.deleted") return TERMINAL + 9;
  return stageOf(object.status, {
    incomplete: 1,
    trialing: 2,
    active: 3,
    past_due: 4,
    unpaid: 5,
    paused: 6,
    incomplete_expired: TERMINAL + 7,
    canceled: TERMINAL + 8,
  });
}

function invoiceStage({ object, meaning }: StripeEvent): number {
  const { status } = object;
  if (typeof status !== "string") {
    if (object.paid === true) return TERMINAL + 4;
    return stageOf(meaning, {
      "invoice.payment_failed": 2,
      "invoice.finalized": 1,
      "invoice.marked_uncollectible": 3,
      "invoice.paid": TERMINAL + 4,
      "invoice.payment_succeeded": TERMINAL + 4,
      "invoice.voided": TERMINAL + 5,
    });
  }
  const afterFailure = meaning === "invoice.payment_failed" ? 1 : 0;
  return stageOf(status, {
    open: 1 + afterFailure,
    uncollectible: 3,
    paid: TERMINAL + 4,
    void: TERMINAL + 5,
  });
}

/** A failed intent goes back to where it began, so its status alone would rank it lowest. */
function intentStage({ object, meaning }: StripeEvent): number {
  const failed =
    meaning === "payment_intent.payment_failed" ||
    objectAt(object, "last_payment_error") !== undefined;
  return stageOf(typeof object.status === "string" ? object.status : meaning, {
    requires_payment_method: failed ? 5 : 1,
    requires_source: failed ? 5 : 1,
    requires_confirmation: 2,
    requires_action: 3,
    requires_source_action: 3,
    processing: 4,
    requires_capture: 6,
    succeeded: TERMINAL + 7,
    canceled: TERMINAL + 8,
    "payment_intent.payment_failed": 5,
    "payment_intent.succeeded": TERMINAL + 7,
    "payment_intent.canceled": TERMINAL + 8,
  });
}

/** Money goes back in one direction but for a failed refund, which is told by itself too. */
function chargeStage({ object, meaning }: StripeEvent): number {
  const base = stageOf(object.status, { pending: 1, failed: 2, succeeded: 3 });
  const refunded = Number(object.amount_refunded) > 0 || meaning === "charge.refunded";
  const disputed = object.disputed === true ? 1 : 0;
  if (object.refunded === true) return base + 6 + disputed;
  return base + (refunded ? 4 : 0) + (object.captured === true ? 1 : 0) + disputed;
}

function refundStage({ object, meaning }: StripeEvent): number {
  if (meaning === "refund.failed") return TERMINAL + 9;
  return stageOf(object.status, {
    pending: 1,
    requires_action: 2,
    succeeded: 3,
    canceled: TERMINAL + 8,
    failed: TERMINAL + 9,
  });
}

function disputeStage({ object, meaning }: StripeEvent): number {
  const closed = meaning === "charge.dispute.closed" ? 5 : 0;
  const stage = stageOf(object.status, {
    warning_needs_response: 1,
    warning_under_review: 2,
    needs_response: 3,
    under_review: 4,
    warning_closed: 5,
    prevented: 5,
    charge_refunded: 5,
    lost: 5,
    appeal_needs_response: 6,
    appeal_under_review: 7,
    won: 8,
  });
  return Math.max(stage, closed);
}

/** Completed comes before a delayed payment's outcome; success is the last word. */
function checkoutStage({ object, meaning }: StripeEvent): number {
  const { payment_status: payment, status } = object;
  if (meaning === "checkout.session.expired" || status === "expired") return TERMINAL + 1;
  if (meaning === "checkout.session.async_payment_succeeded") return TERMINAL + 5;
  if (payment === "paid" || payment === "no_payment_required") return TERMINAL + 4;
  if (meaning === "checkout.session.async_payment_failed") return TERMINAL + 3;
  return meaning === "checkout.session.completed" || status === "complete" ? TERMINAL + 2 : 0;
}

/** What was taken back from an invoice can be taken back itself, once. */
function creditNoteStage({ object, meaning }: StripeEvent): number {
  return object.status === "void" || meaning === "credit_note.voided" ? TERMINAL + 1 : 0;
}

function stageOf(word: unknown, stages: Readonly<Record<string, number>>): number {
  return isName(word) && Object.hasOwn(stages, word) ? (stages[word] ?? 0) : 0;
}
