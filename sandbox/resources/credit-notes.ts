import type Stripe from "stripe";
import type { z } from "zod";
import { createCreditNote, voidCreditNote } from "../billing/credit-note.ts";
import { subscriptionAfterInvoice } from "../billing/subscription-after-invoice.ts";
import { emit } from "../events/emit.ts";
import { mustFind } from "../protocol/find.ts";
import { isWithin, pageOf } from "../protocol/list.ts";
import { type Operation, operation } from "../protocol/operation.ts";
import {
  emptyable,
  listOf,
  mergeMetadata,
  metadata,
  moment,
  natural,
  oneOf,
  page,
  params,
  range,
  text,
  unmodelled,
} from "../protocol/params.ts";
import { idOf } from "../state/reference.ts";
import type { World } from "../state/world.ts";

const line = () =>
  params<Stripe.CreditNoteCreateParams.Line>()({
    amount: natural().optional(),
    description: text().optional(),
    invoice_line_item: text().optional(),
    metadata: unmodelled(),
    quantity: natural().optional(),
    tax_amounts: unmodelled(),
    tax_rates: emptyable(listOf(text())).optional(),
    type: oneOf(["custom_line_item", "invoice_line_item"]),
    unit_amount: natural().optional(),
    unit_amount_decimal: unmodelled(),
  });

const draft = {
  amount: natural().optional(),
  credit_amount: natural().optional(),
  effective_at: moment().optional(),
  email_type: oneOf(["credit_note", "none"]).optional(),
  invoice: text(),
  lines: listOf(line()).optional(),
  memo: text().optional(),
  metadata: metadata().optional(),
  out_of_band_amount: natural().optional(),
  reason: oneOf(["duplicate", "fraudulent", "order_change", "product_unsatisfactory"]).optional(),
  refund_amount: natural().optional(),
  refunds: listOf(
    params<Stripe.CreditNoteCreateParams.Refund>()({
      amount_refunded: natural().optional(),
      payment_record_refund: unmodelled(),
      refund: text(),
      type: oneOf(["refund"]).optional(),
    }),
  ).optional(),
  shipping_cost: unmodelled(),
};

const createParams = params<Stripe.CreditNoteCreateParams>()(draft);
const previewParams = params<Stripe.CreditNotePreviewParams>()(draft);
const previewLinesParams = params<Stripe.CreditNoteListPreviewLineItemsParams>()({
  ...page,
  ...draft,
});
const updateParams = params<Stripe.CreditNoteUpdateParams>()({
  memo: emptyable(text()).optional(),
  metadata: metadata().optional(),
});
const listParams = params<Stripe.CreditNoteListParams>()({
  ...page,
  created: range().optional(),
  customer: text().optional(),
  customer_account: unmodelled(),
  invoice: text().optional(),
});

function create(world: World, given: z.output<typeof createParams>): Stripe.CreditNote {
  const { invoice: id } = given;
  const before = mustFind(world, "invoice", id, { param: "invoice" });
  const lines = given.lines?.map(({ metadata: _, ...rest }) => rest);
  const note = createCreditNote(world, {
    ...given,
    lines,
    metadata: mergeMetadata(null, given.metadata),
  });
  const after = mustFind(world, "invoice", id);
  if (after.status !== before.status) subscriptionAfterInvoice(world, after);
  return note;
}

function preview(world: World, given: z.output<typeof createParams>): Stripe.CreditNote {
  return world.rehearse(() => create(world, given));
}

function linesPage(url: string, note: Stripe.CreditNote, asked: z.output<typeof listParams>) {
  return pageOf(url, note.lines.data.toReversed(), asked);
}

export const creditNoteOperations: readonly Operation[] = [
  operation("GET /v1/credit_notes/preview", previewParams, ({ world, params }) =>
    preview(world, params),
  ),
  operation("GET /v1/credit_notes/preview/lines", previewLinesParams, ({ world, params }) => {
    const { limit, starting_after, ending_before, ...given } = params;
    const asked = { limit, starting_after, ending_before };
    return linesPage("/v1/credit_notes/preview/lines", preview(world, given), asked);
  }),
  operation("POST /v1/credit_notes", createParams, ({ world, params }) => create(world, params)),
  operation(
    "GET /v1/credit_notes/:id",
    params<Stripe.CreditNoteRetrieveParams>()({}),
    ({ world, path: { id = "" } }) => mustFind(world, "credit_note", id),
  ),
  operation("POST /v1/credit_notes/:id", updateParams, ({ world, params, path: { id = "" } }) => {
    const before = mustFind(world, "credit_note", id);
    const after = world.put("credit_note", {
      ...before,
      memo: params.memo === undefined ? before.memo : params.memo,
      metadata: mergeMetadata(before.metadata, params.metadata),
    });
    emit(world, "credit_note.updated", after, { before });
    return after;
  }),
  operation(
    "POST /v1/credit_notes/:id/void",
    params<Stripe.CreditNoteVoidCreditNoteParams>()({}),
    ({ world, path: { id = "" } }) => voidCreditNote(world, mustFind(world, "credit_note", id)),
  ),
  operation("GET /v1/credit_notes", listParams, ({ world, params }) => {
    const found = world
      .all("credit_note")
      .filter(({ invoice }) => params.invoice === undefined || params.invoice === idOf(invoice))
      .filter(({ customer }) => params.customer === undefined || params.customer === idOf(customer))
      .filter(({ created }) => isWithin(created, params.created));
    return pageOf("/v1/credit_notes", found, params);
  }),
  operation(
    "GET /v1/credit_notes/:id/lines",
    params<Stripe.CreditNoteListLineItemsParams>()(page),
    ({ world, params, path: { id = "" } }) =>
      linesPage(`/v1/credit_notes/${id}/lines`, mustFind(world, "credit_note", id), params),
  ),
];
