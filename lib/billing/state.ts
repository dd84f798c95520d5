import type { checkouts, disputes, invoices, payments, subscriptions } from "#db/schema/billing.ts";
import type { comps } from "#db/schema/comps.ts";
import type { Change } from "#db/schema/inbox.ts";
import type { ClaimSource, Mode, ObjectRef, Snapshot } from "../gateways/gateway.ts";
import type { HeldOrder } from "./ordering/rules.ts";

/** What is asked of a row besides its identity: the id is given when it is first saved. */
type Saved<Row> = Omit<Row, "id">;

export type SubscriptionRow = typeof subscriptions.$inferSelect;
export type InvoiceRow = typeof invoices.$inferSelect;
export type PaymentRow = typeof payments.$inferSelect;
export type DisputeRow = typeof disputes.$inferSelect;
export type CheckoutRow = typeof checkouts.$inferSelect;

export type Tier = { id: string; code: string; name: string; rank: number; isDefault: boolean };
export type Plan = { id: string; code: string; name: string; tierId: string };

export type Organization = {
  id: string;
  name: string;
  tierId: string;
  tierValidUntil: Date | null;
  /** A rebuild is under way: not all that its tier comes from is there. */
  isTierHeld: boolean;
};

/** The customer row of a gateway, as locked. */
export type Customer = {
  id: string;
  ref: string;
  organizationId: string | null;
  unlinkedAt: Date | null;
};

/** Where a snapshot comes from and what the deployment has chosen. */
export type Setting = {
  gateway: string;
  mode: Mode;
  source: "fetch" | "payload";
  now: Date;
  /** Tiers come from one mode only: the one that the deployment runs in. */
  countsForTier: boolean;
  /** Only a rebuild asked: what is found is no news to anybody. */
  isMute: boolean;
  /** The row that is held was away until now: what waits for it has not seen it. */
  wasAway: boolean;
};

/** A subscription as far as the tier is concerned. */
export type Entitling = Pick<
  SubscriptionRow,
  "ref" | "status" | "planId" | "priceRef" | "cancelAt" | "pastDueSince" | "endedAt"
>;

/** What an administrator gave free of charge, as far as the tier is concerned. It may be over. */
export type Comp = Pick<
  typeof comps.$inferSelect,
  "id" | "tierId" | "planId" | "tierBeforeId" | "endsAt" | "endedAt"
>;

/** Everything a decision may look at. Loaded under locks, so that nobody changes it meanwhile. */
export type State = Setting & {
  graceDays: number;
  organization: Organization | undefined;
  tiers: readonly Tier[];
  plans: readonly Plan[];
  /** Plan by gateway price, for the prices that the snapshot names. */
  planOfPrice: ReadonlyMap<string, string>;
  /** The organization's subscriptions in the mode that tiers come from, all gateways. */
  subscriptions: readonly Entitling[];
  /** The comps that the organization was given last, the newest first: at most that one is open. */
  comps: readonly Comp[];
  /** Since when another attempted invoice of a subscription is open, by subscription ref. */
  unpaidSince: ReadonlyMap<string, Date>;
  /** The row that the snapshot is about to replace. */
  held: SubscriptionRow | InvoiceRow | PaymentRow | DisputeRow | CheckoutRow | undefined;
  /** Whether an event of its own describes the subscription that a checkout or an invoice names. */
  isSubscriptionDescribed: boolean;
  /** Set where only a checkout or an invoice tells of a subscription, with the plan it sold. */
  provisional: { planId: string | null } | undefined;
  /** The order of a one-time product that a checkout or a payment is of. */
  order: HeldOrder | undefined;
};

/** Why nothing (more) was done: a code for filters, a sentence for people. */
export type Reason = { code: string; sentence: string };

/** One thing that a snapshot makes us do. The store does it; nothing else writes these tables. */
export type Effect =
  | { kind: "save_subscription"; row: Saved<SubscriptionRow> }
  | { kind: "save_invoice"; row: Saved<InvoiceRow> }
  | { kind: "save_payment"; row: Saved<PaymentRow> }
  | { kind: "save_dispute"; row: Saved<DisputeRow> }
  | { kind: "save_checkout"; row: Saved<CheckoutRow> }
  | { kind: "save_order"; row: HeldOrder }
  | {
      kind: "set_tier";
      fromTierId: string;
      tierId: string;
      validUntil: Date | null;
      because: string;
    }
  | { kind: "ring"; refs: ObjectRef[]; evenIfKnown: boolean }
  | {
      kind: "notice";
      notice: NoticeKind;
      object: string;
      attempt: number;
      /** Who hears it; where it is absent, the organization that the snapshot is of. */
      organizationId?: string;
    };

export type NoticeKind =
  | "payment_failed"
  | "trial_ending"
  | "subscription_canceled"
  | "order_completed";

export type Decision = { effects: Effect[]; changes: Change[]; reason: Reason | undefined };

/** Whose the object is, or why that is not known. */
export type Link =
  | { kind: "owned"; organizationId: string }
  | { kind: "link"; customer: Customer; organizationId: string; source: ClaimSource }
  | {
      kind: "conflict";
      customer: Customer;
      organizationId: string;
      claimed: string;
      source: ClaimSource;
    }
  | { kind: "waiting"; waitingFor: string | undefined; reason: Reason };

export type OwnedSnapshot = Exclude<Snapshot, { kind: "price" | "product" }>;
