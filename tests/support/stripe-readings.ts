import type { ObjectType, Snapshot, StoredPayload } from "#lib/gateways/gateway.ts";
import { stripe } from "#lib/gateways/stripe/stripe.ts";
import { BEGINNING, event, stored } from "./stripe-objects.ts";

export type Changes = Record<string, unknown>;

/** An event some seconds after the beginning, as the inbox keeps it. */
export function told(after: number, type: string, object: Changes): StoredPayload {
  return stored(event(type, object, { created: BEGINNING + after }));
}

/** What these payloads say about one object. */
export function read(type: ObjectType, ref: string, ...payloads: StoredPayload[]) {
  return stripe.read({ type, ref }, payloads);
}

/** The snapshot that one payload of an object gives; a failure where it gives none. */
export function snapshot<K extends ObjectType>(
  type: K,
  object: Changes & { id: string },
  name = EVENTS[type],
): Extract<Snapshot, { kind: K }> {
  const found = read(type, object.id, told(0, name, object));
  if (!isOf(found, type)) throw new Error(`no ${type} but ${JSON.stringify(found)}`);
  return found;
}

/** A copy without some members, as older versions were. */
export function without(object: Changes & { id: string }, ...names: string[]) {
  const rest = Object.entries(object).filter(([name]) => !names.includes(name));
  return { ...Object.fromEntries(rest), id: object.id };
}

function isOf<K extends ObjectType>(
  found: { kind: string } | undefined,
  kind: K,
): found is Extract<Snapshot, { kind: K }> {
  return found?.kind === kind;
}

const EVENTS: Readonly<Record<ObjectType, string>> = {
  customer: "customer.updated",
  subscription: "customer.subscription.updated",
  invoice: "invoice.updated",
  payment: "payment_intent.updated",
  dispute: "charge.dispute.updated",
  checkout: "checkout.session.updated",
  price: "price.updated",
  product: "product.updated",
};
