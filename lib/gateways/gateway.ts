/**
 * The language that Billhook speaks about payment companies. Adapters translate into it; nothing
 * vendor-specific leaves their folders.
 */

import type { CreditNote } from "./credit-note.ts";

export type Mode = "test" | "live";

/** A key of the registry: `stripe`, later `paypal` and `mollie`. */
export type GatewayName = string;

/** The kinds of gateway objects that Billhook keeps a mirror of. */
export type ObjectType =
  | "customer"
  | "subscription"
  | "invoice"
  | "payment"
  | "dispute"
  | "checkout"
  | "price"
  | "product";

/** A gateway object's name: what it is, and the gateway's id for it. */
export type ObjectRef = { readonly type: ObjectType; readonly ref: string };

/** One active signing secret, opened. */
export type SigningSecret = { readonly id: string; readonly mode: Mode; readonly secret: string };

/** Everything an adapter needs to call its gateway as this deployment. */
export type Connection = {
  readonly gateway: GatewayName;
  readonly mode: Mode;
  readonly apiKey: string;
  /** Another address for the gateway's API, such as a local stand-in. */
  readonly apiBase: string | undefined;
};

/** A stored payload, chosen as the newest of its own object. */
export type StoredPayload = {
  readonly eventRef: string;
  readonly type: string;
  readonly createdAt: Date | undefined;
  readonly receivedAt: Date;
  readonly body: Buffer;
};

/** What every snapshot carries. Snapshots are states, never steps. */
type Common = {
  readonly ref: string;
  /** When this was true, by the gateway's clock in payload mode, by ours after a fetch. */
  readonly asOf: Date;
  /** Objects that this one names and that deserve a sync of their own if they are not known yet. */
  readonly links: readonly ObjectRef[];
};

/** Ways in which an object may say whose it is: what a merchant wrote into reference or metadata. */
export type Claim = { readonly organization: string; readonly source: ClaimSource };
export type ClaimSource = "checkout" | "subscription_metadata" | "customer_metadata";

export type TaxId = { readonly type: string; readonly value: string };

export type Address = {
  readonly line1: string | null;
  readonly line2: string | null;
  readonly postalCode: string | null;
  readonly city: string | null;
  readonly state: string | null;
  readonly country: string | null;
};

/** A means of payment that a customer left with the gateway. */
export type PaymentMethod = {
  readonly ref: string;
  /** In the gateway's word: card, sepa_debit, paypal. */
  readonly kind: string;
  /** Such as visa; the bank of a debit. */
  readonly brand: string | null;
  readonly last4: string | null;
  readonly expMonth: number | null;
  readonly expYear: number | null;
};

/** A member that may be missing is one that its source does not tell: what is held stays as it is. */
export type CustomerSnapshot = Common & {
  readonly kind: "customer";
  readonly email: string | null;
  readonly name: string | null;
  readonly claim: Claim | undefined;
  readonly address?: Address | null | undefined;
  readonly taxIds?: readonly TaxId[] | undefined;
  readonly defaultMethodRef?: string | null | undefined;
  /** What they have to their credit; below zero what the next invoice takes in addition. */
  readonly balanceMinor?: number | undefined;
  /** Of the balance. Null while the gateway has not said in what they are billed. */
  readonly currency?: string | null | undefined;
  readonly methods?: readonly PaymentMethod[] | undefined;
};

export type SubscriptionStatus =
  | "incomplete"
  | "trialing"
  | "active"
  | "past_due"
  | "unpaid"
  | "paused"
  | "canceled";

export type SubscriptionItem = {
  /** The gateway's id of the item, where it was told. */
  readonly ref?: string;
  readonly priceRef: string;
  readonly quantity: number;
};

/** What a subscription becomes at a moment that is set. */
export type PlannedChange = {
  readonly at: Date;
  readonly items: readonly SubscriptionItem[];
  /** The command that planned it; null where somebody else did. */
  readonly commandId: string | null;
};

/** What a subscription becomes when an invoice is paid. */
export type UnpaidChange = {
  readonly until: Date | null;
  readonly items: readonly SubscriptionItem[];
  readonly invoiceRef: string | null;
};

/** A member that may be missing is one that its source does not tell: what is held stays as it is. */
export type SubscriptionSnapshot = Common & {
  readonly kind: "subscription";
  readonly customerRef: string | null;
  readonly status: SubscriptionStatus;
  /** The gateway's own word for the status, kept where ours folds several into one. */
  readonly gatewayStatus: string;
  readonly items: readonly SubscriptionItem[];
  readonly currency: string | null;
  readonly periodStart: Date | null;
  readonly periodEnd: Date | null;
  readonly trialEnd: Date | null;
  readonly startedAt: Date | null;
  /** When it will end, if that is decided. */
  readonly cancelAt: Date | null;
  readonly canceledAt: Date | null;
  readonly endedAt: Date | null;
  readonly latestInvoiceRef: string | null;
  readonly claim: Claim | undefined;
  /** What manages it at the gateway: nothing can be changed beside it. */
  readonly scheduleRef?: string | null | undefined;
  /** The next change that the schedule plans. */
  readonly planned?: PlannedChange | null | undefined;
  readonly unpaidChange?: UnpaidChange | null | undefined;
  /** It goes on, but its invoices are not collected. */
  readonly isCollectionPaused?: boolean | undefined;
  /** Its own means of payment; null where it uses its customer's. */
  readonly methodRef?: string | null | undefined;
};

