import type Stripe from "stripe";
import { accountBalance } from "../payments/balance.ts";
import { mustFind } from "../protocol/find.ts";
import { isWithin, pageOf } from "../protocol/list.ts";
import { type Operation, operation } from "../protocol/operation.ts";
import { page, params, range, text, unmodelled } from "../protocol/params.ts";

export const balanceTransactionOperations: readonly Operation[] = [
  operation("GET /v1/balance", params<Stripe.BalanceRetrieveParams>()({}), ({ world }) =>
    accountBalance(world),
  ),
  operation(
    "GET /v1/balance_transactions",
    params<Stripe.BalanceTransactionListParams>()({
      ...page,
      created: range().optional(),
      currency: text().optional(),
      payout: unmodelled(),
      source: text().optional(),
      type: text().optional(),
    }),
    ({ world, params }) => {
      const asked = params;
      const found = world
        .all("balance_transaction")
        .filter(({ currency }) => asked.currency === undefined || asked.currency === currency)
        .filter(({ source }) => asked.source === undefined || asked.source === source)
        .filter(({ type }) => asked.type === undefined || asked.type === type)
        .filter(({ created }) => isWithin(created, asked.created));
      return pageOf("/v1/balance_transactions", found, params);
    },
  ),
  operation(
    "GET /v1/balance_transactions/:id",
    params<Stripe.BalanceTransactionRetrieveParams>()({}),
    ({ world, path: { id = "" } }) =>
      mustFind(world, "balance_transaction", id, { what: "balance transaction" }),
  ),
];
