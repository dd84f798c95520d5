import { describe, expect, test } from "vitest";
import { median, medianAndRange, percentile } from "#tests/bench/numbers.ts";
import { atRate } from "#tests/bench/schedule.ts";

const STALL_MS = 300;

/** A server that answers at once, but stands still once, in the middle. */
function stalling(at: number) {
  let standsUntil = 0;
  return async (_connection: number, place: number) => {
    if (place === at) standsUntil = performance.now() + STALL_MS;
    const wait = standsUntil - performance.now();
    if (wait > 0) await new Promise((resolve) => setTimeout(resolve, wait));
    return "200";
  };
}

describe("a load at a constant rate", () => {
  test("lets everybody who was due during a stall pay for it, though one connection is all there is", async () => {
    const done = await atRate({
      perSecond: 200,
      seconds: 1,
      connections: 1,
      send: stalling(50),
    });

    expect(done).toHaveLength(200);
    const slow = done.filter(({ ms }) => ms > STALL_MS / 3);
    // 60 were due during the stall; 40 of them more than 100 ms before its end.
    expect(slow.length).toBeGreaterThan(25);
    expect(
      percentile(
        done.map(({ ms }) => ms),
        0.9,
      ),
    ).toBeGreaterThan(STALL_MS / 3);
  });

  test("sends what is due, stall or not, while connections are free", async () => {
    let most = 0;
    let open = 0;
    const stall = stalling(0);
    const done = await atRate({
      perSecond: 100,
      seconds: 0.5,
      connections: 64,
      async send(connection, place) {
        most = Math.max(most, ++open);
        const status = await stall(connection, place);
        open -= 1;
        return status;
      },
    });

    expect(done).toHaveLength(50);
    expect(most).toBeGreaterThan(20);
  });

  test("never has two requests on one connection", async () => {
    const busy = new Set<number>();
    const twice: number[] = [];

    await atRate({
      perSecond: 1_000,
      seconds: 0.2,
      connections: 3,
      async send(connection) {
        if (busy.has(connection)) twice.push(connection);
        busy.add(connection);
        await new Promise((resolve) => setTimeout(resolve, 2));
        busy.delete(connection);
        return "200";
      },
    });

    expect(twice).toEqual([]);
  });

  test("fails when sending does", async () => {
    const send = () => Promise.reject(new Error("No way."));

    await expect(atRate({ perSecond: 10, seconds: 0.2, connections: 1, send })).rejects.toThrow(
      "No way.",
    );
  });
});

describe("numbers", () => {
  test.each([
    [[3, 1, 2], 2],
    [[4, 1, 2, 3], 2.5],
    [[7], 7],
  ])("the median of %j is %d", (numbers, expected) => {
    expect(median(numbers)).toBe(expected);
  });

  test.each([
    [0.5, 50],
    [0.99, 99],
    [0.999, 100],
    [1, 100],
    [0, 1],
  ])("the share %d of 1 to 100 does not exceed %d", (share, expected) => {
    const numbers = Array.from({ length: 100 }, (_, place) => 100 - place);

    expect(percentile(numbers, share)).toBe(expected);
  });

  test("are told by their median and range, one alone without", () => {
    expect(medianAndRange([1_500, 900, 1_200], "events/s")).toBe("1,200 events/s (900 to 1,500)");
    expect(medianAndRange([0.254], "times", (value) => value.toFixed(2))).toBe("0.25 times");
  });
});