export type InvoiceStatus = "draft" | "open" | "paid" | "uncollectible" | "void";

export type InvoiceLine = {
  readonly description: string;
  readonly amountMinor: number;
  readonly quantity: number | null;
  readonly priceRef: string | null;
  readonly isProration: boolean;
  readonly periodStart: Date | null;
  readonly periodEnd: Date | null;
};

/** A member that may be missing is one that its source does not tell: what is held stays as it is. */
export type InvoiceSnapshot = Common & {
  readonly kind: "invoice";
  readonly customerRef: string | null;
  readonly subscriptionRef: string | null;
  readonly number: string | null;
  readonly status: InvoiceStatus;
  readonly billingReason: string | null;
  readonly currency: string;
  readonly totalMinor: number;
  /** All tax, and how much of it the amounts of the lines have in them already. */
  readonly taxMinor: number;
  readonly includedTaxMinor: number;
  readonly amountDueMinor: number;
  readonly amountPaidMinor: number;
  readonly amountRemainingMinor: number;
  readonly attemptCount: number;
  readonly nextAttemptAt: Date | null;
  readonly issuedAt: Date | null;
  readonly dueAt: Date | null;
  readonly paidAt: Date | null;
  readonly hostedUrl: string | null;
  readonly pdfUrl: string | null;
  readonly lines: readonly InvoiceLine[];
  readonly creditNotes?: readonly CreditNote[] | undefined;
};

export type PaymentStatus =
  | "pending"
  | "requires_action"
  | "authorized"
  | "succeeded"
  | "failed"
  | "canceled";

export type PaymentSnapshot = Common & {
  readonly kind: "payment";
  readonly customerRef: string | null;
  readonly invoiceRef: string | null;
  readonly status: PaymentStatus;
  readonly currency: string;
  readonly amountMinor: number;
  readonly refundedSoFarMinor: number;
  readonly isDisputed: boolean;
  readonly failureCode: string | null;
  readonly failureMessage: string | null;
  /** Such as "visa •••• 4242". */
  readonly method: string | null;
  readonly startedAt: Date | null;
  /** The command of ours that it was asked for with. */
  readonly commandId?: string | null | undefined;
};

export type DisputeStatus = "warning" | "open" | "under_review" | "won" | "lost" | "closed";

export type DisputeSnapshot = Common & {
  readonly kind: "dispute";
  readonly paymentRef: string | null;
  readonly status: DisputeStatus;
  readonly gatewayStatus: string;
  readonly reason: string | null;
  readonly currency: string;
  readonly amountMinor: number;
  readonly evidenceDueAt: Date | null;
  readonly openedAt: Date | null;
};

export type CheckoutSnapshot = Common & {
  readonly kind: "checkout";
  readonly purpose: "subscription" | "payment" | "setup";
  readonly status: "open" | "complete" | "expired";
  readonly isPaid: boolean;
  /** A delayed payment method that failed after the page was completed. */
  readonly paymentFailed: boolean;
  readonly customerRef: string | null;
  readonly customerEmail: string | null;
  readonly subscriptionRef: string | null;
  readonly paymentRef: string | null;
  readonly invoiceRef: string | null;
  /** What the page sold, where the session says so: price refs, or our plan's code in its metadata. */
  readonly priceRefs: readonly string[];
  readonly planCode: string | null;
  readonly claim: Claim | undefined;
  /** The command of ours that opened the page. */
  readonly commandId?: string | null | undefined;
};

export type PriceSnapshot = Common & {
  readonly kind: "price";
  readonly productRef: string | null;
  readonly currency: string;
  /** Null for tiered and metered prices. */
  readonly amountMinor: number | null;
  readonly interval: "day" | "week" | "month" | "year" | null;
  readonly intervalCount: number;
  readonly isActive: boolean;
  readonly lookupKey: string | null;
  readonly nickname: string | null;
  /** The code of our plan, in the metadata that a merchant wrote. */
  readonly planCode: string | null;
  /** The code of our one-time product, in the metadata that Billhook wrote. */
  readonly productCode: string | null;
};

export type ProductSnapshot = Common & {
  readonly kind: "product";
  readonly name: string;
  readonly description: string | null;
  readonly isActive: boolean;
  readonly planCode: string | null;
  readonly productCode: string | null;
};

export type Snapshot =
  | CustomerSnapshot
  | SubscriptionSnapshot
  | InvoiceSnapshot
  | PaymentSnapshot
  | DisputeSnapshot
  | CheckoutSnapshot
  | PriceSnapshot
  | ProductSnapshot;

/** The gateway said that the object was deleted. */
export type Gone = { readonly kind: "gone"; readonly ref: string };
/** The gateway knows no such object for this key: perhaps deleted, perhaps another account's. */
export type Missing = { readonly kind: "missing"; readonly ref: string };
