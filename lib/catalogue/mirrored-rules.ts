import { formatMoney } from "../money.ts";
import type { Period } from "./naming-rules.ts";

/** A gateway's price as it is held, with its product and who uses it. */
export type MirroredPrice = {
  readonly ref: string;
  readonly productRef: string | null;
  /** Null where nothing was told about its product. */
  readonly product: {
    readonly name: string;
    readonly description: string | null;
    readonly planCode: string | null;
    readonly isActive: boolean;
    /** It has prices of other plans or products as well. */
    readonly isShared: boolean;
  } | null;
  readonly currency: string | null;
  readonly amountMinor: number | null;
  readonly interval: string | null;
  readonly intervalCount: number | null;
  /** Null where nothing was told about it yet. */
  readonly isActive: boolean | null;
  readonly lookupKey: string | null;
  readonly planCode: string | null;
  readonly productCode: string | null;
  readonly isDeleted: boolean;
  /** The plan or the one-time product that it is in. */
  readonly soldId: string | null;
  /** Subscriptions that have it and have not ended. */
  readonly subscriptions: number;
};

/** What is charged, and how often. */
export type Charge = Period & { readonly currency: string; readonly amountMinor: number };

type Told = Pick<MirroredPrice, "currency" | "amountMinor" | "interval" | "intervalCount">;

/** What a price charges; undefined for what no plan costs: by use, by the week, nothing told yet. */
export function chargeOf(price: Told): Charge | undefined {
  const { currency, amountMinor, interval, intervalCount } = price;
  if (!currency || !/^[A-Z]{3}$/i.test(currency) || amountMinor === null) return undefined;
  if (interval !== null && interval !== "month" && interval !== "year") return undefined;
  return {
    currency: currency.toUpperCase(),
    amountMinor,
    interval,
    intervalCount: interval === null ? 1 : (intervalCount ?? 1),
  };
}

/** Whether two are charged in the same currency, and as often: a plan asks one amount for that. */
export function isAlike(a: Omit<Charge, "amountMinor">, b: Omit<Charge, "amountMinor">): boolean {
  return (
    a.currency === b.currency && a.interval === b.interval && a.intervalCount === b.intervalCount
  );
}

export function isSame(a: Charge, b: Charge): boolean {
  return isAlike(a, b) && a.amountMinor === b.amountMinor;
}

/** "€29.00 a month", "€490.00 once", "$5.00 a week", "EUR by use". */
export function chargeInWords(price: Told): string {
  const { currency, amountMinor, interval, intervalCount } = price;
  if (!currency) return "not told yet";
  const known = /^[A-Z]{3}$/i.test(currency) && amountMinor !== null;
  const amount = known ? formatMoney({ amountMinor, currency: currency.toUpperCase() }) : currency;
  const often = oftenInWords(interval, intervalCount ?? 1);
  return amountMinor === null ? `${amount} by use, ${often}` : `${amount} ${often}`;
}

function oftenInWords(interval: string | null, count: number): string {
  if (interval === null) return "once";
  return count === 1 ? `a ${interval}` : `every ${count} ${interval}s`;
}

/** Whether somebody could begin to pay it at the gateway. */
export function isOnSale({ isActive, isDeleted, product }: MirroredPrice): boolean {
  return isActive === true && !isDeleted && product?.isActive !== false;
}

/** "3 subscriptions have it", "Nobody has it". */
export function usedInWords({ subscriptions }: Pick<MirroredPrice, "subscriptions">): string {
  if (subscriptions === 0) return "Nobody subscribes to it";
  if (subscriptions === 1) return "1 subscription has it";
  return `${new Intl.NumberFormat("en").format(subscriptions)} subscriptions have it`;
}
