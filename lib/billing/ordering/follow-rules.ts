import type { CheckoutSnapshot, PaymentSnapshot } from "../../gateways/gateway.ts";
import type { Decision, Effect, State } from "../state.ts";
import { changesBetween, differs } from "../words.ts";
import { afterPage, afterPayment, type HeldOrder, stateOf } from "./rules.ts";

/** Adds what a page or a payment means for the order that it is of. */
export function withOrder(
  { order }: State,
  snapshot: CheckoutSnapshot | PaymentSnapshot,
  decision: Decision,
): Decision {
  if (!order) return decision;
  const told =
    snapshot.kind === "checkout" ? afterPage(order, snapshot) : afterPayment(order, snapshot);
  if (!told) return decision;
  const row = { ...order, ...told, state: stateOf(told) };
  if (!differs(order, row)) return decision;
  const changes = changesBetween(`order ${order.id}`, order, row, new Map());
  return {
    ...decision,
    effects: [...decision.effects, { kind: "save_order", row }, ...paymentRing(order, row)],
    changes: [...decision.changes, ...changes],
  };
}

/** A payment that may have been looked at before anybody knew whose order it is. */
function paymentRing(held: HeldOrder, { paymentRef, paymentStatus }: HeldOrder): Effect[] {
  if (!paymentRef || paymentStatus !== null || paymentRef === held.paymentRef) return [];
  return [{ kind: "ring", refs: [{ type: "payment", ref: paymentRef }], evenIfKnown: true }];
}
