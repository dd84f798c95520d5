import type {
  CollectionMethod,
  DiscountGiven,
  NewItem,
  ProrationBehavior,
} from "./subscription-terms.ts";

/*
 * What callers ask of a schedule, under the names of Stripe's own parameters.
 */

export type PhaseGiven = {
  automatic_tax?: { enabled: boolean } | undefined;
  billing_cycle_anchor?: "automatic" | "phase_start" | undefined;
  collection_method?: CollectionMethod | undefined;
  currency?: string | undefined;
  default_payment_method?: string | undefined;
  default_tax_rates?: string[] | null | undefined;
  description?: string | null | undefined;
  discounts?: DiscountGiven[] | null | undefined;
  duration?:
    | { interval: "day" | "week" | "month" | "year"; interval_count?: number | undefined }
    | undefined;
  end_date?: number | undefined;
  items: NewItem[];
  /** How many of its items' intervals it lasts; Stripe's older way, which its CLI still speaks. */
  iterations?: number | undefined;
  metadata?: Record<string, string> | null | undefined;
  proration_behavior?: ProrationBehavior | undefined;
  start_date?: number | "now" | undefined;
  trial?: boolean | undefined;
  trial_end?: number | undefined;
};

type Common = {
  end_behavior?: "release" | "cancel" | undefined;
  metadata?: Record<string, string> | null | undefined;
  phases?: PhaseGiven[] | undefined;
};

export type NewSchedule = Common & {
  customer?: string | undefined;
  from_subscription?: string | undefined;
  start_date?: number | "now" | undefined;
};

export type ScheduleChanges = Common & { proration_behavior?: ProrationBehavior | undefined };
