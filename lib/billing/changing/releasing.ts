import { db } from "#db/client.ts";
import { isTransient } from "../../errors.ts";
import { log } from "../../log.ts";
import { ring } from "../../rings/store.ts";
import { tidying } from "../asking/errand.ts";
import { type BegunSchedule, begunSchedules, putOff } from "./store.ts";

/** How long one rests that the gateway refuses to release. */
const REST_SECONDS = 3_600;

/**
 * Lets go of schedules of ours whose change has begun: from then on they plan nothing, and would only
 * stand in the way of whoever changes the subscription elsewhere. One that cannot be released holds up no
 * other: it goes behind them. Where the gateway does not answer, the rest of its schedules is left for the
 * next time. Nothing that anybody sees depends on it.
 */
export async function releaseBegun(): Promise<void> {
  const away = new Set<string>();
  for (const begun of await begunSchedules(db())) {
    const place = `${begun.gateway}:${begun.mode}`;
    if (away.has(place)) continue;
    try {
      await release(begun);
    } catch (error) {
      const isAway = isTransient(error);
      if (isAway) away.add(place);
      log().warn({ err: error, ...begun }, "a schedule that is over was not released");
      await putOff(begun, isAway ? 0 : REST_SECONDS);
    }
  }
}

async function release({ scheduleRef, ref, gateway, mode }: BegunSchedule): Promise<void> {
  const asking = await tidying({ gateway, mode }, `schedule ${scheduleRef}`);
  await asking.gateway.commands.letScheduleGo(scheduleRef, asking);
  const changed = [{ type: "subscription", ref }] as const;
  await db().transaction((tx) =>
    ring(tx, { gateway, mode }, changed, { cause: "command", evenIfKnown: true }),
  );
}
