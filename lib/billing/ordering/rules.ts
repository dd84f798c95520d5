import type { orders } from "#db/schema/orders.ts";
import { formatMoney } from "../../money.ts";

type OrderRow = typeof orders.$inferSelect;

export type OrderState = OrderRow["state"];

/** What the gateway told of an order last: its page, and its payment. */
export type Told = Pick<
  OrderRow,
  | "page"
  | "isPaid"
  | "paymentFailed"
  | "checkoutRef"
  | "paymentRef"
  | "paymentStatus"
  | "chargedMinor"
  | "refundedMinor"
>;

/** An order as far as it is decided what it becomes. */
export type HeldOrder = Told & Pick<OrderRow, "id" | "organizationId" | "state" | "currency">;

/**
 * What an order's state is, from what page and payment told last: whichever came first, and however
 * often. What was paid stays paid where only the other one speaks.
 */
export function stateOf(told: Told): OrderState {
  const { page, isPaid, paymentFailed, paymentStatus, chargedMinor, refundedMinor } = told;
  const isCharged = paymentStatus === "succeeded";
  if (isCharged && chargedMinor && refundedMinor >= chargedMinor) return "refunded";
  if (isPaid || isCharged) return "completed";
  const hasFailed = page === "complete" && paymentFailed;
  return page === "expired" || page === "refused" || hasFailed ? "canceled" : "pending";
}

/** An order after its page was looked at. Another payment than before is one that nobody heard yet. */
export function afterPage(
  held: HeldOrder,
  page: {
    readonly ref: string;
    readonly status: "open" | "complete" | "expired";
    readonly isPaid: boolean;
    readonly paymentFailed: boolean;
    readonly paymentRef: string | null;
  },
): Told {
  const paymentRef = page.paymentRef ?? held.paymentRef;
  const payment =
    paymentRef === held.paymentRef
      ? held
      : { paymentStatus: null, chargedMinor: null, refundedMinor: 0 };
  return {
    checkoutRef: page.ref,
    page: page.status,
    isPaid: page.isPaid,
    paymentFailed: page.paymentFailed,
    paymentRef,
    paymentStatus: payment.paymentStatus,
    chargedMinor: payment.chargedMinor,
    refundedMinor: payment.refundedMinor,
  };
}

/** An order after a payment was looked at; undefined for an attempt that another one took the place of. */
export function afterPayment(
  held: HeldOrder,
  payment: {
    readonly ref: string;
    readonly status: NonNullable<OrderRow["paymentStatus"]>;
    readonly amountMinor: number;
    readonly refundedSoFarMinor: number;
  },
): Told | undefined {
  const isTheOne = held.paymentRef === payment.ref;
  const isBetter = payment.status === "succeeded" && held.paymentStatus !== "succeeded";
  if (!isTheOne && !isBetter) return undefined;
  const { page, isPaid, paymentFailed, checkoutRef } = held;
  return {
    page,
    isPaid,
    paymentFailed,
    checkoutRef,
    paymentRef: payment.ref,
    paymentStatus: payment.status,
    chargedMinor: payment.status === "succeeded" ? payment.amountMinor : null,
    refundedMinor: payment.refundedSoFarMinor,
  };
}

/** A product as it can be bought by one organization. */
export type ProductOffer = {
  readonly productId: string;
  readonly name: string;
  readonly description: string;
  readonly quantityMax: number;
  readonly isArchived: boolean;
  readonly currency: string;
  /** What the catalogue asks for one; undefined where it is not sold in this currency. */
  readonly amountMinor: number | undefined;
  /** The gateway's price that costs just that. */
  readonly priceRef: string | undefined;
};

/** What stands in the way of an order, in words, each with the way out. */
export function blockersOf(about: {
  readonly offer: ProductOffer;
  readonly quantity: number;
  /** The gateway that sells, where one has a key. */
  readonly gatewayTitle: string | undefined;
}): string[] {
  const { offer, quantity, gatewayTitle } = about;
  const { name, currency, amountMinor, priceRef, quantityMax } = offer;
  if (offer.isArchived) return [`${name} is no longer sold.`];
  if (amountMinor === undefined) return [`${name} is not sold in ${currency}.`];
  if (quantity > quantityMax) {
    return [`${name} is sold ${quantityMax === 1 ? "one" : quantityMax} at a time.`];
  }
  if (!gatewayTitle) {
    return [
      "Nothing can be bought here yet: there is no API key of a payment company. An administrator adds it under Settings.",
    ];
  }
  if (priceRef) return [];
  const price = formatMoney({ amountMinor, currency });
  return [
    `${name} cannot be bought at ${price} yet. An administrator has ${gatewayTitle} sell it for just this, under Plans › One-time products.`,
  ];
}

/** "€29.00", "3 × €29.00, €87.00 in all". */
export function totalInWords(order: {
  readonly quantity: number;
  readonly amountMinor: number;
  readonly currency: string;
}): string {
  const { quantity, amountMinor, currency } = order;
  const all = formatMoney({ amountMinor, currency });
  if (quantity === 1) return all;
  return `${quantity} × ${formatMoney({ amountMinor: amountMinor / quantity, currency })}, ${all} in all`;
}
