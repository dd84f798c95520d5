import type Stripe from "stripe";
import type { DueSource } from "../clock/due.ts";
import { clockOf, emit } from "../events/emit.ts";
import { invalid, missing, type StripeError } from "../protocol/errors.ts";
import { idOf } from "../state/reference.ts";
import type { World } from "../state/world.ts";
import { bookRefund, bookRefundFailure } from "./balance.ts";
import { closeRefundedInquiry, isChargedBack } from "./disputes.ts";
import { intentOf } from "./intent.ts";
import { amountInWords } from "./words.ts";

/** How long a test card's refund waits before the bank says more of it *(memory: "after a few seconds")*. */
const BANK_SECONDS = 5;

export type RefundDraft = {
  readonly charge?: string | undefined;
  readonly paymentIntent?: string | undefined;
  readonly amount?: number | undefined;
  readonly reason?: "duplicate" | "fraudulent" | "requested_by_customer" | undefined;
  readonly metadata?: Readonly<Record<string, string>> | undefined;
  /** Waits until `settleRefund` or `failRefund`, as it does for some banks. */
  readonly isPending?: boolean | undefined;
};

/** Gives money back, whole or in part. Refuses more than was paid, and what the bank took back already. */
export function createRefund(world: World, draft: RefundDraft): Stripe.Refund {
  const charge = chargeToRefund(world, draft);
  const amount = amountToRefund(charge, draft.amount);
  const isPending = draft.isPending || behaviourOf(world, charge) === "refunds_wait";
  const refund = putRefund(world, charge, { ...draft, amount, isPending, isBooked: true });
  const refunded = takeBack(world, charge, amount);
  emit(world, "refund.created", refund);
  emit(world, "charge.refunded", refunded, { before: charge });
  if (refunded.refunded) closeRefundedInquiry(world, charge.id);
  return refund;
}

/** Gives back money that was held and never taken. */
export function releaseHold(world: World, charge: Stripe.Charge): void {
  const { amount } = charge;
  const refund = putRefund(world, charge, { amount, isPending: false, isBooked: false });
  const released = takeBack(world, charge, amount);
  emit(world, "refund.created", refund);
  emit(world, "charge.refunded", released, { before: charge });
}

function putRefund(
  world: World,
  charge: Stripe.Charge,
  draft: Pick<RefundDraft, "reason" | "metadata"> & {
    amount: number;
    isPending: boolean;
    isBooked: boolean;
  },
): Stripe.Refund {
  const { amount, isPending, isBooked, reason = null } = draft;
  const { currency } = charge;
  const id = world.newId("re");
  const now = world.now(clockOf(world, charge));
  return world.put("refund", {
    id,
    object: "refund",
    amount,
    balance_transaction: isBooked ? bookRefund(world, { id, currency, amount }, now).id : null,
    charge: charge.id,
    created: now,
    currency,
    customer: charge.customer,
    customer_account: null,
    destination_details: {
      card: {
        reference_status: "pending",
        reference_type: "acquirer_reference_number",
        type: isBooked ? "refund" : "reversal",
      },
      type: "card",
    },
    metadata: { ...draft.metadata },
    payment_intent: charge.payment_intent,
    payment_method: charge.payment_method,
    ...(isPending ? { pending_reason: "processing" } : {}),
    reason,
    receipt_number: null,
    source_transfer_reversal: null,
    status: isPending ? "pending" : "succeeded",
    transfer_reversal: null,
  });
}

function chargeToRefund(
  world: World,
  { charge: given, paymentIntent }: RefundDraft,
): Stripe.Charge {
  const id = given ?? chargeOfIntent(world, paymentIntent);
  const charge = world.get("charge", id);
  if (!charge) throw missing("charge", id, "charge");
  if (paymentIntent !== undefined && charge.payment_intent !== paymentIntent) {
    throw invalid(`The charge ${charge.id} does not belong to the PaymentIntent ${paymentIntent}.`);
  }
  if (charge.status !== "succeeded" || !charge.captured) {
    throw invalid(`Charge ${id} is not a captured payment, so there is nothing to refund.`, {
      code: "charge_not_refundable",
    });
  }
  if (isChargedBack(world, id)) {
    throw invalid(`Charge ${id} has been charged back; cannot issue a refund.`, {
      code: "charge_disputed",
    });
  }
  return charge;
}

function chargeOfIntent(world: World, id: string | undefined): string {
  if (id === undefined) {
    throw invalid(
      "One of the following params should be provided for this request: payment_intent or charge.",
    );
  }
  const { latest_charge, status } = intentOf(world, id, "payment_intent");
  const charge = idOf(latest_charge);
  if (status === "succeeded" && charge !== undefined) return charge;
  throw invalid(`This PaymentIntent (${id}) does not have a successful charge to refund.`, {
    code: "payment_intent_unexpected_state",
    param: "payment_intent",
  });
}

