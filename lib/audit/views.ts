import { and, eq } from "drizzle-orm";
import { listsDb } from "#db/client.ts";
import { byTime, microsOf } from "#db/keyset.ts";
import { auditEntries } from "#db/schema/index.ts";
import type { Administrator } from "../actor.ts";
import { type PageRequest, pageOf, writePosition } from "../keyset.ts";

/** What people and API clients did, the newest first. */
export async function listDeeds(
  _actor: Administrator,
  request: PageRequest = {},
  filter: { organizationId?: string | undefined } = {},
) {
  const t = auditEntries;
  const { where, orderBy, limit } = byTime(t.at, t.id, request);
  const rows = await listsDb()
    .select({ deed: t, micros: microsOf(t.at) })
    .from(t)
    .where(
      and(where, filter.organizationId ? eq(t.organizationId, filter.organizationId) : undefined),
    )
    .orderBy(orderBy)
    .limit(limit);
  const page = pageOf(rows, request, (row) => writePosition(row.micros, row.deed.id));
  return { ...page, rows: page.rows.map((row) => row.deed) };
}
