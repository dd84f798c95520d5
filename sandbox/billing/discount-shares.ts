import type Stripe from "stripe";

/** What a discount may take from. */
export type Discountable = {
  readonly amount: number;
  readonly product: string | null;
  readonly discountable: boolean;
  /** Discounts of this line alone, by id. */
  readonly own: readonly string[];
};

export type Applied = { readonly discount: string; readonly amount: number };
export type Applicable = { readonly id: string; readonly coupon: Stripe.Coupon };

/**
 * What each discount takes from each line, in the order given: a later one sees what earlier ones left.
 * Those in `own` of some line take from such lines only, and come before the invoice's. The whole is
 * rounded once and its parts by largest remainder, so that the parts are always the whole.
 */
export function discountShares(
  lines: readonly Discountable[],
  discounts: readonly Applicable[],
  currency: string,
): readonly (readonly Applied[])[] {
  const left = lines.map((line) => (line.discountable ? Math.max(0, line.amount) : 0));
  const shares: Applied[][] = lines.map(() => []);
  const ofLines = new Set(lines.flatMap((line) => line.own));
  const ordered = [
    ...discounts.filter(({ id }) => ofLines.has(id)),
    ...discounts.filter(({ id }) => !ofLines.has(id)),
  ];
  for (const { id, coupon } of ordered) {
    const base = lines.map((line, place) => {
      const isMeant = !ofLines.has(id) || line.own.includes(id);
      return isMeant && reaches(coupon, line.product) ? (left[place] ?? 0) : 0;
    });
    const parts = split(amountOff(coupon, sum(base), currency), base);
    for (const [place, amount] of parts.entries()) {
      if (amount === 0) continue;
      left[place] = (left[place] ?? 0) - amount;
      shares[place]?.push({ discount: id, amount });
    }
  }
  return shares;
}

function reaches(coupon: Stripe.Coupon, product: string | null): boolean {
  const only = coupon.applies_to?.products;
  return !only || (product !== null && only.includes(product));
}

function amountOff(coupon: Stripe.Coupon, whole: number, currency: string): number {
  if (coupon.percent_off !== null) return percentOf(whole, coupon.percent_off);
  const off =
    coupon.currency === currency
      ? coupon.amount_off
      : coupon.currency_options?.[currency]?.amount_off;
  return Math.min(whole, off ?? 0);
}

/** Four places of a percentage are kept; half a minor unit is rounded away from zero. */
function percentOf(whole: number, percent: number): number {
  const parts = BigInt(Math.round(percent * 10_000));
  return Number((BigInt(whole) * parts + 500_000n) / 1_000_000n);
}

/** Splits a whole in the proportion of the weights; where units are left over, to the largest remainders. */
export function split(whole: number, weights: readonly number[]): number[] {
  const total = BigInt(sum(weights));
  if (total === 0n) return weights.map(() => 0);
  const exact = weights.map((weight) => BigInt(whole) * BigInt(weight));
  const parts = exact.map((product) => Number(product / total));
  const leftOver = whole - sum(parts);
  const byRemainder = exact
    .map((product, place) => ({ place, remainder: product % total }))
    .toSorted((a, b) => Number(b.remainder - a.remainder) || a.place - b.place);
  for (const { place } of byRemainder.slice(0, leftOver)) parts[place] = (parts[place] ?? 0) + 1;
  return parts;
}

export function sum(amounts: readonly number[]): number {
  return amounts.reduce((total, amount) => total + amount, 0);
}
