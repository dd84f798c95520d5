import type { Address, Connection, TaxId } from "./gateway.ts";

/*
 * What a gateway can be asked to do, in our words. A gateway may be asked the same twice: under the same
 * key it does it once and repeats its answer.
 */

/** With what a gateway is asked. Network: never inside a transaction. */
export type Asking = {
  readonly connection: Connection;
  readonly signal: AbortSignal;
  /** The idempotency key of a step. A command that is sent again asks under the same ones. */
  key(step: string): string;
};

/** One price, so many times. */
export type Wanted = { readonly priceRef: string; readonly quantity: number };

export type CheckoutAsked = {
  readonly purpose: "subscription" | "payment" | "setup";
  readonly customerRef: string;
  readonly organizationId: string;
  /** The command's id, found again in the metadata of what it makes. */
  readonly commandId: string;
  readonly items: readonly Wanted[];
  readonly trialDays: number | null;
  readonly takesPromotionCodes: boolean;
  /** The gateway works tax out, by the address that its page asks for; also for what is billed later. */
  readonly worksOutTax: boolean;
  /** For `setup`: the currency that the method is for. */
  readonly currency: string;
  /** Null: when the gateway ends such pages by itself. */
  readonly expiresAt: Date | null;
  /** `{CHECKOUT}` in it becomes the page's own id. */
  readonly successUrl: string;
  readonly cancelUrl: string;
};

/** A change of a subscription's only item. */
export type ChangeAsked = {
  readonly subscriptionRef: string;
  readonly itemRef: string;
  readonly to: Wanted;
};

export type PreviewLine = {
  readonly description: string;
  readonly amountMinor: number;
  readonly isProration: boolean;
};

/** What a change would cost, as the gateway reckons it. */
export type Preview = {
  readonly currency: string;
  /** The moment that it was reckoned at; the change must name the same. Null where nothing is billed at once. */
  readonly proratedAt: Date | null;
  readonly lines: readonly PreviewLine[];
  /** All tax, and how much of it the amounts of the lines have in them already. */
  readonly taxMinor: number;
  readonly includedTaxMinor: number;
  /** What is charged at once, after what the customer has to their credit. */
  readonly dueMinor: number;
  /** What the customer gets credited for later invoices. */
  readonly creditedMinor: number;
  readonly next: { readonly totalMinor: number; readonly at: Date } | null;
};

/** What asking for a payment came to. */
export type PaidAnswer =
  | {
      readonly kind: "paid";
      readonly invoiceRef: string | null;
      readonly currency: string;
      readonly chargedMinor: number;
      readonly creditedMinor: number;
      /** Whether the customer's credit is another one now. */
      readonly movesCredit: boolean;
    }
  | {
      /** Nothing changes before somebody approves or pays on the gateway's own page. */
      readonly kind: "needs_person";
      readonly because: "authentication" | "declined" | "no_method" | "processing";
      readonly sentence: string | null;
      readonly invoiceRef: string | null;
      readonly url: string | null;
    };

/** Why somebody cancels, for those who read what customers say. */
export const CANCEL_REASONS = [
  "too_expensive",
  "unused",
  "missing_features",
  "switched_service",
  "too_complex",
  "low_quality",
  "customer_service",
  "other",
] as const;
export type CancelReason = (typeof CANCEL_REASONS)[number];

/** The end of a subscription: why, as far as it was said, and what is released before. */
export type CancelAsked = {
  readonly subscriptionRef: string;
  readonly scheduleRef: string | null;
  /** What the customer chose. */
  readonly feedback: CancelReason | null;
  /** What somebody wrote. */
  readonly comment: string | null;
};

export type CancelNowAsked = CancelAsked & {
  /** Of a change that waits for its payment, as somebody saw it. */
  readonly unpaidInvoiceRef: string | null;
  readonly givesBack: boolean;
};

export type BillingDetails = {
  readonly name: string | null;
  readonly email: string | null;
  readonly address: Address | null;
};

/** A price to be made at a gateway. */
/** What of ours is sold by what is made at a gateway: its metadata say it, so that it is found again. */
export type Sells = { readonly noun: "plan" | "product"; readonly code: string };

export type PriceAsked = {
  readonly productRef: string;
  readonly currency: string;
  readonly amountMinor: number;
  /** Null for what is paid once. */
  readonly interval: "month" | "year" | null;
  readonly intervalCount: number;
  /** By which it is found again; no two prices of an account have the same. */
  readonly lookupKey: string;
  /** Takes the lookup key from the price that has it now. Otherwise it is refused where one has. */
  readonly takesLookupKey: boolean;
  readonly sells: Sells;
};

/**
 * The commands of a gateway. Each throws `gateway_unavailable` where it did not answer, so that nobody
 * knows whether it was done, `gateway_unsure` where asking again will not tell either, `not_configured`
 * where it knows no such key, and `gateway_refused` with its sentence where it said no.
 */
