import type Stripe from "stripe";
import type { DueSource } from "../clock/due.ts";
import { clockOf, emit } from "../events/emit.ts";
import { invalid, missing } from "../protocol/errors.ts";
import { mergeMetadata } from "../protocol/params.ts";
import { idOf } from "../state/reference.ts";
import type { ClockRef, World } from "../state/world.ts";
import { bookDispute } from "./balance.ts";
import type { Card } from "./card.ts";
import { putDispute } from "./dispute-object.ts";

type Status = Stripe.Dispute.Status;

/** Where evidence is asked for, and where the dispute goes when it is sent in. */
const AFTER_EVIDENCE: ReadonlyMap<Status, Status> = new Map([
  ["needs_response", "under_review"],
  ["warning_needs_response", "warning_under_review"],
  ["appeal_needs_response", "appeal_under_review"],
]);
const UNDER_REVIEW: readonly Status[] = [...AFTER_EVIDENCE.values()];
/** Disputes that hinder a refund no more, the money being back. */
const HARMLESS: readonly Status[] = ["won", "warning_closed", "prevented"];

/** The texts by which Stripe's test mode decides a dispute. */
const DECIDING = {
  winning_evidence: winDispute,
  losing_evidence: loseDispute,
  escalate_inquiry_evidence: escalateInquiry,
} as const;

/** Lets a charge's bank contest it; as an inquiry it only asks, and no money moves. */
export function openDispute(
  world: World,
  chargeId: string,
  { reason = "fraudulent", inquiry = false }: { reason?: string; inquiry?: boolean } = {},
): Stripe.Dispute {
  const charge = world.get("charge", chargeId);
  if (!charge) throw missing("charge", chargeId, "charge");
  const amount = charge.amount_captured - charge.amount_refunded;
  if (charge.disputed || !charge.paid || amount <= 0) {
    throw invalid(`Charge ${chargeId} cannot be disputed: it is disputed, refunded or not paid.`);
  }
  const clock = clockOf(world, charge);
  world.put("charge", { ...charge, disputed: true });
  const draft = { amount, reason, isInquiry: inquiry };
  const dispute = putDispute(world, charge, draft, world.now(clock));
  emit(world, "charge.dispute.created", dispute, { clock });
  if (!inquiry) emit(world, "charge.dispute.funds_withdrawn", dispute, { clock });
  return dispute;
}

/** Opens the dispute that a test card is for. */
export function disputeAsTested(world: World, charge: Stripe.Charge, { behaviour }: Card): void {
  if (behaviour === "is_disputed") openDispute(world, charge.id);
  if (behaviour === "is_inquired") openDispute(world, charge.id, { inquiry: true });
  if (behaviour === "is_disputed_not_received") {
    openDispute(world, charge.id, { reason: "product_not_received" });
  }
}

/** Whether the bank took this charge's money back, so that nobody can give it back again. */
export function isChargedBack(world: World, charge: string): boolean {
  return world
    .all("dispute")
    .some(
      (dispute) =>
        dispute.charge === charge &&
        !dispute.is_charge_refundable &&
        !HARMLESS.includes(dispute.status),
    );
}

/** An inquiry about money that was given back has nothing left to ask. */
export function closeRefundedInquiry(world: World, charge: string): void {
  for (const dispute of world.all("dispute")) {
    const isOpen = ["warning_needs_response", "warning_under_review"].includes(dispute.status);
    if (dispute.charge === charge && isOpen) end(world, dispute, "warning_closed");
  }
}

export type DisputeChanges = {
  /** What is said; null unsets. */
  readonly evidence?: { readonly [M in keyof Evidence]?: Evidence[M] | undefined } | undefined;
  readonly metadata?: Readonly<Record<string, string>> | null | undefined;
  /** Whether the evidence goes to the bank now; it does unless this is false. */
  readonly submit?: boolean | undefined;
};
type Evidence = Stripe.Dispute.Evidence;

/** Notes evidence and sends it in. The bank decides a moment later, see `disputeDue`. */
export function updateDispute(world: World, id: string, changes: DisputeChanges): Stripe.Dispute {
  const before = disputeOf(world, id);
  const { evidence: given, submit = given !== undefined } = changes;
  const isSentIn = submit;
  const next = AFTER_EVIDENCE.get(before.status);
  if ((given || isSentIn) && next === undefined) {
    throw invalid(
      `Evidence for this dispute cannot be changed: it has a status of ${before.status}.`,
      { code: "dispute_not_open" },
    );
  }
  const evidence = { ...before.evidence, ...definedIn(given) };
  const after: Stripe.Dispute = {
    ...before,
    evidence,
    evidence_details: {
      ...before.evidence_details,
      has_evidence: before.evidence_details.has_evidence || given !== undefined,
      ...(isSentIn
        ? {
            submission_count: before.evidence_details.submission_count + 1,
            submission_method: "manual",
          }
        : {}),
    },
    metadata: mergeMetadata(before.metadata, changes.metadata),
    status: isSentIn && next !== undefined ? next : before.status,
  };
  return change(world, before, after);
}

function definedIn(evidence: DisputeChanges["evidence"] = {}): Partial<Evidence> {
  return Object.fromEntries(Object.entries(evidence).filter(([, value]) => value !== undefined));
}

