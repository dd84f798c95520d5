import type Stripe from "stripe";
import { settingsOf } from "../control/settings.ts";
import type { World } from "../state/world.ts";
import { DAY } from "./period.ts";
import { timeOf } from "./subscription-object.ts";

/** When an invoice is tried again if the attempt that is about to be made fails; null when it is the last. */
export function nextAttemptAfter(world: World, invoice: Stripe.Invoice): number | null {
  const days = settingsOf(world).retryDays[invoice.attempt_count];
  return days === undefined ? null : timeOf(world, invoice) + days * DAY;
}
