import type Stripe from "stripe";
import type { World } from "../state/world.ts";

/** Stripe's usual price of a card payment *(memory)*: 2.9 % and 30 of the smallest unit. */
const FEE_BASIS_POINTS = 290n;
const FEE_FIXED = 30n;
/** What a dispute costs, and does not give back *(memory)*. */
const DISPUTE_FEE = 1_500;

type Entry = {
  readonly at: number;
  readonly amount: number;
  readonly fee?: number;
  readonly feeFor?: string;
  readonly currency: string;
  readonly description: string | null;
  readonly source: string;
  readonly type: Stripe.BalanceTransaction.Type;
  readonly category: string;
};

/** Writes a movement of the account's money. It is available at once: payouts are not modelled. */
function book(world: World, entry: Entry): Stripe.BalanceTransaction {
  const { at, amount, fee = 0, currency } = entry;
  return world.put("balance_transaction", {
    id: world.newId("txn"),
    object: "balance_transaction",
    amount,
    available_on: at,
    balance_type: "payments",
    created: at,
    currency,
    description: entry.description,
    exchange_rate: null,
    fee,
    fee_details:
      fee === 0
        ? []
        : [
            {
              amount: fee,
              application: null,
              currency,
              description: entry.feeFor ?? "Stripe processing fees",
              type: "stripe_fee",
            },
          ],
    net: amount - fee,
    reporting_category: entry.category,
    source: entry.source,
    status: "available",
    type: entry.type,
  });
}

export function bookCharge(
  world: World,
  charge: Pick<Stripe.Charge, "id" | "currency" | "description">,
  amount: number,
  at: number,
): Stripe.BalanceTransaction {
  const share = (BigInt(amount) * FEE_BASIS_POINTS + 5_000n) / 10_000n;
  return book(world, {
    at,
    amount,
    fee: Number(share + FEE_FIXED),
    currency: charge.currency,
    description: charge.description,
    source: charge.id,
    type: "charge",
    category: "charge",
  });
}

/** Stripe keeps the fee of a payment that is refunded. */
export function bookRefund(
  world: World,
  refund: Pick<Stripe.Refund, "id" | "currency" | "amount">,
  at: number,
): Stripe.BalanceTransaction {
  const { id: source, currency, amount } = refund;
  const description = "REFUND FOR CHARGE";
  return book(world, {
    at,
    amount: -amount,
    currency,
    description,
    source,
    type: "refund",
    category: "refund",
  });
}

export function bookRefundFailure(
  world: World,
  refund: Pick<Stripe.Refund, "id" | "currency" | "amount">,
  at: number,
): Stripe.BalanceTransaction {
  const { id: source, currency, amount } = refund;
  const description = "REFUND FAILURE";
  return book(world, {
    at,
    amount,
    currency,
    description,
    source,
    type: "refund_failure",
    category: "refund_failure",
  });
}

/** The disputed amount leaves the account, or comes back. The fee is taken once. */
export function bookDispute(
  world: World,
  dispute: Pick<Stripe.Dispute, "id" | "currency" | "amount" | "charge">,
  direction: "withdrawn" | "reinstated",
  at: number,
): Stripe.BalanceTransaction {
  const isWithdrawn = direction === "withdrawn";
  return book(world, {
    at,
    amount: isWithdrawn ? -dispute.amount : dispute.amount,
    ...(isWithdrawn ? { fee: DISPUTE_FEE, feeFor: "Dispute fee" } : {}),
    currency: dispute.currency,
    description: `Chargeback ${isWithdrawn ? "withdrawal" : "reversal"} for ${dispute.charge}`,
    source: dispute.id,
    type: "adjustment",
    category: isWithdrawn ? "dispute" : "dispute_reversal",
  });
}

/** What the account has by now, in each currency; all of it at once, as nothing is ever pending. */
export function accountBalance(world: World): Stripe.Balance {
  const sums = new Map<string, number>();
  for (const { currency, net } of world.all("balance_transaction")) {
    sums.set(currency, (sums.get(currency) ?? 0) + net);
  }
  return {
    object: "balance",
    available: [...sums].map(([currency, amount]) => ({
      amount,
      currency,
      source_types: { card: amount },
    })),
    livemode: false,
    pending: [...sums.keys()].map((currency) => ({
      amount: 0,
      currency,
      source_types: { card: 0 },
    })),
  };
}
