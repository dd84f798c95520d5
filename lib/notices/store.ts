import { and, eq, gt, inArray, isNull, lt, sql } from "drizzle-orm";
import { db, type Tx } from "#db/client.ts";
import { alerts, members, notices, organizations, users } from "#db/schema/index.ts";
import { newId } from "../ids.ts";
import { enqueue } from "../jobs/boss.ts";
import { MINUTE } from "../time.ts";
import { type NoticeFacts, whatToSay } from "./due-views.ts";

export type Notice = typeof notices.$inferSelect;

export type NoticeKind =
  | "payment_failed"
  | "payment_action_required"
  | "trial_ending"
  | "card_expiring"
  | "subscription_canceled"
  | "order_completed"
  | "comp_given"
  | "comp_ending";

/**
 * Notes that people should hear of a fact, in the transaction that makes it one. However often that
 * happens, there is one notice and one job: the row is unique by (kind, object, attempt). The answer
 * says whether it is new.
 */
export async function noteNotice(
  tx: Tx,
  notice: { kind: NoticeKind; object: string; attempt: number; organizationId: string },
): Promise<boolean> {
  const [made] = await tx
    .insert(notices)
    .values({ id: newId("ntc"), ...notice })
    .onConflictDoNothing()
    .returning({ id: notices.id });
  if (!made) return false;
  await enqueue(tx, "notice.send", { noticeId: made.id });
  return true;
}

export type Claim =
  | { state: "claimed"; notice: Notice; facts: NoticeFacts; recipients: string[] }
  /** Sent or dropped before, or dropped now: nothing is left to do. */
  | { state: "settled" }
  /** Somebody is sending it at this moment. */
  | { state: "busy" }
  /** Somebody claimed it a while ago and never said that it left. */
  | { state: "uncertain"; notice: Notice }
  | { state: "missing" };

/**
 * Takes a notice for sending, in a transaction of its own, so that no second sender can. What is no
 * longer true by now is dropped with its reason.
 */
export function claimNotice(id: string): Promise<Claim> {
  return db().transaction(async (tx) => {
    const [notice] = await tx.select().from(notices).where(eq(notices.id, id)).for("update");
    if (!notice) return { state: "missing" };
    if (notice.sentAt || notice.droppedBecause) return { state: "settled" };
    if (notice.claimedAt) {
      const isOld = Date.now() - notice.claimedAt.getTime() > SENDING_MAX_MS;
      return isOld ? { state: "uncertain", notice } : { state: "busy" };
    }

    const said = (await hasNewer(tx, notice))
      ? { notDue: "There is a newer notice about it." }
      : await whatToSay(tx, notice);
    const recipients = await recipientsOf(tx, notice.organizationId);
    if ("notDue" in said || recipients.length === 0) {
      await dropNotice(tx, id, "notDue" in said ? said.notDue : NOBODY);
      return { state: "settled" };
    }
    await tx.update(notices).set({ claimedAt: sql`now()`, recipients }).where(eq(notices.id, id));
    return { state: "claimed", notice, facts: said, recipients };
  });
}

/** No job of sending lives longer; see POLICIES in lib/jobs/queues.ts. */
const SENDING_MAX_MS = 2 * MINUTE;

const NOBODY = "The organization has no owner, no billing member and no billing address.";

/** The mail left: whatever made us doubt it is answered. */
export async function markSent(id: string): Promise<void> {
  await db().transaction(async (tx) => {
    await tx.update(notices).set({ sentAt: sql`now()` }).where(eq(notices.id, id));
    await clearAlert(tx, "notice_uncertain", id);
  });
}

/** Asks a person about a notice that may or may not have left, unless it turns out that it did. */
export async function doubt(notice: Notice): Promise<void> {
  await db().transaction(async (tx) => {
    const [now] = await tx.select().from(notices).where(eq(notices.id, notice.id)).for("update");
    if (!now || now.sentAt) return;
    await raiseAlert(tx, {
      kind: "notice_uncertain",
      subject: notice.id,
      message: `The mail "${notice.kind}" about ${notice.object} may or may not have been sent: its sender stopped in between. It is not sent again by itself.`,
      href: `/admin/organizations/${notice.organizationId}`,
    });
  });
}

/** Gives a claim back: only for who knows that the mail did not leave. */
export async function releaseNotice(tx: Tx, id: string): Promise<void> {
  await tx
    .update(notices)
    .set({ claimedAt: null })
    .where(and(eq(notices.id, id), isNull(notices.sentAt)));
}

