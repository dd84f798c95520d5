import { formatMoney, type Money } from "../money.ts";
import type { Shown } from "../seen.ts";
import { allowanceInWords, type PriceTerms, priceInWords } from "./rules.ts";

/*
 * What the forms of the catalogue show, in words: two that show the same are the same. Lists are put into an
 * order of their own.
 */

type Named = { readonly code: string; readonly name: string; readonly description: string };

type PlanTerms = Named & {
  readonly trialDays: number | null;
  readonly isPerSeat: boolean;
};

export function planShown(
  { code, name, description, trialDays, isPerSeat }: PlanTerms,
  tier: Pick<Named, "code" | "name"> | undefined,
  prices: readonly PriceTerms[],
): Shown {
  return {
    code,
    name,
    description,
    tierId: tier ? `${tier.name} (${tier.code})` : "",
    trialDays: trialDays === null ? "" : String(trialDays),
    soldBy: isPerSeat ? "By the seat" : "Flat",
    prices: listed(prices.map(priceInWords)),
  };
}

type ProductTerms = Named & { readonly quantityMax: number };

export function productShown(
  { code, name, description, quantityMax }: ProductTerms,
  prices: readonly Money[],
): Shown {
  const inWords = prices.map((price) => formatMoney(price));
  return { code, name, description, quantityMax: String(quantityMax), prices: listed(inWords) };
}

type Allowance = Parameters<typeof allowanceInWords>[0] & {
  readonly key: string;
  readonly name: string;
};

export function tierShown(
  { code, name, description, rank }: Named & { readonly rank: number },
  entitlements: readonly Allowance[],
): Shown {
  const inWords = entitlements.map(
    (each) => `${each.name} (${each.key}): ${allowanceInWords(each)}`,
  );
  return { code, name, description, rank: String(rank), entitlements: listed(inWords) };
}

function listed(words: readonly string[]): string {
  return words.toSorted().join(", ");
}
