import type Stripe from "stripe";
import { emit } from "../events/emit.ts";
import { invalid, notModelled } from "../protocol/errors.ts";
import { decimal } from "../state/decimal.ts";
import type { World } from "../state/world.ts";

export type Interval = "day" | "week" | "month" | "year";

export type PriceDraft = {
  readonly product: string;
  readonly currency: string;
  readonly unit_amount?: number | undefined;
  readonly unit_amount_decimal?: string | undefined;
  readonly recurring?:
    | { readonly interval: Interval; readonly interval_count?: number | undefined }
    | undefined;
  readonly active?: boolean | undefined;
  readonly lookup_key?: string | undefined;
  readonly metadata?: Record<string, string> | undefined;
  readonly nickname?: string | undefined;
  readonly tax_behavior?: "exclusive" | "inclusive" | "unspecified" | undefined;
};

/** Three years, in each interval's own count; Stripe allows no longer period. */
const COUNT_MAX: Readonly<Record<Interval, number>> = { day: 1_095, week: 156, month: 36, year: 3 };

/** Makes a price; one that is written into a call (`price_data`) is made inactive. */
export function makePrice(world: World, draft: PriceDraft): Stripe.Price {
  const amount = amountOf(draft);
  const price = world.put("price", {
    id: world.newId("price"),
    object: "price",
    active: draft.active ?? true,
    billing_scheme: "per_unit",
    created: world.now(null),
    currency: draft.currency,
    custom_unit_amount: null,
    livemode: false,
    lookup_key: draft.lookup_key ?? null,
    metadata: draft.metadata ?? {},
    nickname: draft.nickname ?? null,
    product: draft.product,
    recurring: draft.recurring ? recurringOf(draft.recurring) : null,
    tax_behavior: draft.tax_behavior ?? "unspecified",
    tiers_mode: null,
    transform_quantity: null,
    type: draft.recurring ? "recurring" : "one_time",
    unit_amount: amount,
    unit_amount_decimal: decimal(amount),
  } satisfies Stripe.Price);
  emit(world, "price.created", price);
  return price;
}

function recurringOf(given: NonNullable<PriceDraft["recurring"]>): Stripe.Price.Recurring {
  const count = given.interval_count ?? 1;
  if (count < 1 || count > COUNT_MAX[given.interval]) {
    throw invalid(
      `Invalid interval_count: a period is at least one ${given.interval} and at most three years.`,
      { param: "recurring[interval_count]" },
    );
  }
  return {
    interval: given.interval,
    interval_count: count,
    meter: null,
    trial_period_days: null,
    usage_type: "licensed",
  };
}

function amountOf({ unit_amount, unit_amount_decimal }: PriceDraft): number {
  if (unit_amount !== undefined && unit_amount_decimal !== undefined) {
    throw invalid(
      "You may only specify one of these parameters: unit_amount, unit_amount_decimal.",
    );
  }
  if (unit_amount !== undefined) return unit_amount;
  if (unit_amount_decimal === undefined) {
    throw invalid("Prices require an `unit_amount` or `unit_amount_decimal` parameter to be set.", {
      code: "parameter_missing",
      param: "unit_amount",
    });
  }
  const amount = Number(unit_amount_decimal);
  if (Number.isInteger(amount)) return amount;
  throw notModelled("parts of the smallest unit of money", "unit_amount_decimal");
}
