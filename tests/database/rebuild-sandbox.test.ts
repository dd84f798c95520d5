import fc from "fast-check";
import { expect, test } from "vitest";
import { rebuild } from "#lib/inbox/rebuild.ts";
import { makeOrganization, prepareBilling, settle } from "#tests/support/billing.ts";
import { useDatabase } from "#tests/support/database.ts";
import { everything, mirrored, operator, place, rebuilt } from "#tests/support/rebuilding.ts";
import { type Box, clientOf, KEY, startSandbox } from "#tests/support/sandbox.ts";
import { listenForSandboxes, waitIn } from "#tests/support/sandbox-gateway.ts";
import { type Act, acts, type Dealings, perform, sell } from "#tests/support/sandbox-histories.ts";
import { heldIn, truthOf } from "#tests/support/sandbox-truth.ts";

const database = await useDatabase();
const { sql } = database;
await prepareBilling(database);

const gateway = listenForSandboxes();
let run = 0;

test("an emptied mirror is brought back by the gateway as it was, though it is stopped on the way (fetch mode)", async () => {
  await fc.assert(
    fc.asyncProperty(
      fc.array(fc.array(acts, { minLength: 3, maxLength: 10 }), { minLength: 1, maxLength: 2 }),
      fc.nat({ max: 400 }),
      async (histories, milliseconds) => {
        run += 1;
        await sql`truncate organizations, gateway_objects, customers, webhook_events, event_keys, gateway_prices,
          gateway_products, subscriptions, invoices, payments, disputes, checkouts, notices, rebuilds, pgboss.job cascade`;
        const box = await startSandbox({ seed: run });
        try {
          await live(box, histories);
          expect(await heldIn(sql)).toEqual(truthOf(box.world));
          const before = await everything(sql);

          await rebuild(operator, place, { signal: AbortSignal.abort() });
          expect(await mirrored(sql)).toBe(0);
          await Promise.all([
            settle(sql, 2),
            rebuild(operator, place, { signal: AbortSignal.timeout(milliseconds) }),
          ]);

          expect((await rebuilt(sql))?.kept).toEqual([]);
          expect(await everything(sql)).toEqual(before);
        } finally {
          await box.close();
        }
      },
    ),
    { numRuns: Number(process.env.PROPERTY_RUNS ?? 3), endOnFailure: true },
  );
}, 600_000);

/** Everybody acts, and whatever the gateway says of it is delivered and synced. */
async function live(box: Box, histories: readonly (readonly Act[])[]): Promise<void> {
  const prices = await sell(box, sql);
  await gateway.connect(box);
  const wait = waitIn(box);
  for (const [n, history] of histories.entries()) {
    const organizationId = `org_y${run}x${n}`;
    await makeOrganization(sql, organizationId);
    const dealings: Dealings = {
      stripe: clientOf(box.url, KEY, { maxNetworkRetries: 3 }),
      organizationId,
      prices,
      wait,
      names: 0,
    };
    await perform(dealings, { does: "subscribe", price: "pro", card: "pm_card_visa" });
    for (const act of history) await perform(dealings, act);
  }
  await box.courier.idle();
  await settle(sql, 4);
}
