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
import { plans, tiers } from "./catalogue.ts";
import { gatewayColumns, instant } from "./columns.ts";
import { organizations } from "./identity.ts";

/** One price, so many times; `ref` is the gateway's id of the item, where it was told. */
export type HeldItem = { ref?: string; priceRef: string; quantity: number };

/** What a subscription becomes at a moment that is set; `commandId` is null where somebody else planned it. */
export type HeldPlan = { at: string; items: HeldItem[]; commandId: string | null };

/** What a subscription becomes when an invoice is paid, and until when that can be done. */
export type HeldUnpaidChange = {
  until: string | null;
  items: HeldItem[];
  invoiceRef: string | null;
};

/** Subscriptions as the gateway tells them. Written only by the sync of the subscription itself. */
export const subscriptions = pgTable(
  "subscriptions",
  {
    ...gatewayColumns,
    organizationId: text("organization_id").references(() => organizations.id),
    customerRef: text("customer_ref"),
    status: text("status", {
      enum: ["incomplete", "trialing", "active", "past_due", "unpaid", "paused", "canceled"],
    }).notNull(),
    gatewayStatus: text("gateway_status").notNull(),
    /** The plan that its price sells; null while the price is in no plan. */
    planId: text("plan_id").references(() => plans.id),
    priceRef: text("price_ref"),
    quantity: integer("quantity").notNull().default(1),
    items: jsonb("items").$type<HeldItem[]>().notNull(),
    currency: text("currency"),
    periodStart: instant("period_start"),
    periodEnd: instant("period_end"),
    trialEnd: instant("trial_end"),
    startedAt: instant("started_at"),
    cancelAt: instant("cancel_at"),
    canceledAt: instant("canceled_at"),
    endedAt: instant("ended_at"),
    /** Where no unpaid invoice says since when: the moment of the answer that first said past due. */
    pastDueSince: instant("past_due_since"),
    latestInvoiceRef: text("latest_invoice_ref"),
    /** What manages it at the gateway, if anything does: no change is possible beside it. */
    scheduleRef: text("schedule_ref"),
    /** The next change that the schedule plans; null where it plans none, or nobody asked. */
    planned: jsonb("planned").$type<HeldPlan>(),
    unpaidChange: jsonb("unpaid_change").$type<HeldUnpaidChange>(),
    /** It goes on, but its invoices are not collected. */
    isCollectionPaused: boolean("is_collection_paused").notNull().default(false),
    /** Its own means of payment; null where it uses its customer's. */
    methodRef: text("method_ref"),
    /** Only a checkout or an invoice told about it so far (payload mode). */
    isProvisional: boolean("is_provisional").notNull().default(false),
  },
  (t) => [
    unique("one_row_per_gateway_subscription").on(t.gateway, t.mode, t.ref),
    check(
      "subscription_status_is_known",
      sql`${t.status} in ('incomplete', 'trialing', 'active', 'past_due', 'unpaid', 'paused', 'canceled')`,
    ),
    index("subscriptions_of_organization").on(t.organizationId),
    // Here and below, without gateway and mode: with them, the planner of a young database takes such an index
    // for the key, and reads every row of a gateway.
    index("subscriptions_of_customer").on(t.customerRef),
    index("subscriptions_of_plan").on(t.planId),
    index("subscriptions_scheduled").on(t.id).where(sql`schedule_ref is not null`),
    index("subscriptions_by_price").on(t.priceRef),
    index("subscriptions_by_status").on(t.status, t.id),
  ],
);

/** A document that takes back a part of an invoice, as the gateway tells it. */
export type HeldCreditNote = {
  ref: string;
  number: string | null;
  status: "issued" | "void";
  amountMinor: number;
  /** How much of it went back by the way it came, and how much stays as credit for later invoices. */
  refundedMinor: number;
  creditedMinor: number;
  /** Left out by those that were kept before it was read. */
  taxMinor?: number | undefined;
  includedTaxMinor?: number | undefined;
  reason: string | null;
  memo: string | null;
  issuedAt: string | null;
  pdfUrl: string | null;
  lines: { description: string; amountMinor: number; quantity: number | null }[];
};

/** Invoices as the gateway tells them, lines and credit notes included. */
export const invoices = pgTable(
  "invoices",
  {
    ...gatewayColumns,
    organizationId: text("organization_id").references(() => organizations.id),
    customerRef: text("customer_ref"),
    subscriptionRef: text("subscription_ref"),
    number: text("number"),
    status: text("status", { enum: ["draft", "open", "paid", "uncollectible", "void"] }).notNull(),
    billingReason: text("billing_reason"),
    currency: text("currency").notNull(),
    totalMinor: bigint("total_minor", { mode: "number" }).notNull(),
    /** All tax, and how much of it the amounts of the lines have in them already. */
    taxMinor: bigint("tax_minor", { mode: "number" }).notNull(),
    includedTaxMinor: bigint("included_tax_minor", { mode: "number" }).notNull().default(0),
    amountDueMinor: bigint("amount_due_minor", { mode: "number" }).notNull(),
    amountPaidMinor: bigint("amount_paid_minor", { mode: "number" }).notNull(),
    amountRemainingMinor: bigint("amount_remaining_minor", { mode: "number" }).notNull(),
    attemptCount: integer("attempt_count").notNull(),
    nextAttemptAt: instant("next_attempt_at"),
    issuedAt: instant("issued_at"),
    dueAt: instant("due_at"),
    paidAt: instant("paid_at"),
    hostedUrl: text("hosted_url"),
    pdfUrl: text("pdf_url"),
    lines: jsonb("lines")
      .$type<
        {
          description: string;
          amountMinor: number;
          quantity: number | null;
          priceRef: string | null;
          isProration: boolean;
          periodStart: string | null;
          periodEnd: string | null;
        }[]
      >()
      .notNull(),
    creditNotes: jsonb("credit_notes").$type<HeldCreditNote[]>().notNull().default([]),
  },
  (t) => [
    unique("one_row_per_gateway_invoice").on(t.gateway, t.mode, t.ref),
    check(
      "invoice_status_is_known",
      sql`${t.status} in ('draft', 'open', 'paid', 'uncollectible', 'void')`,
    ),
    index("invoices_of_organization").on(t.organizationId, t.issuedAt.desc(), t.id.desc()),
    index("invoices_of_subscription").on(t.subscriptionRef),
  ],
);

