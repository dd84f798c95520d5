import { completeSession } from "../checkout/complete.ts";
import { sessionOf } from "../checkout/session.ts";
import { invalid } from "../protocol/errors.ts";
import { type Operation, operation } from "../protocol/operation.ts";
import { integer, params, text } from "../protocol/params.ts";

/*
 * What Stripe's own page and its CLI call to go through a checkout; no SDK knows of it. The CLI reads
 * nothing of the answers, so they are the session itself *(memory: Stripe answers an object of its own)*.
 */

const confirmParams = params()({
  expected_amount: integer().optional(),
  payment_method: text().optional(),
});

export const paymentPageOperations: readonly Operation[] = [
  operation("GET /v1/payment_pages/:id", params()({}), ({ world, path: { id = "" } }) =>
    sessionOf(world, id),
  ),
  operation(
    "POST /v1/payment_pages/:id/confirm",
    confirmParams,
    ({ world, params, path: { id = "" } }) => {
      const { amount_total: total } = sessionOf(world, id);
      const expected = params.expected_amount;
      if (expected !== undefined && expected !== (total ?? 0)) {
        throw invalid(
          `The expected amount of ${expected} is not what the session costs: ${total ?? 0}.`,
          { param: "expected_amount" },
        );
      }
      const completion = completeSession(world, id, { paymentMethod: params.payment_method });
      if (completion.outcome === "declined") throw completion.error;
      return completion.session;
    },
  ),
];
