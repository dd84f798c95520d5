import { db } from "#db/client.ts";
import { ring } from "../rings/store.ts";
import { connectionOf } from "../settings/secrets.ts";
import { liveSubscriptions, type Place } from "./store.ts";

const BATCH = 500;

/**
 * Rings every live subscription of a connection, so that each is compared with the gateway. A
 * difference shows as a change that reconciliation caused; where there is none, nothing is written.
 * Answers how many were rung; none in payload mode, where there is nobody to ask.
 */
export async function compareSubscriptions(place: Place): Promise<number> {
  const connection = await connectionOf(place.gateway, place.mode, { fresh: true });
  if (!connection) return 0;
  let rung = 0;
  let after = "";
  for (;;) {
    const refs = await liveSubscriptions(place, after, BATCH);
    const last = refs.at(-1);
    if (last === undefined) return rung;
    await db().transaction((tx) =>
      ring(
        tx,
        place,
        refs.map((ref) => ({ type: "subscription", ref })),
        { cause: "reconciliation", evenIfKnown: true },
      ),
    );
    rung += refs.length;
    after = last;
  }
}
