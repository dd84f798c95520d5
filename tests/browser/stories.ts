import type { Organization } from "./deployments.ts";
import type { Stripe } from "./fixtures.ts";
import { checkout, subscription } from "./objects.ts";
import { customerOf } from "./seed.ts";

/** A price of the demo that is in the plan Pro. */
export const PRO = "price_demo_pro_monthly";

/** An organization completes a checkout and is active on Pro. */
export async function becomesCustomer(stripe: Stripe, organization: Organization) {
  const it = customerOf(organization.id);
  const told = await stripe.tells("checkout.session.completed", checkout(it));
  const active = await stripe.tells(
    "customer.subscription.created",
    subscription(it, PRO, "active"),
  );
  return { it, checkout: told, active };
}
