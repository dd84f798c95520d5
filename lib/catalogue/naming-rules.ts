import type { Sells } from "../gateways/asking.ts";
import type { Interval } from "./rules.ts";

/** What is sold here: a plan, which renews, or a product, which is paid for once. */
export type Noun = Sells["noun"];

/** Which of the two an id is of. */
export function nounOf(soldId: string): Noun {
  return soldId.startsWith("prd_") ? "product" : "plan";
}

/** How often something is charged: null is once. */
export type Period = { readonly interval: Interval | null; readonly intervalCount: number };

/** As often as a one-time product is charged. */
export const ONCE = { interval: null, intervalCount: 1 } as const satisfies Period;

/** What a gateway's price says of itself, as far as it tells which plan it is of. */
export type Naming = {
  readonly planCode: string | null;
  readonly productPlanCode: string | null;
  /** The one-time product that its metadata name. */
  readonly productCode: string | null;
  readonly lookupKey: string | null;
  readonly currency: string | null;
  readonly interval: string | null;
  readonly intervalCount: number | null;
};

/** The code of the plan that a price says it is of, and by what; or why it cannot be told. */
export type Named =
  | { readonly kind: "named"; readonly code: string; readonly by: string }
  | { readonly kind: "unclear"; readonly because: string }
  | { readonly kind: "unnamed" };

const CODE = /^[a-z][a-z0-9_-]{0,39}$/;

/** Whether a text can be the code of a plan. */
export function isCode(text: string): boolean {
  return CODE.test(text);
}

/** The key by which a price of a plan is found again: "pro_monthly_eur", "pro_3months_usd", "pro_once_eur". */
export function lookupKeyOf(code: string, price: Period & { readonly currency: string }): string {
  return `${code}_${periodWord(price)}_${price.currency.toLowerCase()}`;
}

/** What a lookup key says; undefined for one that is written in another way. */
export function readLookupKey(
  key: string | null,
): { code: string; period: string; currency: string | undefined } | undefined {
  const [, code, period, currency] =
    /^(.+)_(once|monthly|yearly|[1-9]\d?months|[1-9]\d?years)(?:_([a-z]{3}))?$/.exec(key ?? "") ??
    [];
  return code && period && isCode(code)
    ? { code, period, currency: currency?.toUpperCase() }
    : undefined;
}

/**
 * Which plan a price says it is of: by its own metadata, else by its product's and its lookup key, which
 * must not say different things. A name of a product is no word about a plan.
 */
export function namedPlan(price: Naming): Named {
  const { planCode, productPlanCode, productCode } = price;
  if (productCode !== null) {
    const because = `Its metadata name the one-time product ${productCode}, so it is of no plan.`;
    return { kind: "unclear", because };
  }
  if (planCode !== null) return ofCode(planCode, "its metadata");
  const key = readLookupKey(price.lookupKey);
  if (productPlanCode !== null) {
    if (key && key.code !== productPlanCode) {
      const because = `Its product’s metadata name ${productPlanCode}, and its lookup key ${key.code}.`;
      return { kind: "unclear", because };
    }
    return ofCode(productPlanCode, "its product’s metadata");
  }
  if (!key) return { kind: "unnamed" };
  const wrong = contradiction(price, key);
  if (wrong) return { kind: "unclear", because: wrong };
  return { kind: "named", code: key.code, by: `its lookup key ${price.lookupKey}` };
}

/** The plan that a price says it is of. A suggestion for a person; nothing is put into a plan by it. */
export function suggestedPlan<Plan extends { readonly code: string }>(
  price: Naming,
  plans: readonly Plan[],
): { readonly plan: Plan; readonly by: string } | undefined {
  const named = namedPlan(price);
  const plan = named.kind === "named" && plans.find(({ code }) => code === named.code);
  return plan ? { plan, by: named.by } : undefined;
}

/** A code out of a product's name, for a plan that nobody gave one: "Pro Plus" is pro_plus. */
export function codeFromName(name: string): string | undefined {
  const code = name
    .normalize("NFKD")
    .toLowerCase()
    .replaceAll(/[^a-z0-9]+/g, "_")
    .replaceAll(/^[^a-z]+|_+$/g, "")
    .slice(0, 40)
    .replace(/_+$/, "");
  return isCode(code) ? code : undefined;
}

function ofCode(code: string, where: string): Named {
  if (isCode(code)) return { kind: "named", code, by: where };
  const because = `“${code.slice(0, 60)}”, which ${where} ${where.includes("metadata") ? "name" : "names"}, is no code of a plan: those are of a to z, digits, - and _.`;
  return { kind: "unclear", because };
}

function contradiction(
  price: Naming,
  key: { period: string; currency: string | undefined },
): string | undefined {
  const told = price.currency?.toUpperCase();
  if (key.currency && told && key.currency !== told) {
    return `Its lookup key ${price.lookupKey} says ${key.currency}, and it is in ${told}.`;
  }
  const period = ownPeriod(price);
  if (period === undefined || period === key.period) return undefined;
  if (key.period === `1${period === "monthly" ? "months" : "years"}`) return undefined;
  return `Its lookup key ${price.lookupKey} says ${key.period}, and it is charged ${period}.`;
}

/** Undefined where it is charged as no plan is, such as by the week: a key can say nothing of that. */
function ownPeriod({ interval, intervalCount }: Naming): string | undefined {
  if (interval !== null && interval !== "month" && interval !== "year") return undefined;
  return periodWord({ interval, intervalCount: intervalCount ?? 1 });
}

function periodWord({ interval, intervalCount }: Period): string {
  if (interval === null) return "once";
  if (intervalCount === 1) return `${interval}ly`;
  return `${intervalCount}${interval}s`;
}
