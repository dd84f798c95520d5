import type { PlannedChange, SubscriptionItem, UnpaidChange } from "../gateway.ts";
import { priceOf } from "./concepts.ts";
import { countAt, dateAt, type Json, listAt, objectAt, refAt, textAt } from "./json.ts";
import { UNPAID_BILL } from "./unpaid-bill.ts";

/** Where the id of the command that made something stands in its metadata. */
export const COMMAND_KEY = "command_id";

/** What is to become of a subscription: by its schedule, and by an update that waits for its payment. */
export function aheadOf(subscription: Json): {
  scheduleRef: string | null;
  planned: PlannedChange | null | undefined;
  unpaidChange: UnpaidChange | null;
} {
  const scheduleRef = refAt(subscription, "schedule");
  const schedule = objectAt(subscription, "schedule");
  return {
    scheduleRef,
    // Only an expanded schedule says what it plans.
    planned: schedule ? plannedBy(schedule) : scheduleRef ? undefined : null,
    unpaidChange: unpaidOf(subscription),
  };
}

/** The phase after the one that runs. Without one nothing is planned, though the schedule is there. */
function plannedBy(schedule: Json): PlannedChange | null {
  const runsUntil = dateAt(schedule, "current_phase", "end_date");
  const [next] = listAt(schedule, "phases")
    .map((phase) => ({ at: dateAt(phase, "start_date"), items: itemsOf(phase, "items") }))
    .filter(({ at }) => at !== null && (!runsUntil || at >= runsUntil))
    .sort((a, b) => Number(a.at) - Number(b.at));
  if (!next?.at) return null;
  return {
    at: next.at,
    items: next.items,
    commandId: textAt(schedule, "metadata", COMMAND_KEY),
  };
}

function unpaidOf(subscription: Json): UnpaidChange | null {
  const pending = objectAt(subscription, "pending_update");
  if (!pending) return null;
  return {
    until: dateAt(pending, "expires_at"),
    items: itemsOf(pending, "subscription_items"),
    // Only a fetch looks for it; an event tells of the newest, which it is until the subscription renews.
    invoiceRef: refAt(subscription, UNPAID_BILL in subscription ? UNPAID_BILL : "latest_invoice"),
  };
}

function itemsOf(holder: Json, member: string): SubscriptionItem[] {
  return listAt(holder, member).flatMap((item) => {
    const priceRef = priceOf(item);
    return priceRef ? [{ priceRef, quantity: countAt(item, "quantity") ?? 1 }] : [];
  });
}
