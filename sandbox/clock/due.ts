import type { ClockRef, World } from "../state/world.ts";

/** Something that time will do: when, and what. Run with the clock standing at `at`. */
export type Due = { readonly at: number; readonly run: () => void };

/** The earliest thing that one part of the sandbox has to do under a clock; undefined when there is none. */
export type DueSource = (world: World, clock: ClockRef) => Due | undefined;
