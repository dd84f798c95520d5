import type Stripe from "stripe";
import { afterEach, beforeEach, expect, test } from "vitest";
import { allowAppeal, openDispute } from "#sandbox/payments/disputes.ts";
import { type Box, eventTypes, failureOf, startSandbox } from "#tests/support/sandbox.ts";
import { eventFaults } from "#tests/support/sdk-shapes.ts";

const NOBODY = { id: null, idempotency_key: null };

let box: Box;
beforeEach(async () => {
  box = await startSandbox();
});
afterEach(() => box.close());

async function paid(payment_method: string): Promise<string> {
  const { latest_charge } = await box.stripe.paymentIntents.create({
    amount: 2_000,
    currency: "usd",
    confirm: true,
    payment_method,
  });
  return String(latest_charge);
}

async function disputed(method = "pm_card_createDispute"): Promise<Stripe.Dispute> {
  const { data } = await box.stripe.disputes.list({ charge: await paid(method) });
  const [dispute] = data;
  return dispute ?? expect.fail("no dispute was opened");
}

function answerWith(id: string, uncategorized_text: string): Promise<Stripe.Dispute> {
  return box.stripe.disputes.update(id, { evidence: { uncategorized_text } });
}

test("takes the money when a card's bank disputes its charge", async () => {
  const dispute = await disputed();

  const charge = await box.stripe.charges.retrieve(String(dispute.charge));
  expect(dispute).toMatchObject({
    amount: 2_000,
    balance_transactions: [{ amount: -2_000, fee: 1_500, net: -3_500, type: "adjustment" }],
    evidence_details: { has_evidence: false, submission_count: 0 },
    is_charge_refundable: false,
    reason: "fraudulent",
    status: "needs_response",
  });
  expect(dispute.id).toMatch(/^du_\w{24}$/);
  expect(charge).toMatchObject({ disputed: true, status: "succeeded" });
  expect(eventTypes(box).slice(-2)).toEqual([
    "charge.dispute.created",
    "charge.dispute.funds_withdrawn",
  ]);
});

test("only asks in an inquiry, and a refund of everything ends it", async () => {
  const inquiry = await disputed("pm_card_createDisputeInquiry");

  await box.stripe.refunds.create({ charge: String(inquiry.charge) });

  const closed = await box.stripe.disputes.retrieve(inquiry.id);
  expect(inquiry).toMatchObject({
    balance_transactions: [],
    is_charge_refundable: true,
    status: "warning_needs_response",
  });
  expect(closed.status).toBe("warning_closed");
});

test("gives nothing back that the bank has taken", async () => {
  const { charge } = await disputed();

  const error = await failureOf(box.stripe.refunds.create({ charge: String(charge) }));

  expect(error).toMatchObject({ statusCode: 400, code: "charge_disputed" });
});

test("wins with winning evidence and has the money back", async () => {
  const { id } = await disputed();

  const sent = await answerWith(id, "winning_evidence");
  const won = await box.stripe.disputes.retrieve(id);

  expect(sent).toMatchObject({
    evidence_details: { has_evidence: true, submission_count: 1 },
    status: "under_review",
  });
  expect(won.status).toBe("won");
  expect(won.balance_transactions.map(({ amount }) => amount)).toEqual([-2_000, 2_000]);
  expect(eventTypes(box).slice(-3)).toEqual([
    "charge.dispute.updated",
    "charge.dispute.funds_reinstated",
    "charge.dispute.closed",
  ]);
});

test("loses with losing evidence", async () => {
  const { id } = await disputed();
  await answerWith(id, "losing_evidence");

  const lost = await box.stripe.disputes.retrieve(id);

  expect(lost.status).toBe("lost");
  expect(lost.balance_transactions).toHaveLength(1);
  expect(eventTypes(box).at(-1)).toBe("charge.dispute.closed");
});