export type GatewayCommands = {
  /** A customer of this organization. Under another key it is another one: whoever asks keeps the answer. */
  createCustomer(
    asked: { organizationId: string; name: string; email: string | null },
    asking: Asking,
  ): Promise<string>;
  startCheckout(asked: CheckoutAsked, asking: Asking): Promise<{ ref: string; url: string }>;
  /** Closes a page that nobody completed; `completed` where somebody had. */
  expireCheckout(ref: string, asking: Asking): Promise<"expired" | "completed">;

  /** `at`: the moment to reckon at; undefined for now. */
  previewChange(
    asked: ChangeAsked & { timing: "now" | "renewal"; at: Date | undefined },
    asking: Asking,
  ): Promise<Preview>;
  /** Takes effect when it is paid. Releases a schedule that stands in the way first. */
  changeNow(
    asked: ChangeAsked & {
      /** Only the number changes: a price that is not sold any more may stay, and may not be named. */
      isSamePrice: boolean;
      proratedAt: Date | null;
      scheduleRef: string | null;
      commandId: string;
    },
    asking: Asking,
  ): Promise<PaidAnswer>;
  /**
   * What became of a change at once that was asked a while ago and not answered, by what is there now; changes
   * nothing. Undefined where it was not done. `gateway_unsure` where something was, and it is not that.
   */
  lookForChange(
    asked: ChangeAsked & { proratedAt: Date | null },
    asking: Asking,
  ): Promise<{ answer: PaidAnswer | undefined; scheduleRef: string | null }>;
  /** Takes effect when the period ends. Puts itself in the place of a change that was planned before. */
  changeAtRenewal(
    asked: ChangeAsked & { scheduleRef: string | null; commandId: string },
    asking: Asking,
  ): Promise<{ scheduleRef: string; at: Date }>;
  /** Gives a planned change up; the subscription stays as it is. Refused once the change has begun. */
  dropPlannedChange(scheduleRef: string, asking: Asking): Promise<void>;
  /** Ends a schedule whose change has begun, so that it stands in nobody's way. */
  letScheduleGo(scheduleRef: string, asking: Asking): Promise<void>;
  /** Gives up a change that waits for its payment: its invoice is voided. */
  dropUnpaidChange(invoiceRef: string, asking: Asking): Promise<void>;

  cancelAtPeriodEnd(asked: CancelAsked, asking: Asking): Promise<{ at: Date | null }>;
  /** Gives up what waits for a payment first; refused where just that was paid meanwhile. */
  cancelNow(asked: CancelNowAsked, asking: Asking): Promise<void>;
  /** Takes a cancellation back before it takes effect. */
  keep(subscriptionRef: string, asking: Asking): Promise<void>;
  pause(
    asked: { subscriptionRef: string; scheduleRef: string | null },
    asking: Asking,
  ): Promise<void>;
  /** Goes on after a pause; a new period begins when it is paid. */
  unpause(subscriptionRef: string, asking: Asking): Promise<PaidAnswer>;
  extendTrial(asked: { subscriptionRef: string; until: Date }, asking: Asking): Promise<void>;

  /** The gateway's own page where a customer enters another means of payment. */
  methodPage(
    asked: {
      customerRef: string;
      currency: string;
      commandId: string;
      successUrl: string;
      cancelUrl: string;
    },
    asking: Asking,
  ): Promise<{ url: string }>;
  /** For all later invoices of the customer and of this subscription. */
  setDefaultMethod(
    asked: { customerRef: string; subscriptionRef: string | null; methodRef: string },
    asking: Asking,
  ): Promise<void>;
  removeMethod(methodRef: string, asking: Asking): Promise<void>;

  /** Tries to collect an open invoice now. */
  payInvoice(
    asked: { invoiceRef: string; methodRef: string | null },
    asking: Asking,
  ): Promise<PaidAnswer>;
  /** Tax ids that nobody names stay as they are. */
  setBillingDetails(
    asked: {
      customerRef: string;
      details: BillingDetails;
      addedTaxIds: readonly TaxId[];
      removedTaxIds: readonly TaxId[];
    },
    asking: Asking,
  ): Promise<void>;

  refund(
    asked: { paymentRef: string; amountMinor: number; reason: string; commandId: string },
    asking: Asking,
  ): Promise<{ ref: string }>;
  /** Credits (above zero) the customer for later invoices. */
  credit(
    asked: { customerRef: string; amountMinor: number; currency: string; reason: string },
    asking: Asking,
  ): Promise<void>;

  /** What prices of a plan, or of a one-time product, are of. */
  createProduct(
    asked: { name: string; description: string; sells: Sells },
    asking: Asking,
  ): Promise<{ ref: string }>;
  /** `step` tells it from the other prices of the same command. */
  createPrice(asked: PriceAsked & { step: string }, asking: Asking): Promise<{ ref: string }>;
  /** What is undefined stays as it is. */
  setProduct(
    asked: { productRef: string; name?: string; isOnSale?: boolean },
    asking: Asking,
  ): Promise<void>;
  /** Subscriptions that have the price keep it. */
  setPriceOnSale(asked: { priceRef: string; isOnSale: boolean }, asking: Asking): Promise<void>;
};
