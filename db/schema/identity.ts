import { sql } from "drizzle-orm";
import {
  bigint,
  check,
  foreignKey,
  index,
  integer,
  jsonb,
  pgTable,
  primaryKey,
  text,
  unique,
  uniqueIndex,
  varchar,
} from "drizzle-orm/pg-core";
import { tiers } from "./catalogue.ts";
import { instant } from "./columns.ts";

/** People who can sign in. An e-mail address belongs to one of them, whatever its letter case. */
export const users = pgTable(
  "users",
  {
    id: text("id").primaryKey(),
    email: text("email").notNull(),
    /**
     * Since when the address is one that they chose themselves: nobody knows whether it is theirs. Null
     * where a mail to it was answered, or somebody vouched for it.
     */
    emailUnprovenSince: instant("email_unproven_since"),
    name: text("name").notNull(),
    passwordHash: text("password_hash"),
    administratorSince: instant("administrator_since"),
    disabledAt: instant("disabled_at"),
    createdAt: instant("created_at").notNull().defaultNow(),
  },
  (t) => [uniqueIndex("one_user_per_email").on(sql`lower(${t.email})`)],
);

/** Signed-in browsers. The cookie holds the id; a deleted row ends it at once. */
export const sessions = pgTable(
  "sessions",
  {
    id: text("id").primaryKey(),
    userId: text("user_id")
      .notNull()
      .references(() => users.id, { onDelete: "cascade" }),
    createdAt: instant("created_at").notNull().defaultNow(),
    lastSeenAt: instant("last_seen_at").notNull().defaultNow(),
    expiresAt: instant("expires_at").notNull(),
    ip: text("ip"),
    userAgent: text("user_agent"),
    /** A portal session, opened by a link of the product: it sees this organization's portal and nothing else. */
    portalOrganizationId: text("portal_organization_id").references(() => organizations.id, {
      onDelete: "cascade",
    }),
    /** The key of the product that vouched for them; the session ends with it. */
    apiKeyId: text("api_key_id").references(() => apiKeys.id, { onDelete: "cascade" }),
  },
  (t) => [
    index("sessions_of_user").on(t.userId),
    index("sessions_of_api_key").on(t.apiKeyId).where(sql`api_key_id is not null`),
    check(
      "a_portal_session_has_a_key",
      sql`(${t.portalOrganizationId} is null) = (${t.apiKeyId} is null)`,
    ),
  ],
);

/**
 * The customer accounts of the merchant's product. `reference` is the product's own id for one, if it
 * has one; it may not look like ours, so that a claim never means two organizations.
 */
export const organizations = pgTable(
  "organizations",
  {
    id: text("id").primaryKey(),
    name: text("name").notNull(),
    slug: text("slug").notNull(),
    reference: text("reference"),
    billingEmail: text("billing_email"),
    /** The level of service it has now: recomputed, never toggled. Written by lib/billing. */
    tierId: text("tier_id")
      .notNull()
      .references(() => tiers.id),
    tierSince: instant("tier_since").notNull().defaultNow(),
    /** Until when the tier holds without a word from the gateway; then it is recomputed. */
    tierValidUntil: instant("tier_valid_until"),
    /** The rebuild that keeps the tier as it is: not all that it comes from is there. */
    tierHeldBy: text("tier_held_by"),
    createdAt: instant("created_at").notNull().defaultNow(),
  },
  (t) => [
    unique("one_organization_per_slug").on(t.slug),
    unique("one_organization_per_reference").on(t.reference),
    check(
      "reference_is_not_our_id",
      sql`${t.reference} is null or ${t.reference} not like 'org\\_%'`,
    ),
    index("organizations_tier_due").on(t.tierValidUntil).where(sql`tier_valid_until is not null`),
    index("organizations_tier_held").on(t.tierHeldBy, t.id).where(sql`tier_held_by is not null`),
    index("organizations_by_billing_email").on(sql`lower(${t.billingEmail})`),
    index("organizations_by_name").on(sql`lower(${t.name})`, t.id),
    index("organizations_of_tier").on(t.tierId, sql`lower(${t.name})`, t.id),
  ],
);

/** Who belongs to an organization, and as what. */
export const members = pgTable(
  "members",
  {
    organizationId: text("organization_id")
      .notNull()
      .references(() => organizations.id, { onDelete: "cascade" }),
    userId: text("user_id")
      .notNull()
      .references(() => users.id, { onDelete: "cascade" }),
    role: text("role", { enum: ["owner", "billing", "member"] }).notNull(),
    createdAt: instant("created_at").notNull().defaultNow(),
  },
  (t) => [
    primaryKey({ columns: [t.organizationId, t.userId] }),
    index("memberships_of_user").on(t.userId),
    check("member_role_is_known", sql`${t.role} in ('owner', 'billing', 'member')`),
  ],
);

