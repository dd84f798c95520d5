import { AppError } from "./errors.ts";

/** An amount in the currency's smallest unit. Never a float, never without its currency. */
export type Money = { readonly amountMinor: number; readonly currency: string };

/** Currencies whose smallest unit is not a hundredth (ISO 4217). */
const EXPONENTS: Readonly<Record<string, number>> = {
  ...Object.fromEntries(
    ["BIF", "CLP", "DJF", "GNF", "ISK", "JPY", "KMF", "KRW", "MGA", "PYG", "RWF"].map((c) => [
      c,
      0,
    ]),
  ),
  ...Object.fromEntries(["UGX", "VND", "VUV", "XAF", "XOF", "XPF"].map((c) => [c, 0])),
  ...Object.fromEntries(["BHD", "JOD", "KWD", "OMR", "TND"].map((c) => [c, 3])),
};

/** Makes money; refuses what JavaScript could not hold exactly and what is not a currency code. */
export function money(amountMinor: number, currency: string): Money {
  if (!Number.isSafeInteger(amountMinor)) {
    throw new AppError("invalid_input", `${amountMinor} is not a whole number of minor units.`);
  }
  const code = currency.toUpperCase();
  if (!/^[A-Z]{3}$/.test(code)) {
    throw new AppError("invalid_input", `"${currency}" is not a three-letter currency code.`);
  }
  return { amountMinor, currency: code };
}

/** Decimal places of a currency: 2 for EUR, 0 for JPY, 3 for KWD. */
export function exponentOf(currency: string): number {
  return EXPONENTS[currency.toUpperCase()] ?? 2;
}

/** Money as people of a locale write it: "€29.00", "¥1,000". */
export function formatMoney({ amountMinor, currency }: Money, locale = "en"): string {
  const exponent = exponentOf(currency);
  return formatOf(locale, currency, exponent).format(amountMinor / 10 ** exponent);
}

/** To make one costs as much as a query; there are no more than locales and currencies. */
const formats = new Map<string, Intl.NumberFormat>();

function formatOf(locale: string, currency: string, exponent: number): Intl.NumberFormat {
  const key = `${locale} ${currency}`;
  const known = formats.get(key);
  if (known) return known;
  const digits = { minimumFractionDigits: exponent, maximumFractionDigits: exponent };
  const made = new Intl.NumberFormat(locale, { style: "currency", currency, ...digits });
  formats.set(key, made);
  return made;
}
