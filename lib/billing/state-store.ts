import { type SQL, sql } from "drizzle-orm";
import type { Tx } from "#db/client.ts";
import { checkouts, disputes, invoices, payments, subscriptions } from "#db/schema/index.ts";
import { planByPrice } from "../catalogue/store.ts";
import type { Mode, ObjectRef } from "../gateways/gateway.ts";
import { graceDaysOf } from "../settings/views.ts";
import { together } from "../together.ts";
import { type MirrorTable, readRow } from "./mirror-store.ts";
import type { HeldOrder } from "./ordering/rules.ts";
import type {
  Comp,
  Entitling,
  Organization,
  OwnedSnapshot,
  Plan,
  Setting,
  State,
  Tier,
} from "./state.ts";

/** What a decision looks at, read in one statement: each sync asks for all of it. */

type Place = Pick<Setting, "gateway" | "mode">;

/** A state, and what is to be rung or not for it. */
export type Loaded = {
  state: State;
  /** Which of the objects that the snapshot links to were never rung. */
  unknownLinks: ObjectRef[];
  /** Whether anything waits under the names that it makes known. */
  isAwaited: boolean;
};

/** Everything a decision about a snapshot may look at. The organization must be locked already. */
export async function loadState(
  tx: Tx,
  setting: Setting & { tierMode: Mode },
  organization: Organization | undefined,
  snapshot: OwnedSnapshot | undefined,
  provisional: State["provisional"],
  names: readonly string[] = [],
): Promise<Loaded> {
  const [told, planOfPrice] = await together([
    readTold(tx, setting, organization, snapshot, names),
    planByPrice(tx, setting.gateway, setting.mode, priceRefsOf(snapshot)),
  ]);
  const mirror = snapshot && MIRRORS[snapshot.kind];
  const links = snapshot?.links ?? [];
  const known = new Set(told.known.map(({ type, ref }) => `${type}:${ref}`));
  const state: State = {
    ...setting,
    graceDays: graceDaysOf(told.grace),
    organization,
    tiers: told.tiers,
    plans: told.plans,
    planOfPrice,
    subscriptions: told.subscriptions.map(entitling),
    comps: told.comps.map(comp),
    unpaidSince: new Map(told.unpaid.map(({ ref, since }) => [ref, new Date(since)])),
    held: mirror && told.held ? readRow(mirror, told.held) : undefined,
    isSubscriptionDescribed: told.described,
    provisional,
    order: told.order ?? undefined,
  };
  const unknownLinks = links.filter(({ type, ref }) => !known.has(`${type}:${ref}`));
  return { state, unknownLinks, isAwaited: told.awaited };
}

type Told = {
  grace: unknown;
  tiers: Tier[];
  plans: Plan[];
  subscriptions: EntitlingTold[];
  comps: CompTold[];
  unpaid: { ref: string; since: string }[];
  held: Record<string, unknown> | null;
  described: boolean;
  order: HeldOrder | null;
  known: ObjectRef[];
  awaited: boolean;
};

type EntitlingTold = Omit<Entitling, "cancelAt" | "pastDueSince" | "endedAt"> & {
  cancelAt: string | null;
  pastDueSince: string | null;
  endedAt: string | null;
};

type CompTold = Omit<Comp, "endsAt" | "endedAt"> & { endsAt: string; endedAt: string | null };

async function readTold(
  tx: Tx,
  setting: Place & { tierMode: Mode },
  organization: Organization | undefined,
  snapshot: OwnedSnapshot | undefined,
  names: readonly string[],
): Promise<Told> {
  const owned = sql`organization_id = ${organization?.id ?? null}::text and mode = ${setting.tierMode}`;
  const [row] = await tx.execute<Told>(sql`
    select
      (select value from settings where key = 'graceDays') as grace,
      ${all(sql`select id, code, name, rank, is_default as "isDefault" from tiers`)} as tiers,
      ${all(sql`select id, code, name, tier_id as "tierId" from plans`)} as plans,
      ${all(sql`
        select ref, status, plan_id as "planId", price_ref as "priceRef", cancel_at as "cancelAt",
          past_due_since as "pastDueSince", ended_at as "endedAt"
        from subscriptions where ${owned}`)} as subscriptions,
      ${all(sql`
        -- The open one, and the one in whose place it was put: it may be why the tier is what it is.
        select id, tier_id as "tierId", plan_id as "planId", tier_before_id as "tierBeforeId",
          ends_at as "endsAt", ended_at as "endedAt"
        from comps where organization_id = ${organization?.id ?? null}::text
        order by given_at desc, id desc limit 2`)} as comps,
      ${all(sql`
        select subscription_ref as ref, min(issued_at) as since from invoices
        where ${owned} and status = 'open' and ref <> ${ownInvoice(snapshot)}
          and attempt_count > 0 and amount_remaining_minor > 0
          and issued_at is not null and subscription_ref in (
            -- Grace counts for no other; and some have thousands of unpaid invoices.
            select ref from subscriptions where ${owned} and status = 'past_due'
            union all select ${ownSubscription(snapshot)}::text)
        group by subscription_ref`)} as unpaid,
      ${heldOf(snapshot, setting)} as held,
      ${describedOf(snapshot, setting)} as described,
      ${orderOf(snapshot, setting, organization)} as "order",
      ${knownOf(snapshot, setting)} as known,
      ${awaitedOf(names, setting)} as awaited`);
  if (!row) throw new Error("PostgreSQL answered with no row.");
  return row;
}

