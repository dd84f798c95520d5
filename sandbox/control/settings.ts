import type { World } from "../state/world.ts";

/** What an account's owner sets in Stripe's dashboard, and the sandbox's own control page. */
export type Settings = {
  readonly id: "settings";
  /** Days after one failed attempt at which the next is made. */
  readonly retryDays: readonly number[];
  /** What becomes of a subscription when the last retry has failed. */
  readonly afterRetries: "cancel" | "unpaid" | "past_due";
  /** How long a renewal's invoice stays a draft. */
  readonly draftHours: number;
  /** How long before a renewal `invoice.upcoming` tells of it. */
  readonly upcomingDays: number;
};

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
