import { and, desc, eq, inArray, sql } from "drizzle-orm";
import { alias } from "drizzle-orm/pg-core";
import { db, type Tx } from "#db/client.ts";
import { byTime, microsOf } from "#db/keyset.ts";
import { organizations, syncs, tierChanges, tiers, webhookEvents } from "#db/schema/index.ts";
import type { Administrator } from "../actor.ts";
import { type PageRequest, pageOf, writePosition } from "../keyset.ts";
import { organizationOf, type Reader } from "./views.ts";

const fromTier = alias(tiers, "from_tier");
const toTier = alias(tiers, "to_tier");

const told = {
  id: tierChanges.id,
  at: tierChanges.at,
  organizationId: tierChanges.organizationId,
  from: fromTier.name,
  fromRank: fromTier.rank,
  to: toTier.name,
  toRank: toTier.rank,
  because: tierChanges.because,
  cause: tierChanges.cause,
  syncId: tierChanges.syncId,
};

export type TierChange = Awaited<ReturnType<typeof listTierChanges>>["rows"][number];

/** Every change of an organization's tier with its cause, the newest first. */
export async function listTierChanges(reader: Reader, request: PageRequest = {}, tx: Tx = db()) {
  const { where, orderBy, limit } = byTime(tierChanges.at, tierChanges.id, request);
  const rows = await tx
    .select({ ...told, micros: microsOf(tierChanges.at) })
    .from(tierChanges)
    .innerJoin(fromTier, eq(fromTier.id, tierChanges.fromTierId))
    .innerJoin(toTier, eq(toTier.id, tierChanges.toTierId))
    .where(and(eq(tierChanges.organizationId, organizationOf(reader)), where))
    .orderBy(orderBy)
    .limit(limit);
  return pageOf(rows, request, (row) => writePosition(row.micros, row.id));
}

/** The latest changes of anybody's tier. */
export async function recentTierChanges(_actor: Administrator, limit = 10) {
  return db()
    .select({ ...told, organization: organizations.name })
    .from(tierChanges)
    .innerJoin(organizations, eq(organizations.id, tierChanges.organizationId))
    .innerJoin(fromTier, eq(fromTier.id, tierChanges.fromTierId))
    .innerJoin(toTier, eq(toTier.id, tierChanges.toTierId))
    .orderBy(desc(tierChanges.id))
    .limit(limit);
}

export type Trace = {
  objectId: number;
  eventId: string | undefined;
  eventType: string | undefined;
};

/** Where the cause of each sync can be opened: the event whose ring it answered, else its object. */
export async function tracesOf(
  _actor: Administrator,
  syncIds: readonly (string | null)[],
): Promise<ReadonlyMap<string, Trace>> {
  const ids = syncIds.filter((id) => id !== null);
  if (ids.length === 0) return new Map();
  const found = await db()
    .select({ id: syncs.id, objectId: syncs.objectId, ring: syncs.ring })
    .from(syncs)
    .where(inArray(syncs.id, ids));
  if (found.length === 0) return new Map();
  const events = await db()
    .select({
      id: webhookEvents.id,
      type: webhookEvents.type,
      objectId: webhookEvents.objectId,
      ring: webhookEvents.ring,
    })
    .from(webhookEvents)
    .where(
      inArray(
        sql`(${webhookEvents.objectId}, ${webhookEvents.ring})`,
        found.map((sync) => sql`(${sync.objectId}::bigint, ${sync.ring}::int)`),
      ),
    );
  return new Map(
    found.map((sync) => {
      const event = events.find((e) => e.objectId === sync.objectId && e.ring === sync.ring);
      return [sync.id, { objectId: sync.objectId, eventId: event?.id, eventType: event?.type }];
    }),
  );
}
