import type Stripe from "stripe";
import { invalid, notModelled } from "../protocol/errors.ts";
import type { SessionParams } from "./params.ts";

/** How soon and how late a session may expire, from its creation *(memory)*. */
const EXPIRES_MIN_SECONDS = 30 * 60;
const EXPIRES_MAX_SECONDS = 24 * 3_600;
/** A trial must have this long to go when a checkout is opened. */
const TRIAL_MIN_SECONDS = 48 * 3_600;

/** Refuses parameters that do not go together, in Stripe's words. */
export function checkSession(given: SessionParams, now: number): void {
  oneOf(given, "customer", "customer_email");
  oneOf(given, "customer", "customer_creation");
  oneOf(given, "allow_promotion_codes", "discounts");
  onlyIn(given, "subscription", "subscription_data");
  onlyIn(given, "subscription", "payment_method_collection");
  onlyIn(given, "payment", "payment_intent_data");
  onlyIn(given, "payment", "invoice_creation");
  onlyIn(given, "setup", "setup_intent_data");
  if (given.mode === "subscription" && given.customer_creation) {
    throw invalid("`customer_creation` can only be used in `payment` and `setup` mode.", {
      param: "customer_creation",
    });
  }
  if (given.mode === "setup" && (given.discounts || given.allow_promotion_codes)) {
    throw invalid("You can not pass discounts in `setup` mode.", { param: "discounts" });
  }
  if (given.mode === "setup" && !given.currency && !given.allowed_payment_method_types) {
    throw invalid(
      "`currency` is required in `setup` mode when `allowed_payment_method_types` is not set.",
      { code: "parameter_missing", param: "currency" },
    );
  }
  if (given.customer_update && !given.customer) {
    throw invalid("`customer_update` can only be used with `customer`.", {
      param: "customer_update",
    });
  }
  for (const { coupon, promotion_code } of given.discounts ?? []) {
    if ((coupon === undefined) === (promotion_code === undefined)) {
      throw invalid("You must specify either `coupon` or `promotion_code`.", {
        param: "discounts[0]",
      });
    }
  }
  checkDebits(given);
  checkExpiry(given.expires_at, now);
  checkTrial(given.subscription_data, now);
}

/** Tax is worked out by an address: one that is there, or one that the page asks for and keeps. */
export function checkLocation(given: SessionParams, customer: Stripe.Customer | undefined): void {
  if (!given.automatic_tax?.enabled) return;
  const rates = [
    ...(given.subscription_data?.default_tax_rates ?? []),
    ...(given.line_items ?? []).flatMap((item) => item.tax_rates ?? []),
  ];
  if (rates.length > 0) {
    throw invalid("You cannot set tax rates when `automatic_tax[enabled]` is true.", {
      param: "automatic_tax[enabled]",
    });
  }
  if (given.mode === "setup") {
    throw invalid("You can not pass `automatic_tax` in `setup` mode.", { param: "automatic_tax" });
  }
  if (!customer || customer.address?.country || given.customer_update?.address === "auto") return;
  throw invalid(
    "Automatic tax calculation in Checkout requires a valid address on the Customer. Add a valid address to the Customer or set `customer_update[address]` to 'auto' to save the address entered in Checkout to the Customer.",
    { code: "customer_tax_location_invalid", param: "customer" },
  );
}

function checkDebits({
  allowed_payment_method_types: types,
  invoice_creation,
  mode,
}: SessionParams): void {
  if (!types?.includes("sepa_debit")) return;
  if (mode === "payment" && !invoice_creation?.enabled) return;
  throw notModelled("bank debits but for single payments", "allowed_payment_method_types");
}

function checkExpiry(expires: number | undefined, now: number): void {
  if (expires === undefined) return;
  const param = "expires_at";
  if (expires < now + EXPIRES_MIN_SECONDS) {
    throw invalid(
      "The `expires_at` timestamp must be at least 30 minutes from Checkout Session creation.",
      { param },
    );
  }
  if (expires > now + EXPIRES_MAX_SECONDS) {
    throw invalid(
      "The `expires_at` timestamp must be less than 24 hours from Checkout Session creation.",
      { param },
    );
  }
}

function checkTrial(data: SessionParams["subscription_data"], now: number): void {
  const { trial_end: end, trial_period_days: days } = data ?? {};
  if (end !== undefined && days !== undefined) {
    throw invalid(
      "You may only specify one of these parameters: subscription_data[trial_end], subscription_data[trial_period_days].",
    );
  }
  if (days === 0) {
    throw invalid("The minimum number of trial period days is 1.", {
      param: "subscription_data[trial_period_days]",
    });
  }
  if (end !== undefined && end < now + TRIAL_MIN_SECONDS) {
    throw invalid("The `trial_end` date has to be at least 2 days in the future.", {
      param: "subscription_data[trial_end]",
    });
  }
}

type Name = keyof SessionParams;

function oneOf(given: SessionParams, one: Name, other: Name): void {
  if (given[one] === undefined || given[other] === undefined) return;
  throw invalid(`You may only specify one of these parameters: ${one}, ${other}.`);
}

function onlyIn(given: SessionParams, mode: string, name: Name): void {
  if (given[name] === undefined || given.mode === mode) return;
  throw invalid(`You can not pass \`${name}\` in \`${given.mode}\` mode.`, { param: name });
}
