import type { Interval } from "../../catalogue/rules.ts";
import type { Timing } from "./rules.ts";
import type { SoldPrice } from "./store.ts";

/** One thing that a subscription may become, or why it may not. */
export type Choice = {
  readonly sold: SoldPrice;
  /** How many of it: seats where it is sold by the seat, else one. */
  readonly quantity: number;
  /** It is what the subscription has now: same price, same number. */
  readonly isHeld: boolean;
  readonly timing: Timing;
  readonly blockers: readonly string[];
  /** When it may be had where it may not be had then. */
  readonly otherwise: Timing | undefined;
};

/** One plan among those to choose from. */
export type ChoiceOfPlan = {
  readonly planId: string;
  readonly planName: string;
  readonly description: string;
  /** Undefined where it is not sold by this interval. */
  readonly choice: Choice | undefined;
};

/**
 * The price of each plan that a subscription may change to, by the month or the year: the one that it
 * has, else the newest one in its currency, else one in another currency, to say why not.
 */
export function pricesToOffer(
  all: readonly SoldPrice[],
  held: { readonly priceRef: string | null; readonly currency: string | null },
  interval: Interval,
): { readonly plan: SoldPrice; readonly price: SoldPrice | undefined }[] {
  const offered = all.filter(
    (sold) => sold.priceRef === held.priceRef || (sold.isActive && !sold.isArchived && sold.terms),
  );
  return [...Map.groupBy(offered, ({ planId }) => planId).values()].flatMap((prices) => {
    const [plan] = prices;
    if (!plan) return [];
    const fitting = prices.filter(({ terms }) => terms?.interval === interval);
    const price =
      fitting.find(({ priceRef }) => priceRef === held.priceRef) ??
      fitting.find(({ terms }) => terms?.currency === held.currency && terms.intervalCount === 1) ??
      fitting.find(({ terms }) => terms?.currency === held.currency) ??
      fitting[0];
    return [{ plan, price }];
  });
}

/** Whether anything is sold by the month and by the year, so that there is something to switch. */
export function intervalsOf(all: readonly SoldPrice[]): Interval[] {
  const known = new Set(all.flatMap(({ terms }) => (terms ? [terms.interval] : [])));
  return (["month", "year"] as const).filter((interval) => known.has(interval));
}
