import { unnamed } from "../seats.ts";
import type { Interval, PriceTerms } from "./rules.ts";
import { allowanceInWords } from "./rules.ts";
import type { Catalogue, EntitlementView, PlanView, TierView } from "./views.ts";

/** One card of the pricing page. */
export type Offer = {
  readonly id: string;
  readonly name: string;
  readonly description: string;
  /** Undefined where it is not sold this way; `free` costs nothing. */
  readonly price: PriceTerms | "free" | undefined;
  /** The price is for each seat. */
  readonly isPerSeat: boolean;
  /** What a year costs less than twelve months, where both are sold. */
  readonly savedMinor: number;
  readonly tier: TierView;
};

/** Currencies that something is sold in, the most used first. */
export function currenciesOf({ plans }: Catalogue): string[] {
  const counts = new Map<string, number>();
  for (const plan of plans) {
    if (plan.archivedAt) continue;
    for (const { currency } of plan.prices) counts.set(currency, (counts.get(currency) ?? 0) + 1);
  }
  return [...counts].sort(([a, n], [b, m]) => m - n || (a < b ? -1 : 1)).map(([code]) => code);
}

/** What is on sale, by the month or the year in one currency: the tier for nothing first. */
export function offersOf(
  { tiers, plans }: Catalogue,
  currency: string | undefined,
  interval: Interval,
): Offer[] {
  const free = tiers.filter(({ isDefault }) => isDefault).map((tier) => freeOffer(tier));
  const sold = plans.flatMap((plan) => {
    const tier = tiers.find(({ id }) => id === plan.tier.id);
    return plan.archivedAt || !tier ? [] : [planOffer(plan, tier, currency, interval)];
  });
  return sold.length > 0 ? [...free, ...sold] : [];
}

function freeOffer(tier: TierView): Offer {
  const { id, name, description } = tier;
  return { id, name, description, price: "free", isPerSeat: false, savedMinor: 0, tier };
}

function planOffer(
  plan: PlanView,
  tier: TierView,
  currency: string | undefined,
  interval: Interval,
): Offer {
  const priceFor = (wanted: Interval) =>
    plan.prices.find(
      (price) =>
        price.currency === currency && price.interval === wanted && price.intervalCount === 1,
    );
  const [month, year] = [priceFor("month"), priceFor("year")];
  const saved = month && year ? 12 * month.amountMinor - year.amountMinor : 0;
  return {
    id: plan.id,
    name: plan.name,
    description: plan.description,
    price: interval === "month" ? month : year,
    isPerSeat: plan.isPerSeat,
    savedMinor: interval === "year" ? Math.max(0, saved) : 0,
    tier,
  };
}

export type Comparison = {
  readonly key: string;
  readonly name: string;
  /** In words, one for each offer; undefined is not included. */
  readonly allowances: readonly (string | undefined)[];
};

/** Every entitlement that any offer has, and what each one says about it: limits before features. */
export function compared(offers: readonly Offer[]): Comparison[] {
  const all = new Map<string, EntitlementView>();
  for (const { tier } of offers) {
    for (const entitlement of tier.entitlements) all.set(entitlement.key, entitlement);
  }
  const kinds = { limit: 0, feature: 1 };
  return [...all.values()]
    .sort((a, b) => kinds[a.kind] - kinds[b.kind] || a.name.localeCompare(b.name, "en"))
    .map(({ key, name, kind }) => ({
      key,
      name,
      allowances: offers.map(({ tier }) => {
        const own = tier.entitlements.find((each) => each.key === key) ?? { kind, ...unnamed(key) };
        return own.isIncluded ? allowanceInWords(own) : undefined;
      }),
    }));
}
