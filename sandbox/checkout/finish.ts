import type Stripe from "stripe";
import { emit } from "../events/emit.ts";
import { updateCustomer } from "../resources/customers.ts";
import type { World } from "../state/world.ts";
import type { Made } from "./order.ts";
import type { Payer } from "./plan.ts";
import { detailsOf, planOf } from "./session-object.ts";

type Session = Stripe.Checkout.Session;

/** Closes a session that came to its end, and says so. */
export function finish(
  world: World,
  session: Session,
  done: Made,
  payer: Payer,
  { isPaid = true } = {},
): Session {
  const address = addressOf(world, done);
  keepCustomerUpToDate(world, session, done, payer, address);
  const isFree = session.mode === "setup" || session.amount_total === 0;
  const completed = world.put("checkout.session", {
    ...session,
    customer: done.customer,
    customer_details: detailsOf(payer.email, payer.name, address),
    invoice: done.invoice,
    payment_intent: session.mode === "payment" ? done.intent : null,
    payment_status: isFree ? "no_payment_required" : isPaid ? "paid" : "unpaid",
    setup_intent: session.mode === "setup" ? done.intent : null,
    status: "complete",
    subscription: done.subscription,
    url: null,
  });
  emit(world, "checkout.session.completed", completed);
  return completed;
}

function addressOf(world: World, { paymentMethod }: Made): Stripe.Address | null {
  const method = paymentMethod === null ? undefined : world.get("payment_method", paymentMethod);
  return method?.billing_details.address ?? null;
}

function keepCustomerUpToDate(
  world: World,
  session: Session,
  { customer: id }: Made,
  { name }: Payer,
  address: Stripe.Address | null,
): void {
  const wanted = planOf(world, session).given.customer_update;
  const customer = id === null ? undefined : world.get("customer", id);
  if (!customer || !wanted) return;
  updateCustomer(world, customer, {
    ...(wanted.name === "auto" && name ? { name } : {}),
    ...(wanted.address === "auto" && address ? { address: given(address) } : {}),
  });
}

/** An address without the parts that nobody said. */
function given(address: Stripe.Address) {
  const { city, country, line1, line2, postal_code, state } = address;
  return { city, country, line1, line2, postal_code, state };
}
