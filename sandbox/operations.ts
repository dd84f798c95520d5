import type { Operation } from "./protocol/operation.ts";
import { couponOperations } from "./resources/coupons.ts";
import { customerBalanceOperations } from "./resources/customer-balance.ts";
import { customerOperations } from "./resources/customers.ts";
import { invoiceActionOperations } from "./resources/invoice-actions.ts";
import { invoiceItemOperations } from "./resources/invoice-items.ts";
import { invoicePaymentOperations } from "./resources/invoice-payments.ts";
import { invoiceOperations } from "./resources/invoices.ts";
import { priceOperations } from "./resources/prices.ts";
import { productOperations } from "./resources/products.ts";
import { promotionCodeOperations } from "./resources/promotion-codes.ts";

/** Everything that the sandbox's API can do. Each resource adds its own. */
export const operations: readonly Operation[] = [
  ...couponOperations,
  ...customerOperations,
  ...priceOperations,
  ...productOperations,
  ...promotionCodeOperations,
  ...customerBalanceOperations,
  ...invoiceActionOperations,
  ...invoiceItemOperations,
  ...invoicePaymentOperations,
  ...invoiceOperations,
];
