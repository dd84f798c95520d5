import { sql } from "drizzle-orm";
import { check, index, pgTable, text, unique, uniqueIndex } from "drizzle-orm/pg-core";
import { plans, tiers } from "./catalogue.ts";
import { instant } from "./columns.ts";
import { organizations } from "./identity.ts";

/**
 * Levels of service that administrators gave free of charge until a day. Ours: no gateway knows of
 * them, and a rebuild leaves them alone.
 */
export const comps = pgTable(
  "comps",
  {
    id: text("id").primaryKey(),
    organizationId: text("organization_id")
      .notNull()
      .references(() => organizations.id),
    /** Kept with it: a plan that moves to another tier later does not move what was given. */
    tierId: text("tier_id")
      .notNull()
      .references(() => tiers.id),
    /** The plan that was given; null where only a tier was. */
    planId: text("plan_id").references(() => plans.id),
    /** What was there without it: for subscriptions that leave the tier as it is. */
    tierBeforeId: text("tier_before_id")
      .notNull()
      .references(() => tiers.id),
    givenAt: instant("given_at").notNull(),
    endsAt: instant("ends_at").notNull(),
    /** When it was over: before its end, or at it, which is noted when the next one is given. */
    endedAt: instant("ended_at"),
    reason: text("reason").notNull(),
    givenByLabel: text("given_by_label").notNull(),
    /** Fingerprint of what was wanted, seen in which state, as of a command. */
    intention: text("intention").notNull(),
  },
  (t) => [
    unique("a_comp_is_given_once").on(t.intention),
    uniqueIndex("one_open_comp_per_organization").on(t.organizationId).where(sql`ended_at is null`),
    index("comps_of_organization").on(t.organizationId, t.givenAt.desc()),
    check("a_comp_ends_after_it_begins", sql`${t.endsAt} > ${t.givenAt}`),
    check(
      "a_comp_is_over_between_its_beginning_and_its_end",
      sql`${t.endedAt} between ${t.givenAt} and ${t.endsAt}`,
    ),
    check("a_comp_has_a_reason", sql`${t.reason} <> ''`),
  ],
);
