import { createHash } from "node:crypto";

/*
 * What makes two clicks the same wish. Computed from what is wanted and what was seen, never from the
 * clock or from chance: the same wish has the same keys wherever and however often it is sent.
 */

/** JSON with its members in order, so that equal values are equal texts. */
export type Plain =
  | string
  | number
  | boolean
  | null
  | Date
  | readonly Plain[]
  | { readonly [name: string]: Plain };

/**
 * A fingerprint of what somebody looks at: an object's state, and how many commands about it are
 * settled. The count makes the same wish a new one after it was granted or refused, and makes a form
 * that was sent already out of date even before anybody has looked at what it caused.
 */
export function revisionOf(state: Plain, settled: number): string {
  return digest([state, settled]).slice(0, 24);
}

/** A fingerprint of what is wanted, of which object, seen in which state. */
export function intentionOf(wish: {
  readonly kind: string;
  readonly gateway: string;
  readonly mode: string;
  readonly object: string;
  readonly wanted: Plain;
  readonly revision: string;
}): string {
  return digest(wish);
}

/** The idempotency key of one call: the same for every time that this step is sent. */
export function keyOf(intention: string, step: string): string {
  return `billhook:${intention.slice(0, 40)}:${step}`;
}

function digest(value: Plain): string {
  return createHash("sha256").update(canonical(value)).digest("hex");
}

function canonical(value: Plain): string {
  if (value instanceof Date) return JSON.stringify(value.toISOString());
  if (Array.isArray(value)) return `[${value.map(canonical).join(",")}]`;
  if (typeof value !== "object" || value === null) return JSON.stringify(value);
  const members = Object.entries(value).sort(([a], [b]) => (a < b ? -1 : 1));
  return `{${members.map(([name, each]) => `${JSON.stringify(name)}:${canonical(each)}`).join(",")}}`;
}
