import fc from "fast-check";
import { expect, test } from "vitest";
import { deliver, makeOrganization, prepareBilling, settle } from "#tests/support/billing.ts";
import { useDatabase } from "#tests/support/database.ts";
import { fetchFromStub } from "#tests/support/fetching.ts";
import { play, steps } from "#tests/support/histories.ts";
import { noticesOf, rowsOf } from "#tests/support/rows.ts";
import type { StripeObject } from "#tests/support/stripe-objects.ts";

const database = await useDatabase();
const { sql } = database;
await prepareBilling(database);
const stub = await fetchFromStub();

const startsAt = Math.floor(Date.now() / 1000) - 24 * 3600;
let run = 0;

test("any order, any repetition, several workers at once: the same end as in order (fetch mode)", async () => {
  await fc.assert(
    fc.asyncProperty(
      fc.array(steps, { minLength: 1, maxLength: 3 }),
      fc.infiniteStream(fc.nat()),
      async (histories, dice) => {
        run += 1;
        const inOrder = histories.map((_, n) => `c${run}x${n}`);
        const shuffled = histories.map((_, n) => `d${run}x${n}`);
        for (const prefix of [...inOrder, ...shuffled])
          await makeOrganization(sql, `org_${prefix}`);

        for (const [n, history] of histories.entries()) {
          for (const moment of play(inOrder[n] ?? "", history, startsAt)) {
            stub.set(...moment.objects);
            for (const event of moment.events) await deliver(event);
            await settle(sql, 1);
          }
        }

        // The world moves on while events are late, doubled and out of order.
        const late: StripeObject[] = [];
        const worlds = histories.map((history, n) => play(shuffled[n] ?? "", history, startsAt));
        for (let at = 0; worlds.some((world) => at < world.length); at++) {
          for (const world of worlds) {
            stub.set(...(world[at]?.objects ?? []));
            late.push(...(world[at]?.events ?? []), ...(world[at]?.events ?? []));
          }
          late.sort(() => ((dice.next().value ?? 0) % 2 === 0 ? 1 : -1));
          const due = late.splice(0, Math.ceil(late.length / 2));
          await Promise.all([
            ...due.map((event) => deliver(event)),
            settle(sql, 3),
            settle(sql, 3),
          ]);
        }
        await Promise.all(late.map((event) => deliver(event)));
        await settle(sql, 8);

        for (const [n] of histories.entries()) {
          expect(await rowsOf(sql, shuffled[n] ?? "")).toEqual(await rowsOf(sql, inOrder[n] ?? ""));
          const due = new Set(await noticesOf(sql, inOrder[n] ?? ""));
          const made = await noticesOf(sql, shuffled[n] ?? "");
          expect(made.filter((notice) => !due.has(notice))).toEqual([]);
        }
      },
    ),
    { numRuns: Number(process.env.PROPERTY_RUNS ?? 8), endOnFailure: true },
  );
}, 300_000);
