import type Stripe from "stripe";
import type { Card } from "../payments/card.ts";

/**
 * Everything the sandbox keeps, by kind: under Stripe's own names where Stripe has the object, in its
 * newest shape, with every reference as an id (nothing expanded).
 */
export type Kinds = {
  customer: Stripe.Customer;
  customer_balance_transaction: Stripe.CustomerBalanceTransaction;
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
};

export type Kind = keyof Kinds;

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
