import { and, eq, gte, inArray, lt, type SQL, sql } from "drizzle-orm";
import { db } from "#db/client.ts";
import { byTime, microsOf } from "#db/keyset.ts";
import {
  type Change,
  eventKeys,
  gatewayObjects,
  organizations,
  syncs,
  webhookEvents,
} from "#db/schema/index.ts";
import type { Administrator } from "../actor.ts";
import type { Mode } from "../gateways/gateway.ts";
import { type Page, type PageRequest, pageOf, readPosition, writePosition } from "../keyset.ts";
import { type Found, findInLog } from "./search-views.ts";

export const EVENT_STATUSES = [
  "received",
  "processed",
  "ignored",
  "unmatched",
  "parked",
  "conflict",
  "unknown",
  "failed",
] as const;
export type EventStatus = (typeof EVENT_STATUSES)[number];

/** What the log may be narrowed to. Unknown values find nothing; they never fail. */
export type EventFilter = {
  readonly gateway?: string | undefined;
  readonly mode?: Mode | undefined;
  readonly type?: string | undefined;
  readonly status?: EventStatus | undefined;
  readonly organizationId?: string | undefined;
  readonly from?: Date | undefined;
  readonly until?: Date | undefined;
  /** An event's, an object's or a customer's id, theirs or ours. */
  readonly search?: string | undefined;
};

export type LoggedEvent = {
  readonly id: string;
  readonly receivedAt: Date;
  readonly gateway: string;
  readonly mode: Mode;
  readonly type: string;
  readonly eventRef: string;
  readonly status: EventStatus;
  readonly reason: string | null;
  readonly object: { id: number; type: string; ref: string } | null;
  readonly organization: { id: string; name: string } | null;
  readonly deliveries: number;
  readonly changes: readonly Change[];
};

export type EventPage = Page<LoggedEvent> & {
  /** The place of the first row, for counting what comes after it. */
  readonly first: string | null;
  /** How far back a page with filters looked before it stopped looking. */
  readonly searchedTo: Date | null;
};

/**
 * No page reads more rows than this, whatever the filters: what is rare is looked for one stretch at
 * a time instead of through the whole table.
 */
const STRETCH = 20_000;

/** The webhook log: every event that was proven genuine, newest first. */
export async function listEvents(
  _actor: Administrator,
  filter: EventFilter,
  request: PageRequest = {},
): Promise<EventPage> {
  const found = filter.search ? await findInLog(filter.search) : undefined;
  const { stretch, rest, limit } = eventQuery(filter, found, request);
  // Outside of the stretch, or it would be reckoned for 20,000 rows where a page shows 50.
  const rows = await db()
    .select({ ...stretch._.selectedFields, micros: microsOf(stretch.receivedAt) })
    .from(stretch)
    .where(rest)
    .limit(limit);
  const page = pageOf(rows, request, (row) => writePosition(row.micros, row.id));
  const end = rows.length < limit ? await endOfStretch(stretch) : undefined;
  const furthest = end && writePosition(end.micros, end.id);
  const [first] = page.rows;
  return {
    rows: await describe(page.rows),
    first: first ? writePosition(first.micros, first.id) : null,
    newer: page.newer ?? (request.after && furthest ? furthest : null),
    older: page.older ?? (!request.after && furthest ? furthest : null),
    searchedTo: end?.receivedAt ?? null,
  };
}

/** How many events came after a place in the log, as far as anybody wants to know. */
export async function countNewEvents(
  _actor: Administrator,
  filter: Pick<EventFilter, "mode">,
  since: string,
): Promise<number> {
  const place = readPosition(since);
  const newer = db()
    .select({ mode: webhookEvents.mode })
    .from(webhookEvents)
    .where(
      sql`(${webhookEvents.receivedAt}, ${webhookEvents.id}) > (${place.at}::timestamptz, ${place.id})`,
    )
    .limit(1000)
    .as("newer");
  return db().$count(newer, filter.mode && eq(newer.mode, filter.mode));
}

