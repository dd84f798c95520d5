import { sql } from "drizzle-orm";
import {
  bigint,
  boolean,
  check,
  index,
  integer,
  pgTable,
  primaryKey,
  text,
  unique,
  uniqueIndex,
} from "drizzle-orm/pg-core";
import { instant } from "./columns.ts";

/** Levels of service. The highest rank that an organization is entitled to wins. */
export const tiers = pgTable(
  "tiers",
  {
    id: text("id").primaryKey(),
    code: text("code").notNull().unique("one_tier_per_code"),
    name: text("name").notNull(),
    description: text("description").notNull().default(""),
    rank: integer("rank").notNull().unique("one_tier_per_rank"),
    /** The tier of everybody who pays for none. */
    isDefault: boolean("is_default").notNull().default(false),
  },
  (t) => [uniqueIndex("one_default_tier").on(t.isDefault).where(sql`is_default`)],
);

/** What a tier allows: a feature that is there or not, or a limit (null: without limit). */
export const entitlements = pgTable(
  "entitlements",
  {
    tierId: text("tier_id")
      .notNull()
      .references(() => tiers.id, { onDelete: "cascade" }),
    key: text("key").notNull(),
    name: text("name").notNull(),
    kind: text("kind", { enum: ["feature", "limit"] }).notNull(),
    isIncluded: boolean("is_included").notNull().default(true),
    limitValue: bigint("limit_value", { mode: "number" }),
  },
  (t) => [
    primaryKey({ columns: [t.tierId, t.key] }),
    check("only_limits_have_values", sql`${t.kind} = 'limit' or ${t.limitValue} is null`),
    check("limits_are_not_negative", sql`${t.limitValue} >= 0`),
  ],
);

/** What is bought. Archived plans keep their subscribers. */
export const plans = pgTable(
  "plans",
  {
    id: text("id").primaryKey(),
    code: text("code").notNull().unique("one_plan_per_code"),
    name: text("name").notNull(),
    description: text("description").notNull().default(""),
    tierId: text("tier_id")
      .notNull()
      .references(() => tiers.id),
    /** How long those who never subscribed to anything try it for nothing. */
    trialDays: integer("trial_days"),
    /** Sold by the seat: as many as are bought; else once, for as many as the tier allows. */
    isPerSeat: boolean("is_per_seat").notNull().default(false),
    archivedAt: instant("archived_at"),
  },
  (t) => [check("a_trial_is_some_days_long", sql`${t.trialDays} between 1 and 730`)],
);

/** What a plan costs, for how long. */
export const prices = pgTable(
  "prices",
  {
    id: text("id").primaryKey(),
    planId: text("plan_id")
      .notNull()
      .references(() => plans.id, { onDelete: "cascade" }),
    currency: text("currency").notNull(),
    amountMinor: bigint("amount_minor", { mode: "number" }).notNull(),
    interval: text("interval", { enum: ["month", "year"] }).notNull(),
    intervalCount: integer("interval_count").notNull().default(1),
    archivedAt: instant("archived_at"),
  },
  (t) => [
    uniqueIndex("one_price_per_plan_currency_and_interval")
      .on(t.planId, t.currency, t.interval, t.intervalCount)
      .where(sql`archived_at is null`),
    check("price_is_not_negative", sql`${t.amountMinor} >= 0`),
    check("price_currency_is_a_code", sql`${t.currency} ~ '^[A-Z]{3}$'`),
  ],
);

/** What is bought once. Archived ones keep their orders. */
export const products = pgTable(
  "products",
  {
    id: text("id").primaryKey(),
    code: text("code").notNull().unique("one_product_per_code"),
    name: text("name").notNull(),
    description: text("description").notNull().default(""),
    /** How many of it one order may be for. */
    quantityMax: integer("quantity_max").notNull().default(1),
    archivedAt: instant("archived_at"),
  },
  (t) => [check("an_order_is_for_some", sql`${t.quantityMax} between 1 and 1000`)],
);

