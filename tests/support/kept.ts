import type { Sql } from "#db/client.ts";

/** What the intake keeps now: stored events, rung objects, and why requests were refused. */
export async function kept(sql: Sql) {
  const [row] = await sql<{ events: number; keys: number; objects: number; refused: string[] }[]>`
    select (select count(*)::int from webhook_events) as events,
      (select count(*)::int from event_keys) as keys,
      (select count(*)::int from gateway_objects) as objects,
      (select coalesce(array_agg(refusal order by id), '{}') from refused_requests) as refused`;
  if (!row) throw new Error("PostgreSQL did not answer.");
  return row;
}

/** Empties the inbox between two tests. */
export async function emptyInbox(sql: Sql): Promise<void> {
  await sql`truncate webhook_events, event_keys, refused_requests, refused_counts`;
  await sql`truncate gateway_objects cascade`;
}
