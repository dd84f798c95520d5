import { sql } from "drizzle-orm";
import {
  boolean,
  check,
  index,
  integer,
  jsonb,
  pgTable,
  primaryKey,
  text,
  uniqueIndex,
} from "drizzle-orm/pg-core";
import type { Administrator } from "#lib/actor.ts";
import { instant } from "./columns.ts";

/** What an import came to, counted at its end. */
export type ImportCounts = {
  customers: number;
  linkedBefore: number;
  byMetadata: number;
  byEmail: number;
  byHand: number;
  made: number;
  left: number;
};

/** A walk through the customers that a gateway had before Billhook, with the place where it goes on. */
export const imports = pgTable(
  "imports",
  {
    id: text("id").primaryKey(),
    gateway: text("gateway").notNull(),
    mode: text("mode", { enum: ["test", "live"] }).notNull(),
    /** Whether a customer that matches none gets an organization of its own. */
    makesOrganizations: boolean("makes_organizations").notNull(),
    /** In whose name it links and makes organizations. */
    askedBy: jsonb("asked_by").$type<Administrator>().notNull(),
    startedAt: instant("started_at").notNull().defaultNow(),
    stage: text("stage", {
      enum: ["checkout", "subscription", "customer", "matching", "settling"],
    })
      .notNull()
      .default("checkout"),
    /** Where the stage goes on; null at its beginning. */
    place: text("place"),
    /** Moves with every step, so that who goes on from the same place finds it moved. */
    step: integer("step").notNull().default(0),
    /** Times in a row that the gateway did not answer. */
    misses: integer("misses").notNull().default(0),
    /** Times that a list was begun anew, since its page was no page any more. */
    restarts: integer("restarts").notNull().default(0),
    waitsUntil: instant("waits_until"),
    waitsBecause: text("waits_because"),
    pausedAt: instant("paused_at"),
    /** Null where a person paused it. */
    pausedBecause: text("paused_because"),
    finishedAt: instant("finished_at"),
    /** Somebody ended it before it was through. */
    stoppedAt: instant("stopped_at"),
    counts: jsonb("counts").$type<ImportCounts>(),
  },
  (t) => [
    uniqueIndex("one_import_at_a_time").on(t.gateway, t.mode).where(sql`${t.finishedAt} is null`),
    index("imports_newest").on(t.gateway, t.mode, t.startedAt.desc()),
    check(
      "a_stopped_import_is_finished",
      sql`${t.stoppedAt} is null or ${t.finishedAt} is not null`,
    ),
  ],
);

/** A customer that an import came by. Whose it is stands in `customers`; here, why it is nobody's. */
export const importCustomers = pgTable(
  "import_customers",
  {
    importId: text("import_id")
      .notNull()
      .references(() => imports.id, { onDelete: "cascade" }),
    /** The gateway's id. */
    ref: text("ref").notNull(),
    /** The organization that the gateway's objects name: the first of checkout, subscription, customer. */
    claim: text("claim"),
    /** Why it was not matched: deleted, unlinked, unknown_claim, no_email, unknown_email, ambiguous, not_synced. */
    reason: text("reason"),
    /** The organizations that it could be, where there are several. */
    candidates: jsonb("candidates").$type<string[]>(),
  },
  (t) => [primaryKey({ name: "a_customer_is_told_once", columns: [t.importId, t.ref] })],
);
