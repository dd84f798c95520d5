import type { Includes } from "./protocol/includes.ts";
import {
  olderChargeIncludes,
  olderIntentIncludes,
  olderInvoiceIncludes,
} from "./protocol/older/payment.ts";
import { chargeIncludes } from "./resources/charges.ts";
import { checkoutSessionIncludes } from "./resources/checkout-sessions.ts";
import { customerIncludes } from "./resources/customer-includes.ts";
import { invoiceIncludes } from "./resources/invoice-includes.ts";
import type { Kind } from "./state/kinds.ts";
import type { World } from "./state/world.ts";

type Table = { readonly [K in Kind]?: Includes<K> };

const INCLUDES: Table = {
  charge: chargeIncludes,
  customer: customerIncludes,
  "checkout.session": checkoutSessionIncludes,
  invoice: invoiceIncludes,
};
/** What only calls of older versions find there. */
const OLDER_INCLUDES: Table = {
  charge: olderChargeIncludes,
  invoice: olderInvoiceIncludes,
  payment_intent: olderIntentIncludes,
};

/** A member of an object that is there for the asking; undefined where there is no such thing. */
export function included(world: World, object: object, name: string, isOlder: boolean): unknown {
  if (!("object" in object && "id" in object)) return undefined;
  const { object: kind, id } = object;
  if (!isKind(kind) || typeof id !== "string") return undefined;
  const made = make(world, INCLUDES, kind, id, name);
  return made === undefined && isOlder ? make(world, OLDER_INCLUDES, kind, id, name) : made;
}

/** Whether objects of a kind may have a member for the asking: what `expand` may name whatever is there. */
export function mayInclude(kind: string, name: string, isOlder: boolean): boolean {
  if (!isKind(kind)) return false;
  return name in (INCLUDES[kind] ?? {}) || (isOlder && name in (OLDER_INCLUDES[kind] ?? {}));
}

function make<K extends Kind>(
  world: World,
  table: Table,
  kind: K,
  id: string,
  name: string,
): unknown {
  const includes: Includes<K> | undefined = table[kind];
  const object = world.get(kind, id);
  return object && includes?.[name]?.(world, object);
}

function isKind(name: unknown): name is Kind {
  return typeof name === "string" && (name in INCLUDES || name in OLDER_INCLUDES);
}
