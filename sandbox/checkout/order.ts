import type Stripe from "stripe";
import { invalid, StripeError } from "../protocol/errors.ts";
import { createCustomer } from "../resources/customers.ts";
import { idOf } from "../state/reference.ts";
import type { World } from "../state/world.ts";
import type { CheckoutPlan, Payer } from "./plan.ts";
import { locate } from "./totals.ts";

/** All that is known when a customer presses the button. */
export type Order = {
  readonly session: Stripe.Checkout.Session;
  readonly plan: CheckoutPlan;
  /** What is to be paid now. */
  readonly due: number;
  readonly method: Stripe.PaymentMethod | undefined;
  readonly payer: Payer;
};

/** What there is once the money came, or once the bank asks. */
export type Made = {
  /** The payment or setup intent; none where nothing was due. */
  readonly intent: string | null;
  readonly invoice: string | null;
  readonly subscription: string | null;
  readonly customer: string | null;
  readonly paymentMethod: string | null;
};

export type Begun =
  | (Made & { readonly outcome: "succeeded" })
  /** A bank was asked for the money and answers later; until then it is taken as paid. */
  | (Made & { readonly outcome: "processing"; readonly intent: string })
  | (Made & { readonly outcome: "requires_action"; readonly intent: string })
  | { readonly outcome: "declined"; readonly error: StripeError };

/** What was made, with nothing where nothing is said. */
export function made(some: Partial<Made>): Made {
  return {
    intent: null,
    invoice: null,
    subscription: null,
    customer: null,
    paymentMethod: null,
    ...some,
  };
}

/** The customer of the session; made now where it has none and one is needed or was asked for. */
export function customerOf(world: World, order: Order): string | null {
  if (idOf(order.session.customer) !== undefined) return neededCustomer(world, order);
  return order.plan.given.customer_creation === "always" ? neededCustomer(world, order) : null;
}

/** The same, where there must be one. */
export function neededCustomer(world: World, { session, plan, payer }: Order): string {
  const { email, name } = payer;
  const id =
    idOf(session.customer) ??
    createCustomer(world, { email: email ?? undefined, name: name ?? undefined }).id;
  locate(world, plan, id);
  return id;
}

export function neededMethod({ method }: Order): Stripe.PaymentMethod {
  if (method) return method;
  throw invalid("You must provide a payment method.", { param: "payment_method" });
}

export function isDecline(error: unknown): error is StripeError {
  return error instanceof StripeError && error.body.type === "card_error";
}
