import { sql } from "drizzle-orm";
import { bigint, check, index, jsonb, pgTable, text, unique } from "drizzle-orm/pg-core";
import { bytes, instant } from "./columns.ts";
import { users } from "./identity.ts";

/** What the operator chooses, one row a choice: public address, product name, grace days. */
export const settings = pgTable("settings", {
  key: text("key").primaryKey(),
  value: jsonb("value").notNull(),
  updatedAt: instant("updated_at").notNull().defaultNow(),
  updatedBy: text("updated_by").references(() => users.id, { onDelete: "set null" }),
});

/** One gateway account in one mode. Without an API key, events are applied from their payloads. */
export const gatewayConnections = pgTable(
  "gateway_connections",
  {
    id: text("id").primaryKey(),
    gateway: text("gateway").notNull(),
    mode: text("mode", { enum: ["test", "live"] }).notNull(),
    /** Sealed; its identity is `gateway_connections.api_key:<id>`. */
    apiKeySealed: bytes("api_key_sealed"),
    apiKeyLastFour: text("api_key_last_four"),
    apiKeySetBy: text("api_key_set_by").references(() => users.id, { onDelete: "set null" }),
    apiKeySetAt: instant("api_key_set_at"),
    /** The gateway's account that the key belongs to, as checked when it was saved. */
    accountRef: text("account_ref"),
    /** Another address for the gateway's API; only for local stand-ins. */
    apiBase: text("api_base"),
    /** The gateway asked for silence, or is down: no fetch before this. */
    pausedUntil: instant("paused_until"),
    pausedBecause: text("paused_because"),
    createdAt: instant("created_at").notNull().defaultNow(),
  },
  (t) => [
    unique("one_connection_per_gateway_and_mode").on(t.gateway, t.mode),
    check("connection_mode_is_known", sql`${t.mode} in ('test', 'live')`),
  ],
);

/**
 * Shared keys that prove webhooks. Several may verify at once, so that one can be rolled. Those from
 * the environment have a row to count on, but their value is never stored.
 */
export const signingSecrets = pgTable(
  "signing_secrets",
  {
    id: text("id").primaryKey(),
    connectionId: text("connection_id")
      .notNull()
      .references(() => gatewayConnections.id, { onDelete: "cascade" }),
    label: text("label").notNull(),
    source: text("source", { enum: ["stored", "environment"] }).notNull(),
    /** Sealed; its identity is `signing_secrets.secret:<id>`. */
    sealed: bytes("sealed"),
    lastFour: text("last_four").notNull(),
    /** Hash, so that the same secret is not entered twice. */
    fingerprint: text("fingerprint").notNull(),
    addedBy: text("added_by").references(() => users.id, { onDelete: "set null" }),
    addedAt: instant("added_at").notNull().defaultNow(),
    lastUsedAt: instant("last_used_at"),
    verifiedCount: bigint("verified_count", { mode: "number" }).notNull().default(0),
    /** From then on it verifies nothing. */
    retireAt: instant("retire_at"),
  },
  (t) => [
    unique("a_secret_is_entered_once").on(t.connectionId, t.fingerprint),
    index("signing_secrets_of_connection").on(t.connectionId),
    check("stored_secrets_are_sealed", sql`(${t.source} = 'stored') = (${t.sealed} is not null)`),
  ],
);
