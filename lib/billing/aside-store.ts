import { type SQL, sql } from "drizzle-orm";
import type { Tx } from "#db/client.ts";
import {
  putPriceBack,
  putProductBack,
  takePrices,
  takeProducts,
} from "../catalogue/aside-store.ts";
import type { Mode, ObjectRef, ObjectType } from "../gateways/gateway.ts";

/** Emptying the mirror of a connection, and putting rows back as they were. */

type Place = { gateway: string; mode: Mode };
type Taken = { ref: string; organizationId: string | null; row: string | null };

const MIRRORS = {
  checkout: sql`checkouts`,
  payment: sql`payments`,
  dispute: sql`disputes`,
  invoice: sql`invoices`,
  subscription: sql`subscriptions`,
} satisfies Partial<Record<ObjectType, SQL>>;

/** The order in which rows are locked, as a sync has it: customers, prices, then the rest. */
export const TAKEN_IN_ORDER: readonly ObjectType[] = [
  "customer",
  "price",
  "product",
  "checkout",
  "payment",
  "dispute",
  "invoice",
  "subscription",
];

/** The rows that a gateway told anything of. */
const TOLD: Readonly<Record<ObjectType, SQL>> = {
  ...MIRRORS,
  customer: sql`(select * from customers where coalesce(email, name, details::text) is not null)`,
  price: sql`(select * from gateway_prices where is_active is not null)`,
  product: sql`gateway_products`,
};

/** Takes away what the gateway told of these objects, and answers it. Whose a customer is stays. */
export function takeRows(
  tx: Tx,
  place: Place,
  type: ObjectType,
  refs: readonly string[],
): Promise<Taken[]> {
  switch (type) {
    case "customer":
      return takeCustomers(tx, place, refs);
    case "price":
      return takePrices(tx, place, refs);
    case "product":
      return takeProducts(tx, place, refs);
    default:
      return takeMirrored(tx, place, MIRRORS[type], refs);
  }
}

/** Puts a row back where none is by now. */
export async function putBack(tx: Tx, type: ObjectType, row: string): Promise<void> {
  switch (type) {
    case "customer":
      return putCustomerBack(tx, row);
    case "price":
      return putPriceBack(tx, row);
    case "product":
      return putProductBack(tx, row);
    default:
      await tx.execute(sql`
        insert into ${MIRRORS[type]}
        select * from jsonb_populate_record(null::${MIRRORS[type]}, ${row}::text::jsonb)
        on conflict do nothing`);
  }
}

/** What the gateway told of rows that no object of it stands behind. It must not outlive an emptying unseen. */
export async function strayRefs(tx: Tx, place: Place, type: ObjectType): Promise<ObjectRef[]> {
  const table = TOLD[type];
  const rows = await tx.execute<{ ref: string }>(sql`
    select t.ref from ${table} t where t.gateway = ${place.gateway} and t.mode = ${place.mode}
      and not exists (select 1 from gateway_objects o where o.gateway = t.gateway
        and o.mode = t.mode and o.type = ${type} and o.ref = t.ref)
    order by t.ref`);
  return rows.map(({ ref }) => ({ type, ref }));
}

/** Keeps the tiers of all whom a connection bills, until they are released. */
export async function holdTiers(tx: Tx, rebuildId: string, place: Place): Promise<void> {
  const here = sql`gateway = ${place.gateway} and mode = ${place.mode}`;
  const owners = Object.values(MIRRORS).map(
    (table) => sql`union select organization_id from ${table} where ${here}`,
  );
  await tx.execute(sql`
    update organizations set tier_held_by = ${rebuildId} where id in (
      select organization_id from customers where ${here} ${sql.join(owners, sql` `)})`);
}

/** The same for organizations that were concerned only since then. */
export async function holdTiersOf(tx: Tx, rebuildId: string, ids: readonly string[]) {
  if (ids.length === 0) return;
  await tx.execute(sql`
    update organizations set tier_held_by = ${rebuildId}
    where id in ${[...ids]} and tier_held_by is null`);
}

/** The next organizations whose tier a rebuild holds. */
export async function heldTiers(tx: Tx, rebuildId: string, after: string, limit: number) {
  const rows = await tx.execute<{ id: string }>(sql`
    select id from organizations where tier_held_by = ${rebuildId} and id > ${after}
    order by id limit ${limit}`);
  return rows.map(({ id }) => id);
}

/** Lets a tier follow again; the caller recomputes it. */
export async function releaseTier(tx: Tx, id: string): Promise<void> {
  await tx.execute(sql`update organizations set tier_held_by = null where id = ${id}`);
}

async function takeMirrored(tx: Tx, place: Place, table: SQL, refs: readonly string[]) {
  const rows = await tx.execute<Taken>(sql`
    delete from ${table} t
    where gateway = ${place.gateway} and mode = ${place.mode} and ref in ${[...refs]}
    returning ref, organization_id as "organizationId", to_jsonb(t)::text as row`);
  return [...rows];
}

async function takeCustomers(tx: Tx, place: Place, refs: readonly string[]): Promise<Taken[]> {
  const rows = await tx.execute<Taken>(sql`
    with held as (
      select * from customers
      where gateway = ${place.gateway} and mode = ${place.mode} and ref in ${[...refs]}
      order by ref for update)
    update customers c set email = null, name = null, deleted_at = null,
      default_method_ref = null, balance_minor = null, balance_currency = null, details = null
    from held where c.id = held.id
    returning c.ref, c.organization_id as "organizationId",
      case when coalesce(held.email, held.name, held.deleted_at::text, held.details::text) is not null
        then to_jsonb(held)::text end as row`);
  return [...rows];
}

async function putCustomerBack(tx: Tx, row: string): Promise<void> {
  await tx.execute(sql`
    update customers c set email = r.email, name = r.name, deleted_at = r.deleted_at,
      default_method_ref = r.default_method_ref, balance_minor = r.balance_minor,
      balance_currency = r.balance_currency, details = r.details
    from jsonb_populate_record(null::customers, ${row}::text::jsonb) r
    where c.id = r.id
      and coalesce(c.email, c.name, c.deleted_at::text, c.details::text) is null`);
}
