import { afterEach, beforeEach, expect, test } from "vitest";
import { disconnect } from "#db/client.ts";
import { reloadConfig } from "#lib/config.ts";
import { useDatabase } from "#tests/support/database.ts";
import { signedEvent } from "#tests/support/door.ts";
import { event, subscription } from "#tests/support/stripe-objects.ts";
import { weakLinkTo } from "#tests/support/weak-link.ts";
import { openDoor } from "#tests/support/webhooks.ts";

const database = await useDatabase();
const { sql } = database;
const link = await weakLinkTo(database.url);
const door = await openDoor(database);

beforeEach(async () => {
  await disconnect();
  reloadConfig({ DATABASE_URL: link.url });
  await sql`truncate webhook_events, event_keys`;
  expect((await deliver()).status).toBe(200);
});

afterEach(async () => {
  await link.mend();
});

async function deliver() {
  const began = performance.now();
  const json = event("customer.subscription.updated", subscription());
  const reply = await door.send(signedEvent(json));
  return { ...reply, ref: json.id, ms: performance.now() - began };
}

/** Delivers until it is taken again, as a gateway would. */
async function deliverUntilTaken() {
  const began = performance.now();
  while ((await deliver()).status !== 200) {
    if (performance.now() - began > 15_000) throw new Error("It is never taken again.");
  }
  return performance.now() - began;
}

/** Each answer of 200 has its row, and no other answer has one after a while. */
async function expectStoredIfAcknowledged(replies: { status: number; ref: string }[]) {
  const acknowledged = replies.filter(({ status }) => status === 200).map(({ ref }) => ref);
  const rows = await sql`select event_ref from webhook_events`;
  expect(rows.map((row) => row.event_ref)).toEqual(expect.arrayContaining(acknowledged));
}

test("answers 503 at once while PostgreSQL is down, and takes events soon after it is back", async () => {
  await link.cut();

  const replies = await Promise.all(Array.from({ length: 20 }, deliver));

  expect(new Set(replies.map(({ status }) => status))).toEqual(new Set([503]));
  expect(replies[0]).toMatchObject({
    body: '{"error":"not_now"}',
    headers: { "retry-after": "5" },
  });
  expect(Math.max(...replies.map(({ ms }) => ms))).toBeLessThan(2_000);
  expect(await sql`select count(*)::int as count from webhook_events`).toMatchObject([
    { count: 1 },
  ]);
  await link.mend();
  expect(await deliverUntilTaken()).toBeLessThan(3_000);
});

test("answers 503 within seconds when PostgreSQL goes silent, and recovers when it speaks again", async () => {
  link.goSilent();

  const replies = await Promise.all(Array.from({ length: 50 }, deliver));

  expect(new Set(replies.map(({ status }) => status))).toEqual(new Set([503]));
  expect(Math.max(...replies.map(({ ms }) => ms))).toBeLessThan(3_500);
  await link.mend();
  expect(await deliverUntilTaken()).toBeLessThan(8_000);
});

test("gives up on a locked table, takes its statement back and stores nothing behind the answer", async () => {
  const replies = await sql.begin(async (tx) => {
    await tx`lock table webhook_events in access exclusive mode`;
    const all = await Promise.all(Array.from({ length: 10 }, deliver));
    await expect
      .poll(
        async () =>
          (
            await sql`
        select 1 from pg_stat_activity
        where datname = current_database() and application_name = 'billhook intake'
          and state = 'active'`
          ).length,
      )
      .toBe(0);
    return all;
  });

  expect(new Set(replies.map(({ status }) => status))).toEqual(new Set([503]));
  expect(Math.max(...replies.map(({ ms }) => ms))).toBeLessThan(3_500);
  expect(await sql`select count(*)::int as count from webhook_events`).toMatchObject([
    { count: 1 },
  ]);
  expect((await deliver()).status).toBe(200);
});

test("loses nothing and doubles nothing when its connections are cut under load", async () => {
  let isOver = false;
  const replies: { status: number; ref: string }[] = [];
  const senders = Array.from({ length: 8 }, async () => {
    while (!isOver) replies.push(await deliver());
  });

  for (let times = 0; times < 5; times++) {
    await new Promise((resolve) => setTimeout(resolve, 300));
    await sql`
      select pg_terminate_backend(pid) from pg_stat_activity
      where datname = current_database() and application_name = 'billhook intake'`;
  }
  isOver = true;
  await Promise.all(senders);

  await expectStoredIfAcknowledged(replies);
  const [rows] =
    await sql`select count(*)::int as all, count(distinct event_ref)::int as distinct from webhook_events`;
  expect(rows?.all).toBe(rows?.distinct);
  expect(replies.filter(({ status }) => status === 200).length / replies.length).toBeGreaterThan(
    0.9,
  );
});

test("refuses everything with 503 while the schema is not there, without a word about it", async () => {
  await sql`alter table event_keys rename to event_keys_away`;

  const reply = await deliver();
  await sql`alter table event_keys_away rename to event_keys`;

  expect(reply).toMatchObject({ status: 503, body: '{"error":"not_now"}' });
});
