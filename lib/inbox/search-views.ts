import { and, eq, inArray } from "drizzle-orm";
import { listsDb } from "#db/client.ts";
import {
  checkouts,
  customers,
  gatewayObjects,
  invoices,
  payments,
  subscriptions,
} from "#db/schema/index.ts";
import { gatewayNames } from "../gateways/registry.ts";
import { timeOfId } from "../ids.ts";

const MODES = ["test", "live"] as const;
/** More objects than anybody reads about at once; a customer's oldest may be left out. */
const OBJECTS_MAX = 200;

/** What an id that somebody typed means to the webhook log. */
export type Found =
  | { readonly kind: "event"; readonly id: string }
  | { readonly kind: "ref"; readonly ref: string }
  | { readonly kind: "objects"; readonly objects: readonly FoundObject[] };

/** A gateway object, and how often it rang. */
export type FoundObject = { readonly id: number; readonly rung: number };

/** Finds what to look for in the log: an event by its id or the gateway's, or what rings an object. */
export async function findInLog(typed: string): Promise<Found> {
  const text = typed.trim().slice(0, 255);
  if (text.startsWith("gev_") && timeOfId(text)) return { kind: "event", id: text };
  const [objects, isCustomer] = await Promise.all([objectsCalled(text), isKnownCustomer(text)]);
  if (objects.length === 0 && !isCustomer) return { kind: "ref", ref: text };
  const belonging = isCustomer ? await objectsOfCustomer(text) : [];
  // What waits for a customer may name it as well.
  const each = new Map([...objects, ...belonging].map((object) => [object.id, object]));
  return { kind: "objects", objects: [...each.values()] };
}

/** Gateway objects with that ref, of whatever kind, gateway and mode. */
export async function objectsCalled(ref: string) {
  return listsDb()
    .select({
      id: gatewayObjects.id,
      type: gatewayObjects.type,
      ref: gatewayObjects.ref,
      mode: gatewayObjects.mode,
      rung: gatewayObjects.rung,
    })
    .from(gatewayObjects)
    .where(eq(gatewayObjects.ref, ref))
    .limit(OBJECTS_MAX);
}

/** A customer may have been named by others and never have had an event of its own. */
async function isKnownCustomer(ref: string): Promise<boolean> {
  const found = await listsDb()
    .select({ id: customers.id })
    .from(customers)
    .where(
      and(
        inArray(customers.gateway, gatewayNames),
        inArray(customers.mode, MODES),
        eq(customers.ref, ref),
      ),
    )
    .limit(1);
  return found.length > 0;
}

/** Everything that is about one customer: what waits for it, and what names it. */
async function objectsOfCustomer(ref: string): Promise<FoundObject[]> {
  const found = { id: gatewayObjects.id, rung: gatewayObjects.rung };
  const [waiting, refs] = await Promise.all([
    listsDb()
      .select(found)
      .from(gatewayObjects)
      .where(
        and(
          inArray(gatewayObjects.gateway, gatewayNames),
          inArray(gatewayObjects.mode, MODES),
          eq(gatewayObjects.waitingFor, ref),
        ),
      )
      .limit(OBJECTS_MAX),
    refsNaming(ref),
  ]);
  const named =
    refs.length === 0
      ? []
      : await listsDb()
          .select(found)
          .from(gatewayObjects)
          .where(inArray(gatewayObjects.ref, refs))
          .limit(OBJECTS_MAX);
  return [...waiting, ...named];
}

/** Subscriptions, and through their organization's index the invoices, payments and checkouts too. */
async function refsNaming(customerRef: string): Promise<string[]> {
  const owner = await listsDb()
    .select({ id: customers.organizationId })
    .from(customers)
    .where(
      and(
        inArray(customers.gateway, gatewayNames),
        inArray(customers.mode, MODES),
        eq(customers.ref, customerRef),
      ),
    );
  const owners = owner.flatMap((row) => (row.id ? [row.id] : []));
  const ofOwner = owners.length > 0 ? owners : [""];
  const named = await Promise.all([
    listsDb()
      .select({ ref: subscriptions.ref })
      .from(subscriptions)
      .where(
        and(
          inArray(subscriptions.gateway, gatewayNames),
          inArray(subscriptions.mode, MODES),
          eq(subscriptions.customerRef, customerRef),
        ),
      )
      .limit(OBJECTS_MAX),
    ...[invoices, payments, checkouts].map((table) =>
      listsDb()
        .select({ ref: table.ref })
        .from(table)
        .where(and(inArray(table.organizationId, ofOwner), eq(table.customerRef, customerRef)))
        .limit(OBJECTS_MAX),
    ),
  ]);
  return named.flat().map((row) => row.ref);
}
