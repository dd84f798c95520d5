import { dueSources } from "../due-sources.ts";
import type { ClockRef, World } from "../state/world.ts";

/** When time does something next under a clock; undefined where nothing waits for it. */
export function nextDueAt(world: World, clock: ClockRef): number | undefined {
  const moments = dueSources.flatMap((source) => source(world, clock)?.at ?? []);
  return moments.length === 0 ? undefined : Math.min(...moments);
}
