import type Stripe from "stripe";
import { invalid } from "../protocol/errors.ts";
import type { World } from "../state/world.ts";

type TaxType = NonNullable<Stripe.TaxRate["tax_type"]>;
type Known = { readonly percentage: number; readonly type: TaxType; readonly name: string };

const vat = (percentage: number): Known => ({ percentage, type: "vat", name: "VAT" });
const gst = (percentage: number): Known => ({ percentage, type: "gst", name: "GST" });

/**
 * Where the sandbox's merchant is registered and what is charged there: one rate a country, for everything.
 * Nothing is collected anywhere else.
 */
export const RATES_BY_COUNTRY: Readonly<Record<string, Known>> = {
  AT: vat(20),
  AU: gst(10),
  BE: vat(21),
  CH: vat(8.1),
  DE: vat(19),
  ES: vat(21),
  FR: vat(20),
  GB: vat(20),
  IE: vat(23),
  IT: vat(22),
  JP: { percentage: 10, type: "jct", name: "JCT" },
  NL: vat(21),
  NZ: gst(15),
  SE: vat(25),
};

/** The rate of a country, made when it is first needed and archived at once, as Stripe's own are. */
export function workedOutRates(
  world: World,
  country: string | null | undefined,
  behavior: Stripe.Price.TaxBehavior | null | undefined,
): Stripe.TaxRate[] {
  const known = RATES_BY_COUNTRY[country ?? ""];
  if (!known || !country) return [];
  // Where a price does not say, the account does; the sandbox's adds tax.
  const inclusive = behavior === "inclusive";
  const made = world
    .all("tax_rate")
    .find(
      (rate) => rate.rate_type !== null && rate.country === country && rate.inclusive === inclusive,
    );
  return [
    made ??
      world.put("tax_rate", {
        id: world.newId("txr"),
        object: "tax_rate",
        active: false,
        country,
        created: world.now(null),
        description: null,
        display_name: known.name,
        effective_percentage: known.percentage,
        flat_amount: null,
        inclusive,
        jurisdiction: country,
        jurisdiction_level: "country",
        livemode: false,
        metadata: {},
        percentage: known.percentage,
        rate_type: "percentage",
        state: null,
        tax_type: known.type,
      } satisfies Stripe.TaxRate),
  ];
}

/** What is asked of tax in a call: one way, not both, and only of a customer whose country is known. */
export function checkTax(
  customer: Stripe.Customer | undefined,
  { isAutomatic, hasRates }: { isAutomatic: boolean; hasRates: boolean },
): void {
  if (!isAutomatic) return;
  if (hasRates) {
    throw invalid("You cannot set tax rates when `automatic_tax[enabled]` is true.", {
      param: "automatic_tax[enabled]",
    });
  }
  if (customer?.address?.country) return;
  throw invalid(
    "The customer's location isn't recognized. Set a valid customer address in order to automatically calculate tax.",
    { code: "customer_tax_location_invalid", param: "automatic_tax[enabled]" },
  );
}

/** What a subscription and a phase say of it. */
export function automaticTaxOf(enabled: boolean): Stripe.Subscription.AutomaticTax {
  return { disabled_reason: null, enabled, liability: enabled ? { type: "self" } : null };
}

/** What an invoice says of it: Stripe turns it off where nobody knows where the customer is. */
export function automaticTaxOn(
  isAsked: boolean,
  customer: Pick<Stripe.Customer, "address">,
): Stripe.Invoice.AutomaticTax {
  const enabled = isAsked && Boolean(customer.address?.country);
  return {
    ...automaticTaxOf(enabled),
    disabled_reason: isAsked && !enabled ? "finalization_requires_location_inputs" : null,
    provider: enabled ? "stripe" : null,
    status: enabled ? "complete" : null,
  };
}
