import type Stripe from "stripe";
import type { World } from "../state/world.ts";
import { planOf } from "./session-object.ts";
import { amountsIn, automaticTaxIn, countryOf, totalsOf } from "./totals.ts";

type Session = Stripe.Checkout.Session;

/** Takes the country that the customer says to be in, by which the session's tax is worked out. */
export function enterCountry(world: World, session: Session, country: string): Session {
  const plan = planOf(world, session);
  if (plan.pending || countryOf(world, plan) === country) return session;
  const changed = world.put("checkout_plan", { ...plan, country });
  return world.put("checkout.session", {
    ...session,
    ...amountsIn(totalsOf(world, changed)),
    automatic_tax: automaticTaxIn(world, changed),
  });
}
