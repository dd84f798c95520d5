import type { Snapshot } from "../gateway.ts";

/**
 * Currencies without minor units that Stripe still writes with two decimals: 5 krónur are 500
 * (docs.stripe.com/currencies, "special cases").
 */
const WRITTEN_IN_HUNDREDTHS: ReadonlySet<string> = new Set(["ISK", "UGX"]);

/** The snapshot with its amounts in the currency's own minor units. */
export function inMinorUnits<S extends Snapshot>(snapshot: S): S {
  if (!("currency" in snapshot) || !snapshot.currency) return snapshot;
  if (!WRITTEN_IN_HUNDREDTHS.has(snapshot.currency.toUpperCase())) return snapshot;
  return { ...snapshot, ...wholeAmounts(snapshot) };
}

function wholeAmounts(record: object): Record<string, unknown> {
  return Object.fromEntries(
    Object.entries(record).map(([name, value]) => {
      if ((name === "lines" || name === "creditNotes") && Array.isArray(value)) {
        return [name, value.map(wholeAmounts)];
      }
      const isAmount = name.endsWith("Minor") && typeof value === "number";
      return [name, isAmount ? Math.round(value / 100) : value];
    }),
  );
}

/** An amount as Stripe writes it, in the currency's own minor units. */
export function minorOf(written: number, currency: string): number {
  return WRITTEN_IN_HUNDREDTHS.has(currency.toUpperCase()) ? Math.round(written / 100) : written;
}

/** The other way: minor units as Stripe wants them written. */
export function writtenOf(minor: number, currency: string): number {
  return WRITTEN_IN_HUNDREDTHS.has(currency.toUpperCase()) ? minor * 100 : minor;
}
