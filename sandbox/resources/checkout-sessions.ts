import type Stripe from "stripe";
import { createParams, updateParams } from "../checkout/params.ts";
import { createSession, expireSession, sessionOf } from "../checkout/session.ts";
import { lineItemsOf } from "../checkout/totals.ts";
import { isWithin, pageOf } from "../protocol/list.ts";
import { type Operation, operation } from "../protocol/operation.ts";
import { mergeMetadata, oneOf, page, params, range, text, unmodelled } from "../protocol/params.ts";
import type { World } from "../state/world.ts";

type Session = Stripe.Checkout.Session;

const listParams = params<Stripe.Checkout.SessionListParams>()({
  ...page,
  created: range().optional(),
  customer: text().optional(),
  customer_account: unmodelled(),
  customer_details: params<Stripe.Checkout.SessionListParams.CustomerDetails>()({
    email: text(),
  }).optional(),
  payment_intent: text().optional(),
  payment_link: unmodelled(),
  status: oneOf(["complete", "expired", "open"]).optional(),
  subscription: text().optional(),
});

/** What a session has only when it is asked for. */
export const checkoutSessionIncludes = {
  line_items: (world: World, session: Session) => lineItemsOf(world, session),
};

export const checkoutSessionOperations: readonly Operation[] = [
  operation("POST /v1/checkout/sessions", createParams, ({ world, params, origin }) =>
    createSession(world, params, origin),
  ),
  operation("GET /v1/checkout/sessions", listParams, ({ world, params }) => {
    const isAsked = (session: Session): boolean =>
      isWithin(session.created, params.created) &&
      is(params.customer, session.customer) &&
      is(params.customer_details?.email, session.customer_details?.email) &&
      is(params.payment_intent, session.payment_intent) &&
      is(params.status, session.status) &&
      is(params.subscription, session.subscription);
    return pageOf("/v1/checkout/sessions", world.all("checkout.session").filter(isAsked), params);
  }),
  operation(
    "GET /v1/checkout/sessions/:id",
    params<Stripe.Checkout.SessionRetrieveParams>()({}),
    ({ world, path: { id = "" } }) => sessionOf(world, id),
  ),
  operation(
    "POST /v1/checkout/sessions/:id",
    updateParams,
    ({ world, params, path: { id = "" } }) => {
      const session = sessionOf(world, id);
      const metadata = mergeMetadata(session.metadata, params.metadata);
      return world.put("checkout.session", { ...session, metadata });
    },
  ),
  operation(
    "POST /v1/checkout/sessions/:id/expire",
    params<Stripe.Checkout.SessionExpireParams>()({}),
    ({ world, path: { id = "" } }) => expireSession(world, id),
  ),
  operation(
    "GET /v1/checkout/sessions/:id/line_items",
    params<Stripe.Checkout.SessionListLineItemsParams>()(page),
    ({ world, params, path: { id = "" } }) => {
      const { data, url } = lineItemsOf(world, sessionOf(world, id));
      return pageOf(url, data.toReversed(), params);
    },
  ),
];

/** Whether a member is what a list is filtered by, if it is filtered by it. */
function is(wanted: string | undefined, member: unknown): boolean {
  return wanted === undefined || wanted === member;
}