test("stages evidence that is not yet submitted", async () => {
  const { id } = await disputed();

  const staged = await box.stripe.disputes.update(id, {
    evidence: { product_description: "Credits" },
    submit: false,
  });
  const sent = await box.stripe.disputes.update(id, { submit: true });

  expect(staged).toMatchObject({
    evidence: { product_description: "Credits" },
    evidence_details: { has_evidence: true, submission_count: 0 },
    status: "needs_response",
  });
  expect(sent).toMatchObject({
    evidence_details: { submission_count: 1 },
    status: "under_review",
  });
});

test("changes metadata alone without submitting", async () => {
  const { id } = await disputed("pm_card_createDisputeInquiry");

  const updated = await box.stripe.disputes.update(id, { metadata: { foo: "bar" } });

  expect(updated).toMatchObject({ metadata: { foo: "bar" }, status: "warning_needs_response" });
  expect(eventTypes(box).at(-1)).toBe("charge.dispute.updated");
});

test("makes a dispute of an inquiry when the bank goes on", async () => {
  const { id } = await disputed("pm_card_createDisputeInquiry");
  await answerWith(id, "escalate_inquiry_evidence");

  const escalated = await box.stripe.disputes.retrieve(id);

  expect(escalated).toMatchObject({ is_charge_refundable: false, status: "needs_response" });
  expect(escalated.balance_transactions.map(({ amount }) => amount)).toEqual([-2_000]);
  expect(eventTypes(box).at(-1)).toBe("charge.dispute.funds_withdrawn");
});

test("concedes a dispute, once", async () => {
  const { id } = await disputed();

  const closed = await box.stripe.disputes.close(id);
  const again = await failureOf(box.stripe.disputes.close(id));
  const late = await failureOf(answerWith(id, "winning_evidence"));

  expect(closed.status).toBe("lost");
  expect([again.statusCode, late.statusCode]).toEqual([400, 400]);
});

test("appeals a lost dispute and wins after all", async () => {
  const { id } = await disputed();
  await answerWith(id, "losing_evidence");
  await box.stripe.disputes.retrieve(id);
  box.world.act(NOBODY, () => allowAppeal(box.world, id));

  const sent = await box.stripe.disputes.update(id, {
    evidence: {
      appeal: { card: { reason_for_filing: "It was delivered." } },
      uncategorized_text: "winning_evidence",
    },
  });
  const won = await box.stripe.disputes.retrieve(id);

  expect([sent.status, won.status]).toEqual(["appeal_under_review", "won"]);
});

test("opens a dispute by hand, about what was not refunded, and only one", async () => {
  const charge = await paid("pm_card_visa");
  await box.stripe.refunds.create({ charge, amount: 500 });
  const open = () =>
    box.world.act(NOBODY, () => openDispute(box.world, charge, { reason: "duplicate" }));

  const dispute = open();

  expect(dispute).toMatchObject({ amount: 1_500, reason: "duplicate", status: "needs_response" });
  expect(open).toThrow(/cannot be disputed/);
});

test("keeps an account of what the money did", async () => {
  const { id } = await disputed();
  await answerWith(id, "winning_evidence");
  await box.stripe.disputes.retrieve(id);

  const { data } = await box.stripe.balanceTransactions.list();

  expect(data.map(({ amount, type }) => [amount, type])).toEqual([
    [2_000, "adjustment"],
    [-2_000, "adjustment"],
    [2_000, "charge"],
  ]);
  const [latest] = data;
  expect(await box.stripe.balanceTransactions.retrieve(latest?.id ?? "")).toEqual(
    expect.objectContaining({ id: latest?.id, source: id }),
  );
});

test("makes events of exactly the SDK's shape", async () => {
  const { id: one } = await disputed();
  await answerWith(one, "winning_evidence");
  const { id: two } = await disputed("pm_card_createDisputeInquiry");
  await answerWith(two, "escalate_inquiry_evidence");
  await box.stripe.disputes.list();

  const faults = await eventFaults(box);

  expect(faults).toEqual([]);
});
