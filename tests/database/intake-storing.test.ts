import { beforeEach, expect, test } from "vitest";
import type { Arrival } from "#lib/inbox/event-rows.ts";
import { storeArrivals } from "#lib/inbox/intake.ts";
import { drainIntake } from "#lib/inbox/intake-line.ts";
import { drainWaking, wakeWorkers } from "#lib/inbox/wake.ts";
import { useDatabase } from "#tests/support/database.ts";
import { signedEvent } from "#tests/support/door.ts";
import {
  bodyOf,
  event,
  invoice,
  liveSecret,
  subscription,
  testSecret,
} from "#tests/support/stripe-objects.ts";
import { openDoor } from "#tests/support/webhooks.ts";

const database = await useDatabase();
const { sql } = database;
const door = await openDoor(database);

beforeEach(async () => {
  await drainIntake();
  await sql`truncate webhook_events, event_keys, alerts`;
  await sql`truncate gateway_objects cascade`;
});

const about = (ref: string, changes = {}) =>
  event("customer.subscription.updated", subscription({ id: ref }), changes);

function arrival(json: ReturnType<typeof about>): Arrival {
  const object = json.data as { object: { id: string } };
  return {
    gateway: "stripe",
    mode: "test",
    secretId: "sec_x",
    signedAt: new Date(),
    headers: {},
    body: bodyOf(json),
    event: {
      eventRef: json.id,
      type: String(json.type),
      account: undefined,
      apiVersion: undefined,
      createdAt: undefined,
      root: { type: "subscription", ref: object.object.id },
      payer: undefined,
      ignoredBecause: undefined,
      payload: { object: `subscription:${object.object.id}`, terminal: false, rank: 0 },
    },
  };
}

test("counts a later repeat and rings nothing by it", async () => {
  const json = about("sub_again");
  await door.send(signedEvent(json));

  await door.send(signedEvent(json, testSecret.secret, new Date(Date.now() - 60_000)));

  const [key] =
    await sql`select deliveries, last_delivered_at > received_at as is_later from event_keys`;
  expect(key).toEqual({ deliveries: 2, is_later: true });
  expect(await sql`select rung from gateway_objects`).toMatchObject([{ rung: 1 }]);
});

test("gives each event of one object its own ring", async () => {
  const events = Array.from({ length: 20 }, () => signedEvent(about("sub_rings")));

  await Promise.all(events.map((each) => door.send(each)));

  const rows = await sql`select ring from webhook_events order by ring`;
  expect(rows.map((row) => row.ring)).toEqual(events.map((_, place) => place + 1));
  expect(await sql`select rung from gateway_objects`).toMatchObject([{ rung: 20 }]);
});

test("tells a conflict from a repeat when all arrive in one flush", async () => {
  const json = about("sub_mixed");
  const first = arrival(json);
  const other = { ...first, body: bodyOf({ ...json, created: 7 }) };

  const stored = await storeArrivals(sql, [first, other, first, other]);

  expect(stored.map(({ outcome }) => outcome)).toEqual(["new", "conflict", "repeat", "conflict"]);
  expect(await sql`select deliveries from event_keys`).toMatchObject([{ deliveries: 2 }]);
});

test("un-parks an object that rings again", async () => {
  await door.send(signedEvent(about("sub_parked")));
  await sql`update gateway_objects set parked_at = now(), attempts = 8, next_attempt_at = now() + interval '1 day'`;

  await door.send(signedEvent(about("sub_parked")));

  const rows =
    await sql`select parked_at, attempts, rung, next_attempt_at <= now() as is_due from gateway_objects`;
  expect(rows).toMatchObject([{ parked_at: null, attempts: 0, rung: 2, is_due: true }]);
});

test("keeps the patience of an object that fails and rings again", async () => {
  await door.send(signedEvent(about("sub_failing")));
  await sql`update gateway_objects set attempts = 3`;

  await door.send(signedEvent(about("sub_failing")));

  expect(await sql`select attempts from gateway_objects`).toMatchObject([{ attempts: 3 }]);
});

test("lets two processes store overlapping events in opposite orders without a deadlock", async () => {
  const arrivals = Array.from({ length: 200 }, (_, place) => arrival(about(`sub_${place % 17}`)));
  const backwards = [...arrivals].reverse();

  for (let round = 0; round < 5; round++) {
    await sql`truncate webhook_events, event_keys`;
    const outcomes = await Promise.all([
      storeArrivals(sql, arrivals),
      storeArrivals(sql, backwards),
      storeArrivals(sql, arrivals),
      storeArrivals(sql, backwards),
    ]);

    expect(outcomes.flat().filter(({ outcome }) => outcome === "new")).toHaveLength(200);
  }
  expect(await sql`select distinct deliveries from event_keys`).toMatchObject([{ deliveries: 4 }]);
});

