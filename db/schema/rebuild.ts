import { sql } from "drizzle-orm";
import {
  bigint,
  boolean,
  index,
  integer,
  jsonb,
  pgTable,
  primaryKey,
  text,
  uniqueIndex,
} from "drizzle-orm/pg-core";
import { instant } from "./columns.ts";
import { gatewayObjects } from "./inbox.ts";

/**
 * Times when everything that a connection's gateway told was emptied and asked for anew. Open until
 * each object that it rang is answered; meanwhile the tiers of who is concerned stay as they are.
 */
export const rebuilds = pgTable(
  "rebuilds",
  {
    id: text("id").primaryKey(),
    gateway: text("gateway").notNull(),
    mode: text("mode", { enum: ["test", "live"] }).notNull(),
    startedAt: instant("started_at").notNull().defaultNow(),
    /** How far the emptying came, by our number of the object; goes on there after a crash. */
    emptiedUpTo: bigint("emptied_up_to", { mode: "number" }).notNull().default(0),
    emptiedAt: instant("emptied_at"),
    /** Somebody did not want to wait: what is not back by now is put back as it was. */
    givenUpAt: instant("given_up_at"),
    finishedAt: instant("finished_at"),
    /** Counted at its end. */
    objects: integer("objects"),
  },
  (t) => [uniqueIndex("one_rebuild_at_a_time").on(sql`(true)`).where(sql`${t.finishedAt} is null`)],
);

/** What a rebuild took away, object by object, until it is back. What could not be derived stays, as its report. */
export const rebuildObjects = pgTable(
  "rebuild_objects",
  {
    rebuildId: text("rebuild_id")
      .notNull()
      .references(() => rebuilds.id, { onDelete: "cascade" }),
    objectId: bigint("object_id", { mode: "number" })
      .notNull()
      .references(() => gatewayObjects.id),
    /** Whose its row was. */
    organizationId: text("organization_id"),
    hadRow: boolean("had_row").notNull(),
    /** The row as it was; null where there was none, or once it is back in its table. */
    row: jsonb("row"),
    /** The ring that has to be answered; null until it is given. */
    ring: integer("ring"),
    /** Why it could not be derived again, where its row is what it was before. */
    keptBecause: text("kept_because"),
  },
  (t) => [
    primaryKey({ columns: [t.rebuildId, t.objectId] }),
    index("rebuild_objects_to_ring")
      .on(t.rebuildId, t.organizationId.asc().nullsFirst(), t.objectId)
      .where(sql`ring is null`),
    index("rebuild_objects_of_organization").on(t.rebuildId, t.organizationId),
  ],
);
