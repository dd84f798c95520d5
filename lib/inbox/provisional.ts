import { sql } from "#db/client.ts";
import type { SubscriptionSnapshot } from "../gateways/gateway.ts";
import type { ObjectRow } from "./objects.ts";

/** A subscription as its checkout or its invoice tells it, until an event of its own arrives. */
export type Told = {
  snapshot: SubscriptionSnapshot;
  provisional: { planId: string | null };
};

type Source = {
  customerRef: string | null;
  planId: string | null;
  priceRef: string | null;
  isPastDue: boolean;
  asOf: Date;
  periodStart: Date | null;
  periodEnd: Date | null;
  currency: string | null;
};

/**
 * In payload mode a checkout may be all that is known: it activates, if it is paid and says what was
 * bought. An invoice says more, since its lines name prices and periods; the newest one wins.
 */
export async function toldByOthers(object: ObjectRow): Promise<Told | undefined> {
  const source = (await byInvoice(object)) ?? (await byCheckout(object));
  if (!source || (!source.planId && !source.priceRef)) return undefined;
  return {
    provisional: { planId: source.planId },
    snapshot: {
      kind: "subscription",
      ref: object.ref,
      asOf: source.asOf,
      links: [],
      customerRef: source.customerRef,
      status: source.isPastDue ? "past_due" : "active",
      gatewayStatus: source.isPastDue ? "past_due" : "active",
      items: source.priceRef ? [{ priceRef: source.priceRef, quantity: 1 }] : [],
      currency: source.currency,
      periodStart: source.periodStart,
      periodEnd: source.periodEnd,
      trialEnd: null,
      startedAt: null,
      cancelAt: null,
      canceledAt: null,
      endedAt: null,
      latestInvoiceRef: null,
      claim: undefined,
    },
  };
}

async function byInvoice(object: ObjectRow): Promise<Source | undefined> {
  const [row] = await sql()<(Source & { asOf: Date | null })[]>`
    select i.customer_ref as "customerRef", null as "planId", line->>'priceRef' as "priceRef",
      i.status = 'open' as "isPastDue", i.issued_at as "asOf", i.currency,
      (line->>'periodStart')::timestamptz as "periodStart",
      (line->>'periodEnd')::timestamptz as "periodEnd"
    from invoices i, jsonb_array_elements(i.lines) line
    where i.gateway = ${object.gateway} and i.mode = ${object.mode}
      and i.subscription_ref = ${object.ref}
      and (i.status = 'paid' or (i.status = 'open' and i.attempt_count > 0))
      and line->>'priceRef' is not null and (line->>'isProration')::boolean is not true
    order by (line->>'periodEnd')::timestamptz desc nulls last, i.ref desc, line->>'priceRef'
    limit 1`;
  return row ? { ...row, asOf: row.asOf ?? new Date(0) } : undefined;
}

async function byCheckout(object: ObjectRow): Promise<Source | undefined> {
  const [row] = await sql()<Source[]>`
    select customer_ref as "customerRef", plan_id as "planId", price_ref as "priceRef",
      false as "isPastDue", as_of as "asOf", null as currency,
      null as "periodStart", null as "periodEnd"
    from checkouts
    where gateway = ${object.gateway} and mode = ${object.mode}
      and subscription_ref = ${object.ref}
      and status = 'complete' and is_paid and not payment_failed
      and (plan_id is not null or price_ref is not null)
    order by as_of desc, ref desc
    limit 1`;
  return row;
}
