import type Stripe from "stripe";
import type { z } from "zod";
import { invalid } from "../protocol/errors.ts";
import { mustFind } from "../protocol/find.ts";
import { isWithin, pageOf } from "../protocol/list.ts";
import { type Operation, operation } from "../protocol/operation.ts";
import { flag, listOf, page, params, range, text } from "../protocol/params.ts";
import type { SandboxEvent } from "../state/kinds.ts";

const listParams = params<Stripe.EventListParams>()({
  ...page,
  created: range().optional(),
  delivery_success: flag().optional(),
  type: text().optional(),
  types: listOf(text()).max(20).optional(),
});

/** Whether an event has a name, where `*` stands for any rest of it. */
function isNamed(type: string, name: string): boolean {
  return name.endsWith("*") ? type.startsWith(name.slice(0, -1)) : type === name;
}

function fits(event: SandboxEvent, asked: z.output<typeof listParams>): boolean {
  const { type, types, delivery_success: isDelivered } = asked;
  return (
    (type === undefined || isNamed(event.type, type)) &&
    (types === undefined || types.some((name) => isNamed(event.type, name))) &&
    (isDelivered === undefined || (event.pending_webhooks === 0) === isDelivered) &&
    isWithin(event.created, asked.created)
  );
}

export const eventOperations: readonly Operation[] = [
  operation("GET /v1/events", listParams, ({ world, params }) => {
    if (params.type !== undefined && params.types !== undefined) {
      throw invalid("You may pass either `type` or `types`, but not both.", { param: "types" });
    }
    const { type, types, created, delivery_success } = params;
    const isAsked = [type, types, created, delivery_success].some((filter) => filter !== undefined);
    const all = world.all("event");
    const found = isAsked ? all.filter((event) => fits(event, params)) : all;
    return pageOf("/v1/events", found, params);
  }),
  operation(
    "GET /v1/events/:id",
    params<Stripe.EventRetrieveParams>()({}),
    ({ world, path: { id = "" } }) => mustFind(world, "event", id),
  ),
];
