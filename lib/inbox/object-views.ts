import { and, eq, gt, isNotNull, sql } from "drizzle-orm";
import { db, listsDb } from "#db/client.ts";
import { byTime, microsOf } from "#db/keyset.ts";
import {
  customers,
  gatewayObjects,
  organizations,
  refusedCounts,
  refusedRequests,
  syncs,
  webhookEvents,
} from "#db/schema/index.ts";
import type { Administrator } from "../actor.ts";
import type { Mode } from "../gateways/gateway.ts";
import { type PageRequest, pageOf, writePosition } from "../keyset.ts";
import { DAY } from "../time.ts";
import { eachOfStrands, strandsOfLog } from "./strand-views.ts";

/** Counts stop here: beyond it the number says nothing that "more than" would not. */
const COUNT_MAX = 10_000;
const LIST_MAX = 100;

/** One mirrored object: its rings, its guard and what holds it up. */
export async function findObject(_actor: Administrator, id: number) {
  if (!Number.isSafeInteger(id) || id < 1) return undefined;
  const [object] = await db().select().from(gatewayObjects).where(eq(gatewayObjects.id, id));
  if (!object) return undefined;
  const [waitingFor] = object.waitingFor
    ? await db()
        .select({ id: customers.id, ref: customers.ref, organizationId: customers.organizationId })
        .from(customers)
        .where(
          and(
            eq(customers.gateway, object.gateway),
            eq(customers.mode, object.mode),
            eq(customers.ref, object.waitingFor),
          ),
        )
    : [];
  return { ...object, waitingCustomer: waitingFor };
}

/** Every look at an object, the newest first. */
export async function listSyncs(
  _actor: Administrator,
  objectId: number,
  request: PageRequest = {},
) {
  const { where, orderBy, limit } = byTime(syncs.at, syncs.id, request);
  const rows = await listsDb()
    .select({ sync: syncs, micros: microsOf(syncs.at) })
    .from(syncs)
    .where(and(eq(syncs.objectId, objectId), where))
    .orderBy(orderBy)
    .limit(limit);
  const page = pageOf(rows, request, (row) => writePosition(row.micros, row.sync.id));
  return { ...page, rows: page.rows.map((row) => row.sync) };
}

/** Events that rang an object, the newest first, as far as a page shows them. */
export async function eventsOfObject(_actor: Administrator, objectId: number) {
  return listsDb()
    .select({
      id: webhookEvents.id,
      receivedAt: webhookEvents.receivedAt,
      type: webhookEvents.type,
      status: webhookEvents.status,
      eventRef: webhookEvents.eventRef,
      ring: webhookEvents.ring,
    })
    .from(webhookEvents)
    .where(eq(webhookEvents.objectId, objectId))
    .orderBy(sql`${webhookEvents.ring} desc`)
    .limit(LIST_MAX);
}

/** Objects that were given up until somebody looks at them. */
export async function listParked(_actor: Administrator) {
  return db()
    .select()
    .from(gatewayObjects)
    .where(isNotNull(gatewayObjects.parkedAt))
    .orderBy(sql`${gatewayObjects.parkedAt} desc`)
    .limit(LIST_MAX);
}

export type InboxNumbers = Awaited<ReturnType<typeof inboxNumbers>>;

/**
 * The state of the intake in numbers that cost the same at any size: each is counted as far as
 * `upTo`, and no further.
 */
export async function inboxNumbers(_actor: Administrator, mode: Mode, now: Date = new Date()) {
  const dayAgo = new Date(now.getTime() - DAY);
  const o = gatewayObjects;
  const ofMode = eq(o.mode, mode);
  const since = gt(webhookEvents.receivedAt, dayAgo);
  const [received, waiting, unmatched, parked, refused, dropped, oldest] = await Promise.all([
    listsDb().$count(sql`(${eachOfStrands(strandsOfLog({ mode }), since, COUNT_MAX)}) as received`),
    bounded(sql`select mode from ${o} where is_due`, mode),
    bounded(sql`select mode from ${o} where waiting_for is not null`, mode),
    bounded(sql`select mode from ${o} where parked_at is not null`, mode),
    bounded(sql`select 1 from ${refusedRequests} where received_at > ${dayAgo.toISOString()}`),
    listsDb()
      .select({ count: sql<number>`coalesce(sum(${refusedCounts.dropped}), 0)::int` })
      .from(refusedCounts)
      .where(sql`${refusedCounts.hour} > ${dayAgo.toISOString()}`),
    listsDb()
      .select({ rungAt: o.rungAt })
      .from(o)
      .where(and(sql`${o.isDue}`, ofMode, sql`${o.nextAttemptAt} <= ${now.toISOString()}`))
      .orderBy(o.nextAttemptAt)
      .limit(1),
  ]);
  return {
    upTo: COUNT_MAX,
    received,
    waiting,
    unmatched,
    parked,
    refused: refused + (dropped[0]?.count ?? 0),
    /** How long the object that is due the longest has waited, in milliseconds; 0 when none is. */
    lagMs: oldest[0] ? Math.max(0, now.getTime() - oldest[0].rungAt.getTime()) : 0,
  };
}

/** What wants an administrator, for the badge of the navigation: one look at a small index. */
export async function openWork(_actor: Administrator, mode: Mode) {
  const unlinked = sql`select mode from ${customers} where organization_id is null and deleted_at is null`;
  return { unlinked: await bounded(unlinked, mode, 1000) };
}

/** Whether anything ever arrived, and whether there is anybody to bill: what a new deployment lacks. */
export async function firstSteps(_actor: Administrator) {
  const [events, owners, secrets] = await Promise.all([
    bounded(sql`select 1 from ${webhookEvents}`, undefined, 1),
    bounded(sql`select 1 from ${organizations}`, undefined, 1),
    bounded(
      sql`select 1 from signing_secrets where retire_at is null or retire_at > now()`,
      undefined,
      1,
    ),
  ]);
  return { hasEvents: events > 0, hasOrganizations: owners > 0, hasSecrets: secrets > 0 };
}

async function bounded(
  rows: ReturnType<typeof sql>,
  mode?: Mode,
  upTo = COUNT_MAX,
): Promise<number> {
  const kept = mode ? sql`where mode = ${mode}` : sql``;
  const [found] = await listsDb().execute<{ count: number }>(
    sql`select count(*)::int as count from (${rows} limit ${upTo}) as seen ${kept}`,
  );
  return found?.count ?? 0;
}
