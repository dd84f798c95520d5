import { execFile } from "node:child_process";
import { promisify } from "node:util";
import { expect, test } from "vitest";

/* The flags are the process's own, so each has one of its own. */

const HEAP = new URL("../../lib/heap.ts", import.meta.url).href;

/** Works, and rests for a second: what it holds before and after, in bytes. */
async function heldAround(options: object): Promise<[worked: number, rested: number]> {
  const program = `
    const { giveBackWhenIdle, letHeapGrow } = await import(${JSON.stringify(HEAP)});
    letHeapGrow();
    giveBackWhenIdle(${JSON.stringify(options)});
    for (let turn = 0; turn < 30; turn++) {
      Array.from({ length: 200_000 }, (_, at) => ({ at, text: "row " + at }));
      await new Promise((done) => setImmediate(done));
    }
    const worked = process.memoryUsage.rss();
    await new Promise((done) => setTimeout(done, 1_500));
    console.log(JSON.stringify([worked, process.memoryUsage.rss()]));`;
  const run = promisify(execFile);
  const flags = ["--max-semi-space-size=64", "--input-type=module", "--eval", program];
  const { stdout } = await run(process.execPath, flags);
  return JSON.parse(stdout);
}

test("a process gives back what its busiest moment took, once nothing goes on", async () => {
  const [worked, rested] = await heldAround({ lookMs: 200, worthMs: 100 });

  expect(rested).toBeLessThan(worked * 0.7);
});

test("a process that has hardly worked is not stopped for it", async () => {
  const [worked, rested] = await heldAround({ lookMs: 200, worthMs: 60_000 });

  expect(rested).toBeGreaterThan(worked * 0.7);
});
