import { createHash } from "node:crypto";
import { cpus } from "node:os";
import { setTimeout as pause } from "node:timers/promises";
import { median } from "./numbers.ts";

const LOOK_MS = 2_000;
const TURNS = 9;
const ROWS = Array.from({ length: 20_000 }, (_, place) => ({
  id: `evt_${place}`,
  amount: (place * 7_919) % 100_003,
  lines: [place, place + 1],
}));

/**
 * How fast the machine is just now: the milliseconds that a fixed piece of work takes one processor, the
 * median of several turns. Shared machines differ by two from day to day, and all figures with them.
 */
export function yardstickMs(): number {
  const times = Array.from({ length: TURNS }, () => {
    const began = performance.now();
    const rows: typeof ROWS = JSON.parse(JSON.stringify(ROWS));
    rows.sort((a, b) => a.amount - b.amount);
    createHash("sha256").update(JSON.stringify(rows)).digest();
    return performance.now() - began;
  });
  return median(times);
}

/** How busy all processors are together while this does nothing, from 0 to 1: what is left of others. */
export async function busyShare(): Promise<number> {
  const before = spent();
  await pause(LOOK_MS);
  const after = spent();
  const all = after.all - before.all;
  return all > 0 ? 1 - (after.idle - before.idle) / all : 0;
}

function spent(): { all: number; idle: number } {
  const times = cpus().map((each) => each.times);
  const sum = (of: (each: (typeof times)[number]) => number) =>
    times.reduce((total, each) => total + of(each), 0);
  return {
    all: sum(({ user, nice, sys, idle, irq }) => user + nice + sys + idle + irq),
    idle: sum(({ idle }) => idle),
  };
}
