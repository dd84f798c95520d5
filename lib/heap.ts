import { setFlagsFromString } from "node:v8";
import { runInNewContext } from "node:vm";

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

/** Of the time between two looks: timers, polls and health checks take less of a processor. */
const IDLE_SHARE = 0.05;

/**
 * Gives memory back to the system once the work is done. V8 shrinks the young generation only while it
 * collects, and an idle process never does: it would keep for ever what its busiest moment took. It
 * stops the process for a fifth of a second, so only where nothing goes on: it looks now and then, and
 * there must have been work worth so much processor time.
 */
export function giveBackWhenIdle({ lookMs = 10_000, worthMs = 10_000 } = {}): void {
  setFlagsFromString("--expose-gc");
  const collect: unknown = runInNewContext("gc");
  // It saves memory, and is nothing to refuse a start for.
  if (typeof collect !== "function") return;
  let worked = 0;
  let before = process.cpuUsage();
  const look = () => {
    const { user, system } = process.cpuUsage(before);
    const ms = (user + system) / 1_000;
    if (ms > lookMs * IDLE_SHARE) worked += ms;
    else if (worked > worthMs) {
      worked = 0;
      collect({ type: "major", flavor: "last-resort" });
    }
    before = process.cpuUsage();
  };
  setInterval(look, lookMs).unref();
}
