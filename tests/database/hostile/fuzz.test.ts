import { connect } from "node:net";
import fc from "fast-check";
import { expect, test } from "vitest";
import { drainIntake } from "#lib/inbox/intake-line.ts";
import { drainRefused } from "#lib/inbox/refused.ts";
import { makeOrganization, prepareBilling, settle } from "#tests/support/billing.ts";
import { useDatabase } from "#tests/support/database.ts";
import { signedEvent } from "#tests/support/door.ts";
import { type Hostile, hostileConnection } from "#tests/support/hostile-requests.ts";
import { event, subscription } from "#tests/support/stripe-objects.ts";
import { listen } from "#tests/support/webhooks.ts";
import { statusesIn } from "#tests/support/wire.ts";

/*
 * Bytes that nobody thought of. FUZZ_RUNS says how many connections (some ten seconds by default),
 * FUZZ_SEED which ones; a failure prints the seed and the smallest bytes that show it.
 */

const RUNS = Math.ceil(Number(process.env.FUZZ_RUNS ?? 900) / 8);
const SEED = Number(process.env.FUZZ_SEED ?? 20_261_122);
const SILENCE_MS = 50;

const database = await useDatabase();
const { sql } = database;
await prepareBilling(database);
const door = await listen();

/** Writes in pieces, and leaves when nothing more comes back. */
function speak({ bytes }: Hostile, pieces: number): Promise<string> {
  return new Promise((resolve) => {
    let said = "";
    const socket = connect(door.port, "127.0.0.1");
    const leave = () => socket.destroy();
    let silence = setTimeout(leave, 1_000);
    socket.on("data", (chunk) => {
      said += chunk.toString("latin1");
      clearTimeout(silence);
      silence = setTimeout(leave, SILENCE_MS);
    });
    socket.on("error", () => {});
    socket.on("close", () => {
      clearTimeout(silence);
      resolve(said);
    });
    const size = Math.max(Math.ceil(bytes.length / pieces), 1);
    const next = (at: number) => {
      if (at < bytes.length) socket.write(bytes.subarray(at, at + size), () => next(at + size));
      else {
        clearTimeout(silence);
        silence = setTimeout(leave, SILENCE_MS * 2);
      }
    };
    next(0);
  });
}

test("whatever a client sends is no fault of ours, and only what is proven is stored", async () => {
  const proven = new Set<string>();
  const statuses = new Map<number, number>();
  let acknowledged = 0;

  await fc.assert(
    fc.asyncProperty(
      fc.array(fc.tuple(hostileConnection, fc.integer({ min: 1, max: 6 })), {
        minLength: 8,
        maxLength: 8,
      }),
      async (connections) => {
        for (const [{ proven: bodies }] of connections) {
          for (const body of bodies) proven.add(body.toString("base64"));
        }
        const before = await storedCount();
        const answers = await Promise.all(connections.map(([what, pieces]) => speak(what, pieces)));
        const seen = answers.flatMap(statusesIn);
        for (const status of seen) statuses.set(status, (statuses.get(status) ?? 0) + 1);

        expect(seen.filter((status) => status >= 500)).toEqual([]);
        const said200 = seen.filter((status) => status === 200).length;
        acknowledged += said200;
        // A repeat is acknowledged without a row; what is stored may miss its answer, never the reverse.
        if (said200 > 0) expect(await deliveries()).toBeGreaterThanOrEqual(acknowledged);
        if (connections.every(([{ proven: bodies }]) => bodies.length === 0)) {
          expect(await storedCount()).toBe(before);
        }
        const alive = signedEvent(event("customer.subscription.updated", subscription()));
        proven.add(alive.body.toString("base64"));
        expect((await door.send(alive)).status).toBe(200);
        acknowledged += 1;
      },
    ),
    { seed: SEED, numRuns: RUNS },
  );
  await drainIntake();
  await drainRefused();

  const rows = await sql<{ body: Buffer }[]>`select body from webhook_events`;
  expect(rows.filter(({ body }) => !proven.has(body.toString("base64")))).toEqual([]);
  // The generator is worth something only while it gets through and is refused, both often.
  process.stdout.write(`Answers to the fuzzer: ${JSON.stringify(Object.fromEntries(statuses))}\n`);
  expect(statuses.get(200)).toBeGreaterThan(RUNS);
  expect(statuses.get(400)).toBeGreaterThan(RUNS);
}, 3_600_000);

test("whatever proven events hold, each is settled with a reason, and no object is parked by a fault of ours", async () => {
  await makeOrganization(sql, "org_fuzz");
  await sql`update customers set organization_id = 'org_fuzz', link_source = 'administrator'`;
  await settle(sql);

  const parked = await sql`select type, ref, last_error from gateway_objects
    where parked_at is not null`;
  expect(parked).toEqual([]);
  const silent = await sql`select event_ref, status, reason_code from webhook_events
    where status <> 'processed' and reason is null`;
  expect(silent).toEqual([]);
}, 3_600_000);

async function storedCount(): Promise<number> {
  const [row] = await sql<{ count: number }[]>`select count(*)::int as count from webhook_events`;
  return row?.count ?? 0;
}

/** How often anything was taken: rows and their repeats. */
async function deliveries(): Promise<number> {
  const [row] = await sql<{ count: number }[]>`
    select (select coalesce(sum(deliveries), 0) from event_keys)::int
      + (select count(*) from webhook_events e
          where not exists (select 1 from event_keys k where k.event_id = e.id))::int as count`;
  return row?.count ?? 0;
}