function amountToRefund(charge: Stripe.Charge, given: number | undefined): number {
  const left = charge.amount - charge.amount_refunded;
  if (left === 0) {
    throw invalid(`Charge ${charge.id} has already been refunded.`, {
      code: "charge_already_refunded",
    });
  }
  const amount = given ?? left;
  if (amount < 1) {
    throw invalid("Invalid positive integer", {
      code: "parameter_invalid_integer",
      param: "amount",
    });
  }
  if (amount > left) throw tooMuch(amount, left, charge.currency);
  return amount;
}

function tooMuch(amount: number, left: number, currency: string): StripeError {
  return invalid(
    `Refund amount (${amountInWords(amount, currency)}) is greater than unrefunded amount on charge (${amountInWords(left, currency)})`,
    { param: "amount" },
  );
}

function takeBack(world: World, charge: Stripe.Charge, amount: number): Stripe.Charge {
  const amount_refunded = charge.amount_refunded + amount;
  const refunded = amount_refunded === charge.amount;
  return world.put("charge", { ...charge, amount_refunded, refunded });
}

/** The bank has given the money to the holder: for a refund that was pending. */
export function settleRefund(world: World, id: string): Stripe.Refund {
  const before = refundOf(world, id);
  if (before.status !== "pending") throw invalid(`Refund ${id} is not pending.`);
  const { pending_reason: _, ...rest } = before;
  const settled = world.put("refund", { ...rest, status: "succeeded" });
  announce(world, settled, before);
  return settled;
}

/** The bank could not give the money to the holder: it comes back to the account, and the charge stands. */
export function failRefund(
  world: World,
  id: string,
  reason = "expired_or_canceled_card",
): Stripe.Refund {
  const before = refundOf(world, id);
  if (before.status !== "pending" && before.status !== "succeeded") {
    throw invalid(`Refund ${id} has a status of ${before.status} and cannot fail.`);
  }
  const charge = world.get("charge", idOf(before.charge) ?? "");
  const now = world.now(clockOf(world, before));
  const { pending_reason: _, ...rest } = before;
  const failed = world.put("refund", {
    ...rest,
    failure_balance_transaction: bookRefundFailure(world, before, now).id,
    failure_reason: reason,
    status: "failed",
  });
  if (charge) takeBack(world, charge, -before.amount);
  emit(world, "refund.failed", failed, { before });
  announce(world, failed, before);
  return failed;
}

function announce(world: World, refund: Stripe.Refund, before: Stripe.Refund): void {
  emit(world, "refund.updated", refund, { before });
  emit(world, "charge.refund.updated", refund, { before });
}

export function refundOf(world: World, id: string): Stripe.Refund {
  const refund = world.get("refund", id);
  if (!refund) throw missing("refund", id);
  return refund;
}

/** What banks say of refunds later: the reference of each, and how those of the test cards for it end. */
export const refundDue: DueSource = (world, clock) => {
  for (const refund of world.all("refund")) {
    const news = newsOf(world, refund);
    if (news && clockOf(world, refund) === clock) return news;
  }
  return undefined;
};

function newsOf(world: World, refund: Stripe.Refund) {
  const { id, created, status, destination_details } = refund;
  if (status === "pending" || status === "succeeded") {
    const charge = world.get("charge", idOf(refund.charge) ?? "");
    const behaviour = charge && behaviourOf(world, charge);
    if (status === "pending" && behaviour === "refunds_wait") {
      return { at: created + BANK_SECONDS, run: () => void settleRefund(world, id) };
    }
    if (status === "succeeded" && behaviour === "refunds_fail") {
      return { at: created + BANK_SECONDS, run: () => void failRefund(world, id) };
    }
  }
  if (status === "succeeded" && destination_details?.card?.reference_status === "pending") {
    return { at: created, run: () => refer(world, refund) };
  }
  return undefined;
}

/** Banks name a refund by a number that its holder can ask for. */
function refer(world: World, before: Stripe.Refund): void {
  const card = before.destination_details?.card;
  if (!card) return;
  const reference = Array.from({ length: 23 }, () => world.random.below(10)).join("");
  const after = world.put("refund", {
    ...before,
    destination_details: {
      ...before.destination_details,
      card: { ...card, reference, reference_status: "available" },
      type: "card",
    },
  });
  announce(world, after, before);
}

function behaviourOf(world: World, charge: Stripe.Charge) {
  return world.get("card", charge.payment_method ?? "")?.behaviour;
}