/** Invitations to an organization, or (without one) to be a platform administrator. */
export const invitations = pgTable(
  "invitations",
  {
    id: text("id").primaryKey(),
    organizationId: text("organization_id").references(() => organizations.id, {
      onDelete: "cascade",
    }),
    email: text("email").notNull(),
    role: text("role", { enum: ["owner", "billing", "member", "administrator"] }).notNull(),
    tokenHash: text("token_hash").notNull().unique("one_invitation_per_token"),
    invitedBy: text("invited_by").references(() => users.id, { onDelete: "set null" }),
    createdAt: instant("created_at").notNull().defaultNow(),
    expiresAt: instant("expires_at").notNull(),
    acceptedAt: instant("accepted_at"),
    revokedAt: instant("revoked_at"),
  },
  (t) => [
    index("invitations_of_organization").on(t.organizationId),
    uniqueIndex("one_open_invitation_per_person")
      .on(sql`coalesce(${t.organizationId}, '')`, sql`lower(${t.email})`)
      .where(sql`accepted_at is null and revoked_at is null`),
    check(
      "administrators_are_invited_to_no_organization",
      sql`(${t.role} = 'administrator') = (${t.organizationId} is null)`,
    ),
  ],
);

/** Mailed links to choose a new password. Used once. */
export const passwordResets = pgTable(
  "password_resets",
  {
    id: text("id").primaryKey(),
    userId: text("user_id")
      .notNull()
      .references(() => users.id, { onDelete: "cascade" }),
    tokenHash: text("token_hash").notNull().unique("one_reset_per_token"),
    createdAt: instant("created_at").notNull().defaultNow(),
    expiresAt: instant("expires_at").notNull(),
    usedAt: instant("used_at"),
  },
  (t) => [index("password_resets_of_user").on(t.userId)],
);

/** Keys of the product that embeds Billhook. Only a hash is kept; the key is shown once. */
export const apiKeys = pgTable("api_keys", {
  id: text("id").primaryKey(),
  label: text("label").notNull(),
  keyHash: text("key_hash").notNull().unique("one_row_per_api_key"),
  lastFour: text("last_four").notNull(),
  createdBy: text("created_by").references(() => users.id, { onDelete: "set null" }),
  createdAt: instant("created_at").notNull().defaultNow(),
  lastUsedAt: instant("last_used_at"),
  revokedAt: instant("revoked_at"),
});

/** Links that let a member into their organization's portal, asked for by the product. Used once. */
export const portalLinks = pgTable(
  "portal_links",
  {
    id: text("id").primaryKey(),
    organizationId: text("organization_id").notNull(),
    userId: text("user_id").notNull(),
    apiKeyId: text("api_key_id")
      .notNull()
      .references(() => apiKeys.id, { onDelete: "cascade" }),
    tokenHash: text("token_hash").notNull().unique("one_portal_link_per_token"),
    /** Where it leads, inside that portal. */
    path: text("path").notNull(),
    createdAt: instant("created_at").notNull().defaultNow(),
    expiresAt: instant("expires_at").notNull(),
    usedAt: instant("used_at"),
  },
  (t) => [
    // Who is no member any more has no link either.
    foreignKey({
      name: "a_portal_link_is_of_a_member",
      columns: [t.organizationId, t.userId],
      foreignColumns: [members.organizationId, members.userId],
    }).onDelete("cascade"),
    index("portal_links_of_member").on(t.organizationId, t.userId),
    index("portal_links_by_age").on(t.expiresAt),
    check("a_portal_link_is_short", sql`${t.expiresAt} <= ${t.createdAt} + interval '5 minutes'`),
  ],
);

/** How often something was tried lately, such as signing in from one address. Columns as rate-limiter-flexible wants them. */
export const rateLimits = pgTable("rate_limits", {
  key: varchar("key", { length: 255 }).primaryKey(),
  points: integer("points").notNull().default(0),
  expire: bigint("expire", { mode: "number" }),
});

/** What people and API clients did: who, what, before, after, from where. Never edited. */
export const auditEntries = pgTable(
  "audit_entries",
  {
    id: text("id").primaryKey(),
    at: instant("at").notNull().defaultNow(),
    actorKind: text("actor_kind", { enum: ["user", "api_key", "command_line"] }).notNull(),
    actorId: text("actor_id"),
    actorLabel: text("actor_label").notNull(),
    action: text("action").notNull(),
    organizationId: text("organization_id"),
    subject: text("subject").notNull(),
    before: jsonb("before"),
    after: jsonb("after"),
    reason: text("reason"),
    ip: text("ip"),
    userAgent: text("user_agent"),
  },
  (t) => [
    index("audit_newest").on(t.at.desc(), t.id.desc()),
    index("audit_of_organization").on(t.organizationId, t.at.desc(), t.id.desc()),
  ],
);
