import type Stripe from "stripe";
import { checkDefault } from "../payments/methods.ts";
import { invalid, missing } from "../protocol/errors.ts";
import { idOf } from "../state/reference.ts";
import type { World } from "../state/world.ts";
import { automaticTaxOf, checkTax } from "./automatic-tax.ts";
import type { NewSubscription, TrialSettings } from "./subscription-terms.ts";
import { changedRates } from "./tax-rates.ts";

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

type TaxGiven = Pick<NewSubscription, "automatic_tax" | "default_tax_rates"> & {
  items?: readonly { tax_rates?: readonly string[] | null | undefined }[] | undefined;
};
type Taxed = Pick<Stripe.Subscription, "automatic_tax" | "default_tax_rates">;

/** How a subscription is taxed after what a call says: by its own rates, or as is worked out. */
export function taxTerms(
  world: World,
  given: TaxGiven,
  customer: Stripe.Customer | undefined,
  before?: Taxed,
): Taxed {
  const isAutomatic = given.automatic_tax?.enabled ?? before?.automatic_tax.enabled ?? false;
  const rates = given.default_tax_rates;
  const default_tax_rates = changedRates(
    world,
    before?.default_tax_rates,
    rates,
    "default_tax_rates",
  );
  const named = [default_tax_rates, ...(given.items ?? []).map((item) => item.tax_rates ?? [])];
  const isSaid = given.automatic_tax !== undefined || rates !== undefined || given.items;
  const hasRates = named.some((each) => each.length > 0);
  if (isSaid) checkTax(customer, { isAutomatic, hasRates });
  const held = before?.automatic_tax;
  const automatic_tax = held && held.enabled === isAutomatic ? held : automaticTaxOf(isAutomatic);
  return { automatic_tax, default_tax_rates };
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
