import { beforeEach, expect, test } from "vitest";
import { claimObjects, leaseNamed, newTurns } from "#lib/inbox/objects.ts";
import { useDatabase } from "#tests/support/database.ts";

const { sql } = await useDatabase();

beforeEach(() => sql`truncate gateway_objects cascade`);

test("takes from every customer in turn, however many objects of one are due", async () => {
  await due("cus_flood", 100);
  for (const payer of ["cus_a", "cus_b", "cus_c"]) await due(payer, 1);

  const claimed = await claimObjects(4);

  expect(payersOf(claimed)).toEqual(["cus_a", "cus_b", "cus_c", "cus_flood"]);
});

test("comes by every customer before it comes by one again", async () => {
  const payers = Array.from({ length: 10 }, (_, nth) => `cus_${nth}`);
  for (const payer of payers) await due(payer, 5);
  const turns = newTurns();

  const round = [
    ...(await claimObjects(4, turns)),
    ...(await claimObjects(4, turns)),
    ...(await claimObjects(2, turns)),
  ];

  expect(payersOf(round)).toEqual(payers);
});

test("fills a claim with objects of one customer where nobody else waits", async () => {
  await due("cus_alone", 100);

  expect(await claimObjects(8)).toHaveLength(8);
});

test("takes no more than a quarter of what failed before while others wait", async () => {
  await due("cus_poison", 50);
  await sql`update gateway_objects set last_error = 'a bug of ours'`;
  await due("cus_a", 10);

  const claimed = await claimObjects(8);

  expect(claimed.filter(({ payer }) => payer === "cus_poison")).toHaveLength(2);
  expect(claimed.filter(({ payer }) => payer === "cus_a")).toHaveLength(6);
});

test("ends where all that is due is held by a worker that died", async () => {
  for (let nth = 0; nth < 20; nth++) await due(`cus_${nth}`, 1);
  await sql`update gateway_objects set leased_until = now() + interval '30 seconds'`;
  const turns = newTurns();

  expect(await claimObjects(8, turns)).toEqual([]);
  await due("cus_fresh", 1);
  expect(payersOf(await claimObjects(8, turns))).toEqual(["cus_fresh"]);
});

test("leaves to a screen what it waits for, and everything else to workers", async () => {
  await due("cus_a", 3);

  const both = await taken("cus_a_2", "cus_a_1");

  expect((await claimObjects(8)).map(({ ref }) => ref)).toEqual(["cus_a_3"]);
  expect(both.map(({ ref }) => ref)).toEqual(["cus_a_2", "cus_a_1"]);
});

test("lets a screen look at what a worker has, and leaves its claim to it", async () => {
  await due("cus_a", 1);
  await claimObjects(1);
  const held = await sql`select leased_until from gateway_objects`;

  expect(await taken("cus_a_1")).toHaveLength(1);

  expect(await sql`select leased_until from gateway_objects`).toEqual(held);
});

test("knows nothing of what nobody has named", async () => {
  expect(await taken("cus_unheard_of")).toEqual([]);
});

async function taken(...refs: readonly string[]) {
  const named = refs.map((ref) => ({ type: "invoice", ref }) as const);
  const place = { gateway: "stripe", mode: "test" } as const;
  return leaseNamed(place, named, 10);
}

async function due(payer: string, count: number): Promise<void> {
  await sql`
    insert into gateway_objects (gateway, mode, type, ref, payer)
    select 'stripe', 'test', 'invoice', ${payer} || '_' || n, ${payer}
    from generate_series(1, ${count}::int) n`;
}

function payersOf(claimed: readonly { payer: string | null }[]): (string | null)[] {
  return claimed.map(({ payer }) => payer).sort();
}
