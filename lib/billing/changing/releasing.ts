import { db } from "#db/client.ts";
import { log } from "../../log.ts";
import { ring } from "../../rings/store.ts";
import { tidying } from "../asking/errand.ts";
import { begunSchedules } from "./store.ts";

/**
 * Lets go of schedules of ours whose change has begun: from then on they plan nothing, and would only
 * stand in the way of whoever changes the subscription elsewhere. What one cannot be asked now is asked
 * the next time; nothing that anybody sees depends on it.
 */
export async function releaseBegun(): Promise<void> {
  for (const { scheduleRef, ref, ...place } of await begunSchedules(db())) {
    try {
      const asking = await tidying(place, `schedule ${scheduleRef}`);
      await asking.gateway.commands.letScheduleGo(scheduleRef, asking);
      const changed = [{ type: "subscription", ref }] as const;
      await db().transaction((tx) =>
        ring(tx, place, changed, { cause: "command", evenIfKnown: true }),
      );
    } catch (error) {
      log().warn({ err: error, ...place, scheduleRef }, "a schedule that is over was not released");
    }
  }
}
