import { readCatalogueByClock } from "../billing/selling/reading.ts";
import { log } from "../log.ts";
import { compareSubscriptions } from "./drift.ts";
import { findGaps } from "./gaps.ts";
import { type Place, places } from "./store.ts";

/** Looks for events that never arrived, at every gateway that can be asked. */
export async function findGapsEverywhere(signal: AbortSignal): Promise<void> {
  await everywhere((place) => findGaps(place, signal), "looking for missed events");
}

/** Compares every live subscription with its gateway. */
export async function compareEverywhere(): Promise<void> {
  await everywhere(compareSubscriptions, "comparing subscriptions");
}

/** Reads what every gateway has on sale, and compares it with what is held. */
export async function readEverywhere(): Promise<void> {
  await everywhere(readCatalogueByClock, "reading a catalogue");
}

/** One gateway that is away holds up no other; the next turn asks it again. */
async function everywhere(work: (place: Place) => Promise<unknown>, what: string): Promise<void> {
  for (const place of await places()) {
    try {
      await work(place);
    } catch (error) {
      log().warn({ ...place, err: error }, `${what} failed; the next turn goes on`);
    }
  }
}
