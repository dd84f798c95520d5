import type Stripe from "stripe";
import { moveBalance } from "../billing/balance.ts";
import { invalid, missing } from "../protocol/errors.ts";
import { mustFind } from "../protocol/find.ts";
import { isWithin, pageOf } from "../protocol/list.ts";
import { type Operation, operation } from "../protocol/operation.ts";
import {
  currency,
  emptyable,
  integer,
  mergeMetadata,
  metadata,
  page,
  params,
  range,
  text,
} from "../protocol/params.ts";
import { idOf } from "../state/reference.ts";
import type { World } from "../state/world.ts";

const createParams = params<Stripe.CustomerCreateBalanceTransactionParams>()({
  amount: integer(),
  currency: currency(),
  description: emptyable(text().max(350)).optional(),
  metadata: metadata().optional(),
});
const updateParams = params<Stripe.CustomerUpdateBalanceTransactionParams>()({
  description: emptyable(text().max(350)).optional(),
  metadata: metadata().optional(),
});
const listParams = params<Stripe.CustomerListBalanceTransactionsParams>()({
  ...page,
  created: range().optional(),
  invoice: text().optional(),
});

function transactionOf(world: World, customer: string, id: string) {
  const found = mustFind(world, "customer_balance_transaction", id);
  if (idOf(found.customer) !== customer) throw missing("customer_balance_transaction", id);
  return found;
}

export const customerBalanceOperations: readonly Operation[] = [
  operation(
    "POST /v1/customers/:customer/balance_transactions",
    createParams,
    ({ world, params, path: { customer = "" } }) => {
      if (params.amount === 0) throw invalid("The amount must not be zero.", { param: "amount" });
      return moveBalance(world, {
        ...params,
        customer,
        metadata: mergeMetadata(null, params.metadata),
        type: "adjustment",
      });
    },
  ),
  operation(
    "GET /v1/customers/:customer/balance_transactions/:id",
    params<Stripe.CustomerRetrieveBalanceTransactionParams>()({}),
    ({ world, path: { customer = "", id = "" } }) => transactionOf(world, customer, id),
  ),
  operation(
    "POST /v1/customers/:customer/balance_transactions/:id",
    updateParams,
    ({ world, params, path: { customer = "", id = "" } }) => {
      const before = transactionOf(world, customer, id);
      return world.put("customer_balance_transaction", {
        ...before,
        description: params.description === undefined ? before.description : params.description,
        metadata: mergeMetadata(before.metadata, params.metadata),
      });
    },
  ),
  operation(
    "GET /v1/customers/:customer/balance_transactions",
    listParams,
    ({ world, params, path: { customer = "" } }) => {
      mustFind(world, "customer", customer);
      const found = world
        .all("customer_balance_transaction")
        .filter((each) => idOf(each.customer) === customer)
        .filter(({ invoice }) => params.invoice === undefined || params.invoice === idOf(invoice))
        .filter(({ created }) => isWithin(created, params.created));
      return pageOf(`/v1/customers/${customer}/balance_transactions`, found, params);
    },
  ),
];
