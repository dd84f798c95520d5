import { setFlagsFromString } from "node:v8";

/*
 * Loaded before everything else (`node --import ./lib/heap.ts server.ts`). Node reads drizzle-orm's
 * manifest of 180 KB anew for each of its modules, which makes 150 MB of garbage while a process starts.
 * The young generation would grow to hold it, and never shrink again: two processes, idle, took 250 MB
 * more. Kept small, it is cleared as it fills.
 */
setFlagsFromString("--semi-space-growth-factor=1");

/** Lets the young generation grow with the work again, up to `--max-semi-space-size`. */
export function letHeapGrow(): void {
  setFlagsFromString("--semi-space-growth-factor=2");
}
