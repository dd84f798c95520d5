import type { Sql } from "#db/client.ts";

/** Everything that gateways decide about the organizations of one prefix, without our own ids. */
export async function rowsOf(sql: Sql, prefix: string): Promise<string> {
  const like = `%\\_${prefix}\\_%`;
  const parts = {
    organizations: await sql`
      select o.id, o.tier_id, o.tier_valid_until from organizations o where o.id = ${`org_${prefix}`}`,
    customers: await sql`
      select ref, organization_id, link_source from customers where ref like ${like} order by ref`,
    subscriptions: await sql`
      select ref, organization_id, customer_ref, status, plan_id, price_ref, quantity, period_start,
        period_end, cancel_at, canceled_at, ended_at, is_provisional, latest_invoice_ref
      from subscriptions where ref like ${like} order by ref`,
    invoices: await sql`
      select ref, organization_id, subscription_ref, status, number, amount_paid_minor,
        amount_remaining_minor, attempt_count, issued_at, lines
      from invoices where ref like ${like} order by ref`,
    payments: await sql`
      select ref, organization_id, customer_ref, status, amount_minor, refunded_minor
      from payments where ref like ${like} order by ref`,
    disputes: await sql`
      select ref, organization_id, payment_ref, status, gateway_status, amount_minor
      from disputes where ref like ${like} order by ref`,
    checkouts: await sql`
      select ref, organization_id, customer_ref, subscription_ref, status, is_paid
      from checkouts where ref like ${like} order by ref`,
  };
  return JSON.stringify(parts, null, 1).replaceAll(prefix, "X");
}

/** The notices that were made about the objects of one prefix. */
export async function noticesOf(sql: Sql, prefix: string): Promise<string[]> {
  const rows = await sql<{ notice: string }[]>`
    select kind || ' ' || object || ' ' || attempt as notice from notices
    where object like ${`%\\_${prefix}\\_%`} order by 1`;
  return rows.map((row) => row.notice.replaceAll(prefix, "X"));
}
