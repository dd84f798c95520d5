import type Stripe from "stripe";
import { checkDefault } from "../payments/methods.ts";
import { invalid, missing } from "../protocol/errors.ts";
import { idOf } from "../state/reference.ts";
import type { World } from "../state/world.ts";
import type { TrialSettings } from "./subscription-terms.ts";

/** A payment method that the customer has saved. */
export function ownMethod(
  world: World,
  id: string | undefined,
  customer: string,
  param = "default_payment_method",
): string | null {
  if (id === undefined) return null;
  const method = world.get("payment_method", id);
  if (!method) throw missing("PaymentMethod", id, param);
  checkDefault(method, param);
  if (idOf(method.customer) === customer) return id;
  throw invalid(
    `The customer does not have a payment method with the ID ${id}. The payment method must be attached to the customer.`,
    { code: "resource_missing", param },
  );
}

export function paymentSettings(
  given: { save_default_payment_method?: "off" | "on_subscription" | undefined } | undefined,
): Stripe.Subscription.PaymentSettings {
  return {
    payment_method_options: null,
    payment_method_types: null,
    save_default_payment_method: given?.save_default_payment_method ?? "off",
  };
}

export function trialSettings(given: TrialSettings | undefined): Stripe.Subscription.TrialSettings {
  return {
    end_behavior: {
      billing_cycle_anchor: given?.end_behavior.billing_cycle_anchor ?? null,
      missing_payment_method: given?.end_behavior.missing_payment_method ?? "create_invoice",
    },
  };
}
