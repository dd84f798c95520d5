import { foreignKey, index, pgTable, primaryKey, text } from "drizzle-orm/pg-core";
import { instant } from "./columns.ts";
import { gatewayConnections } from "./settings.ts";

/** How far a gateway's own list of events has been compared with what was delivered here. */
export const eventWalks = pgTable(
  "event_walks",
  {
    gateway: text("gateway").notNull(),
    mode: text("mode", { enum: ["test", "live"] }).notNull(),
    /** By the gateway's clock: everything older was compared. */
    comparedUntil: instant("compared_until").notNull(),
    /** While a walk is under way: the newest event that it saw, where its next page begins. */
    newestSeen: instant("newest_seen"),
    nextPage: text("next_page"),
    finishedAt: instant("finished_at"),
  },
  (t) => [
    primaryKey({ name: "one_walk_per_connection", columns: [t.gateway, t.mode] }),
    foreignKey({
      name: "a_walk_is_of_a_connection",
      columns: [t.gateway, t.mode],
      foreignColumns: [gatewayConnections.gateway, gatewayConnections.mode],
    }).onDelete("cascade"),
  ],
);

/** Events that the gateway lists and that were not here when it was asked. Each rang its object. */
export const eventGaps = pgTable(
  "event_gaps",
  {
    gateway: text("gateway").notNull(),
    mode: text("mode", { enum: ["test", "live"] }).notNull(),
    eventRef: text("event_ref").notNull(),
    type: text("type").notNull(),
    rootType: text("root_type"),
    rootRef: text("root_ref"),
    /** By the gateway's clock. */
    createdAt: instant("created_at"),
    foundAt: instant("found_at").notNull().defaultNow(),
    /** It was only late: a delivery came after all. */
    arrivedAt: instant("arrived_at"),
    /** An administrator was told of it. */
    toldAt: instant("told_at"),
  },
  (t) => [
    primaryKey({ name: "a_gap_is_found_once", columns: [t.gateway, t.mode, t.eventRef] }),
    index("event_gaps_newest").on(t.foundAt.desc(), t.eventRef),
  ],
);
