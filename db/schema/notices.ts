import { sql } from "drizzle-orm";
import { check, index, integer, pgTable, text, unique, uniqueIndex } from "drizzle-orm/pg-core";
import { instant } from "./columns.ts";
import { organizations } from "./identity.ts";

/**
 * Mails about facts: one per (kind, object, attempt), whatever is replayed. `claimed_at` without
 * `sent_at` means that we can't know whether it left; it is not sent again.
 */
export const notices = pgTable(
  "notices",
  {
    id: text("id").primaryKey(),
    kind: text("kind").notNull(),
    /** The fact's own name, such as `stripe:test:in_1`. */
    object: text("object").notNull(),
    attempt: integer("attempt").notNull(),
    organizationId: text("organization_id")
      .notNull()
      .references(() => organizations.id),
    createdAt: instant("created_at").notNull().defaultNow(),
    claimedAt: instant("claimed_at"),
    sentAt: instant("sent_at"),
    /** Why it was not sent after all: the invoice was paid meanwhile. */
    droppedBecause: text("dropped_because"),
    recipients: text("recipients").array(),
  },
  (t) => [
    unique("a_notice_is_made_once").on(t.kind, t.object, t.attempt),
    index("notices_of_organization").on(t.organizationId, t.createdAt.desc()),
    check("sent_notices_were_claimed", sql`${t.sentAt} is null or ${t.claimedAt} is not null`),
  ],
);

/** What an administrator should look at now. One open alert per subject; it counts what repeats. */
export const alerts = pgTable(
  "alerts",
  {
    id: text("id").primaryKey(),
    kind: text("kind").notNull(),
    subject: text("subject").notNull(),
    message: text("message").notNull(),
    /** Where to go in the admin to mend it. */
    href: text("href"),
    count: integer("count").notNull().default(1),
    raisedAt: instant("raised_at").notNull().defaultNow(),
    lastSeenAt: instant("last_seen_at").notNull().defaultNow(),
    clearedAt: instant("cleared_at"),
  },
  (t) => [
    uniqueIndex("one_open_alert_per_subject").on(t.kind, t.subject).where(sql`cleared_at is null`),
    index("alerts_open").on(t.lastSeenAt.desc()).where(sql`cleared_at is null`),
  ],
);
