import type Stripe from "stripe";
import { z } from "zod";
import { makeEndpoint, secretsOf } from "../events/endpoints.ts";
import { EVENT_NAMES } from "../events/names.ts";
import { invalid } from "../protocol/errors.ts";
import { mustFind } from "../protocol/find.ts";
import { pageOf } from "../protocol/list.ts";
import { type Operation, operation } from "../protocol/operation.ts";
import {
  emptyable,
  flag,
  mergeMetadata,
  metadata,
  page,
  params,
  text,
  unmodelled,
} from "../protocol/params.ts";
import { versionAsked } from "../protocol/version.ts";
import type { World } from "../state/world.ts";

const enabledEvents = () => z.array(text()).min(1, "at least one event is needed").max(300);

const createParams = params<Stripe.WebhookEndpointCreateParams>()({
  enabled_events: enabledEvents(),
  url: text(),
  api_version: text().optional(),
  connect: unmodelled(),
  description: emptyable(text()).optional(),
  metadata: metadata().optional(),
});
const updateParams = params<Stripe.WebhookEndpointUpdateParams>()({
  description: emptyable(text()).optional(),
  disabled: flag().optional(),
  enabled_events: enabledEvents().optional(),
  metadata: metadata().optional(),
  url: text().optional(),
});

/** Refuses names that no event has and addresses that nothing can be sent to. */
export function checkEndpoint(given: {
  readonly url?: string | undefined;
  readonly enabled_events?: readonly string[] | undefined;
}): void {
  for (const [place, name] of (given.enabled_events ?? []).entries()) {
    if (name === "*" || EVENT_NAMES.has(name)) continue;
    throw invalid(`Invalid enabled_events[${place}]: ${name} is no event of Stripe's`, {
      param: `enabled_events[${place}]`,
    });
  }
  if (given.url === undefined) return;
  const url = URL.parse(given.url);
  if (url?.protocol === "http:" || url?.protocol === "https:") return;
  throw invalid("Invalid URL: An explicit scheme (such as https) must be provided.", {
    code: "url_invalid",
    param: "url",
  });
}

function endpointOf(world: World, id = ""): Stripe.WebhookEndpoint {
  return mustFind(world, "webhook_endpoint", id, { what: "webhook endpoint" });
}

const HOME = "/v1/webhook_endpoints";

export const webhookEndpointOperations: readonly Operation[] = [
  operation(`POST ${HOME}`, createParams, ({ world, params }) => {
    checkEndpoint(params);
    if (params.api_version !== undefined) versionAsked(params.api_version, "api_version");
    const endpoint = makeEndpoint(world, {
      url: params.url,
      enabledEvents: params.enabled_events,
      apiVersion: params.api_version,
      description: params.description,
      metadata: mergeMetadata(null, params.metadata),
    });
    const [secret = ""] = secretsOf(world, endpoint.id, 0);
    return { ...endpoint, secret } satisfies Stripe.WebhookEndpoint;
  }),
  operation(
    `GET ${HOME}/:id`,
    params<Stripe.WebhookEndpointRetrieveParams>()({}),
    ({ world, path }) => endpointOf(world, path.id),
  ),
  operation(`POST ${HOME}/:id`, updateParams, ({ world, params, path }) => {
    checkEndpoint(params);
    const before = endpointOf(world, path.id);
    const isDisabled = params.disabled ?? before.status === "disabled";
    return world.put("webhook_endpoint", {
      ...before,
      description: params.description === undefined ? before.description : params.description,
      enabled_events: params.enabled_events ?? before.enabled_events,
      metadata: mergeMetadata(before.metadata, params.metadata),
      status: isDisabled ? "disabled" : "enabled",
      url: params.url ?? before.url,
    });
  }),
  operation(
    `DELETE ${HOME}/:id`,
    params<Stripe.WebhookEndpointDeleteParams>()({}),
    ({ world, path }) => {
      const { id } = endpointOf(world, path.id);
      world.remove("webhook_endpoint", id);
      world.remove("endpoint_secret", id);
      return { id, object: "webhook_endpoint", deleted: true } as const;
    },
  ),
  operation(`GET ${HOME}`, params<Stripe.WebhookEndpointListParams>()(page), ({ world, params }) =>
    pageOf(HOME, world.all("webhook_endpoint"), params),
  ),
];
