import type { Json, JsonObject } from "../json.ts";
import { isJsonObject } from "../json.ts";

/** An object without some of its members. */
export function without(json: JsonObject, names: readonly string[]): JsonObject {
  return Object.fromEntries(Object.entries(json).filter(([name]) => !names.includes(name)));
}

/** What stands at a path of members; null where the path ends early. */
export function at(json: Json | undefined, ...path: readonly string[]): Json {
  const [name, ...rest] = path;
  if (name === undefined) return json ?? null;
  return isJsonObject(json) ? at(json[name], ...rest) : null;
}

/** The objects of a list that is inside of an object. */
export function listed(json: Json | undefined): JsonObject[] {
  const data = at(json, "data");
  return Array.isArray(data) ? data.filter(isJsonObject) : [];
}

/** The id of a reference, expanded or not. */
export function idIn(json: Json): string | null {
  const id = isJsonObject(json) ? at(json, "id") : json;
  return typeof id === "string" ? id : null;
}
