import type { Kind, Kinds } from "../state/kinds.ts";
import type { World } from "../state/world.ts";
import { missing } from "./errors.ts";

/** The object of an id that a call names, or 404 `resource_missing` in Stripe's words. */
export function mustFind<K extends Kind>(
  world: World,
  kind: K,
  id: string,
  { param = "id", what = kind.replace(/^.*\./, "") }: { param?: string; what?: string } = {},
): Kinds[K] {
  const found = world.get(kind, id);
  if (!found) throw missing(what, id, param);
  return found;
}
