import type { World } from "./world.ts";

/** The port that Stripe's own mock listens on; the sandbox's unless it was told another. */
const DEFAULT_ORIGIN = "http://127.0.0.1:12111";

const origins = new WeakMap<World, string>();

/** Says where this sandbox is reached; the server does so as soon as it listens. */
export function setOrigin(world: World, origin: string): void {
  origins.set(world, origin);
}

/** Where this sandbox is reached, for links in what time does, when there is no call to ask. */
export function originOf(world: World): string {
  return origins.get(world) ?? DEFAULT_ORIGIN;
}
