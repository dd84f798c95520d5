import { sql } from "drizzle-orm";
import {
  bigint,
  check,
  index,
  integer,
  jsonb,
  pgTable,
  text,
  unique,
  uniqueIndex,
} from "drizzle-orm/pg-core";
import { instant } from "./columns.ts";
import { organizations } from "./identity.ts";

/** An amount with what it is for, as a gateway's preview or invoice says it. */
export type QuoteLine = {
  description: string;
  amountMinor: number;
  isProration: boolean;
};

/**
 * What a change would cost, as the gateway previewed it at a frozen moment and as it was shown. Holds
 * for one state of the subscription and for a short while.
 */
export const quotes = pgTable(
  "quotes",
  {
    id: text("id").primaryKey(),
    organizationId: text("organization_id")
      .notNull()
      .references(() => organizations.id),
    gateway: text("gateway").notNull(),
    mode: text("mode", { enum: ["test", "live"] }).notNull(),
    subscriptionRef: text("subscription_ref").notNull(),
    /** The state of the subscription that it was made for. */
    revision: text("revision").notNull(),
    timing: text("timing", { enum: ["now", "renewal"] }).notNull(),
    priceRef: text("price_ref").notNull(),
    quantity: integer("quantity").notNull(),
    /** The moment that prorations are reckoned at, by the gateway's clock. */
    proratedAt: instant("prorated_at"),
    currency: text("currency").notNull(),
    /** What is charged today; 0 where nothing is. */
    dueMinor: bigint("due_minor", { mode: "number" }).notNull(),
    /** What is credited today; 0 where nothing is. */
    creditedMinor: bigint("credited_minor", { mode: "number" }).notNull(),
    /** All tax, and how much of it the amounts of the lines have in them already. */
    taxMinor: bigint("tax_minor", { mode: "number" }).notNull(),
    includedTaxMinor: bigint("included_tax_minor", { mode: "number" }).notNull().default(0),
    lines: jsonb("lines").$type<QuoteLine[]>().notNull(),
    /** The next invoice after the change. */
    nextTotalMinor: bigint("next_total_minor", { mode: "number" }),
    nextAt: instant("next_at"),
    quotedAt: instant("quoted_at").notNull().defaultNow(),
    expiresAt: instant("expires_at").notNull(),
  },
  (t) => [
    index("quotes_of_organization").on(t.organizationId, t.quotedAt.desc()),
    index("quotes_by_age").on(t.quotedAt),
    check("quote_timing_is_known", sql`${t.timing} in ('now', 'renewal')`),
    check("quote_is_charged_or_credited", sql`${t.dueMinor} = 0 or ${t.creditedMinor} = 0`),
    check("quote_amounts_are_not_negative", sql`${t.dueMinor} >= 0 and ${t.creditedMinor} >= 0`),
    check("quote_quantity_is_positive", sql`${t.quantity} > 0`),
  ],
);

/**
 * What people asked of a gateway, with all that is sent for it, and what became of it. Written before
 * the gateway is asked, so that nothing is ever asked without a trace.
 */
export const commands = pgTable(
  "commands",
  {
    id: text("id").primaryKey(),
    /** Null for what is asked about a plan or a one-time product, which is everybody's. */
    organizationId: text("organization_id").references(() => organizations.id),
    gateway: text("gateway").notNull(),
    mode: text("mode", { enum: ["test", "live"] }).notNull(),
    kind: text("kind").notNull(),
    /** What it is about: `subscription:sub_…`, `organization:org_…`, `plan:pln_…`, `product:prd_…`. One command at a time. */
    object: text("object").notNull(),
    /** Fingerprint of what is wanted, of which object, seen in which state: hexadecimal SHA-256. */
    intention: text("intention").notNull(),
    /** Everything that is sent, frozen when it was asked. Never a secret. */
    plan: jsonb("plan").$type<Record<string, unknown>>().notNull(),
    status: text("status", { enum: ["open", "done", "needs_person", "refused", "unknown"] })
      .notNull()
      .default("open"),
    /** What the gateway answered, in our words. */
    answer: jsonb("answer").$type<Record<string, unknown>>(),
    /** What became of it, for people. */
    sentence: text("sentence"),
    askedByKind: text("asked_by_kind").notNull(),
    askedById: text("asked_by_id"),
    askedByLabel: text("asked_by_label").notNull(),
    askedAt: instant("asked_at").notNull().defaultNow(),
    sends: integer("sends").notNull().default(0),
    /**
     * Not to be sent by anybody else before: whoever sends it now has until then, or the gateway asked for rest. Of a
     * change that is done: its schedule, which could not be released, is not tried again before.
     */
    leasedUntil: instant("leased_until"),
    /** Why it was not answered the last time. */
    lastError: text("last_error"),
    settledAt: instant("settled_at"),
  },
  (t) => [
    unique("a_command_is_asked_once").on(t.intention),
    uniqueIndex("one_open_command_per_object")
      .on(t.gateway, t.mode, t.object)
      .where(sql`status = 'open'`),
    index("commands_of_organization").on(t.organizationId, t.askedAt.desc(), t.id.desc()),
    index("commands_of_object").on(t.gateway, t.mode, t.object),
    index("commands_open").on(t.askedAt).where(sql`status = 'open'`),
    index("commands_that_wait_for_people").on(t.askedAt).where(sql`status = 'needs_person'`),
    check(
      "command_status_is_known",
      sql`${t.status} in ('open', 'done', 'needs_person', 'refused', 'unknown')`,
    ),
    check(
      "only_commands_about_what_is_sold_are_nobodys",
      sql`(${t.organizationId} is null) = (${t.object} like 'plan:%' or ${t.object} like 'product:%')`,
    ),
    check("a_settled_command_says_when", sql`(${t.status} = 'open') = (${t.settledAt} is null)`),
  ],
);
