import type { CheckoutSnapshot, PaymentSnapshot } from "../../gateways/gateway.ts";
import type { Decision, Effect, State } from "../state.ts";
import { changesBetween, differs } from "../words.ts";
import { afterPage, afterPayment, type HeldOrder, stateOf } from "./rules.ts";

/** Adds what a page or a payment means for the order that it is of. */
export function withOrder(
  { order, gateway, mode }: Pick<State, "order" | "gateway" | "mode">,
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
  const follows = [...paymentRing(order, row), ...completedNotice(order, row, { gateway, mode })];
  return {
    ...decision,
    effects: [...decision.effects, { kind: "save_order", row }, ...follows],
    changes: [...decision.changes, ...changes],
  };
}

/** A payment that may have been looked at before anybody knew whose order it is. */
function paymentRing(held: HeldOrder, { paymentRef, paymentStatus }: HeldOrder): Effect[] {
  if (!paymentRef || paymentStatus !== null || paymentRef === held.paymentRef) return [];
  return [{ kind: "ring", refs: [{ type: "payment", ref: paymentRef }], evenIfKnown: true }];
}

/** Whoever's customer paid it: the order's own organization hears that it has what it bought. */
function completedNotice(
  held: HeldOrder,
  { id, state, organizationId }: HeldOrder,
  { gateway, mode }: Pick<State, "gateway" | "mode">,
): Effect[] {
  if (state !== "completed" || held.state === "completed") return [];
  const object = `${gateway}:${mode}:${id}`;
  return [{ kind: "notice", notice: "order_completed", object, attempt: 0, organizationId }];
}
