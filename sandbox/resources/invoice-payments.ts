import type Stripe from "stripe";
import { mustFind } from "../protocol/find.ts";
import { isWithin, pageOf } from "../protocol/list.ts";
import { type Operation, operation } from "../protocol/operation.ts";
import { oneOf, page, params, range, text, unmodelled } from "../protocol/params.ts";
import { idOf } from "../state/reference.ts";

const listParams = params<Stripe.InvoicePaymentListParams>()({
  ...page,
  created: range().optional(),
  invoice: text().optional(),
  payment: params<Stripe.InvoicePaymentListParams.Payment>()({
    payment_intent: text().optional(),
    payment_record: unmodelled(),
    type: oneOf(["payment_intent"]),
  }).optional(),
  status: oneOf(["canceled", "open", "paid"]).optional(),
});

export const invoicePaymentOperations: readonly Operation[] = [
  operation(
    "GET /v1/invoice_payments/:id",
    params<Stripe.InvoicePaymentRetrieveParams>()({}),
    ({ world, path: { id = "" } }) => mustFind(world, "invoice_payment", id),
  ),
  operation("GET /v1/invoice_payments", listParams, ({ world, params }) => {
    const intent = params.payment?.payment_intent;
    const found = world
      .of("invoice_payment", "invoice", params.invoice)
      .filter(({ payment }) => intent === undefined || intent === idOf(payment.payment_intent))
      .filter(({ status }) => params.status === undefined || params.status === status)
      .filter(({ created }) => isWithin(created, params.created));
    return pageOf("/v1/invoice_payments", found, params);
  }),
];
