import type Stripe from "stripe";
import { isWithin, pageOf } from "../protocol/list.ts";
import { type Operation, operation } from "../protocol/operation.ts";
import { page, params, range, text } from "../protocol/params.ts";

/** Lists what happens to payments, of one charge or one payment intent where asked. */
export function listOfPayment(path: "/v1/disputes" | "/v1/refunds"): Operation {
  return operation(
    `GET ${path}`,
    params<Stripe.DisputeListParams & Stripe.RefundListParams>()({
      ...page,
      charge: text().optional(),
      created: range().optional(),
      payment_intent: text().optional(),
    }),
    ({ world, params }) => {
      const { charge: of, payment_intent: by } = params;
      const all = path === "/v1/disputes" ? world.all("dispute") : world.all("refund");
      const found = [...all]
        .filter(({ charge }) => of === undefined || of === charge)
        .filter(({ payment_intent }) => by === undefined || by === payment_intent)
        .filter(({ created }) => isWithin(created, params.created));
      return pageOf(path, found, params);
    },
  );
}
