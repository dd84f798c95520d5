import { sql } from "drizzle-orm";
import type { Tx } from "#db/client.ts";
import type { Mode } from "../gateways/gateway.ts";

/** Taking away what a gateway told of its catalogue, and putting it back. A price's plan is people's: it stays. */

type Place = { gateway: string; mode: Mode };
type Taken = { ref: string; organizationId: null; row: string | null };

export async function takePrices(tx: Tx, place: Place, refs: readonly string[]): Promise<Taken[]> {
  const rows = await tx.execute<{ ref: string; row: string | null }>(sql`
    with held as (
      select * from gateway_prices
      where gateway = ${place.gateway} and mode = ${place.mode} and ref in ${[...refs]}
      order by ref for update)
    update gateway_prices p set product_ref = null, currency = null, amount_minor = null,
      interval = null, interval_count = null, is_active = null, lookup_key = null, nickname = null,
      plan_code = null, product_code = null, deleted_at = null
    from held where p.gateway = held.gateway and p.mode = held.mode and p.ref = held.ref
    -- One that something uses and that nobody told of has nothing to lose.
    returning p.ref, case when held.is_active is not null then to_jsonb(held)::text end as row`);
  return rows.map((row) => ({ ...row, organizationId: null }));
}

export async function takeProducts(
  tx: Tx,
  place: Place,
  refs: readonly string[],
): Promise<Taken[]> {
  const rows = await tx.execute<{ ref: string; row: string }>(sql`
    delete from gateway_products t
    where gateway = ${place.gateway} and mode = ${place.mode} and ref in ${[...refs]}
    returning ref, to_jsonb(t)::text as row`);
  return rows.map((row) => ({ ...row, organizationId: null }));
}

export async function putPriceBack(tx: Tx, row: string): Promise<void> {
  await tx.execute(sql`
    update gateway_prices p set product_ref = r.product_ref, currency = r.currency,
      amount_minor = r.amount_minor, interval = r.interval, interval_count = r.interval_count,
      is_active = r.is_active, lookup_key = r.lookup_key, nickname = r.nickname,
      plan_code = r.plan_code, product_code = r.product_code, deleted_at = r.deleted_at
    from jsonb_populate_record(null::gateway_prices, ${row}::text::jsonb) r
    where p.gateway = r.gateway and p.mode = r.mode and p.ref = r.ref and p.is_active is null`);
}

export async function putProductBack(tx: Tx, row: string): Promise<void> {
  await tx.execute(sql`
    insert into gateway_products
    select * from jsonb_populate_record(null::gateway_products, ${row}::text::jsonb)
    on conflict do nothing`);
}
