import { sql } from "drizzle-orm";
import {
  bigint,
  boolean,
  check,
  index,
  integer,
  jsonb,
  pgTable,
  text,
  unique,
} from "drizzle-orm/pg-core";
import { gatewayColumns, instant } from "./columns.ts";
import { organizations } from "./identity.ts";

/** Where a customer is billed, and under which tax ids. */
export type HeldDetails = {
  name: string | null;
  email: string | null;
  address: {
    line1: string | null;
    line2: string | null;
    postalCode: string | null;
    city: string | null;
    state: string | null;
    country: string | null;
  } | null;
  taxIds: { type: string; value: string }[];
};

/**
 * Every customer that a gateway named, and the organization that it belongs to, if known. The first
 * link wins: events never move it. This row is also the lock for linking.
 */
export const customers = pgTable(
  "customers",
  {
    ...gatewayColumns,
    organizationId: text("organization_id").references(() => organizations.id),
    email: text("email"),
    name: text("name"),
    linkedAt: instant("linked_at"),
    /**
     * checkout, subscription_metadata, customer_metadata, administrator; portal, where we made it;
     * import_email and import_made, where an import matched it or made its organization.
     */
    linkSource: text("link_source"),
    /** An administrator took it from an organization: from then on no claim links it, only people. */
    unlinkedAt: instant("unlinked_at"),
    deletedAt: instant("deleted_at"),
    /** With what their invoices are paid, unless a subscription has a means of payment of its own. */
    defaultMethodRef: text("default_method_ref"),
    /** What they have to their credit; below zero what the next invoice takes in addition. */
    balanceMinor: bigint("balance_minor", { mode: "number" }),
    /** Null while the gateway has not said in what they are billed. */
    balanceCurrency: text("balance_currency"),
    details: jsonb("details").$type<HeldDetails>(),
    firstSeenAt: instant("first_seen_at").notNull().defaultNow(),
  },
  (t) => [
    unique("one_row_per_gateway_customer").on(t.gateway, t.mode, t.ref),
    index("customers_of_organization").on(t.organizationId),
    index("customers_unlinked")
      .on(t.mode, t.firstSeenAt.desc(), t.id.desc())
      .where(sql`organization_id is null`),
    check("a_link_has_a_source", sql`(${t.organizationId} is null) = (${t.linkSource} is null)`),
  ],
);

/** The means of payment of a customer, as last fetched. What was removed at the gateway is deleted here. */
export const paymentMethods = pgTable(
  "payment_methods",
  {
    ...gatewayColumns,
    customerRef: text("customer_ref").notNull(),
    /** In the gateway's word: card, sepa_debit, paypal. */
    kind: text("kind").notNull(),
    brand: text("brand"),
    last4: text("last4"),
    expMonth: integer("exp_month"),
    expYear: integer("exp_year"),
    isDefault: boolean("is_default").notNull(),
  },
  (t) => [
    unique("one_row_per_gateway_payment_method").on(t.gateway, t.mode, t.ref),
    index("payment_methods_of_customer").on(t.customerRef),
    index("payment_methods_by_expiry").on(t.expYear, t.expMonth),
  ],
);

/** An object claimed a customer that belongs to somebody else: for an administrator to look at. */
export const linkConflicts = pgTable(
  "link_conflicts",
  {
    id: text("id").primaryKey(),
    customerId: text("customer_id")
      .notNull()
      .references(() => customers.id),
    claimedOrganizationId: text("claimed_organization_id")
      .notNull()
      .references(() => organizations.id),
    source: text("source").notNull(),
    ref: text("ref").notNull(),
    seenAt: instant("seen_at").notNull().defaultNow(),
    dismissedAt: instant("dismissed_at"),
  },
  (t) => [
    unique("a_conflict_is_noted_once").on(t.customerId, t.claimedOrganizationId, t.ref),
    index("link_conflicts_open").on(t.seenAt).where(sql`dismissed_at is null`),
  ],
);
