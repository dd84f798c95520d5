import { and, count, desc, eq, isNull, sql } from "drizzle-orm";
import { db, listsDb } from "#db/client.ts";
import { byTime, microsOf } from "#db/keyset.ts";
import { alerts, notices, organizations } from "#db/schema/index.ts";
import type { Administrator, Member } from "../actor.ts";
import { AppError } from "../errors.ts";
import { type Page, type PageRequest, pageOf, writePosition } from "../keyset.ts";

export type AlertRow = typeof alerts.$inferSelect;

export type NoticeRow = {
  readonly id: string;
  readonly kind: string;
  readonly object: string;
  readonly attempt: number;
  readonly organizationId: string;
  readonly organizationName: string;
  readonly createdAt: Date;
  readonly sentAt: Date | null;
  readonly droppedBecause: string | null;
  readonly recipients: string[] | null;
  /** `uncertain`: somebody began to send it and never said that it left. */
  readonly status: "waiting" | "sent" | "dropped" | "uncertain";
};

const ALERTS_MAX = 200;
const NOTICES_MAX = 100;

/** What an administrator should look at now, the latest first. */
export function openAlerts(_actor: Administrator): Promise<AlertRow[]> {
  return db()
    .select()
    .from(alerts)
    .where(isNull(alerts.clearedAt))
    .orderBy(desc(alerts.lastSeenAt), desc(alerts.id))
    .limit(ALERTS_MAX);
}

/** How many there are, for the frame of every page. */
export async function countOpenAlerts(_actor: Administrator): Promise<number> {
  const [row] = await db().select({ open: count() }).from(alerts).where(isNull(alerts.clearedAt));
  return row?.open ?? 0;
}

/** What an organization was told, or not, and why. Members see their own organization's only. */
export function noticesOf(
  actor: Administrator | Member,
  organizationId: string,
): Promise<NoticeRow[]> {
  if (actor.kind === "member" && actor.organizationId !== organizationId) {
    throw new AppError("not_found", "There is no such organization.");
  }
  return noticeRows()
    .where(eq(notices.organizationId, organizationId))
    .orderBy(desc(notices.createdAt), desc(notices.id))
    .limit(NOTICES_MAX);
}

/** Every notice, the newest first. */
export async function listNotices(
  _actor: Administrator,
  request: PageRequest = {},
): Promise<Page<NoticeRow>> {
  const { where, orderBy, limit } = byTime(notices.createdAt, notices.id, request);
  const found = await noticeRows().where(and(where)).orderBy(orderBy).limit(limit);
  const page = pageOf(found, request, (row) => writePosition(row.micros, row.id));
  return page;
}

function noticeRows() {
  return listsDb()
    .select({
      id: notices.id,
      kind: notices.kind,
      object: notices.object,
      attempt: notices.attempt,
      organizationId: notices.organizationId,
      organizationName: organizations.name,
      createdAt: notices.createdAt,
      sentAt: notices.sentAt,
      droppedBecause: notices.droppedBecause,
      recipients: notices.recipients,
      micros: microsOf(notices.createdAt),
      status: sql<NoticeRow["status"]>`case
        when ${notices.sentAt} is not null then 'sent'
        when ${notices.droppedBecause} is not null then 'dropped'
        when ${notices.claimedAt} is not null then 'uncertain'
        else 'waiting' end`,
    })
    .from(notices)
    .innerJoin(organizations, eq(organizations.id, notices.organizationId))
    .$dynamic();
}
