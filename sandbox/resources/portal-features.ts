import type Stripe from "stripe";
import type { z } from "zod";
import { invalid } from "../protocol/errors.ts";
import { mustFind } from "../protocol/find.ts";
import type { World } from "../state/world.ts";
import type { features } from "./portal-configuration-params.ts";

type Features = Stripe.BillingPortal.Configuration.Features;
type Given = z.output<ReturnType<typeof features>>;

/** What a portal offers whose configuration says nothing of it: nothing. */
export const DEFAULT_FEATURES: Features = {
  customer_update: { allowed_updates: [], enabled: false },
  invoice_history: { enabled: true },
  payment_method_update: { enabled: true, payment_method_configuration: null },
  subscription_cancel: {
    cancellation_reason: {
      enabled: false,
      feedback_options: null,
      options: [
        "too_expensive",
        "missing_features",
        "switched_service",
        "unused",
        "customer_service",
        "too_complex",
        "low_quality",
        "other",
      ],
    },
    enabled: true,
    mode: "at_period_end",
    proration_behavior: "none",
  },
  subscription_pause: { duration: { interval_options: [], type: "indefinite" }, enabled: false },
  subscription_update: {
    billing_cycle_anchor: "unchanged",
    default_allowed_updates: [],
    enabled: false,
    products: [],
    proration_behavior: "none",
    schedule_at_period_end: { conditions: [] },
    trial_update_behavior: "end_trial",
  },
};

/** The features as a call leaves them. */
export function featuresFrom(world: World, before: Features, given: Given): Features {
  const { customer_update: customer, payment_method_update: method } = given;
  return {
    ...before,
    customer_update: {
      allowed_updates: merged(before.customer_update.allowed_updates, customer?.allowed_updates),
      enabled: customer?.enabled ?? before.customer_update.enabled,
    },
    invoice_history: given.invoice_history ?? before.invoice_history,
    payment_method_update: {
      ...before.payment_method_update,
      enabled: method?.enabled ?? before.payment_method_update.enabled,
    },
    subscription_cancel: cancelFrom(before.subscription_cancel, given.subscription_cancel),
    subscription_update: updateFrom(world, before.subscription_update, given.subscription_update),
  };
}

function cancelFrom(
  before: Features["subscription_cancel"],
  given: Given["subscription_cancel"],
): Features["subscription_cancel"] {
  const reason = given?.cancellation_reason;
  return {
    cancellation_reason: {
      ...before.cancellation_reason,
      enabled: reason?.enabled ?? before.cancellation_reason.enabled,
      options: merged(before.cancellation_reason.options, reason?.options),
    },
    enabled: given?.enabled ?? before.enabled,
    mode: given?.mode ?? before.mode,
    proration_behavior: given?.proration_behavior ?? before.proration_behavior,
  };
}

function updateFrom(
  world: World,
  before: Features["subscription_update"],
  given: Given["subscription_update"],
): Features["subscription_update"] {
  const conditions = given?.schedule_at_period_end?.conditions;
  const after = {
    billing_cycle_anchor: given?.billing_cycle_anchor ?? before.billing_cycle_anchor,
    default_allowed_updates: merged(before.default_allowed_updates, given?.default_allowed_updates),
    enabled: given?.enabled ?? before.enabled,
    products: productsFrom(world, before.products ?? [], given?.products),
    proration_behavior: given?.proration_behavior ?? before.proration_behavior,
    schedule_at_period_end: {
      conditions: merged(before.schedule_at_period_end.conditions, conditions),
    },
    trial_update_behavior: given?.trial_update_behavior ?? before.trial_update_behavior,
  } satisfies Features["subscription_update"];
  const isEmpty = after.products.length === 0 || after.default_allowed_updates.length === 0;
  if (given?.enabled && isEmpty) {
    throw invalid(
      "You must provide `products` and `default_allowed_updates` to enable subscription updates.",
      { code: "parameter_missing", param: "features[subscription_update][products]" },
    );
  }
  return after;
}

type Product = NonNullable<Features["subscription_update"]["products"]>[number];

function productsFrom(
  world: World,
  before: Product[],
  given: NonNullable<Given["subscription_update"]>["products"],
): Product[] {
  if (given === undefined) return before;
  return (given ?? []).map(({ product, prices, adjustable_quantity: quantity }, place) => {
    const param = `features[subscription_update][products][${place}]`;
    mustFind(world, "product", product, { param: `${param}[product]` });
    for (const price of prices) {
      const found = mustFind(world, "price", price, { param: `${param}[prices]` });
      if (found.product !== product) {
        throw invalid(`The price ${price} is not one of the product ${product}.`, {
          param: `${param}[prices]`,
        });
      }
    }
    return {
      adjustable_quantity: {
        enabled: quantity?.enabled ?? false,
        maximum: quantity?.maximum ?? null,
        minimum: quantity?.minimum ?? 1,
      },
      prices,
      product,
    };
  });
}

function merged<T>(before: T[], given: T[] | null | undefined): T[] {
  return given === undefined ? before : (given ?? []);
}
