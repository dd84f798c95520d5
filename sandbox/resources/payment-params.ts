import type Stripe from "stripe";
import { z } from "zod";
import {
  emptyable,
  flag,
  listOf,
  moment,
  oneOf,
  params,
  text,
  unmodelled,
} from "../protocol/params.ts";
import { address, addressFrom } from "./address.ts";

/** A parameter of which only some values are modelled; the others are refused as such. */
export const only = <const Values extends readonly [string, ...string[]]>(...values: Values) =>
  z
    .string()
    .refine((given) => values.includes(given), "sandbox_not_modelled")
    .pipe(z.enum(values));

/** Cards are the only way to pay that can be saved; a bank account may pay once. */
export const allowedTypes = () => listOf(only("card"));
export const payingTypes = () => listOf(only("card", "sepa_debit"));

/** What a bank account's owner agreed to. It is asked for and not kept: the sandbox has no mandates. */
export const mandateData = () =>
  params<Stripe.PaymentIntentCreateParams.MandateData>()({
    customer_acceptance: params<Stripe.PaymentIntentCreateParams.MandateData.CustomerAcceptance>()({
      accepted_at: moment().optional(),
      offline: z.strictObject({}).optional(),
      online: z.strictObject({ ip_address: text(), user_agent: text() }).optional(),
      type: oneOf(["offline", "online"]),
    }),
  });

export const automaticMethods = () =>
  params<Stripe.PaymentIntentCreateParams.AutomaticPaymentMethods>()({
    allow_redirects: oneOf(["always", "never"]).optional(),
    enabled: flag(),
  });

/** Whether nobody is there to answer; Stripe also takes the reason why. */
export const offSession = () =>
  z.union([oneOf(["one_off", "recurring"]).transform(() => true), flag()]);

export const shipping = () =>
  params<Stripe.PaymentIntentCreateParams.Shipping>()({
    address: address(),
    carrier: text().optional(),
    name: text(),
    phone: text().optional(),
    tracking_number: text().optional(),
  });

export function shippingFrom(
  given: z.output<ReturnType<typeof shipping>>,
): Stripe.PaymentIntent.Shipping {
  return {
    address: addressFrom(given.address),
    carrier: given.carrier ?? null,
    name: given.name,
    phone: given.phone ?? null,
    tracking_number: given.tracking_number ?? null,
  };
}

export const billingDetails = () =>
  params<Stripe.PaymentMethodCreateParams.BillingDetails>()({
    address: emptyable(address()).optional(),
    email: emptyable(text()).optional(),
    name: emptyable(text()).optional(),
    phone: emptyable(text()).optional(),
    tax_id: emptyable(text()).optional(),
  });

/** What an intent can be told and the sandbox has no use for: refused. */
export const notForIntents = {
  excluded_payment_method_types: unmodelled(),
  mandate_data: unmodelled(),
  payment_method_data: unmodelled(),
  payment_method_options: unmodelled(),
  confirmation_token: unmodelled(),
} as const;
