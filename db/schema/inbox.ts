import { sql } from "drizzle-orm";
import {
  bigint,
  boolean,
  check,
  index,
  integer,
  jsonb,
  pgTable,
  primaryKey,
  text,
  unique,
} from "drizzle-orm/pg-core";
import { bytes, instant } from "./columns.ts";

/**
 * Which events were received: the guard against repeats. Narrow and not partitioned, so that a repeat
 * in the next month is still one. Deleted after 90 days: effects are keyed by fact, so a later repeat
 * is harmless.
 */
export const eventKeys = pgTable(
  "event_keys",
  {
    gateway: text("gateway").notNull(),
    mode: text("mode").notNull(),
    /** The connected account, or empty for our own. */
    account: text("account").notNull(),
    eventRef: text("event_ref").notNull(),
    bodyHash: bytes("body_hash").notNull(),
    eventId: text("event_id").notNull(),
    receivedAt: instant("received_at").notNull().defaultNow(),
    /** How often it was delivered, the first time included. */
    deliveries: integer("deliveries").notNull().default(1),
    lastDeliveredAt: instant("last_delivered_at").notNull().defaultNow(),
  },
  (t) => [
    primaryKey({
      name: "an_event_is_stored_once",
      // What tells rows apart first: the other three are the same in nearly all, and each look compares them.
      columns: [t.eventRef, t.account, t.mode, t.gateway],
    }),
    index("event_keys_by_age").on(t.receivedAt),
  ],
);

/** How indexes name the statuses that nearly all events have: one for a moment, then the other. */
export const USUAL = "usual";

/**
 * An event's status as indexes have it. With one word for the two usual ones, an event stays where it
 * is in them when it is processed, and leaves no trail of dead entries before the newest.
 */
export const STANDING = sql.raw(
  `(case when status in ('received', 'processed') then '${USUAL}' else status end)`,
);

/**
 * Every genuine event, with the bytes that were signed. Partitioned by month of `received_at`; the
 * migration says so, since the schema language can't. Events that were stored together have the same
 * instant, so that indexes by time need no id: the few of one instant are sorted as they are read, and
 * PostgreSQL keeps their entries as one.
 */
export const webhookEvents = pgTable(
  "webhook_events",
  {
    id: text("id").notNull(),
    receivedAt: instant("received_at").notNull().defaultNow(),
    gateway: text("gateway").notNull(),
    mode: text("mode", { enum: ["test", "live"] }).notNull(),
    account: text("account").notNull(),
    eventRef: text("event_ref").notNull(),
    type: text("type").notNull(),
    apiVersion: text("api_version"),
    createdAt: instant("created_at"),
    signedAt: instant("signed_at"),
    secretId: text("secret_id"),
    headers: jsonb("headers").$type<Record<string, string>>().notNull(),
    body: bytes("body").notNull(),
    /** The object that it rings (`gateway_objects.id`), and the ring that it caused. */
    objectId: bigint("object_id", { mode: "number" }),
    ring: integer("ring"),
    /** The payload's own object and its place among that object's payloads (payload mode). */
    payloadObject: text("payload_object"),
    payloadTerminal: boolean("payload_terminal").notNull().default(false),
    payloadRank: integer("payload_rank").notNull().default(0),
    status: text("status", {
      enum: [
        "received",
        "processed",
        "ignored",
        "unmatched",
        "parked",
        "conflict",
        "unknown",
        "failed",
      ],
    }).notNull(),
    /** Why nothing (more) was done: a code for filters, a sentence for people. */
    reasonCode: text("reason_code"),
    reason: text("reason"),
    /** The sync that covered it; see `syncs`. */
    syncId: text("sync_id"),
    organizationId: text("organization_id"),
  },
  (t) => [
    primaryKey({ columns: [t.id, t.receivedAt] }),
    index("webhook_events_newest").on(t.gateway, t.mode, t.receivedAt.desc()),
    index("webhook_events_of_object").on(t.objectId, t.ring),
    index("webhook_events_of_organization")
      .on(t.organizationId, t.receivedAt.desc(), t.id.desc())
      .where(sql`organization_id is not null`),
    index("webhook_events_of_type").on(t.type, t.gateway, t.mode, STANDING, t.receivedAt.desc()),
    index("webhook_events_by_ref").on(t.eventRef),
    index("webhook_events_unsettled")
      .on(STANDING, t.gateway, t.mode, t.receivedAt.desc())
      .where(sql`${STANDING} <> 'usual'`),
  ],
);

/** Requests that were not believed: bounded, with a diagnosis, verified again when a secret is mended. */
export const refusedRequests = pgTable(
  "refused_requests",
  {
    id: text("id").primaryKey(),
    receivedAt: instant("received_at").notNull().defaultNow(),
    gateway: text("gateway").notNull(),
    refusal: text("refusal").notNull(),
    diagnosis: text("diagnosis").notNull(),
    headers: jsonb("headers").$type<Record<string, string>>().notNull(),
    /** Up to 256 KiB; null where it was larger or the budget was spent. */
    body: bytes("body"),
    bodySize: integer("body_size").notNull(),
    remoteAddress: text("remote_address"),
    /** A later look with a mended secret believed it: the event that it became. */
    acceptedAt: instant("accepted_at"),
    eventId: text("event_id"),
  },
  (t) => [
    index("refused_requests_newest").on(t.receivedAt.desc(), t.id.desc()),
    index("refused_requests_to_verify_again").on(t.gateway, t.id).where(sql`accepted_at is null`),
  ],
);

