import { randomBytes } from "node:crypto";
import type Stripe from "stripe";
import { API_VERSION } from "../protocol/version.ts";
import type { SandboxEvent } from "../state/kinds.ts";
import type { World } from "../state/world.ts";

export type EndpointDraft = {
  readonly url: string;
  readonly enabledEvents: readonly string[];
  readonly apiVersion?: string | undefined;
  readonly description?: string | null | undefined;
  readonly metadata?: Record<string, string> | undefined;
  /** A secret that the receiver knows already; else a new one. */
  readonly secret?: string | undefined;
};

/** Adds an endpoint. Its secret is told by `secretOf` and, once, by the operation that makes it. */
export function makeEndpoint(world: World, draft: EndpointDraft): Stripe.WebhookEndpoint {
  const endpoint = world.put("webhook_endpoint", {
    id: world.newId("we"),
    object: "webhook_endpoint",
    api_version: draft.apiVersion ?? null,
    application: null,
    created: world.now(null),
    description: draft.description ?? null,
    enabled_events: [...draft.enabledEvents],
    livemode: false,
    metadata: draft.metadata ?? {},
    status: "enabled",
    url: draft.url,
  } satisfies Stripe.WebhookEndpoint);
  const current = draft.secret ?? newSecret();
  world.put("endpoint_secret", { id: endpoint.id, current, previous: null, previousUntil: 0 });
  return endpoint;
}

/** Gives an endpoint a new secret; the old one signs beside it for so many seconds. */
export function rollSecret(world: World, id: string, keepSeconds: number, now: number): string {
  const held = world.get("endpoint_secret", id);
  const current = newSecret();
  const previous = held?.current ?? null;
  world.put("endpoint_secret", { id, current, previous, previousUntil: now + keepSeconds });
  return current;
}

/** The secrets that sign for an endpoint at a moment of real time, the newest first. */
export function secretsOf(world: World, id: string, now: number): readonly string[] {
  const held = world.get("endpoint_secret", id);
  if (!held) return [];
  const { current, previous, previousUntil } = held;
  return previous !== null && now < previousUntil ? [current, previous] : [current];
}

/** Unlike ids, not from the seed: whoever knows a run's seed must not be able to sign. */
function newSecret(): string {
  return `whsec_${randomBytes(24).toString("hex").slice(0, 32)}`;
}

/** Endpoints that an event goes to. */
export function endpointsFor(world: World, event: SandboxEvent): Stripe.WebhookEndpoint[] {
  return world
    .all("webhook_endpoint")
    .filter(({ status }) => status === "enabled")
    .filter(({ enabled_events: names }) => names.includes("*") || names.includes(event.type));
}

export function versionOf(endpoint: Stripe.WebhookEndpoint): string {
  return endpoint.api_version ?? API_VERSION;
}
