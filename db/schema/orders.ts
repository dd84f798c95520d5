import { sql } from "drizzle-orm";
import { bigint, boolean, check, index, integer, pgTable, text, unique } from "drizzle-orm/pg-core";
import { products } from "./catalogue.ts";
import { instant } from "./columns.ts";
import { commands } from "./commands.ts";
import { organizations } from "./identity.ts";

/**
 * Purchases of one-time products. What was asked for is ours and never changes; what became of it is
 * what the gateway's page and payment told last, kept here so that neither needs the other.
 */
export const orders = pgTable(
  "orders",
  {
    id: text("id").primaryKey(),
    organizationId: text("organization_id")
      .notNull()
      .references(() => organizations.id),
    productId: text("product_id")
      .notNull()
      .references(() => products.id),
    commandId: text("command_id")
      .notNull()
      .references(() => commands.id),
    gateway: text("gateway").notNull(),
    mode: text("mode", { enum: ["test", "live"] }).notNull(),
    priceRef: text("price_ref").notNull(),
    quantity: integer("quantity").notNull(),
    currency: text("currency").notNull(),
    /** What was asked for all of it, before tax and promotion codes. */
    amountMinor: bigint("amount_minor", { mode: "number" }).notNull(),
    /** Follows from what is below; see lib/billing/ordering/rules.ts. */
    state: text("state", { enum: ["pending", "completed", "refunded", "canceled"] })
      .notNull()
      .default("pending"),
    checkoutRef: text("checkout_ref"),
    /** `refused`: it was never opened. */
    page: text("page", { enum: ["opening", "open", "complete", "expired", "refused"] })
      .notNull()
      .default("opening"),
    isPaid: boolean("is_paid").notNull().default(false),
    /** A payment that takes days failed after the page was completed. */
    paymentFailed: boolean("payment_failed").notNull().default(false),
    paymentRef: text("payment_ref"),
    paymentStatus: text("payment_status", {
      enum: ["pending", "requires_action", "authorized", "succeeded", "failed", "canceled"],
    }),
    chargedMinor: bigint("charged_minor", { mode: "number" }),
    refundedMinor: bigint("refunded_minor", { mode: "number" }).notNull().default(0),
    orderedAt: instant("ordered_at").notNull().defaultNow(),
    /** When it was first completed: once, whatever becomes of it later. */
    completedAt: instant("completed_at"),
  },
  (t) => [
    unique("an_order_is_asked_once").on(t.commandId),
    unique("one_order_per_page").on(t.gateway, t.mode, t.checkoutRef),
    unique("one_order_per_payment").on(t.gateway, t.mode, t.paymentRef),
    index("orders_of_organization").on(t.organizationId, t.orderedAt.desc(), t.id.desc()),
    index("orders_by_time").on(t.mode, t.orderedAt.desc(), t.id.desc()),
    index("orders_by_state").on(t.state, t.mode, t.orderedAt.desc(), t.id.desc()),
    index("orders_of_product").on(t.productId, t.organizationId, t.orderedAt.desc(), t.id.desc()),
    check(
      "order_state_is_known",
      sql`${t.state} in ('pending', 'completed', 'refunded', 'canceled')`,
    ),
    check(
      "order_page_is_known",
      sql`${t.page} in ('opening', 'open', 'complete', 'expired', 'refused')`,
    ),
    check("an_order_is_for_one_or_more", sql`${t.quantity} > 0 and ${t.amountMinor} > 0`),
    check("order_refunds_are_not_negative", sql`${t.refundedMinor} >= 0`),
    check(
      "a_completed_order_says_when",
      sql`${t.state} not in ('completed', 'refunded') or ${t.completedAt} is not null`,
    ),
  ],
);
