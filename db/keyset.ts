import { type AnyColumn, type SQL, sql } from "drizzle-orm";
import { type PageRequest, pageSize, readPosition, startOf } from "#lib/keyset.ts";

/** An instant's microseconds, exactly: a Date would lose the last three digits and repeat rows. */
export function microsOf(at: AnyColumn): SQL<string> {
  return sql<string>`(extract(epoch from ${at}) * 1000000)::bigint::text`;
}

/**
 * Where a page of a list ordered by time, then id, starts, and in which order it is read. The words
 * are those of the indexes (`desc nulls last`), or PostgreSQL would sort the whole table. `months` says
 * the same of the time alone, which is what leaves partitions out. Throws `invalid_input` for a place
 * that was made up.
 */
export function byTime(
  at: AnyColumn,
  id: AnyColumn,
  request: PageRequest,
): { where: SQL | undefined; months: SQL | undefined; orderBy: SQL; limit: number } {
  const { from, newer } = startOf(request);
  const place = from ? readPosition(from) : undefined;
  const instant = place && sql`${place.at}::timestamptz`;
  const here = place && sql`(${instant}, ${place.id})`;
  return {
    where: here && (newer ? sql`(${at}, ${id}) > ${here}` : sql`(${at}, ${id}) < ${here}`),
    months: instant && (newer ? sql`${at} >= ${instant}` : sql`${at} <= ${instant}`),
    orderBy: newer
      ? sql`${at} asc nulls first, ${id} asc nulls first`
      : sql`${at} desc nulls last, ${id} desc nulls last`,
    limit: pageSize(request) + 1,
  };
}
