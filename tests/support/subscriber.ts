import type { Sql } from "#db/client.ts";
import { makeOrganization } from "./billing.ts";
import {
  event,
  price,
  type StripeObject,
  subscription,
  subscriptionItem,
} from "./stripe-objects.ts";
import type { StripeStub } from "./stripe-stub.ts";

/** Somebody who pays: the ids of their organization, customer and subscription. */
export type Subscriber = { readonly org: string; readonly cus: string; readonly sub: string };

/** Nobody, until a test's `beforeEach` has made somebody. */
export const nobody: Subscriber = { org: "", cus: "", sub: "" };

/** Makes an organization whose customer an administrator linked. No event has told of it yet. */
export async function makeSubscriber(sql: Sql, name: string): Promise<Subscriber> {
  const [org, cus, sub] = [`org_${name}`, `cus_${name}`, `sub_${name}`];
  await makeOrganization(sql, org);
  await sql`insert into customers (id, gateway, mode, ref, organization_id, link_source)
    values (${cus}, 'stripe', 'test', ${cus}, ${org}, 'administrator')`;
  return { org, cus, sub };
}

/** A subscription on a price, as Stripe tells it. */
export function subscriptionOn(
  priceRef: string,
  of: { readonly cus: string; readonly sub: string },
  changes: object = {},
): StripeObject {
  const item = subscriptionItem({ price: price({ id: priceRef }), subscription: of.sub });
  return subscription({
    id: of.sub,
    customer: of.cus,
    latest_invoice: null,
    items: { object: "list", data: [item], has_more: false },
    ...changes,
  });
}

/** The event that a subscription is as given; all of a file's are of one second. */
export function updated(object: StripeObject): StripeObject {
  return event("customer.subscription.updated", object, { created: NOW });
}

const NOW = Math.floor(Date.now() / 1000);

/** Waits until the stub was asked about a subscription and has decided its answer. */
export async function askedAbout(stub: StripeStub, { sub }: Subscriber): Promise<void> {
  while (!stub.requests.some((request) => request.path.includes(sub))) {
    await new Promise((done) => setTimeout(done, 2));
  }
}