test("one row that cannot be stored fails alone", async () => {
  await sql`alter table webhook_events add constraint no_poison check (event_ref <> 'evt_poison')`;
  const events = Array.from({ length: 30 }, (_, place) =>
    signedEvent(place === 11 ? about("sub_p", { id: "evt_poison" }) : about(`sub_p${place}`)),
  );

  const replies = await Promise.all(events.map((each) => door.send(each)));
  await sql`alter table webhook_events drop constraint no_poison`;

  expect(replies.filter((reply) => reply.status === 200)).toHaveLength(29);
  expect(replies[11]).toMatchObject({ status: 500, body: '{"error":"internal"}' });
  expect(await sql`select event_ref from event_keys where event_ref = 'evt_poison'`).toEqual([]);
  expect(await sql`select id from webhook_events`).toHaveLength(29);
});

test("counts what each secret verified", async () => {
  const [before] =
    await sql`select verified_count::int as count from signing_secrets where label = 'live'`;

  for (const ref of ["sub_a", "sub_b"]) {
    await door.send(signedEvent({ ...about(ref), livemode: true }, liveSecret.secret));
  }
  await drainIntake();

  const [after] = await sql`
    select verified_count::int as count, last_used_at > now() - interval '1 minute' as is_recent
    from signing_secrets where label = 'live'`;
  expect(after).toEqual({ count: before?.count + 2, is_recent: true });
});

test("writes the count of what verified a few times a second, however much arrives", async () => {
  await drainIntake();
  const writes = async () => {
    const [row] = await sql<{ writes: string }[]>`
      select xmin::text as writes from signing_secrets where label = 'live'`;
    return row?.writes;
  };
  const before = await writes();

  const seen = new Set<string | undefined>();
  for (let nth = 0; nth < 20; nth++) {
    await door.send(signedEvent({ ...about(`sub_n${nth}`), livemode: true }, liveSecret.secret));
    seen.add(await writes());
  }
  await drainIntake();
  seen.add(await writes());

  seen.delete(before);
  expect(seen.size).toBeGreaterThan(0);
  // Twenty events one after the other take a tenth of a second here, and a second where others work.
  expect(seen.size).toBeLessThan(10);
});

test("tells the workers at once, and of what comes right after it together", async () => {
  const heard: string[] = [];
  const listener = await sql.listen("billhook_rung", () => heard.push("rung"));
  await drainWaking();

  for (const until = performance.now() + 50; performance.now() < until; ) {
    wakeWorkers();
    await new Promise((resolve) => setImmediate(resolve));
  }
  await drainWaking();
  await expect.poll(() => heard.length).toBeGreaterThan(0);
  await listener.unlisten();

  // Each five milliseconds, and the last one.
  expect(heard.length).toBeLessThanOrEqual(12);
});

test("wakes the workers after a new event, and not after a repeat", async () => {
  const heard: string[] = [];
  const listener = await sql.listen("billhook_rung", () => heard.push("rung"));
  const json = about("sub_heard");

  await door.send(signedEvent(json));
  await expect.poll(() => heard).toEqual(["rung"]);
  await door.send(signedEvent(json));
  await new Promise((resolve) => setTimeout(resolve, 200));

  expect(heard).toEqual(["rung"]);
  await listener.unlisten();
});

test("touches no organization, so that a locked one holds up no event", async () => {
  await sql.begin(async (tx) => {
    await tx`lock table organizations, customers in access exclusive mode`;

    const reply = await door.send(signedEvent(event("invoice.paid", invoice())));

    expect(reply.status).toBe(200);
  });
});

test("stores every body byte for byte, whatever bodies are stored with it", async () => {
  const bodies = ["Søren \\ 訂閱 \\\\000", "\0\\", "plain", "\u001d\u001e\u001f"].map((text) =>
    Buffer.from(text),
  );
  bodies.push(Buffer.from([0xff, 0x5c, 0x00, 0x80, 0x31]));
  const arrivals = bodies.map((body, place) => ({ ...arrival(about(`sub_${place}`)), body }));

  await storeArrivals(sql, arrivals);

  const kept = await sql<{ event_ref: string; body: Buffer }[]>`
    select event_ref, body from webhook_events`;
  const bodyOfRef = new Map(kept.map((row) => [row.event_ref, row.body]));
  expect(kept).toHaveLength(bodies.length);
  for (const { event: told, body } of arrivals) {
    expect(bodyOfRef.get(told?.eventRef ?? "")).toEqual(body);
  }
});

test("lets an object that is due keep its turn when it is rung again, and calls back one that waits", async () => {
  await storeArrivals(sql, [arrival(about("sub_due")), arrival(about("sub_late"))]);
  await sql`update gateway_objects set next_attempt_at = now() - interval '1 minute' where ref = 'sub_due'`;
  await sql`update gateway_objects set next_attempt_at = now() + interval '1 hour' where ref = 'sub_late'`;

  await storeArrivals(sql, [arrival(about("sub_due")), arrival(about("sub_late"))]);

  const rows = await sql`
    select ref, rung, next_attempt_at < now() - interval '59 seconds' as kept,
      next_attempt_at <= now() as due
    from gateway_objects order by ref`;
  expect(rows).toEqual([
    { ref: "sub_due", rung: 2, kept: true, due: true },
    { ref: "sub_late", rung: 2, kept: false, due: true },
  ]);
});
