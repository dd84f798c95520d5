/** Currencies that have no smaller unit, as Stripe lists them. */
const WITHOUT_CENTS: ReadonlySet<string> = new Set(
  "bif clp djf gnf jpy kmf krw mga pyg rwf ugx vnd vuv xaf xof xpf".split(" "),
);

/** An amount as Stripe's messages write it, such as `$15.00`. */
export function amountInWords(amountMinor: number, currency: string): string {
  const digits = WITHOUT_CENTS.has(currency) ? 0 : 2;
  return new Intl.NumberFormat("en-US", {
    style: "currency",
    currency,
    minimumFractionDigits: digits,
    maximumFractionDigits: digits,
  }).format(amountMinor / 10 ** digits);
}
