import { fromUnixSeconds } from "#lib/time.ts";
import { at, isJson, isName, type Json, objectAt, parseJson } from "./json.ts";

/** A Stripe event out of a proven body. */
export type StripeEvent = {
  readonly id: string;
  readonly type: string;
  /** What the type means: documents that say `payment_intent.failed` mean `payment_intent.payment_failed`. */
  readonly meaning: string;
  readonly account: string | undefined;
  readonly apiVersion: string | undefined;
  readonly createdAt: Date | undefined;
  readonly isLive: boolean | undefined;
  /** A v2 "thin" event names its object and carries nothing of it. */
  readonly isThin: boolean;
  readonly object: Json;
  readonly previous: Json;
};

/** Reads a body as an event; undefined for bytes that are not one. Never throws. */
export function parseEvent(body: Buffer): StripeEvent | undefined {
  const json = parseJson(body);
  if (!isJson(json)) return undefined;
  const { id, type, account = null } = json;
  if (!isName(id) || !isName(type)) return undefined;
  // Whose it is must be read as it is meant: half of it would make another's event ours.
  if (account !== null && account !== "" && !isName(account)) return undefined;
  const isThin = json.object === "v2.core.event";
  const object = objectAt(json, "data", "object");
  if (!isThin && (!object || (json.object !== undefined && json.object !== "event")))
    return undefined;
  return {
    id,
    type,
    meaning: ALIASES.get(type) ?? type,
    account: account || undefined,
    apiVersion: isName(json.api_version) ? json.api_version : undefined,
    createdAt: createdAt(json),
    isLive: typeof json.livemode === "boolean" ? json.livemode : undefined,
    isThin,
    object: object ?? {},
    previous: objectAt(json, "data", "previous_attributes") ?? {},
  };
}

/** Unix seconds; a thin event writes a date. */
function createdAt(json: Json): Date | undefined {
  const created = at(json, "created");
  if (typeof created !== "string") return fromUnixSeconds(created) ?? undefined;
  const written = Date.parse(created);
  return Number.isNaN(written) ? undefined : (fromUnixSeconds(written / 1_000) ?? undefined);
}

const ALIASES: ReadonlyMap<string, string> = new Map([
  ["payment_intent.failed", "payment_intent.payment_failed"],
]);
