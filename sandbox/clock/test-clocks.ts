import { emit } from "../events/emit.ts";
import type { World } from "../state/world.ts";
import { advance } from "./advance.ts";
import type { DueSource } from "./due.ts";

const NOBODY = { id: null, idempotency_key: null };

/** Moves every test clock that was told to, and says that it is there. */
export function finishAdvances(world: World, sources: readonly DueSource[]): void {
  for (const clock of world.all("test_helpers.test_clock")) {
    const to = clock.status_details.advancing?.target_frozen_time;
    if (clock.status !== "advancing" || to === undefined) continue;
    try {
      advance(world, sources, clock.id, to);
      settle(world, clock.id, "ready");
    } catch (error) {
      console.error(error);
      settle(world, clock.id, "internal_failure");
    }
  }
}

function settle(world: World, id: string, status: "ready" | "internal_failure"): void {
  world.act(NOBODY, () => {
    const clock = world.get("test_helpers.test_clock", id);
    if (!clock) return;
    const after = world.put("test_helpers.test_clock", { ...clock, status, status_details: {} });
    emit(world, `test_helpers.test_clock.${status}`, after);
  });
}
