import type { Operation } from "./protocol/operation.ts";
import { couponOperations } from "./resources/coupons.ts";
import { customerOperations } from "./resources/customers.ts";
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
];
