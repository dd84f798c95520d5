import type Stripe from "stripe";
import type { Owned, OwnedType } from "../adapter.ts";
import type { Connection } from "../gateway.ts";
import { clientFor } from "./client.ts";
import { claimIn } from "./concepts.ts";
import { failureOf, wrongAnswer } from "./failures.ts";
import { at, type Json, listAt, refAt, textAt } from "./json.ts";

const PAGE_SIZE = 100;

/** A page of checkouts that were completed, of all subscriptions, or of all customers; newest first. */
export async function listOwned(
  { type, page }: { type: OwnedType; page: string | undefined },
  connection: Connection,
  signal: AbortSignal,
): Promise<{ objects: readonly Owned[]; next: string | undefined }> {
  const from = { limit: PAGE_SIZE, ...(page === undefined ? {} : { starting_after: page }) };
  try {
    const answer: unknown = await LIST[type](clientFor(connection, signal), from);
    const objects = listAt(answer, "data").map((object) => ownedOf(type, object));
    const last = objects.at(-1);
    return { objects, next: at(answer, "has_more") === true ? last?.ref : undefined };
  } catch (error) {
    throw failureOf(error);
  }
}

type From = { limit: number; starting_after?: string };

const LIST: Readonly<Record<OwnedType, (client: Stripe, from: From) => Promise<unknown>>> = {
  checkout: (client, from) => client.checkout.sessions.list({ ...from, status: "complete" }),
  // Those that are over too: they say whose a customer is, and who had a trial.
  subscription: (client, from) => client.subscriptions.list({ ...from, status: "all" }),
  customer: (client, from) => client.customers.list(from),
};

function ownedOf(type: OwnedType, object: Json): Owned {
  const ref = refAt(object, "id");
  if (!ref) throw wrongAnswer(`a list of ${type}s`);
  if (type === "customer") {
    return { ref, customerRef: ref, claim: claimIn(object.metadata, "customer_metadata") };
  }
  const customerRef = refAt(object, "customer");
  return {
    ref,
    customerRef,
    claim:
      type === "checkout"
        ? claimIn(object.metadata, "checkout", textAt(object, "client_reference_id"))
        : claimIn(object.metadata, "subscription_metadata"),
  };
}
