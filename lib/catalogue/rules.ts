import { AppError } from "../errors.ts";
import { exponentOf, formatMoney, type Money, money } from "../money.ts";

export type Interval = "month" | "year";

/** What a plan costs, for how long. */
export type PriceTerms = {
  readonly currency: string;
  readonly amountMinor: number;
  readonly interval: Interval;
  readonly intervalCount: number;
};

/** An amount as a person writes it in the currency's own unit: "29", "29.00", "29,5". */
export function amountOf(written: string, currency: string): Money {
  const exponent = exponentOf(currency);
  const match = /^(\d{1,12})(?:[.,](\d+))?$/.exec(written.trim());
  const [, whole = "", fraction = ""] = match ?? [];
  if (!match || fraction.length > exponent) {
    const example = exponent > 0 ? `29.${"0".repeat(exponent)}` : "2900";
    throw new AppError("invalid_input", `Write an amount such as ${example}.`);
  }
  return money(Number(`${whole}${fraction.padEnd(exponent, "0")}`), currency);
}

/** The amount as `amountOf` reads it, for putting into a form. */
export function writtenAmount({ amountMinor, currency }: Money): string {
  const exponent = exponentOf(currency);
  const digits = String(amountMinor).padStart(exponent + 1, "0");
  return exponent === 0 ? digits : `${digits.slice(0, -exponent)}.${digits.slice(-exponent)}`;
}

/** Two prices with the same key cannot both be on sale. */
export function priceKey(price: Omit<PriceTerms, "amountMinor">): string {
  return `${price.currency} ${price.intervalCount} ${price.interval}`;
}

/** "€29.00 a month", as pages and the audit log say it. */
export function priceInWords(price: PriceTerms): string {
  const period =
    price.intervalCount === 1
      ? `a ${price.interval}`
      : `every ${price.intervalCount} ${price.interval}s`;
  return `${formatMoney(price)} ${period}`;
}

/** What changes when a plan's prices become these: kept ones keep their rows, the others end. */
export function repriced<Known extends PriceTerms>(
  known: readonly Known[],
  wanted: readonly PriceTerms[],
): { readonly ended: Known[]; readonly added: PriceTerms[] } {
  const same = (a: PriceTerms) => (b: PriceTerms) =>
    priceKey(a) === priceKey(b) && a.amountMinor === b.amountMinor;
  return {
    ended: known.filter((price) => !wanted.some(same(price))),
    added: wanted.filter((price) => !known.some(same(price))),
  };
}

/** What a tier allows of one thing, in words: "10", "unlimited", "included", "not included". */
export function allowanceInWords(entitlement: {
  readonly kind: "feature" | "limit";
  readonly isIncluded: boolean;
  readonly limitValue: number | null;
}): string {
  if (!entitlement.isIncluded) return entitlement.kind === "limit" ? "none" : "not included";
  if (entitlement.kind === "feature") return "included";
  return entitlement.limitValue === null
    ? "unlimited"
    : new Intl.NumberFormat("en").format(entitlement.limitValue);
}