function at({ gateway, mode }: Place): SQL {
  return sql`gateway = ${gateway} and mode = ${mode}`;
}

/** Every row of a query, as a list. */
function all(query: SQL): SQL {
  return sql`(select coalesce(json_agg(each), '[]'::json) from (${query}) each)`;
}

function heldOf(snapshot: OwnedSnapshot | undefined, place: Place): SQL {
  const table = snapshot && MIRRORS[snapshot.kind];
  if (!table) return sql`null::json`;
  return sql`(select to_json(held) from ${table} held where ${at(place)} and ref = ${snapshot.ref})`;
}

/** Whether an event of its own describes a subscription, even one that still waits for its customer. */
function describedOf(snapshot: OwnedSnapshot | undefined, place: Place): SQL {
  const names = snapshot?.kind === "checkout" || snapshot?.kind === "invoice";
  const ref = names ? snapshot.subscriptionRef : null;
  if (!ref) return sql`false`;
  return sql`(
    exists (select 1 from subscriptions where ${at(place)} and ref = ${ref} and not is_provisional)
    or exists (
      select 1 from gateway_objects o join webhook_events e on e.object_id = o.id
      where o.gateway = ${place.gateway} and o.mode = ${place.mode}
        and o.type = 'subscription' and o.ref = ${ref}
        and e.payload_object = ${`subscription:${ref}`}))`;
}

/** The order that knows a page or a payment as its own, whoever's customer paid there. */
export async function loadOrder(
  tx: Tx,
  place: Place,
  snapshot: OwnedSnapshot,
): Promise<HeldOrder | undefined> {
  const [row] = await tx.execute<{ order: HeldOrder | null }>(
    sql`select ${orderOf(snapshot, place, undefined)} as "order"`,
  );
  return row?.order ?? undefined;
}

/**
 * The order that a page or a payment is of: the one that names it, or the organization's own one that its
 * metadata name. Locked, so that page and payment of one order wait for each other.
 */
function orderOf(
  snapshot: OwnedSnapshot | undefined,
  place: Place,
  organization: Organization | undefined,
): SQL {
  if (snapshot?.kind !== "checkout" && snapshot?.kind !== "payment") return sql`null::json`;
  const ref = snapshot.kind === "checkout" ? sql`checkout_ref` : sql`payment_ref`;
  return sql`(
    select json_build_object('id', id, 'organizationId', organization_id, 'state', state, 'currency', currency, 'page', page,
      'isPaid', is_paid, 'paymentFailed', payment_failed, 'checkoutRef', checkout_ref,
      'paymentRef', payment_ref, 'paymentStatus', payment_status, 'chargedMinor', charged_minor,
      'refundedMinor', refunded_minor)
    from orders where ${at(place)} and (${ref} = ${snapshot.ref}
      or (organization_id = ${organization?.id ?? null}::text
        and command_id = ${snapshot.commandId ?? null}::text))
    order by ${ref} is distinct from ${snapshot.ref} limit 1 for update)`;
}

/** Those of its links that were rung before, which is for ever. */
function knownOf(snapshot: OwnedSnapshot | undefined, place: Place): SQL {
  const links = snapshot?.links ?? [];
  if (links.length === 0) return sql`'[]'::json`;
  const named = links.map(({ type, ref }) => sql`(type = ${type} and ref = ${ref})`);
  return all(sql`
    select type, ref from gateway_objects
    where ${at(place)} and (${sql.join(named, sql` or `)})`);
}

/** Whether anything waits under these names. They are held, so nothing begins to before we are done. */
function awaitedOf(names: readonly string[], place: Place): SQL {
  if (names.length === 0) return sql`false`;
  const under = names.map((name) => sql`waiting_for = ${name}`);
  return sql`exists (
    select 1 from gateway_objects where ${at(place)} and (${sql.join(under, sql` or `)}))`;
}

const MIRRORS: Readonly<Record<OwnedSnapshot["kind"], MirrorTable | undefined>> = {
  customer: undefined,
  subscription: subscriptions,
  invoice: invoices,
  payment: payments,
  dispute: disputes,
  checkout: checkouts,
};

function ownInvoice(snapshot: OwnedSnapshot | undefined): string {
  return snapshot?.kind === "invoice" ? snapshot.ref : "";
}

function ownSubscription(snapshot: OwnedSnapshot | undefined): string {
  return snapshot?.kind === "subscription" ? snapshot.ref : "";
}

function entitling(told: EntitlingTold): Entitling {
  const instant = (text: string | null) => (text === null ? null : new Date(text));
  return {
    ...told,
    cancelAt: instant(told.cancelAt),
    pastDueSince: instant(told.pastDueSince),
    endedAt: instant(told.endedAt),
  };
}

function comp(told: CompTold): Comp {
  const { endsAt, endedAt } = told;
  return { ...told, endsAt: new Date(endsAt), endedAt: endedAt ? new Date(endedAt) : null };
}

function priceRefsOf(snapshot: OwnedSnapshot | undefined): readonly string[] {
  if (snapshot?.kind === "subscription") return snapshot.items.map((item) => item.priceRef);
  if (snapshot?.kind === "checkout") return snapshot.priceRefs;
  return [];
}
