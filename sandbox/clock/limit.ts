import type Stripe from "stripe";
import { idOf } from "../state/reference.ts";
import type { World } from "../state/world.ts";

type TestClock = Stripe.TestHelpers.TestClock;

const INTERVALS_MAX = 2;
const ENDED: readonly string[] = ["canceled", "incomplete_expired"];

/** The last moment that a test clock may be moved to at once: two intervals of its shortest subscription. */
export function latestAdvance(world: World, clock: TestClock): number {
  const ends = world
    .all("subscription")
    .filter(({ status }) => !ENDED.includes(status))
    .filter(({ customer }) => world.get("customer", idOf(customer))?.test_clock === clock.id)
    .flatMap(({ items }) => items.data)
    .flatMap(({ price }) => (price.recurring ? [after(clock.frozen_time, price.recurring)] : []));
  return ends.length === 0
    ? after(clock.frozen_time, { interval: "year", interval_count: 1 })
    : Math.min(...ends);
}

/** So many intervals later; months by the calendar, and never less than they have days. */
function after(
  seconds: number,
  { interval, interval_count }: Pick<Stripe.Price.Recurring, "interval" | "interval_count">,
): number {
  const count = interval_count * INTERVALS_MAX;
  if (interval === "day") return seconds + count * 86_400;
  if (interval === "week") return seconds + count * 7 * 86_400;
  const moved = new Date(seconds * 1_000);
  moved.setUTCMonth(moved.getUTCMonth() + count * (interval === "year" ? 12 : 1));
  return Math.floor(moved.getTime() / 1_000);
}
