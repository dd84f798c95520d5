import type { Includes } from "../protocol/includes.ts";
import { embedded } from "../protocol/list.ts";
import { taxIdsOf } from "./tax-ids.ts";

/** What a customer shows only where it is asked for. */
export const customerIncludes: Includes<"customer"> = {
  subscriptions: (world, { id }) =>
    embedded(
      `/v1/customers/${id}/subscriptions`,
      world
        .of("subscription", "customer", id)
        .filter(({ status }) => status !== "canceled")
        .toReversed(),
    ),
  sources: (_world, { id }) => embedded(`/v1/customers/${id}/sources`, []),
  tax_ids: (world, { id }) =>
    embedded(`/v1/customers/${id}/tax_ids`, taxIdsOf(world, id).toReversed()),
};
