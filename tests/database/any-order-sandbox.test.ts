import fc from "fast-check";
import { expect, test } from "vitest";
import { ringAll } from "#lib/inbox/ring.ts";
import { findGaps } from "#lib/reconcile/gaps.ts";
import { makeOrganization, prepareBilling, settle, tierOf } from "#tests/support/billing.ts";
import { useDatabase } from "#tests/support/database.ts";
import { type Box, clientOf, KEY, startSandbox } from "#tests/support/sandbox.ts";
import { listenForSandboxes, waitIn } from "#tests/support/sandbox-gateway.ts";
import { acts, type Dealings, perform, sell } from "#tests/support/sandbox-histories.ts";
import { heldIn, tierDue, truthOf } from "#tests/support/sandbox-truth.ts";

const database = await useDatabase();
const { sql } = database;
await prepareBilling(database);

const place = { gateway: "stripe", mode: "test" } as const;
const gateway = listenForSandboxes();
let run = 0;

test("whatever happens to its deliveries, the gateway's truth is reached (fetch mode)", async () => {
  await fc.assert(
    fc.asyncProperty(
      fc.array(fc.array(acts, { minLength: 3, maxLength: 12 }), { minLength: 1, maxLength: 3 }),
      fc.integer({ min: 1, max: 1_000_000 }),
      async (histories, seed) => {
        run += 1;
        await emptied();
        const box = await startSandbox({ seed, retryMilliseconds: [50, 200, 500] });
        try {
          const told = await play(box, histories, seed);

          await box.control("/faults", { deliveries: NONE, calls: CALM });
          await box.courier.idle();
          await findGaps(place);
          await settle(sql, 6);

          expect(await heldIn(sql)).toEqual(truthOf(box.world));
          for (const { organizationId, customer } of told.dealings) {
            const due = tierDue(box.world, customer, told.tiers);
            if (due !== undefined) expect(await tierOf(sql, organizationId)).toBe(due);
          }
          expect(await openTwice()).toEqual([]);
          await aSecondPassChangesNothing();
        } finally {
          await box.close();
        }
      },
    ),
    { numRuns: Number(process.env.PROPERTY_RUNS ?? 6), endOnFailure: true },
  );
}, 600_000);

const NONE = { duplicate: 0, reorder: 0, delay: 0, drop: 0, badSignature: 0 };
const CALM = { error: 0, rateLimit: 0, timeout: 0 };

/** Everybody acts at once, while deliveries go wrong and workers look. */
async function play(
  box: Box,
  histories: readonly (readonly Parameters<typeof perform>[1][])[],
  seed: number,
) {
  const prices = await sell(box, sql);
  await gateway.connect(box);
  await box.control("/faults", {
    seed,
    deliveries: {
      duplicate: 0.5,
      reorder: 6,
      delay: 0.2,
      delayMilliseconds: 150,
      drop: 0.1,
      badSignature: 0.1,
    },
    calls: { error: 0.02, rateLimit: 0.01, timeout: 0.01, timeoutMilliseconds: 300 },
  });
  const stripe = clientOf(box.url, KEY, { maxNetworkRetries: 8 });
  const wait = waitIn(box);
  const dealings: Dealings[] = histories.map((_, n) => ({
    stripe,
    organizationId: `org_s${run}x${n}`,
    prices,
    wait,
    names: 0,
  }));
  for (const { organizationId } of dealings) await makeOrganization(sql, organizationId);
  const looking = keepLooking();
  for (let at = 0; histories.some((history) => at < history.length); at++) {
    await Promise.all(
      dealings.map(async (each, n) => {
        const act = histories[n]?.[at];
        if (act) await perform(each, act);
      }),
    );
  }
  await looking.stop();
  return { dealings, tiers: { [prices.pro]: "pro", [prices.business]: "business" } };
}

/** Two groups of workers, as two processes would be. */
function keepLooking(): { stop(): Promise<void> } {
  let isOver = false;
  const loop = async () => {
    while (!isOver) await Promise.all([settle(sql, 3), settle(sql, 3)]);
  };
  const looping = loop();
  return {
    async stop() {
      isOver = true;
      await looping;
    },
  };
}

/** Each run has a gateway of its own, so nothing of the last one may remain. */
async function emptied(): Promise<void> {
  await sql`truncate gateway_prices, gateway_products, subscriptions, invoices, payments, disputes, customers, checkouts, gateway_objects,
    syncs, event_keys, webhook_events, event_walks, event_gaps, notices, link_conflicts cascade`;
}

async function openTwice() {
  return sql`select kind, object, attempt from notices group by 1, 2, 3 having count(*) > 1`;
}

/** Looks at everything once more. */
async function aSecondPassChangesNothing(): Promise<void> {
  const before = await heldIn(sql);
  const [last] = await sql<{ id: string }[]>`select max(id) as id from syncs`;
  expect(await findGaps(place)).toMatchObject({ missing: 0 });
  await ringAll(place.gateway, place.mode);
  await settle(sql, 6);
  expect(await heldIn(sql)).toEqual(before);
  const changed = await sql`
    select outcome, changes from syncs where id > ${last?.id ?? ""} and jsonb_array_length(changes) > 0`;
  expect([...changed]).toEqual([]);
}
