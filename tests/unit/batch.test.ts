import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { type BatchOptions, batcher, type Failure } from "#lib/inbox/batch.ts";

type Options = BatchOptions<number, string>;

/** A batcher of numbers whose flushes end when the test says so. */
function heldBatcher(changes: Partial<Options> = {}) {
  const flushes: { items: readonly number[]; end(): void; fail(error: Error): void }[] = [];
  const line = batcher<number, string>({
    ...limits,
    flush: (items) =>
      new Promise((resolve, reject) => {
        flushes.push({ items, end: () => resolve(items.map(String)), fail: reject });
      }),
    ...changes,
  });
  return { line, flushes };
}

const limits = {
  failureOf: (error: unknown): Failure =>
    error instanceof Error && (error.message === "again" || error.message === "away")
      ? error.message
      : error instanceof DOMException
        ? "away"
        : "row",
  flushesAtOnce: 2,
  rowsBesideAnother: 1,
  rowsPerFlush: 4,
  bytesPerFlush: 100,
  waitingRowsMax: 1_000,
  waitingBytesMax: 100_000,
  timeLimitMs: 60_000,
};

const turn = () => new Promise((resolve) => setImmediate(resolve));

describe("a batcher", () => {
  test("flushes the first at once and gathers what comes meanwhile", async () => {
    const { line, flushes } = heldBatcher({ flushesAtOnce: 1, rowsPerFlush: 100 });

    const first = line.add(1, 1);
    await turn();
    const others = [2, 3, 4].map((item) => line.add(item, 1));
    await turn();

    expect(flushes.map(({ items }) => items)).toEqual([[1]]);
    flushes[0]?.end();
    expect(await first).toBe("1");
    await expect.poll(() => flushes[1]?.items).toEqual([2, 3, 4]);
    flushes[1]?.end();
    expect(await Promise.all(others)).toEqual(["2", "3", "4"]);
  });

  test("starts another flush beside one on its way only for many rows, or for many bytes", async () => {
    const { line, flushes } = heldBatcher({ flushesAtOnce: 3, rowsBesideAnother: 3 });
    const itemsOf = () => flushes.map(({ items }) => items);

    void line.add(1, 1);
    await turn();
    for (const item of [2, 3]) void line.add(item, 1);
    await turn();
    expect(itemsOf()).toEqual([[1]]);

    void line.add(4, 1);
    await turn();
    expect(itemsOf()).toEqual([[1], [2, 3, 4]]);

    void line.add(5, 100);
    await turn();
    expect(itemsOf()).toEqual([[1], [2, 3, 4], [5]]);
  });

  test("keeps a flush under its rows and its bytes, but never leaves a large row behind", async () => {
    const { line, flushes } = heldBatcher({ flushesAtOnce: 9 });
    const sizes = [10, 10, 10, 10, 10, 60, 60, 500, 1];

    for (const [item, size] of sizes.entries()) void line.add(item, size);
    await turn();

    expect(flushes.map(({ items }) => items)).toEqual([[0, 1, 2, 3], [4, 5], [6], [7], [8]]);
  });

  test("refuses at once when the line is full, by rows or by bytes", async () => {
    const { line } = heldBatcher({ waitingRowsMax: 2, waitingBytesMax: 50 });

    void line.add(1, 40);
    await expect(line.add(2, 11)).rejects.toMatchObject({ code: "not_yet" });
    void line.add(3, 5);
    await expect(line.add(4, 1)).rejects.toMatchObject({ code: "not_yet" });
  });

  test("tells everyone in line when the store is away, and starts afresh", async () => {
    const { line, flushes } = heldBatcher({ flushesAtOnce: 1 });
    const first = line.add(1, 1);
    await turn();
    const waiting = line.add(2, 1);

    flushes[0]?.fail(new Error("away"));

    await expect(first).rejects.toMatchObject({ code: "not_yet" });
    await expect(waiting).rejects.toMatchObject({ code: "not_yet" });
    const later = line.add(3, 1);
    await turn();
    flushes[1]?.end();
    expect(await later).toBe("3");
  });

  test("gives up on a flush that takes too long, and tells it to stop", async () => {
    let signal: AbortSignal | undefined;
    const { line } = heldBatcher({
      timeLimitMs: 30,
      flush: (_, given) => {
        signal = given;
        return new Promise(() => {});
      },
    });

    await expect(line.add(1, 1)).rejects.toMatchObject({ code: "not_yet" });

    expect(signal?.aborted).toBe(true);
  });

  test("tries a deadlock again a few times, and not for ever", async () => {
    let tries = 0;
    const flush = (patience: number): Options["flush"] => {
      tries = 0;
      return async (items) => {
        tries += 1;
        if (tries <= patience) throw new Error("again");
        return items.map(String);
      };
    };

    expect(await heldBatcher({ flush: flush(3) }).line.add(1, 1)).toBe("1");
    await expect(heldBatcher({ flush: flush(99) }).line.add(1, 1)).rejects.toMatchObject({
      code: "not_yet",
    });
    expect(tries).toBe(4);
  });

  test("stops trying rows one by one once the store is away", async () => {
    let tries = 0;
    const { line } = heldBatcher({
      rowsPerFlush: 50,
      flush: async (items) => {
        tries += 1;
        throw new Error(items.length > 1 ? "row" : "away");
      },
    });

    const all = await Promise.allSettled(
      Array.from({ length: 50 }, (_, item) => line.add(item, 1)),
    );

    expect(all.every(({ status }) => status === "rejected")).toBe(true);
    expect(tries).toBe(2);
  });

  test("drains: waits for what waits and for what is on its way", async () => {
    const { line, flushes } = heldBatcher({ flushesAtOnce: 1 });
    void line.add(1, 1);
    await turn();
    void line.add(2, 1);
    let isDrained = false;
    const drained = line.drain().then(() => {
      isDrained = true;
    });

    flushes[0]?.end();
    await turn();
    await turn();
    expect(isDrained).toBe(false);
    flushes[1]?.end();
    await drained;
    expect(isDrained).toBe(true);
  });

  test("settles each item exactly once with its own outcome, whatever fails and whenever it comes", async () => {
    const item = fc.record({
      pause: fc.nat(2),
      isPoison: fc.boolean(),
      bytes: fc.integer({ min: 1, max: 60 }),
    });
    const faults = fc.array(fc.constantFrom("none", "again", "away"), { maxLength: 20 });

    await fc.assert(
      fc.asyncProperty(fc.array(item, { maxLength: 60 }), faults, async (items, plan) => {
        const stored: number[] = [];
        let flushing = 0;
        let mostAtOnce = 0;
        const line = batcher<number, string>({
          ...limits,
          flush: async (numbers) => {
            flushing += 1;
            mostAtOnce = Math.max(mostAtOnce, flushing);
            try {
              await turn();
              const fault = plan.shift() ?? "none";
              if (fault !== "none") throw new Error(fault);
              if (numbers.some((number) => items[number]?.isPoison)) throw new Error("row");
              stored.push(...numbers);
              return numbers.map(String);
            } finally {
              flushing -= 1;
            }
          },
        });

        const asked: Promise<PromiseSettledResult<string>[]>[] = [];
        for (const [number, { pause, bytes }] of items.entries()) {
          for (let turns = 0; turns < pause; turns++) await turn();
          asked.push(Promise.allSettled([line.add(number, bytes)]));
        }
        const settled = (await Promise.all(asked)).flat();
        await line.drain();

        const taken = settled.flatMap((each, number) =>
          each.status === "fulfilled" ? [number] : [],
        );
        expect([...stored].sort((a, b) => a - b)).toEqual(taken);
        for (const [number, each] of settled.entries()) {
          if (each.status === "fulfilled") expect(each.value).toBe(String(number));
          if (items[number]?.isPoison) expect(each.status).toBe("rejected");
        }
        expect(mostAtOnce).toBeLessThanOrEqual(limits.flushesAtOnce);
      }),
      { numRuns: 60 },
    );
  });
});
