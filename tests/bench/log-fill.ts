import type { Sql } from "#db/client.ts";
import { generateLog, refAt as refIn } from "../../scripts/generate/log.ts";

export { TYPES } from "../../scripts/generate/log.ts";

/** What the filled log is searched for. */
export const ORGANIZATIONS = 10_000;

const NAME = "bench";
const DAYS = 90;
/** A body and headers that together take the room of an event of Stripe's as PostgreSQL keeps it. */
const BODY_BYTES = 1_300;

/**
 * Empties the webhook log and fills it with so many events of the last 90 days: eight to an object, a
 * sync to every second one, 10,000 organizations, one event in a hundred parked, all of test mode.
 */
export async function fillLog(sql: Sql, count: number, bodyBytes = BODY_BYTES): Promise<void> {
  await sql`truncate webhook_events, event_keys, gateway_objects, syncs, organizations cascade`;
  await generateLog(sql, {
    name: NAME,
    count,
    organizations: ORGANIZATIONS,
    days: DAYS,
    bodyBytes,
  });
}

/** The gateway's id of the event at a place in the log. */
export function refAt(place: number): string {
  return refIn(NAME, place);
}