/** Says why a notice is not sent after all. */
export async function dropNotice(tx: Tx, id: string, because: string): Promise<void> {
  await tx
    .update(notices)
    .set({ droppedBecause: because })
    .where(and(eq(notices.id, id), isNull(notices.sentAt)));
}

/** Queues what nobody claimed for half a day, such as after a long time without a mail server. */
export async function queueForgotten(): Promise<number> {
  return db().transaction(async (tx) => {
    const rows = await tx
      .select({ id: notices.id })
      .from(notices)
      .where(
        and(
          isNull(notices.sentAt),
          isNull(notices.claimedAt),
          isNull(notices.droppedBecause),
          lt(notices.createdAt, sql`now() - interval '12 hours'`),
        ),
      )
      .orderBy(notices.id)
      .limit(1000);
    for (const { id } of rows) await enqueue(tx, "notice.send", { noticeId: id });
    return rows.length;
  });
}

export type AlertFacts = {
  kind: string;
  /** What it is about; two open alerts of a kind never share one. */
  subject: string;
  message: string;
  /** Where to go in the admin to mend it. */
  href?: string | null | undefined;
};

/** Asks administrators to look at something. What is open already is counted up, not asked twice. */
export async function raiseAlert(tx: Tx, alert: AlertFacts): Promise<void> {
  const { kind, subject, message } = alert;
  const href = alert.href ?? null;
  await tx
    .insert(alerts)
    .values({ id: newId("alr"), kind, subject, message, href })
    .onConflictDoUpdate({
      target: [alerts.kind, alerts.subject],
      targetWhere: sql`cleared_at is null`,
      set: { count: sql`${alerts.count} + 1`, message, href, lastSeenAt: sql`now()` },
    });
}

/** Takes an alert down, if one is open. Its row stays, as history. */
export async function clearAlert(tx: Tx, kind: string, subject: string): Promise<boolean> {
  const cleared = await tx
    .update(alerts)
    .set({ clearedAt: sql`now()` })
    .where(and(eq(alerts.kind, kind), eq(alerts.subject, subject), isNull(alerts.clearedAt)))
    .returning({ id: alerts.id });
  return cleared.length > 0;
}

/** Takes an open alert down by its id, and says which one it was. */
export async function takeDown(tx: Tx, alertId: string) {
  const [alert] = await tx
    .update(alerts)
    .set({ clearedAt: sql`now()` })
    .where(and(eq(alerts.id, alertId), isNull(alerts.clearedAt)))
    .returning();
  return alert;
}

/** Puts an unsent notice back into the line, its claim and its drop forgotten; undefined when it was sent. */
export async function putBack(tx: Tx, noticeId: string): Promise<Notice | undefined> {
  const [notice] = await tx
    .update(notices)
    .set({ claimedAt: null, droppedBecause: null })
    .where(and(eq(notices.id, noticeId), isNull(notices.sentAt)))
    .returning();
  if (!notice) return undefined;
  await clearAlert(tx, "notice_uncertain", noticeId);
  await enqueue(tx, "notice.send", { noticeId });
  return notice;
}

/** Deletes alerts that were cleared more than 90 days ago. */
export async function deleteOldAlerts(): Promise<void> {
  await db().delete(alerts).where(lt(alerts.clearedAt, sql`now() - interval '90 days'`));
}

async function hasNewer(tx: Tx, notice: Notice): Promise<boolean> {
  const [row] = await tx
    .select({ id: notices.id })
    .from(notices)
    .where(
      and(
        eq(notices.kind, notice.kind),
        eq(notices.object, notice.object),
        gt(notices.attempt, notice.attempt),
      ),
    )
    .limit(1);
  return row !== undefined;
}

/** Owners, billing members and the billing address, each once whatever its letter case. */
async function recipientsOf(tx: Tx, organizationId: string): Promise<string[]> {
  const people = await tx
    .select({ email: users.email })
    .from(members)
    .innerJoin(users, eq(users.id, members.userId))
    .where(
      and(
        eq(members.organizationId, organizationId),
        inArray(members.role, ["owner", "billing"]),
        isNull(users.disabledAt),
      ),
    )
    .orderBy(users.email);
  const [organization] = await tx
    .select({ billingEmail: organizations.billingEmail })
    .from(organizations)
    .where(eq(organizations.id, organizationId));
  const all = [...people.map(({ email }) => email), organization?.billingEmail ?? ""];
  const unique = new Map(all.filter(Boolean).map((email) => [email.toLowerCase(), email]));
  return [...unique.values()].slice(0, RECIPIENTS_MAX);
}

const RECIPIENTS_MAX = 50;
