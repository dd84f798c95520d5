import type { Settings } from "../state/kinds.ts";
import type { World } from "../state/world.ts";

const DEFAULTS: Settings = {
  id: "settings",
  retryDays: [3, 5, 7],
  afterRetries: "cancel",
  draftHours: 1,
  upcomingDays: 7,
};

export function settingsOf(world: World): Settings {
  return world.get("sandbox_settings", "settings") ?? DEFAULTS;
}

/** Sets what is given and leaves the rest. */
export function changeSettings(world: World, given: Partial<Omit<Settings, "id">>): Settings {
  return world.put("sandbox_settings", { ...settingsOf(world), ...given });
}