/** What one of a product costs. */
export const productPrices = pgTable(
  "product_prices",
  {
    id: text("id").primaryKey(),
    productId: text("product_id")
      .notNull()
      .references(() => products.id, { onDelete: "cascade" }),
    currency: text("currency").notNull(),
    amountMinor: bigint("amount_minor", { mode: "number" }).notNull(),
    archivedAt: instant("archived_at"),
  },
  (t) => [
    uniqueIndex("one_price_per_product_and_currency")
      .on(t.productId, t.currency)
      .where(sql`archived_at is null`),
    check("a_product_is_no_gift", sql`${t.amountMinor} > 0`),
    check("product_price_currency_is_a_code", sql`${t.currency} ~ '^[A-Z]{3}$'`),
  ],
);

/**
 * The gateway's prices as last seen, and the plan that each one sells. A price that a subscription
 * uses has a row even before any event told about it, so that it can be put into a plan.
 */
export const gatewayPrices = pgTable(
  "gateway_prices",
  {
    gateway: text("gateway").notNull(),
    mode: text("mode", { enum: ["test", "live"] }).notNull(),
    ref: text("ref").notNull(),
    productRef: text("product_ref"),
    currency: text("currency"),
    amountMinor: bigint("amount_minor", { mode: "number" }),
    interval: text("interval"),
    intervalCount: integer("interval_count"),
    isActive: boolean("is_active"),
    lookupKey: text("lookup_key"),
    nickname: text("nickname"),
    /** What its metadata say that it sells; its plan is said by people only. */
    planCode: text("plan_code"),
    productCode: text("product_code"),
    deletedAt: instant("deleted_at"),
    planId: text("plan_id").references(() => plans.id),
    /** Our one-time product that it sells. */
    productId: text("product_id").references(() => products.id),
    mappedAt: instant("mapped_at"),
    firstSeenAt: instant("first_seen_at").notNull().defaultNow(),
  },
  (t) => [
    primaryKey({ columns: [t.gateway, t.mode, t.ref] }),
    index("gateway_prices_of_plan").on(t.planId),
    index("gateway_prices_of_product").on(t.productId),
    index("gateway_prices_of_gateway_product").on(t.productRef),
    check("a_price_sells_one_thing", sql`${t.planId} is null or ${t.productId} is null`),
  ],
);

/** The gateway's products as last seen; prices show their names. */
export const gatewayProducts = pgTable(
  "gateway_products",
  {
    gateway: text("gateway").notNull(),
    mode: text("mode", { enum: ["test", "live"] }).notNull(),
    ref: text("ref").notNull(),
    name: text("name").notNull(),
    description: text("description"),
    isActive: boolean("is_active").notNull(),
    /** What its metadata say that it sells. */
    planCode: text("plan_code"),
    productCode: text("product_code"),
    deletedAt: instant("deleted_at"),
  },
  (t) => [unique("one_row_per_gateway_product").on(t.gateway, t.mode, t.ref)],
);

/** Times when a gateway's own catalogue was read, page by page, to be compared with what is held. */
export const catalogueReadings = pgTable(
  "catalogue_readings",
  {
    id: text("id").primaryKey(),
    gateway: text("gateway").notNull(),
    mode: text("mode", { enum: ["test", "live"] }).notNull(),
    startedAt: instant("started_at").notNull().defaultNow(),
    /** Where the next page begins, by the gateway's word for it; null at the first. */
    nextPage: text("next_page"),
    /** Prices that were listed so far, and those that were not held as they were told. */
    listed: integer("listed").notNull().default(0),
    differing: integer("differing").notNull().default(0),
    finishedAt: instant("finished_at"),
    /** There were more than are read at a time. */
    isCut: boolean("is_cut").notNull().default(false),
    /** Why it did not go on the last time. */
    lastError: text("last_error"),
  },
  (t) => [
    uniqueIndex("one_reading_at_a_time").on(t.gateway, t.mode).where(sql`finished_at is null`),
    index("catalogue_readings_of_gateway").on(t.gateway, t.mode, t.startedAt.desc()),
  ],
);