/** Gives the dispute up: it is lost, an inquiry just ends. */
export function closeDispute(world: World, id: string): Stripe.Dispute {
  const dispute = disputeOf(world, id);
  if (dispute.status === "warning_needs_response") return end(world, dispute, "warning_closed");
  if (AFTER_EVIDENCE.has(dispute.status)) return end(world, dispute, "lost");
  throw alreadyEnded(dispute);
}

/** The bank takes the merchant's side: the money comes back. An inquiry ends without one. */
export function winDispute(world: World, id: string): Stripe.Dispute {
  const dispute = openOne(world, id);
  if (dispute.status.startsWith("warning_")) return end(world, dispute, "warning_closed");
  const clock = clockOfDispute(world, dispute);
  const booked = bookDispute(world, dispute, "reinstated", world.now(clock));
  const won = world.put("dispute", {
    ...dispute,
    balance_transactions: [...dispute.balance_transactions, booked],
    status: "won",
  });
  emit(world, "charge.dispute.funds_reinstated", won, { before: dispute, clock });
  emit(world, "charge.dispute.closed", won, { before: dispute, clock });
  return won;
}

/** The bank takes its customer's side: the money stays gone. An inquiry ends without a loss. */
export function loseDispute(world: World, id: string): Stripe.Dispute {
  const dispute = openOne(world, id);
  return end(world, dispute, dispute.status.startsWith("warning_") ? "warning_closed" : "lost");
}

/** An inquiry becomes a dispute: now the money is taken. */
export function escalateInquiry(world: World, id: string): Stripe.Dispute {
  const inquiry = openOne(world, id);
  if (!inquiry.status.startsWith("warning_")) throw invalid(`Dispute ${id} is no inquiry.`);
  const clock = clockOfDispute(world, inquiry);
  const booked = bookDispute(world, inquiry, "withdrawn", world.now(clock));
  const { payment_method_details: details } = inquiry;
  const escalated = change(world, inquiry, {
    ...inquiry,
    balance_transactions: [booked],
    evidence: { ...inquiry.evidence, uncategorized_text: null },
    is_charge_refundable: false,
    ...(details?.card
      ? {
          payment_method_details: {
            ...details,
            card: { ...details.card, case_type: "chargeback" },
          },
        }
      : {}),
    status: "needs_response",
  });
  emit(world, "charge.dispute.funds_withdrawn", escalated, { clock });
  return escalated;
}

/** A lost dispute may be appealed: evidence is asked for once more. */
export function allowAppeal(world: World, id: string): Stripe.Dispute {
  const lost = disputeOf(world, id);
  if (lost.status !== "lost") throw invalid(`Dispute ${id} is not lost, so nothing to appeal.`);
  return change(world, lost, {
    ...lost,
    evidence: { ...lost.evidence, uncategorized_text: null },
    status: "appeal_needs_response",
  });
}

/** The bank reads what test mode understands and decides at once, by the sandbox's own clock. */
export const disputeDue: DueSource = (world, clock) => {
  if (clock !== null) return undefined;
  for (const dispute of world.all("dispute")) {
    const decide = UNDER_REVIEW.includes(dispute.status) && decisionOf(dispute);
    if (decide) return { at: world.now(null), run: () => void decide(world, dispute.id) };
  }
  return undefined;
};

function decisionOf({ evidence, status }: Stripe.Dispute) {
  const text = evidence.uncategorized_text;
  if (text === "winning_evidence" || text === "losing_evidence") return DECIDING[text];
  if (text === "escalate_inquiry_evidence" && status === "warning_under_review") {
    return DECIDING[text];
  }
  return undefined;
}

function end(world: World, before: Stripe.Dispute, status: Status): Stripe.Dispute {
  const after = world.put("dispute", { ...before, status, is_charge_refundable: false });
  emit(world, "charge.dispute.closed", after, { before, clock: clockOfDispute(world, after) });
  return after;
}

function change(world: World, before: Stripe.Dispute, after: Stripe.Dispute): Stripe.Dispute {
  if (JSON.stringify(after) === JSON.stringify(before)) return before;
  const clock = clockOfDispute(world, before);
  emit(world, "charge.dispute.updated", world.put("dispute", after), { before, clock });
  return after;
}

/** A dispute that the bank has yet to decide. */
function openOne(world: World, id: string): Stripe.Dispute {
  const dispute = disputeOf(world, id);
  const isOpen = AFTER_EVIDENCE.has(dispute.status) || UNDER_REVIEW.includes(dispute.status);
  if (!isOpen) throw alreadyEnded(dispute);
  return dispute;
}

function alreadyEnded({ id, status }: Stripe.Dispute) {
  return invalid(`Dispute ${id} is already closed: it has a status of ${status}.`, {
    code: "dispute_already_closed",
  });
}

export function disputeOf(world: World, id: string): Stripe.Dispute {
  const dispute = world.get("dispute", id);
  if (!dispute) throw missing("dispute", id);
  return dispute;
}

function clockOfDispute(world: World, dispute: Stripe.Dispute): ClockRef {
  const charge = world.get("charge", idOf(dispute.charge));
  return charge ? clockOf(world, charge) : null;
}