/** Payments and how much of them went back. */
export const payments = pgTable(
  "payments",
  {
    ...gatewayColumns,
    organizationId: text("organization_id").references(() => organizations.id),
    customerRef: text("customer_ref"),
    invoiceRef: text("invoice_ref"),
    status: text("status", {
      enum: ["pending", "requires_action", "authorized", "succeeded", "failed", "canceled"],
    }).notNull(),
    currency: text("currency").notNull(),
    amountMinor: bigint("amount_minor", { mode: "number" }).notNull(),
    refundedMinor: bigint("refunded_minor", { mode: "number" }).notNull(),
    isDisputed: boolean("is_disputed").notNull(),
    failureCode: text("failure_code"),
    failureMessage: text("failure_message"),
    method: text("method"),
    startedAt: instant("started_at"),
  },
  (t) => [
    unique("one_row_per_gateway_payment").on(t.gateway, t.mode, t.ref),
    check(
      "payment_status_is_known",
      sql`${t.status} in ('pending', 'requires_action', 'authorized', 'succeeded', 'failed', 'canceled')`,
    ),
    index("payments_of_organization").on(t.organizationId, t.startedAt.desc(), t.id.desc()),
    index("payments_by_status").on(t.status, t.id),
    check("refunds_are_not_negative", sql`${t.refundedMinor} >= 0`),
  ],
);

/** Payments contested at the payer's bank. */
export const disputes = pgTable(
  "disputes",
  {
    ...gatewayColumns,
    organizationId: text("organization_id").references(() => organizations.id),
    paymentRef: text("payment_ref"),
    status: text("status", {
      enum: ["warning", "open", "under_review", "won", "lost", "closed"],
    }).notNull(),
    gatewayStatus: text("gateway_status").notNull(),
    reason: text("reason"),
    currency: text("currency").notNull(),
    amountMinor: bigint("amount_minor", { mode: "number" }).notNull(),
    evidenceDueAt: instant("evidence_due_at"),
    openedAt: instant("opened_at"),
  },
  (t) => [
    unique("one_row_per_gateway_dispute").on(t.gateway, t.mode, t.ref),
    index("disputes_of_organization").on(t.organizationId),
  ],
);

/** Checkout pages: whose customer paid for what. */
export const checkouts = pgTable(
  "checkouts",
  {
    ...gatewayColumns,
    organizationId: text("organization_id").references(() => organizations.id),
    customerRef: text("customer_ref"),
    subscriptionRef: text("subscription_ref"),
    paymentRef: text("payment_ref"),
    purpose: text("purpose", { enum: ["subscription", "payment", "setup"] }).notNull(),
    status: text("status", { enum: ["open", "complete", "expired"] }).notNull(),
    isPaid: boolean("is_paid").notNull(),
    paymentFailed: boolean("payment_failed").notNull(),
    /** The plan that the page sold, where the session says so. */
    planId: text("plan_id").references(() => plans.id),
    priceRef: text("price_ref"),
    /** When the gateway said so; the page was completed no later. */
    asOf: instant("as_of").notNull(),
  },
  (t) => [
    unique("one_row_per_gateway_checkout").on(t.gateway, t.mode, t.ref),
    index("checkouts_of_subscription").on(t.subscriptionRef),
    index("checkouts_of_payment").on(t.paymentRef),
    index("checkouts_of_organization").on(t.organizationId),
  ],
);

/** Every change of an organization's tier, with its cause. Appended, never edited. */
export const tierChanges = pgTable(
  "tier_changes",
  {
    id: text("id").primaryKey(),
    organizationId: text("organization_id")
      .notNull()
      .references(() => organizations.id),
    fromTierId: text("from_tier_id")
      .notNull()
      .references(() => tiers.id),
    toTierId: text("to_tier_id")
      .notNull()
      .references(() => tiers.id),
    at: instant("at").notNull().defaultNow(),
    /** The rule, as a sentence: "subscription sub_1 is active on Pro". */
    because: text("because").notNull(),
    /** event, link, mapping, time, replay … as in `syncs.cause`. */
    cause: text("cause").notNull(),
    syncId: text("sync_id"),
  },
  (t) => [
    index("tier_changes_of_organization").on(t.organizationId, t.at.desc(), t.id.desc()),
    check("a_tier_change_changes_the_tier", sql`${t.fromTierId} <> ${t.toTierId}`),
  ],
);
