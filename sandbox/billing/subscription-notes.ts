import type { TimeNote } from "../state/kinds.ts";
import type { World } from "../state/world.ts";

/** What time has done to a subscription or a schedule already. */
export function timeNote(world: World, id: string): TimeNote {
  const none = { trialEndSaid: null, upcomingSaid: null, expirySaid: null, pendingInvoice: null };
  return world.get("time_note", id) ?? { id, ...none };
}

export function noteTime(world: World, id: string, changes: Partial<Omit<TimeNote, "id">>): void {
  world.put("time_note", { ...timeNote(world, id), ...changes });
}
