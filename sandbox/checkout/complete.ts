import type Stripe from "stripe";
import { emit } from "../events/emit.ts";
import { type CardGiven, methodFrom, methodNamed } from "../payments/methods.ts";
import { invalid, type StripeError } from "../protocol/errors.ts";
import type { World } from "../state/world.ts";
import { afterSetup, begin } from "./begin.ts";
import { enterCountry } from "./country.ts";
import { finish } from "./finish.ts";
import type { Begun, Order } from "./order.ts";
import type { Payer, Pending } from "./plan.ts";
import { goOn } from "./purchase.ts";
import { planOf, sessionOf } from "./session-object.ts";
import { countryOf, totalsOf } from "./totals.ts";

type Session = Stripe.Checkout.Session;

/** What a customer gives to complete a session: a new card or a payment method, and who they are. */
export type Given = {
  readonly card?: CardGiven | undefined;
  /** An id, or a test name such as `pm_card_visa`. */
  readonly paymentMethod?: string | undefined;
  readonly email?: string | null | undefined;
  readonly name?: string | null | undefined;
};

/** What came of it. Where the bank asks, `intent` is what it asks about; a decline is in `error`. */
export type Completion =
  | { readonly outcome: "complete"; readonly session: Session }
  | { readonly outcome: "requires_action"; readonly session: Session; readonly intent: string }
  | { readonly outcome: "declined"; readonly session: Session; readonly error: StripeError };

/**
 * Pays, subscribes or saves the card. A declined card leaves the session open and nothing behind but its
 * failed payment; a card that asks for 3-D Secure leaves it open until `noteSessionIntent`.
 */
export function completeSession(world: World, id: string, given: Given): Completion {
  const opened = openSession(world, id);
  const method = methodGiven(world, given);
  const session = withLocation(world, opened, method);
  const plan = planOf(world, session);
  const due = session.mode === "setup" ? 0 : totalsOf(world, plan).total;
  if (!method && needsMethod(session, due)) {
    throw invalid("You must provide a payment method.", { param: "payment_method" });
  }
  const order: Order = { session, plan, due, method, payer: payerOf(session, given, method) };
  const bought = [...totalsOf(world, plan).lines];
  const begun = goOn(world, order) ?? begin(world, order);
  if (begun.outcome === "declined") return { outcome: "declined", session, error: begun.error };
  world.put("checkout_plan", { ...plan, bought, pending: pendingOf(order, begun) });
  if (begun.outcome !== "requires_action") {
    const isPaid = begun.outcome === "succeeded";
    const session = finish(world, sessionOf(world, id), begun, order.payer, { isPaid });
    return { outcome: "complete", session };
  }
  return { outcome: "requires_action", session: sessionOf(world, id), intent: begun.intent };
}

/** Tax that is worked out needs a country; where none is known, the card's billing address says it. */
function withLocation(
  world: World,
  session: Session,
  method: Stripe.PaymentMethod | undefined,
): Session {
  if (!session.automatic_tax.enabled || countryOf(world, planOf(world, session))) return session;
  const country = method?.billing_details.address?.country;
  if (country) return enterCountry(world, session, country);
  throw invalid("Enter the country that you are in, so that tax can be worked out.", {
    code: "customer_tax_location_invalid",
    param: "country",
  });
}

function pendingOf({ payer }: Order, begun: Begun): Pending | null {
  if (begun.outcome === "declined" || begun.outcome === "succeeded") return null;
  const { intent, invoice, subscription, customer, paymentMethod } = begun;
  return { intent, invoice, subscription, customer, paymentMethod, payer };
}

/**
 * Completes the session that waits for this payment or setup intent, if one does and the bank has said
 * yes, or says what became of a payment that was under way. For whoever let the intent come to an end,
 * after its invoice was told; does nothing otherwise.
 */
export function noteSessionIntent(
  world: World,
  intent: Stripe.PaymentIntent | Stripe.SetupIntent,
): void {
  const plan = world.all("checkout_plan").find(({ pending }) => pending?.intent === intent.id);
  if (!plan?.pending) return;
  const session = sessionOf(world, plan.id);
  if (intent.status === "processing") return;
  if (session.status === "complete") {
    settleLate(world, session, intent);
    return;
  }
  if (intent.status !== "succeeded" || session.status !== "open") return;
  const { pending } = plan;
  world.put("checkout_plan", { ...plan, pending: null });
  const isSetupFirst = session.mode === "subscription" && pending.subscription === null;
  const done = isSetupFirst ? afterSetup(world, plan, pending) : pending;
  finish(world, session, done, pending.payer);
}

function settleLate(
  world: World,
  session: Session,
  { status }: Stripe.PaymentIntent | Stripe.SetupIntent,
): void {
  world.put("checkout_plan", { ...planOf(world, session), pending: null });
  if (status !== "succeeded") {
    emit(world, "checkout.session.async_payment_failed", session);
    return;
  }
  const paid = world.put("checkout.session", { ...session, payment_status: "paid" });
  emit(world, "checkout.session.async_payment_succeeded", paid);
}

/** Whether a card must be given; a session that costs nothing may ask for none. */
export function needsMethod(session: Session, due: number): boolean {
  return session.mode === "setup" || due > 0 || session.payment_method_collection === "always";
}

function openSession(world: World, id: string): Session {
  const session = sessionOf(world, id);
  if (session.status === "open") return session;
  throw invalid(
    `This Checkout Session has a status of \`${session.status}\`; it must be \`open\`.`,
    {
      param: "session",
    },
  );
}

function methodGiven(world: World, given: Given): Stripe.PaymentMethod | undefined {
  if (given.paymentMethod) return methodNamed(world, given.paymentMethod);
  if (!given.card) return undefined;
  const billing = { email: given.email ?? null, name: given.name ?? null };
  return methodFrom(world, { ...given.card, billing });
}

function payerOf(session: Session, given: Given, method: Stripe.PaymentMethod | undefined): Payer {
  const known = session.customer_details;
  const billing = method?.billing_details;
  return {
    email: given.email ?? known?.email ?? billing?.email ?? null,
    name: given.name ?? billing?.name ?? known?.name ?? null,
  };
}
