import { customerIncludes } from "./resources/customer-includes.ts";
import { invoiceIncludes } from "./resources/invoice-includes.ts";
import type { Kind, Kinds } from "./state/kinds.ts";
import type { World } from "./state/world.ts";

/** How to make members that Stripe puts into an object only where `expand` names them. */
export type Includes<K extends Kind> = Readonly<
  Record<string, (world: World, object: Kinds[K]) => unknown>
>;

const INCLUDES: { readonly [K in Kind]?: Includes<K> } = {
  customer: customerIncludes,
  invoice: invoiceIncludes,
};

/** A member of an object that is there for the asking; undefined where there is no such thing. */
export function included(world: World, object: object, name: string): unknown {
  if (!("object" in object && "id" in object)) return undefined;
  const { object: kind, id } = object;
  return isKind(kind) && typeof id === "string" ? make(world, kind, id, name) : undefined;
}

function make<K extends Kind>(world: World, kind: K, id: string, name: string): unknown {
  const includes: Includes<K> | undefined = INCLUDES[kind];
  const object = world.get(kind, id);
  return object && includes?.[name]?.(world, object);
}

function isKind(name: unknown): name is Kind {
  return typeof name === "string" && name in INCLUDES;
}
