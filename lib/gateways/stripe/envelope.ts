import type { EventEnvelope } from "../verdict.ts";
import type { StripeEvent } from "./event.ts";
import { refAt } from "./json.ts";
import { payloadKey } from "./payload-key.ts";
import { kindOf, rootOf } from "./roots.ts";

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
    payer:
      (kindOf(event) === "customer" ? root?.ref : refAt(event.object, "customer")) ?? undefined,
    ignoredBecause: because,
    payload: payloadKey(event),
  };
}
