import type Stripe from "stripe";
import { idOf } from "../../state/reference.ts";
import type { World } from "../../state/world.ts";
import type { JsonObject } from "../json.ts";
import { jsonOf } from "../json-of.ts";
import { at, idIn, without } from "./members.ts";

/** The payment that an invoice asks for; where it has asked several times, the last one. */
export function paidBy(world: World, invoice: string): Stripe.PaymentIntent | undefined {
  const payment = world
    .of("invoice_payment", "invoice", invoice)
    .findLast((one) => one.payment.payment_intent);
  return world.get("payment_intent", idOf(payment?.payment.payment_intent) ?? "");
}

function invoiceOf(world: World, intent: string | null | undefined): string | null {
  const payment = world
    .all("invoice_payment")
    .findLast((one) => intent && idOf(one.payment.payment_intent) === intent);
  return idOf(payment?.invoice) ?? null;
}

/** A charge knew its invoice. */
export function olderCharge(world: World, json: JsonObject): JsonObject {
  return { invoice: invoiceOf(world, idIn(at(json, "payment_intent"))), ...json };
}

/** A payment intent knew its invoice. */
export function olderIntent(world: World, json: JsonObject): JsonObject {
  return { invoice: invoiceOf(world, idIn(json)), ...json };
}

/** A discount held its coupon whole. */
export function olderDiscount(world: World, json: JsonObject): JsonObject {
  const coupon = at(json, "source", "coupon");
  const whole = world.get("coupon", idIn(coupon) ?? "");
  return {
    ...without(json, ["source", "customer_account"]),
    coupon: whole ? jsonOf(whole) : coupon,
  };
}

/** What older calls may expand in an invoice, for it is not there any more. */
export const olderInvoiceIncludes = {
  charge: (world: World, { id }: Stripe.Invoice) =>
    world.get("charge", idOf(paidBy(world, id)?.latest_charge) ?? "") ?? null,
  payment_intent: (world: World, { id }: Stripe.Invoice) => paidBy(world, id) ?? null,
  subscription: (world: World, { parent }: Stripe.Invoice) =>
    world.get("subscription", idOf(parent?.subscription_details?.subscription) ?? "") ?? null,
};

/** The same for what a charge and a payment intent knew of their invoice. */
export const olderChargeIncludes = {
  invoice: (world: World, { payment_intent: intent }: Stripe.Charge) =>
    world.get("invoice", invoiceOf(world, idOf(intent)) ?? "") ?? null,
};
export const olderIntentIncludes = {
  invoice: (world: World, { id }: Stripe.PaymentIntent) =>
    world.get("invoice", invoiceOf(world, id) ?? "") ?? null,
};
