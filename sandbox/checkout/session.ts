import type Stripe from "stripe";
import type { DueSource } from "../clock/due.ts";
import { clockOf, emit } from "../events/emit.ts";
import { invalid, missing } from "../protocol/errors.ts";
import type { World } from "../state/world.ts";
import { checkLocation, checkSession } from "./checks.ts";
import { itemsFrom } from "./items.ts";
import type { SessionParams } from "./params.ts";
import type { CheckoutPlan } from "./plan.ts";
import { blankSession, detailsOf, discountsOf, planOf, sessionOf } from "./session-object.ts";
import { amountsIn, automaticTaxIn, totalsOf } from "./totals.ts";

export { completeSession, noteSessionIntent } from "./complete.ts";
export { sessionOf } from "./session-object.ts";

type Session = Stripe.Checkout.Session;

/** How long a session is open, unless it says otherwise *(memory)*. */
const OPEN_SECONDS = 24 * 3_600;

/** Opens a checkout; its page is at `url`. */
export function createSession(world: World, given: SessionParams, origin: string): Session {
  const customer = customerGiven(world, given);
  const clock = customer ? clockOf(world, customer) : null;
  const now = world.now(clock);
  checkSession(given, now);
  checkLocation(given, customer);
  const id = world.newId("cs_test", 58);
  const plan: CheckoutPlan = world.put("checkout_plan", {
    id,
    given,
    items: itemsFrom(world, given),
    promotionCode: null,
    country: null,
    pending: null,
    bought: null,
  });
  const totals = given.mode === "setup" ? undefined : totalsOf(world, plan);
  return world.put("checkout.session", {
    ...blankSession(given),
    id,
    ...(totals ? amountsIn(totals) : {}),
    automatic_tax: automaticTaxIn(world, plan),
    created: now,
    currency: totals?.currency ?? given.currency ?? null,
    customer: customer?.id ?? null,
    customer_details: detailsOf(customer?.email ?? given.customer_email, customer?.name),
    discounts: discountsOf(plan),
    expires_at: given.expires_at ?? now + OPEN_SECONDS,
    url: `${origin}/_pages/checkout/${id}`,
  });
}

function customerGiven(world: World, { customer: id }: SessionParams): Stripe.Customer | undefined {
  if (id === undefined) return undefined;
  const customer = world.get("customer", id);
  if (!customer) throw missing("customer", id, "customer");
  return customer;
}

/** Takes a code that the customer entered, or takes it away; refuses one that gives nothing here. */
export function enterPromotionCode(world: World, session: Session, code: string): Session {
  const plan = planOf(world, session);
  if (plan.pending) throw invalid("The payment has begun: its code cannot change any more.");
  const wanted = code.trim().toUpperCase();
  const found = world
    .all("promotion_code")
    .find((known) => known.active && known.code.toUpperCase() === wanted);
  if (wanted !== "" && (!found || !session.allow_promotion_codes)) {
    throw invalid("This code is not valid.", { param: "promotion_code" });
  }
  const changed = world.put("checkout_plan", { ...plan, promotionCode: found?.id ?? null });
  return world.put("checkout.session", {
    ...session,
    ...amountsIn(totalsOf(world, changed)),
    discounts: discountsOf(changed),
  });
}

/** Closes an open session for good. */
export function expireSession(world: World, id: string): Session {
  const session = sessionOf(world, id);
  if (session.status !== "open") {
    throw invalid(
      `Only Checkout Sessions with a status in ["open"] can be expired. This Session has a status of \`${session.status}\`.`,
    );
  }
  const expired = world.put("checkout.session", { ...session, status: "expired", url: null });
  emit(world, "checkout.session.expired", expired);
  return expired;
}

/** Sessions that nobody completed expire. */
export const checkoutDue: DueSource = (world, clock) => {
  const [next] = world
    .all("checkout.session")
    .filter((session) => session.status === "open" && clockOf(world, session) === clock)
    .toSorted((one, other) => one.expires_at - other.expires_at);
  return next && { at: next.expires_at, run: () => void expireSession(world, next.id) };
};