/** The statement behind the log, apart so that a test can ask PostgreSQL how it would run it. */
export function eventQuery(
  filter: EventFilter,
  found: Found | undefined,
  request: PageRequest = {},
) {
  const t = webhookEvents;
  const { where, orderBy, limit } = byTime(t.receivedAt, t.id, request);
  const stretch = db()
    .select({
      id: t.id,
      receivedAt: t.receivedAt,
      gateway: t.gateway,
      mode: t.mode,
      account: t.account,
      type: t.type,
      eventRef: t.eventRef,
      status: t.status,
      reason: t.reason,
      reasonCode: t.reasonCode,
      objectId: t.objectId,
      syncId: t.syncId,
      organizationId: t.organizationId,
    })
    .from(t)
    .where(
      and(
        where,
        filter.from && gte(t.receivedAt, filter.from),
        filter.until && lt(t.receivedAt, filter.until),
        narrowest(filter, found),
      ),
    )
    .orderBy(orderBy)
    .limit(STRETCH)
    .as("stretch");
  const rest = and(
    filter.gateway ? eq(stretch.gateway, filter.gateway) : undefined,
    filter.mode ? eq(stretch.mode, filter.mode) : undefined,
    filter.type ? eq(stretch.type, filter.type) : undefined,
    filter.status ? eq(stretch.status, filter.status) : undefined,
    filter.organizationId ? eq(stretch.organizationId, filter.organizationId) : undefined,
  );
  return { stretch, rest, limit };
}

/** The one condition with an index of its own that leaves the fewest rows; the others look at those. */
function narrowest(filter: EventFilter, found: Found | undefined): SQL | undefined {
  const t = webhookEvents;
  if (found?.kind === "event") return eq(t.id, found.id);
  if (found?.kind === "ref") return eq(t.eventRef, found.ref);
  if (found?.kind === "objects") {
    return found.ids.length > 0 ? inArray(t.objectId, found.ids) : sql`false`;
  }
  if (filter.organizationId) return eq(t.organizationId, filter.organizationId);
  if (filter.status && filter.status !== "processed" && filter.status !== "received") {
    // The second half is the words of the partial index: a prepared statement can't see the first.
    return sql`${t.status} = ${filter.status} and ${t.status} not in ('processed', 'received')`;
  }
  return filter.type ? eq(t.type, filter.type) : undefined;
}

type Stretch = ReturnType<typeof eventQuery>["stretch"];

/** The last row of a full stretch; nothing where the list ended before it. */
async function endOfStretch(stretch: Stretch) {
  const [last] = await db()
    .select({
      id: stretch.id,
      receivedAt: stretch.receivedAt,
      micros: microsOf(stretch.receivedAt),
    })
    .from(stretch)
    .offset(STRETCH - 1)
    .limit(1);
  return last;
}

type Row = {
  id: string;
  receivedAt: Date;
  gateway: string;
  mode: Mode;
  account: string;
  type: string;
  eventRef: string;
  status: EventStatus;
  reason: string | null;
  reasonCode: string | null;
  objectId: number | null;
  syncId: string | null;
  organizationId: string | null;
};

/** Adds what the rows point to: one look at each table, however many rows. */
async function describe(rows: readonly Row[]): Promise<LoggedEvent[]> {
  if (rows.length === 0) return [];
  const present = <T>(values: (T | null)[]) =>
    [...new Set(values)].filter((v): v is T => v !== null);
  const objectIds = present(rows.map((row) => row.objectId));
  const organizationIds = present(rows.map((row) => row.organizationId));
  const syncIds = present(rows.map((row) => row.syncId));
  const [objects, owners, done, keys] = await Promise.all([
    objectIds.length > 0
      ? db()
          .select({ id: gatewayObjects.id, type: gatewayObjects.type, ref: gatewayObjects.ref })
          .from(gatewayObjects)
          .where(inArray(gatewayObjects.id, objectIds))
      : [],
    organizationIds.length > 0
      ? db()
          .select({ id: organizations.id, name: organizations.name })
          .from(organizations)
          .where(inArray(organizations.id, organizationIds))
      : [],
    syncIds.length > 0
      ? db()
          .select({ id: syncs.id, changes: syncs.changes })
          .from(syncs)
          .where(inArray(syncs.id, syncIds))
      : [],
    db()
      .select({ eventId: eventKeys.eventId, deliveries: eventKeys.deliveries })
      .from(eventKeys)
      .where(
        inArray(
          sql`(${eventKeys.gateway}, ${eventKeys.mode}, ${eventKeys.account}, ${eventKeys.eventRef})`,
          rows.map((row) => sql`(${row.gateway}, ${row.mode}, ${row.account}, ${row.eventRef})`),
        ),
      ),
  ]);
  return rows.map(
    ({ account: _account, objectId, syncId, organizationId, reasonCode, ...row }) => ({
      ...row,
      object: objects.find((object) => object.id === objectId) ?? null,
      organization: owners.find((owner) => owner.id === organizationId) ?? null,
      deliveries: keys.find((key) => key.eventId === row.id)?.deliveries ?? 1,
      // What its sync changed was told by a newer event.
      changes:
        reasonCode === "older_than_known"
          ? []
          : (done.find((sync) => sync.id === syncId)?.changes ?? []),
    }),
  );
}
