import { and, eq, gte, lt } from "drizzle-orm";
import { db, listsDb } from "#db/client.ts";
import { byTime, microsOf } from "#db/keyset.ts";
import { refusedRequests } from "#db/schema/index.ts";
import type { Administrator } from "../actor.ts";
import { type PageRequest, pageOf, writePosition } from "../keyset.ts";

export type RefusedFilter = {
  readonly gateway?: string | undefined;
  readonly refusal?: string | undefined;
  readonly from?: Date | undefined;
  readonly until?: Date | undefined;
};

/** Requests that were not believed, newest first. Without bodies: their page has them. */
export async function listRefused(
  _actor: Administrator,
  filter: RefusedFilter,
  request: PageRequest = {},
) {
  const t = refusedRequests;
  const { where, orderBy, limit } = byTime(t.receivedAt, t.id, request);
  const rows = await listsDb()
    .select({
      id: t.id,
      receivedAt: t.receivedAt,
      micros: microsOf(t.receivedAt),
      gateway: t.gateway,
      refusal: t.refusal,
      diagnosis: t.diagnosis,
      remoteAddress: t.remoteAddress,
      bodySize: t.bodySize,
      acceptedAt: t.acceptedAt,
      eventId: t.eventId,
    })
    .from(t)
    .where(
      and(
        where,
        filter.gateway ? eq(t.gateway, filter.gateway) : undefined,
        filter.refusal ? eq(t.refusal, filter.refusal) : undefined,
        filter.from && gte(t.receivedAt, filter.from),
        filter.until && lt(t.receivedAt, filter.until),
      ),
    )
    .orderBy(orderBy)
    .limit(limit);
  return pageOf(rows, request, (row) => writePosition(row.micros, row.id));
}

/** One refused request; the body only where the budget allowed to keep it. */
export async function findRefused(_actor: Administrator, id: string) {
  const [refused] = await db().select().from(refusedRequests).where(eq(refusedRequests.id, id));
  return refused;
}
