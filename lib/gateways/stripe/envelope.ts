import type { EventEnvelope } from "../verdict.ts";
import type { StripeEvent } from "./event.ts";
import { payloadKey } from "./payload-key.ts";
import { rootOf } from "./roots.ts";

/** What an event tells us before anything is fetched, however it came here. */
export function envelopeOf(event: StripeEvent): EventEnvelope {
  const { root, because } = rootOf(event);
  return {
    eventRef: event.id,
    type: event.type,
    account: event.account,
    apiVersion: event.apiVersion,
    createdAt: event.createdAt,
    root,
    ignoredBecause: because,
    payload: payloadKey(event),
  };
}
