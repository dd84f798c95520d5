import { expect, test } from "vitest";
import type { HeldOrder } from "#lib/billing/ordering/rules.ts";
import { decide, decideOrder } from "#lib/billing/rules.ts";
import { checkout, payment, state } from "#tests/support/billing-state.ts";

const order: HeldOrder = {
  id: "ord_1",
  organizationId: "org_1",
  state: "pending",
  currency: "EUR",
  page: "open",
  isPaid: false,
  paymentFailed: false,
  checkoutRef: "cs_1",
  paymentRef: null,
  paymentStatus: null,
  chargedMinor: null,
  refundedMinor: 0,
};
const paidPage = checkout({
  ref: "cs_1",
  purpose: "payment",
  subscriptionRef: null,
  paymentRef: "pi_1",
});

test("a page that was paid completes its order, and asks for the payment that it names", () => {
  const { effects, changes } = decide(state({ order }), paidPage);

  expect(effects).toContainEqual({
    kind: "save_order",
    row: { ...order, state: "completed", page: "complete", isPaid: true, paymentRef: "pi_1" },
  });
  expect(effects).toContainEqual({
    kind: "ring",
    refs: [{ type: "payment", ref: "pi_1" }],
    evenIfKnown: true,
  });
  expect(changes).toContainEqual({
    record: "order ord_1",
    field: "state",
    before: "pending",
    after: "completed",
  });
});

test("a payment that an order has heard of is not asked for again", () => {
  const held = {
    ...order,
    paymentRef: "pi_1",
    paymentStatus: "succeeded",
    chargedMinor: 10,
  } as const;
  const { effects } = decide(state({ order: held }), paidPage);

  expect(effects.filter(({ kind }) => kind === "ring")).not.toContainEqual(
    expect.objectContaining({ evenIfKnown: true }),
  );
});

test("an order is not saved again where nothing about it is new", () => {
  const bought = { ...order, state: "completed", page: "complete", isPaid: true } as const;
  const held = {
    ...bought,
    paymentRef: "pi_1",
    paymentStatus: "succeeded",
    chargedMinor: 10,
  } as const;
  const told = payment({
    ref: "pi_1",
    status: "succeeded",
    amountMinor: 10,
    refundedSoFarMinor: 0,
  });

  for (const snapshot of [paidPage, told]) {
    const { effects } = decide(state({ order: held }), snapshot);
    expect(effects.filter(({ kind }) => kind === "save_order")).toEqual([]);
  }
});

test("a refund moves the order of its payment", () => {
  const held = {
    ...order,
    page: "complete",
    isPaid: true,
    state: "completed",
    paymentRef: "pi_1",
  } as const;
  const back = payment({
    ref: "pi_1",
    status: "succeeded",
    amountMinor: 10,
    refundedSoFarMinor: 10,
  });

  expect(decide(state({ order: held }), back).effects).toContainEqual({
    kind: "save_order",
    row: expect.objectContaining({ state: "refunded", refundedMinor: 10, chargedMinor: 10 }),
  });
});

test("its own organization hears once that an order is completed, whoever's customer paid it", () => {
  const told = {
    kind: "notice",
    notice: "order_completed",
    object: "stripe:test:ord_1",
    attempt: 0,
    organizationId: "org_1",
  };
  const bought = { ...order, state: "completed", isPaid: true } as const;

  expect(decide(state({ order }), paidPage).effects).toContainEqual(told);
  expect(decideOrder(state({ order, organization: undefined }), paidPage).effects).toContainEqual(
    told,
  );
  expect(decide(state({ order: bought }), paidPage).effects).not.toContainEqual(told);
  expect(decide(state({ order, isMute: true }), paidPage).effects).not.toContainEqual(told);
});
