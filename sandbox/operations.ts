import type { Operation } from "./protocol/operation.ts";
import { balanceTransactionOperations } from "./resources/balance-transactions.ts";
import { chargeOperations } from "./resources/charges.ts";
import { checkoutSessionOperations } from "./resources/checkout-sessions.ts";
import { couponOperations } from "./resources/coupons.ts";
import { creditNoteOperations } from "./resources/credit-notes.ts";
import { customerBalanceOperations } from "./resources/customer-balance.ts";
import { customerDiscountOperations } from "./resources/customer-discount.ts";
import { customerOperations } from "./resources/customers.ts";
import { disputeOperations } from "./resources/disputes.ts";
import { eventOperations } from "./resources/events.ts";
import { invoiceActionOperations } from "./resources/invoice-actions.ts";
import { invoiceItemOperations } from "./resources/invoice-items.ts";
import { invoicePaymentOperations } from "./resources/invoice-payments.ts";
import { invoiceOperations } from "./resources/invoices.ts";
import { paymentIntentOperations } from "./resources/payment-intents.ts";
import { paymentMethodOperations } from "./resources/payment-methods.ts";
import { paymentPageOperations } from "./resources/payment-pages.ts";
import { planOperations } from "./resources/plans.ts";
import { portalConfigurationOperations } from "./resources/portal-configurations.ts";
import { portalSessionOperations } from "./resources/portal-sessions.ts";
import { previewOperations } from "./resources/previews.ts";
import { priceOperations } from "./resources/prices.ts";
import { productOperations } from "./resources/products.ts";
import { promotionCodeOperations } from "./resources/promotion-codes.ts";
import { refundOperations } from "./resources/refunds.ts";
import { setupIntentOperations } from "./resources/setup-intents.ts";
import { subscriptionItemOperations } from "./resources/subscription-items.ts";
import { subscriptionScheduleOperations } from "./resources/subscription-schedules.ts";
import { subscriptionOperations } from "./resources/subscriptions.ts";
import { taxIdOperations } from "./resources/tax-ids.ts";
import { taxRateOperations } from "./resources/tax-rates.ts";
import { testClockOperations } from "./resources/test-clocks.ts";
import { webhookEndpointOperations } from "./resources/webhook-endpoints.ts";

/** Everything that the sandbox's API can do. Each resource adds its own. */
export const operations: readonly Operation[] = [
  ...balanceTransactionOperations,
  ...chargeOperations,
  ...disputeOperations,
  ...paymentIntentOperations,
  ...paymentMethodOperations,
  ...refundOperations,
  ...setupIntentOperations,
  ...checkoutSessionOperations,
  ...couponOperations,
  ...customerOperations,
  ...customerDiscountOperations,
  ...taxIdOperations,
  ...taxRateOperations,
  ...paymentPageOperations,
  ...portalConfigurationOperations,
  ...portalSessionOperations,
  ...planOperations,
  ...priceOperations,
  ...productOperations,
  ...promotionCodeOperations,
  ...creditNoteOperations,
  ...customerBalanceOperations,
  ...previewOperations,
  ...subscriptionItemOperations,
  ...subscriptionScheduleOperations,
  ...subscriptionOperations,
  ...invoiceActionOperations,
  ...invoiceItemOperations,
  ...invoicePaymentOperations,
  ...invoiceOperations,
  ...eventOperations,
  ...testClockOperations,
  ...webhookEndpointOperations,
];
