import type { Json } from "./json.ts";

/** A value as it goes over the wire. */
export function jsonOf(value: unknown): Json {
  return JSON.parse(JSON.stringify(value));
}
