import type { ClockRef, World } from "../state/world.ts";
import type { Due, DueSource } from "./due.ts";

const NOBODY = { id: null, idempotency_key: null };
/** So many things in one advance can only be one that comes back forever: a bug, said loudly. */
const DUE_MAX = 200_000;

/**
 * Does all that time does under a clock up to a moment, in order of time, each with the clock standing at
 * its own moment; then leaves the clock at that moment.
 */
export function advance(
  world: World,
  sources: readonly DueSource[],
  clock: ClockRef,
  to: number,
): void {
  for (let count = 0; ; count += 1) {
    const next = earliest(world, sources, clock);
    if (!next || next.at > to) break;
    if (count > DUE_MAX)
      throw new Error(`time never ends: something is due at ${next.at} for ever`);
    world.act(NOBODY, () => {
      if (next.at > world.now(clock) || clock === null) world.setClock(clock, next.at);
      next.run();
    });
  }
  if (clock !== null || world.now(null) !== to) {
    world.act(NOBODY, () => world.setClock(clock, to));
  }
}

/** What became due by itself, as real time passes. */
export function catchUp(world: World, sources: readonly DueSource[]): void {
  const now = world.now(null);
  const next = earliest(world, sources, null);
  if (next && next.at <= now) advance(world, sources, null, now);
}

function earliest(world: World, sources: readonly DueSource[], clock: ClockRef): Due | undefined {
  let first: Due | undefined;
  for (const source of sources) {
    const due = source(world, clock);
    if (due && (!first || due.at < first.at)) first = due;
  }
  return first;
}
