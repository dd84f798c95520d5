import type Stripe from "stripe";
import type { SessionParams } from "./params.ts";

/** One thing to be bought; its price is a price of the sandbox, be it made for this session only. */
export type PlanItem = {
  readonly id: string;
  readonly price: string;
  readonly quantity: number;
  readonly metadata: Readonly<Record<string, string>>;
  /** Its own tax rates, by id; the session's where there are none. */
  readonly taxRates: readonly string[];
};

/** What a session was asked to do, and how far it has come. */
export type CheckoutPlan = {
  /** The session's id. */
  readonly id: string;
  readonly given: SessionParams;
  readonly items: readonly PlanItem[];
  /** A code that the customer entered on the page. */
  readonly promotionCode: string | null;
  /** Where the customer said to be, for tax that is worked out. */
  readonly country: string | null;
  /** What waits for the bank's answer (3-D Secure), or for another card after it. */
  readonly pending: Pending | null;
  /** What was bought in the end; until then it is reckoned each time. */
  readonly bought: readonly Stripe.LineItem[] | null;
};

/** What was begun with a card and is not done. */
export type Pending = {
  /** The payment or setup intent. */
  readonly intent: string;
  readonly invoice: string | null;
  readonly subscription: string | null;
  readonly customer: string | null;
  readonly paymentMethod: string | null;
  readonly payer: Payer;
};

/** Who pays, as the page or the payment method says it. */
export type Payer = {
  readonly email: string | null;
  readonly name: string | null;
};
