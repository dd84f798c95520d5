import type { World } from "../state/world.ts";
import { expandAll } from "./expand.ts";
import type { Json } from "./json.ts";
import { jsonOf } from "./json-of.ts";
import { olderShape } from "./older/shape.ts";
import { isOlder } from "./version.ts";

/** Lists inside an object show no more than this; the rest is read from the list's own address. */
const EMBEDDED_MAX = 10;

/** An answer as it goes out: asked-for ids expanded, long inner lists cut, in the caller's version. */
export function render(
  world: World,
  answer: object,
  expand: readonly string[],
  version: string,
): Json {
  const json = cut(jsonOf(expandAll(world, answer, expand, isOlder(version))), true);
  return isOlder(version) ? olderShape(world, json) : json;
}

/** Cuts the lists inside of an object, never the one that was asked for. */
export function cut(json: Json, isTop = false): Json {
  if (Array.isArray(json)) return json.map((item) => cut(item));
  if (json === null || typeof json !== "object") return json;
  const { data } = json;
  const isCut = !isTop && json.object === "list" && Array.isArray(data);
  if (isCut && data.length > EMBEDDED_MAX) {
    return { ...json, data: data.slice(0, EMBEDDED_MAX).map((item) => cut(item)), has_more: true };
  }
  return Object.fromEntries(Object.entries(json).map(([name, inner]) => [name, cut(inner)]));
}
