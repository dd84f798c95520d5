import type { Kind, Kinds } from "../state/kinds.ts";
import type { World } from "../state/world.ts";

/** How to make members that Stripe puts into an object only where `expand` names them. */
export type Includes<K extends Kind> = Readonly<
  Record<string, (world: World, object: Kinds[K]) => unknown>
>;
