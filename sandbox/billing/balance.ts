import type Stripe from "stripe";
import { clockOf, emit } from "../events/emit.ts";
import { missing, notModelled } from "../protocol/errors.ts";
import type { World } from "../state/world.ts";

/** Why and how far a customer's balance moves: below zero is the customer's credit. */
export type BalanceMove = {
  readonly customer: string;
  readonly amount: number;
  readonly currency: string;
  readonly type: Stripe.CustomerBalanceTransaction.Type;
  readonly invoice?: string;
  readonly creditNote?: string;
  readonly description?: string | null | undefined;
  readonly metadata?: Readonly<Record<string, string>> | undefined;
};

/** Moves a customer's balance and keeps why. */
export function moveBalance(world: World, move: BalanceMove): Stripe.CustomerBalanceTransaction {
  const before = world.get("customer", move.customer);
  if (!before) throw missing("customer", move.customer, "customer");
  if (before.currency && before.currency !== move.currency) {
    throw notModelled("balances in more than one currency", "currency");
  }
  const balance = before.balance + move.amount;
  const transaction = world.put("customer_balance_transaction", {
    id: world.newId("cbtxn"),
    object: "customer_balance_transaction",
    amount: move.amount,
    checkout_session: null,
    created: world.now(clockOf(world, before)),
    credit_note: move.creditNote ?? null,
    currency: move.currency,
    customer: move.customer,
    customer_account: null,
    description: move.description ?? null,
    ending_balance: balance,
    invoice: move.invoice ?? null,
    livemode: false,
    metadata: { ...move.metadata },
    type: move.type,
  } satisfies Stripe.CustomerBalanceTransaction);
  const after = world.put("customer", {
    ...before,
    balance,
    currency: before.currency ?? move.currency,
  });
  emit(world, "customer.updated", after, { before });
  return transaction;
}
