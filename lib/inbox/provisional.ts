import { sql } from "#db/client.ts";
import type { subscriptions } from "#db/schema/billing.ts";
import type {
  SubscriptionItem,
  SubscriptionSnapshot,
  SubscriptionStatus,
} from "../gateways/gateway.ts";
import type { ObjectRow } from "./objects.ts";

/** A subscription that no event of its own describes, as something else tells it. */
export type Told = {
  snapshot: SubscriptionSnapshot;
  /** Set where it is only as good as a guess, until an event of its own arrives. */
  provisional: { planId: string | null } | undefined;
};

type Source = {
  customerRef: string | null;
  planId: string | null;
  items: SubscriptionItem[];
  isPastDue: boolean;
  asOf: Date;
  periodStart: Date | null;
  periodEnd: Date | null;
  currency: string | null;
};

/**
 * In payload mode a checkout may be all that is known: it activates, if it is paid and says what was
 * bought. An invoice says more, since its lines name prices and periods; the newest one wins. What was
 * fetched while there was a key is no guess, and stays.
 */
export async function toldByOthers(object: ObjectRow): Promise<Told | undefined> {
  const fetched = await byLastFetch(object);
  if (fetched) return { provisional: undefined, snapshot: fetched };
  const source = (await byInvoice(object)) ?? (await byCheckout(object));
  if (!source || (!source.planId && source.items.length === 0)) return undefined;
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
      items: source.items,
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

/** The row that a fetch left behind, as it was told then: so that a link or a plan can still be applied. */
async function byLastFetch(object: ObjectRow): Promise<SubscriptionSnapshot | undefined> {
  const [row] = await sql()<
    (Omit<SubscriptionSnapshot, "kind" | "ref" | "asOf" | "links" | "claim" | "status" | Ahead> & {
      status: SubscriptionStatus;
      pastDueSince: Date | null;
    } & Pick<typeof subscriptions.$inferSelect, Ahead>)[]
  >`
    select customer_ref as "customerRef", status, gateway_status as "gatewayStatus", items, currency,
      period_start as "periodStart", period_end as "periodEnd", trial_end as "trialEnd",
      started_at as "startedAt", cancel_at as "cancelAt", canceled_at as "canceledAt",
      ended_at as "endedAt", latest_invoice_ref as "latestInvoiceRef",
      past_due_since as "pastDueSince", schedule_ref as "scheduleRef", planned,
      unpaid_change as "unpaidChange", is_collection_paused as "isCollectionPaused",
      method_ref as "methodRef"
    from (
      select * from subscriptions
      union all
      -- What a rebuild took away, until it is back.
      select s.* from rebuild_objects r,
        jsonb_populate_record(null::subscriptions, r.row) s
      where r.rebuild_id = ${object.rebuildId} and r.object_id = ${object.id} and r.row is not null
    ) held
    where gateway = ${object.gateway} and mode = ${object.mode} and ref = ${object.ref}
      and not is_provisional`;
  if (!row) return undefined;
  const { pastDueSince, planned, unpaidChange, ...told } = row;
  const until = unpaidChange?.until ? new Date(unpaidChange.until) : null;
  return {
    ...told,
    planned: planned && { ...planned, at: new Date(planned.at) },
    unpaidChange: unpaidChange && { ...unpaidChange, until },
    kind: "subscription",
    ref: object.ref,
    asOf: pastDueSince ?? object.changedAt ?? new Date(),
    links: [],
    claim: undefined,
  };
}

type Ahead = "planned" | "unpaidChange";

/** Every price on the newest invoice: which of them sells a plan is for the rules to say. */
async function byInvoice(object: ObjectRow): Promise<Source | undefined> {
  const [row] = await sql()<(Source & { asOf: Date | null })[]>`
    with line as (
      select i.*, line->>'priceRef' as price, (line->>'quantity')::int as quantity,
        (line->>'periodStart')::timestamptz as begins, (line->>'periodEnd')::timestamptz as ends
      from invoices i, jsonb_array_elements(i.lines) line
      where i.gateway = ${object.gateway} and i.mode = ${object.mode}
        and i.subscription_ref = ${object.ref}
        and (i.status = 'paid' or (i.status = 'open' and i.attempt_count > 0))
        and line->>'priceRef' is not null and (line->>'isProration')::boolean is not true
    )
    select customer_ref as "customerRef", null as "planId", status = 'open' as "isPastDue",
      issued_at as "asOf", currency, begins as "periodStart", ends as "periodEnd",
      (select jsonb_agg(jsonb_build_object('priceRef', price, 'quantity', quantity) order by price)
        from (select price, coalesce(max(quantity), 1) as quantity from line
          where line.ref = newest.ref group by price) sold) as items
    from line newest
    order by ends desc nulls last, ref desc, price
    limit 1`;
  return row ? { ...row, asOf: row.asOf ?? new Date(0) } : undefined;
}

async function byCheckout(object: ObjectRow): Promise<Source | undefined> {
  const [row] = await sql()<Source[]>`
    select customer_ref as "customerRef", plan_id as "planId", false as "isPastDue", as_of as "asOf",
      null as currency, null as "periodStart", null as "periodEnd",
      case when price_ref is null then '[]'::jsonb
        else jsonb_build_array(jsonb_build_object('priceRef', price_ref, 'quantity', 1)) end as items
    from checkouts
    where gateway = ${object.gateway} and mode = ${object.mode}
      and subscription_ref = ${object.ref}
      and status = 'complete' and is_paid and not payment_failed
      and (plan_id is not null or price_ref is not null)
    order by as_of desc, ref desc
    limit 1`;
  return row;
}
