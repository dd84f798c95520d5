import { hash as digest } from "node:crypto";
import type { GatewayName, Mode } from "../gateways/gateway.ts";
import type { EventEnvelope } from "../gateways/verdict.ts";
import { newId } from "../ids.ts";
import { storable } from "./lines.ts";

/** A proven request, ready to be stored. */
export type Arrival = {
  readonly gateway: GatewayName;
  readonly mode: Mode;
  readonly secretId: string;
  readonly signedAt: Date;
  /** Undefined when the bytes are genuine and are no event. */
  readonly event: EventEnvelope | undefined;
  readonly headers: Readonly<Record<string, string>>;
  readonly body: Buffer;
};

/** Arrivals of one event with one body: one row, however many they are. */
export type Group = {
  readonly row: EventRow;
  readonly body: Buffer;
  /** Their places among the arrivals, in the order of arrival. */
  readonly places: number[];
};

/** A row of `webhook_events` as a line carries it, without its body. */
export type EventRow = ReturnType<typeof rowOf>;

/**
 * Folds repeats into groups, and sorts groups into rounds so that no round has two of one event id:
 * one statement may touch a key only once. Rounds after the first hold what contradicts the first.
 */
export function roundsOf(arrivals: readonly Arrival[]): Group[][] {
  const groups = new Map<string, Group>();
  const bodiesOfKey = new Map<string, number>();
  const rounds: Group[][] = [];
  for (const [place, arrival] of arrivals.entries()) {
    const row = rowOf(arrival);
    const key = JSON.stringify([row.gateway, row.mode, row.account, row.event_ref]);
    const known = groups.get(key + row.body_hash);
    if (known) {
      known.places.push(place);
      continue;
    }
    const group = { row, body: arrival.body, places: [place] };
    groups.set(key + row.body_hash, group);
    const round = bodiesOfKey.get(key) ?? 0;
    bodiesOfKey.set(key, round + 1);
    rounds[round] ??= [];
    rounds[round].push(group);
  }
  return rounds;
}

function rowOf(arrival: Arrival) {
  const { event } = arrival;
  const hash = digest("sha256", arrival.body, "hex");
  return {
    id: newId("gev"),
    gateway: arrival.gateway,
    mode: arrival.mode,
    account: storable(event?.account ?? ""),
    // Bytes that name no event are known by what they are, so that a repeat of them is still one.
    event_ref: event ? storable(event.eventRef) : `body:${hash}`,
    body_hash: `\\x${hash}`,
    type: storable(event?.type ?? ""),
    api_version: event?.apiVersion === undefined ? null : storable(event.apiVersion),
    created_at: event?.createdAt ?? null,
    signed_at: arrival.signedAt,
    secret_id: arrival.secretId,
    headers: JSON.stringify(arrival.headers),
    root_type: event?.root?.type ?? null,
    root_ref: event?.root ? storable(event.root.ref) : null,
    payer: event?.payer === undefined ? null : storable(event.payer),
    payload_object: event ? storable(event.payload.object) : null,
    payload_terminal: event?.payload.terminal ?? false,
    payload_rank: event?.payload.rank ?? 0,
    ...standing(event),
  };
}

function standing(event: EventEnvelope | undefined) {
  if (!event) {
    return {
      status: "parked" as const,
      reason_code: "not_an_event",
      reason:
        "The signature is right, but the body is not an event: not JSON, or not of that form.",
    };
  }
  if (event.root) return { status: "received" as const, reason_code: null, reason: null };
  return {
    status: "ignored" as const,
    reason_code: event.account === undefined ? "not_mirrored" : "connected_account",
    reason: storable(
      event.ignoredBecause ?? `Billhook mirrors nothing that ${event.type} is about.`,
    ),
  };
}
