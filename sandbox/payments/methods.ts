import type Stripe from "stripe";
import { notModelled } from "../protocol/errors.ts";
import type { World } from "../state/world.ts";

/** How a new card is named: by its number or by one of Stripe's test names (`tok_visa`, `pm_card_visa`). */
export type CardGiven = {
  readonly number?: string | undefined;
  readonly token?: string | undefined;
  readonly expMonth?: number | undefined;
  readonly expYear?: number | undefined;
  readonly cvc?: string | undefined;
  readonly billing?: Partial<Stripe.PaymentMethod.BillingDetails> | undefined;
  readonly metadata?: Record<string, string> | undefined;
};

/** Makes a payment method of a card; a fresh one each time a test name is used. */
export function methodFrom(_world: World, _given: CardGiven): Stripe.PaymentMethod {
  throw notModelled("this yet");
}

/** The payment method of an id, or a fresh one for a test name such as `pm_card_visa`. */
export function methodNamed(
  _world: World,
  _idOrTestName: string,
  _param = "payment_method",
): Stripe.PaymentMethod {
  throw notModelled("this yet");
}

/** Saves a card with a customer. Takes an id or a test name; throws 402 for a card that declines. */
export function attachMethod(
  _world: World,
  _idOrTestName: string,
  _customer: string,
): Stripe.PaymentMethod {
  throw notModelled("this yet");
}

/** Takes a card from its customer, who then pays with it no more. */
export function detachMethod(_world: World, _id: string): Stripe.PaymentMethod {
  throw notModelled("this yet");
}

/** Who is to be charged: the invoice's own card, else the subscription's, else the customer's default. */
export function paymentMethodFor(
  _world: World,
  _payer: {
    readonly invoice?: Pick<Stripe.Invoice, "default_payment_method"> | undefined;
    readonly subscription?: string | null | undefined;
    readonly customer: string;
  },
): Stripe.PaymentMethod | undefined {
  throw notModelled("this yet");
}
