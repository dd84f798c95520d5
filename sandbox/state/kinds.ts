import type Stripe from "stripe";
import type { CheckoutPlan } from "../checkout/plan.ts";
import type { Card } from "../payments/card.ts";

/**
 * Everything the sandbox keeps, by kind: under Stripe's own names where Stripe has the object, in its
 * newest shape, with every reference as an id (nothing expanded).
 */
export type Kinds = {
  customer: Stripe.Customer;
  customer_balance_transaction: Stripe.CustomerBalanceTransaction;
  tax_id: Stripe.TaxId;
  tax_rate: Stripe.TaxRate;
  product: Stripe.Product;
  price: Stripe.Price;
  coupon: Stripe.Coupon;
  promotion_code: Stripe.PromotionCode;
  discount: Stripe.Discount;
  payment_method: Stripe.PaymentMethod;
  setup_intent: Stripe.SetupIntent;
  payment_intent: Stripe.PaymentIntent;
  charge: Stripe.Charge;
  refund: Stripe.Refund;
  dispute: Stripe.Dispute;
  balance_transaction: Stripe.BalanceTransaction;
  subscription: Stripe.Subscription;
  subscription_schedule: Stripe.SubscriptionSchedule;
  invoice: Stripe.Invoice;
  invoiceitem: Stripe.InvoiceItem;
  invoice_payment: Stripe.InvoicePayment;
  credit_note: Stripe.CreditNote;
  "checkout.session": Stripe.Checkout.Session;
  "billing_portal.session": Stripe.BillingPortal.Session;
  "billing_portal.configuration": Stripe.BillingPortal.Configuration;
  webhook_endpoint: Stripe.WebhookEndpoint;
  "test_helpers.test_clock": Stripe.TestHelpers.TestClock;
  event: SandboxEvent;
  /** What deleted objects leave behind, so that their ids answer `deleted: true` and not 404. */
  deleted: { id: string; object: string; deleted: true };
  /** What Stripe knows of a card and never says; its id is the payment method's. */
  card: Card;
  endpoint_secret: EndpointSecret;
  sandbox_settings: Settings;
  time_note: TimeNote;
  /** What a checkout session was asked for and has not said to anybody; its id is the session's. */
  checkout_plan: CheckoutPlan;
};

export type Kind = keyof Kinds;

/** What time has done to a subscription or a schedule already, so that it does it once. */
export type TimeNote = {
  /** The subscription's or the schedule's id. */
  readonly id: string;
  /** The end of which it was said that it comes: of a trial, of a period, of a schedule. */
  readonly trialEndSaid: number | null;
  readonly upcomingSaid: number | null;
  readonly expirySaid: number | null;
  /** The invoice whose payment a pending update waits for. */
  readonly pendingInvoice: string | null;
};

/** An event with the object as it was then. The union of the SDK is held where events are made. */
export type SandboxEvent = {
  id: string;
  object: "event";
  api_version: string;
  created: number;
  type: Stripe.Event["type"];
  livemode: false;
  pending_webhooks: number;
  request: { id: string | null; idempotency_key: string | null };
  data: { object: object; previous_attributes?: object };
};

/** What an account's owner sets in Stripe's dashboard, and the sandbox's own control page. */
export type Settings = {
  readonly id: "settings";
  /** Days after one failed attempt at which the next is made. */
  readonly retryDays: readonly number[];
  /** What becomes of a subscription when the last retry has failed. */
  readonly afterRetries: "cancel" | "unpaid" | "past_due";
  /** How long a renewal's invoice stays a draft. */
  readonly draftHours: number;
  /** How long before a renewal `invoice.upcoming` tells of it. */
  readonly upcomingDays: number;
};

/** What proves an endpoint's deliveries: one secret, and for a while after a roll the one before it too. */
export type EndpointSecret = {
  /** The endpoint's id. */
  readonly id: string;
  readonly current: string;
  readonly previous: string | null;
  /** Until when the previous one signs too, in seconds of real time. */
  readonly previousUntil: number;
};
