import fc from "fast-check";
import { expect, test } from "vitest";
import { deliver, makeOrganization, prepareBilling, settle } from "#tests/support/billing.ts";
import { useDatabase } from "#tests/support/database.ts";
import { play, steps } from "#tests/support/histories.ts";
import { noticesOf, rowsOf } from "#tests/support/rows.ts";

const database = await useDatabase();
const { sql } = database;
await prepareBilling(database);

const startsAt = Math.floor(Date.now() / 1000) - 24 * 3600;
let run = 0;

test("any order, any repetition, several workers at once: the same end as in order (payload mode)", async () => {
  await fc.assert(
    fc.asyncProperty(
      fc.array(steps, { minLength: 2, maxLength: 3 }),
      fc.integer(),
      async (histories, seed) => {
        run += 1;
        const inOrder = histories.map((_, n) => `a${run}x${n}`);
        const shuffled = histories.map((_, n) => `b${run}x${n}`);
        for (const prefix of [...inOrder, ...shuffled])
          await makeOrganization(sql, `org_${prefix}`);

        for (const [n, history] of histories.entries()) {
          for (const moment of play(inOrder[n] ?? "", history, startsAt)) {
            for (const event of moment.events) {
              await deliver(event);
              await settle(sql, 1);
            }
          }
        }
        const events = histories.flatMap((history, n) =>
          play(shuffled[n] ?? "", history, startsAt).flatMap((moment) => moment.events),
        );
        const random = seeded(seed);
        const disorder = [...events, ...events].sort(() => random() - 0.5);
        const working = settleWhile(disorder.map((event) => () => deliver(event)));
        await working;
        await settle(sql, 8);

        for (const [n] of histories.entries()) {
          expect(await rowsOf(sql, shuffled[n] ?? "")).toEqual(await rowsOf(sql, inOrder[n] ?? ""));
          const due = new Set(await noticesOf(sql, inOrder[n] ?? ""));
          const made = await noticesOf(sql, shuffled[n] ?? "");
          expect(made.filter((notice) => !due.has(notice))).toEqual([]);
          expect(new Set(made).size).toBe(made.length);
        }
      },
    ),
    { numRuns: Number(process.env.PROPERTY_RUNS ?? 12), endOnFailure: true },
  );
}, 300_000);

/** Delivers in bursts of eight, with two workers' worth of syncs running in between. */
async function settleWhile(deliveries: (() => Promise<void>)[]): Promise<void> {
  for (let at = 0; at < deliveries.length; at += 8) {
    await Promise.all([
      ...deliveries.slice(at, at + 8).map((send) => send()),
      settle(sql, 3),
      settle(sql, 3),
    ]);
  }
}

function seeded(seed: number): () => number {
  let state = seed >>> 0 || 1;
  return () => {
    state = (Math.imul(state, 1_664_525) + 1_013_904_223) >>> 0;
    return state / 2 ** 32;
  };
}
