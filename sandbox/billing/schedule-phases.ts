import type Stripe from "stripe";
import { invalid, notModelled } from "../protocol/errors.ts";
import { mergeMetadata } from "../protocol/params.ts";
import { idOf } from "../state/reference.ts";
import type { World } from "../state/world.ts";
import { automaticTaxOf, checkTax } from "./automatic-tax.ts";
import { intervalsAfter, type Recurring } from "./period.ts";
import { itemsLike } from "./schedule-follow.ts";
import { type Phase, phaseItem, phaseObject } from "./schedule-object.ts";
import type { PhaseGiven } from "./schedule-terms.ts";
import { checkCurrency, recurringPrice } from "./subscription-items.ts";
import { periodOf, recurringOf } from "./subscription-object.ts";
import { ownMethod } from "./subscription-settings.ts";
import { ratesNamed } from "./tax-rates.ts";

/** Whom phases are for, and what their subscription is billed in and has already. */
type Whose = {
  readonly customer: string;
  readonly currency?: string | undefined;
  readonly held?: ReadonlySet<string>;
  readonly heldRates?: readonly Stripe.TaxRate[];
};

/** Phases one after another, each from the end of the one before. */
export function phasesFrom(
  world: World,
  given: readonly PhaseGiven[],
  { start, now, ...whose }: Whose & { start: number; now: number },
): Phase[] {
  if (given.length === 0) {
    throw invalid("You must specify at least one phase.", { param: "phases" });
  }
  const phases: Phase[] = [];
  let from = start;
  for (const [place, phase] of given.entries()) {
    const asked = phase.start_date === "now" ? now : phase.start_date;
    if (asked !== undefined && asked !== from) {
      throw invalid(
        `The start date of a phase must be the end date of the phase before it; \`phases[${place}]\` would leave a gap or an overlap.`,
        { param: `phases[${place}][start_date]` },
      );
    }
    const made = phaseFrom(world, phase, { place, from, ...whose });
    phases.push(made);
    from = made.end_date;
  }
  return phases;
}

function phaseFrom(
  world: World,
  given: PhaseGiven,
  { place, from, customer, currency, held, heldRates }: Whose & { place: number; from: number },
): Phase {
  const param = `phases[${place}]`;
  const prices = given.items.map((item, at) =>
    recurringPrice(world, item, `${param}[items][${at}]`, held),
  );
  const [first] = prices;
  if (!first) throw invalid("A phase must have at least one item.", { param: `${param}[items]` });
  for (const price of prices) {
    checkCurrency(price, currency ?? first.currency, `${param}[items]`);
  }
  const end = endOf(given, recurringOf(first), from, param);
  const automatic = given.automatic_tax?.enabled ?? false;
  const rates = ratesNamed(
    world,
    given.default_tax_rates,
    `${param}[default_tax_rates]`,
    heldRates,
  );
  const hasRates =
    rates.length > 0 || given.items.some((item) => (item.tax_rates ?? []).length > 0);
  checkTax(world.get("customer", customer), { isAutomatic: automatic, hasRates });
  return phaseObject({
    ...(automatic ? { automatic_tax: automaticTaxOf(true) } : {}),
    billing_cycle_anchor: given.billing_cycle_anchor ?? null,
    collection_method: given.collection_method ?? null,
    currency: first.currency,
    default_payment_method: ownMethod(world, given.default_payment_method, customer),
    default_tax_rates: rates,
    description: given.description ?? null,
    discounts: (given.discounts ?? []).map(({ coupon, discount, promotion_code }) => ({
      coupon: coupon ?? null,
      discount: discount ?? null,
      promotion_code: promotion_code ?? null,
    })),
    end_date: end,
    items: prices.map((price, at) => {
      const item = given.items[at];
      const named = `${param}[items][${at}][tax_rates]`;
      const own = ratesNamed(world, item?.tax_rates, named, heldRates);
      return phaseItem(price.id, item?.quantity ?? 1, mergeMetadata({}, item?.metadata), own);
    }),
    metadata: mergeMetadata({}, given.metadata),
    proration_behavior: given.proration_behavior ?? "create_prorations",
    start_date: from,
    trial_end: given.trial ? end : (given.trial_end ?? null),
  });
}

function endOf(given: PhaseGiven, every: Recurring, from: number, param: string): number {
  const ways = [given.duration, given.end_date, given.iterations];
  if (ways.filter((way) => way !== undefined).length > 1) {
    throw invalid("You may only specify one of these parameters: duration, end_date, iterations.", {
      param,
    });
  }
  if (given.end_date !== undefined) {
    if (given.end_date > from) return given.end_date;
    throw invalid("The end date of a phase must be after its start date.", {
      param: `${param}[end_date]`,
    });
  }
  if (given.duration) {
    const { interval, interval_count = 1 } = given.duration;
    return intervalsAfter(from, { interval, interval_count }, 1);
  }
  return intervalsAfter(from, every, given.iterations ?? 1);
}

/** The one phase of a schedule that is made of a subscription: its period as it runs. */
export function phaseLike(subscription: Stripe.Subscription): Phase {
  const { start, end } = periodOf(subscription);
  const { automatic_tax, default_tax_rates } = subscription;
  return phaseObject({
    ...(automatic_tax.enabled ? { automatic_tax } : {}),
    billing_cycle_anchor: null,
    collection_method: null,
    currency: subscription.currency,
    default_payment_method: null,
    default_tax_rates: default_tax_rates ?? [],
    description: null,
    discounts: subscription.discounts.map((discount) => ({
      coupon: null,
      discount: idOf(discount),
      promotion_code: null,
    })),
    end_date: end,
    items: itemsLike(subscription),
    metadata: {},
    proration_behavior: "create_prorations",
    start_date: start,
    trial_end: subscription.status === "trialing" ? subscription.trial_end : null,
  });
}

/** Refuses a change of what is past, and finds the phases that it leaves. */
export function refusePastChange(
  schedule: Stripe.SubscriptionSchedule,
  given: readonly PhaseGiven[],
  now: number,
): number {
  const [first] = given;
  const running = schedule.current_phase?.start_date ?? schedule.phases[0]?.start_date;
  if (running === undefined) throw new Error(`schedule ${schedule.id} has no phase`);
  if (first?.start_date === undefined) {
    throw invalid(
      "The subscription schedule update is missing at least one phase with a `start_date` to anchor end dates to.",
      { param: "phases" },
    );
  }
  if (schedule.status === "not_started") {
    return first.start_date === "now" ? now : first.start_date;
  }
  if (first.start_date === "now" && running !== now) {
    throw notModelled("ending the running phase at once; release the schedule instead", "phases");
  }
  const start = first.start_date === "now" ? now : first.start_date;
  if (start === running) return start;
  throw invalid("You can not modify the start date of the current phase.", {
    param: "phases[0][start_date]",
  });
}
