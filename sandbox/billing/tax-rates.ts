import type Stripe from "stripe";
import { invalid, missing } from "../protocol/errors.ts";
import type { World } from "../state/world.ts";
import { workedOutRates } from "./automatic-tax.ts";

type TaxRate = Stripe.TaxRate;

/** How many rates one line may have. */
const RATES_MAX = 5;

/** The rates of ids that a call names. One that is archived may stay where it is `held`, and come nowhere else. */
export function ratesNamed(
  world: World,
  ids: readonly string[] | null | undefined,
  param: string,
  held: readonly TaxRate[] = [],
): TaxRate[] {
  const named = ids ?? [];
  if (named.length > RATES_MAX) {
    throw invalid(`You may specify up to ${RATES_MAX} tax rates.`, { param });
  }
  return named.map((id, place) => {
    const rate = world.get("tax_rate", id);
    const at = `${param}[${place}]`;
    if (!rate) throw missing("tax rate", id, at);
    if (named.indexOf(id) !== place) {
      throw invalid(`The tax rate ${id} is specified twice.`, { param: at });
    }
    if (rate.active || held.some((before) => before.id === id)) return rate;
    throw invalid(`The tax rate ${id} cannot be used because it is archived (inactive).`, {
      param: at,
    });
  });
}

/** The rates after a call that may name others; those that were there where it says nothing. */
export function changedRates(
  world: World,
  before: readonly TaxRate[] | null | undefined,
  ids: readonly string[] | null | undefined,
  param: string,
): TaxRate[] {
  const held = [...(before ?? [])];
  return ids === undefined ? held : ratesNamed(world, ids, param, held);
}

/** Rates of something's own, by id; undefined where it has none, so that its invoice's hold. */
export function ownRates(rates: readonly TaxRate[] | null | undefined): string[] | undefined {
  return rates && rates.length > 0 ? rates.map(({ id }) => id) : undefined;
}

type Taxing = Pick<Stripe.Invoice, "automatic_tax" | "customer_address" | "default_tax_rates">;

type Taxed = {
  readonly price?: Stripe.Price | undefined;
  readonly taxRates?: readonly string[] | undefined;
};

/** The rates that a line has on an invoice: its own, or what the invoice says of all of its lines. */
export function ratesFor(world: World, invoice: Taxing, draft: Taxed): TaxRate[] {
  if (draft.taxRates) return draft.taxRates.flatMap((id) => world.get("tax_rate", id) ?? []);
  if (!invoice.automatic_tax.enabled) return invoice.default_tax_rates;
  return workedOutRates(world, invoice.customer_address?.country, draft.price?.tax_behavior);
}