/** Refused requests that the budget did not allow to keep, counted by the hour. Nothing is silent. */
export const refusedCounts = pgTable(
  "refused_counts",
  {
    hour: instant("hour").notNull(),
    gateway: text("gateway").notNull(),
    refusal: text("refusal").notNull(),
    dropped: bigint("dropped", { mode: "number" }).notNull(),
  },
  (t) => [primaryKey({ columns: [t.hour, t.gateway, t.refusal] })],
);

/** The sort key of a payload; see PayloadKey in lib/gateways. */
export type AppliedPayload = {
  terminal: boolean;
  createdAt: string;
  rank: number;
  eventRef: string;
};

/**
 * Every gateway object that is mirrored or waited for. Events ring it; a sync answers rings. The row
 * is the queue entry, the lease and the guard (`sync_version`) in one.
 */
export const gatewayObjects = pgTable(
  "gateway_objects",
  {
    id: bigint("id", { mode: "number" }).primaryKey().generatedAlwaysAsIdentity(),
    gateway: text("gateway").notNull(),
    mode: text("mode", { enum: ["test", "live"] }).notNull(),
    type: text("type").notNull(),
    ref: text("ref").notNull(),
    /** The gateway's customer whose it is, where that was known when it first rang. */
    payer: text("payer"),
    /** Whose turn it takes: all objects of a customer have one together, others each their own. */
    turn: integer("turn").notNull().generatedAlwaysAs(sql`hashtext(coalesce(payer, ref))`),
    rung: integer("rung").notNull().default(1),
    syncedRung: integer("synced_rung").notNull().default(0),
    /** Moves with every sync, so that an older answer can't overwrite a newer one. */
    syncVersion: integer("sync_version").notNull().default(0),
    /** Why it was rung, when not by an event: a link, a replay, a mapping. Cleared by the sync. */
    cause: text("cause"),
    leasedUntil: instant("leased_until"),
    attempts: integer("attempts").notNull().default(0),
    nextAttemptAt: instant("next_attempt_at").notNull().defaultNow(),
    /**
     * What the index of due objects goes by. One that spelled this out would be written anew at each
     * ring; this stays what it is while an object that is due is rung again.
     */
    isDue: boolean("is_due")
      .notNull()
      .generatedAlwaysAs(sql`rung > synced_rung and parked_at is null`),
    lastError: text("last_error"),
    /** The customer whose organization is not known yet. */
    waitingFor: text("waiting_for"),
    parkedAt: instant("parked_at"),
    /** How many fetches in a row found nothing under this key. */
    missingCount: integer("missing_count").notNull().default(0),
    /** The newest payload that was applied, by payload object (payload mode). */
    applied: jsonb("applied").$type<Record<string, AppliedPayload>>(),
    /** The last sync that changed something: "already true since …". */
    changedBySyncId: text("changed_by_sync_id"),
    changedAt: instant("changed_at"),
    /** Since when it waits: the first ring that was not answered yet, or the last that was. */
    rungAt: instant("rung_at").notNull().defaultNow(),
  },
  (t) => [
    unique("one_row_per_gateway_object").on(t.ref, t.type, t.mode, t.gateway),
    // What never failed is claimed in turns, whosever it is; what did, in the order of its next tries.
    index("gateway_objects_due")
      .on(t.mode, t.gateway, t.turn, t.nextAttemptAt)
      .where(sql`is_due and last_error is null`),
    index("gateway_objects_to_try_again")
      .on(t.mode, t.gateway, t.nextAttemptAt)
      .where(sql`is_due and last_error is not null`),
    index("gateway_objects_waiting")
      .on(t.gateway, t.mode, t.waitingFor)
      .where(sql`waiting_for is not null`),
    index("gateway_objects_to_sweep").on(t.id).where(sql`waiting_for is not null`),
    index("gateway_objects_parked").on(t.parkedAt).where(sql`parked_at is not null`),
    check("a_sync_answers_only_rings_that_were", sql`${t.syncedRung} <= ${t.rung}`),
  ],
);

/** One field that a sync changed, in words for the log. */
export type Change = { record: string; field: string; before: string | null; after: string | null };

/** Every look at an object: what it changed, or the named reason for nothing. Attempts that failed too. */
export const syncs = pgTable(
  "syncs",
  {
    id: text("id").primaryKey(),
    objectId: bigint("object_id", { mode: "number" })
      .notNull()
      .references(() => gatewayObjects.id),
    at: instant("at").notNull().defaultNow(),
    /** What asked for it: event, link, mapping, replay, command, reconciliation, import, time. */
    cause: text("cause").notNull(),
    source: text("source", { enum: ["fetch", "payload"] }).notNull(),
    outcome: text("outcome", {
      enum: ["changed", "unchanged", "waiting", "unknown", "failed", "parked"],
    }).notNull(),
    reasonCode: text("reason_code"),
    reason: text("reason"),
    changes: jsonb("changes").$type<Change[]>().notNull(),
    versionBefore: integer("version_before").notNull(),
    versionAfter: integer("version_after").notNull(),
    ring: integer("ring").notNull(),
    organizationId: text("organization_id"),
    durationMs: integer("duration_ms").notNull(),
  },
  (t) => [
    index("syncs_of_object").on(t.objectId, t.at.desc()),
    index("syncs_newest").on(t.at.desc(), t.id.desc()),
  ],
);
