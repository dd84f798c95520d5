import { and, eq, gte, inArray, lt, type SQL, sql } from "drizzle-orm";
import { listsDb } from "#db/client.ts";
import { byTime, microsOf } from "#db/keyset.ts";
import {
  type Change,
  eventKeys,
  gatewayObjects,
  organizations,
  STANDING,
  syncs,
  USUAL,
  webhookEvents,
} from "#db/schema/index.ts";
import type { Administrator } from "../actor.ts";
import type { Mode } from "../gateways/gateway.ts";
import { type Page, type PageRequest, pageOf, writePosition } from "../keyset.ts";
import { type Found, findInLog } from "./search-views.ts";
import {
  eachOfStrands,
  newestOfObjects,
  newestOfStrands,
  newestWhere,
  type Reach,
  SHOWN,
  strandsOfLog,
} from "./strand-views.ts";

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
 * No page reads more rows than this, whatever the filters: what no index leads to is looked for one
 * stretch at a time instead of through the whole table.
 */
export const STRETCH = 1_000;
/** How far an object's rings may be out of step with time: as much as the flushes under way at once hold. */
const OUT_OF_STEP = 256;

/** The webhook log: every event that was proven genuine, newest first. */
export async function listEvents(
  _actor: Administrator,
  filter: EventFilter,
  request: PageRequest = {},
): Promise<EventPage> {
  const found = filter.search ? await findInLog(filter.search) : undefined;
  const read = await eventQuery(filter, found, request);
  const { limit } = byTime(webhookEvents.receivedAt, webhookEvents.id, request);
  const rows = read.flatMap(({ fits, place: _, ...row }) => (fits ? [row] : [])).slice(0, limit);
  const page = pageOf(rows, request, (row) => writePosition(row.micros, row.id));
  const end = rows.length < limit ? read.find((row) => row.place === STRETCH) : undefined;
  const furthest = end && writePosition(end.micros, end.id);
  const [first] = page.rows;
  return {
    rows: await describe(page.rows.map(({ micros: _, ...row }) => row)),
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
  const t = webhookEvents;
  const { where } = byTime(t.receivedAt, t.id, { after: since });
  return listsDb().$count(sql`(${eachOfStrands(strandsOfLog(filter), where, 1000)}) as newer`);
}

/**
 * The statement behind the log, apart so that a test can ask PostgreSQL how it would run it: rows that
 * fit, in the order of the page, and the last of a full stretch even if it does not.
 */
export function eventQuery(
  filter: EventFilter,
  found: Found | undefined,
  request: PageRequest = {},
) {
  const t = webhookEvents;
  const { where, months, orderBy, limit } = byTime(t.receivedAt, t.id, request);
  const within = and(
    where,
    months,
    filter.from && gte(t.receivedAt, filter.from),
    filter.until && lt(t.receivedAt, filter.until),
  );
  const isUpward = Boolean(request.after);
  const { rows, rest } = narrowed(filter, found, { within, orderBy, isUpward, limit });
  const fits = rest ?? sql`true`;
  return listsDb()
    .select({
      ...SHOWN,
      micros: microsOf(t.receivedAt),
      fits: sql<boolean>`${fits}`,
      place: sql<number>`place::int`,
    })
    .from(sql`(select *, row_number() over () as place from (${rows}) as read) as ${t}`)
    .where(sql`${fits} or place = ${STRETCH}`)
    .limit(limit + 1);
}

/** The rows behind the one index that leaves the fewest, and what must still be looked at in each. */
function narrowed(
  filter: EventFilter,
  found: Found | undefined,
  reach: Reach,
): { rows: SQL; rest: SQL | undefined } {
  const t = webhookEvents;
  const { gateway, mode, type, status, organizationId } = filter;
  const of = {
    gateway: gateway ? eq(t.gateway, gateway) : undefined,
    mode: mode && eq(t.mode, mode),
    type: type ? eq(t.type, type) : undefined,
    status: status && eq(t.status, status),
    organization: organizationId ? eq(t.organizationId, organizationId) : undefined,
  };
  const stretch = { ...reach, limit: STRETCH };
  if (found) {
    const rest = and(...Object.values(of));
    if (found.kind === "objects") {
      const enough = rest ? stretch : { ...reach, limit: reach.limit + OUT_OF_STEP };
      return { rows: newestOfObjects(found.objects, enough), rest };
    }
    const called = found.kind === "event" ? eq(t.id, found.id) : eq(t.eventRef, found.ref);
    return { rows: newestWhere(called, stretch), rest };
  }
  if (of.organization) {
    const rest = and(of.gateway, of.mode, of.type, of.status);
    return { rows: newestWhere(of.organization, stretch), rest };
  }
  // Received and processed share their strands: nearly every event is the one for a moment, then the other.
  const isUsual = status === "received" || status === "processed";
  const rest = isUsual ? of.status : undefined;
  const strands = narrowestStrands(filter, of.type, isUsual);
  return { rows: newestOfStrands(strands, isUsual ? stretch : reach), rest };
}

function narrowestStrands(filter: EventFilter, isOfType: SQL | undefined, isUsual: boolean) {
  const { gateway, mode, status } = filter;
  const wanted = { gateway: gateway || undefined, mode };
  if (isOfType) {
    const standing = isUsual ? USUAL : status;
    return {
      columns: ["gateway", "mode", "standing"] as const,
      shared: isOfType,
      wanted: { ...wanted, standing },
    };
  }
  if (!status || isUsual) return strandsOfLog(wanted);
  return {
    ...strandsOfLog(wanted),
    shared: sql`${STANDING} = ${status} and ${STANDING} <> ${USUAL}`,
  };
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
      ? listsDb()
          .select({ id: gatewayObjects.id, type: gatewayObjects.type, ref: gatewayObjects.ref })
          .from(gatewayObjects)
          .where(inArray(gatewayObjects.id, objectIds))
      : [],
    organizationIds.length > 0
      ? listsDb()
          .select({ id: organizations.id, name: organizations.name })
          .from(organizations)
          .where(inArray(organizations.id, organizationIds))
      : [],
    syncIds.length > 0
      ? listsDb()
          .select({ id: syncs.id, changes: syncs.changes })
          .from(syncs)
          .where(inArray(syncs.id, syncIds))
      : [],
    listsDb()
      .select({ eventId: eventKeys.eventId, deliveries: eventKeys.deliveries })
      .from(eventKeys)
      .where(
        // The key begins with the ref, and the event's own id below tells it from namesakes.
        inArray(
          eventKeys.eventRef,
          rows.map((row) => row.eventRef),
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
