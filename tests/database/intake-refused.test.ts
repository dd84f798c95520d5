import { beforeEach, expect, test } from "vitest";
import { drainIntake } from "#lib/inbox/intake-line.ts";
import { drainRefused, keepRefused, trimRefused } from "#lib/inbox/refused.ts";
import { verifyAgain } from "#lib/inbox/verify-again.ts";
import { addSecret } from "#lib/settings/commands.ts";
import { useDatabase } from "#tests/support/database.ts";
import { signedEvent } from "#tests/support/door.ts";
import { ada, newSecret } from "#tests/support/settings.ts";
import { bodyOf, event, subscription, testSecret } from "#tests/support/stripe-objects.ts";
import { openDoor } from "#tests/support/webhooks.ts";

const KIB = 1_024;
const database = await useDatabase();
const { sql } = database;
const door = await openDoor(database, { secrets: [] });

beforeEach(async () => {
  await drainIntake();
  await sql`truncate webhook_events, event_keys, refused_requests, refused_counts`;
  await sql`truncate gateway_objects cascade`;
});

const about = (ref: string) => event("customer.subscription.updated", subscription({ id: ref }));

function refusal(changes: Partial<Parameters<typeof keepRefused>[0]> = {}) {
  return {
    gateway: "stripe",
    refusal: "signature_mismatch" as const,
    diagnosis: "No secret matches.",
    headers: {},
    body: Buffer.from("{}"),
    remoteAddress: "127.0.0.1",
    ...changes,
  };
}

test("answers 503 and keeps the request while no secret is configured, so that the gateway sends it again", async () => {
  const { body, headers } = signedEvent(about("sub_early"));

  const reply = await door.send({ body, headers });

  expect(reply).toMatchObject({ status: 503, body: '{"error":"no_secret"}' });
  expect(reply.headers["retry-after"]).toBe("5");
  expect(await sql`select id from webhook_events`).toEqual([]);
  expect(await sql`select refusal, body from refused_requests`).toMatchObject([
    { refusal: "no_secret", body },
  ]);
});

test("believes at once what a secret proves that was added a moment ago", async () => {
  const secret = newSecret();
  await door.send(signedEvent(about("sub_before"), secret));

  await addSecret(ada, { gateway: "stripe", mode: "test", label: "new", secret });
  const reply = await door.send(signedEvent(about("sub_after"), secret));

  expect(reply.status).toBe(200);
});

test("verifies kept requests again by their time of arrival, once, however many do so at once", async () => {
  const secret = newSecret();
  const refs = Array.from({ length: 45 }, (_, place) => `sub_kept${place}`);
  for (const ref of refs) await door.send(signedEvent(about(ref), secret));
  await door.send(signedEvent(about("sub_foreign"), "whsec_somebodyelse000000000000"));
  await sql`update refused_requests set received_at = received_at - interval '1 second'`;
  await addSecret(ada, { gateway: "stripe", mode: "test", label: "late", secret });

  const counts = await Promise.all([
    verifyAgain("stripe"),
    verifyAgain("stripe"),
    verifyAgain("stripe"),
  ]);
  const again = await verifyAgain("stripe");

  expect(counts.reduce((sum, count) => sum + count, 0)).toBe(45);
  expect(again).toBe(0);
  const objects = await sql`select ref, rung from gateway_objects order by id`;
  expect(objects.map((row) => row.ref).sort()).toEqual([...refs].sort());
  expect(await sql`select distinct rung from gateway_objects`).toMatchObject([{ rung: 1 }]);
  const accepted = await sql`
    select count(*)::int as count from refused_requests r
    join webhook_events e on e.id = r.event_id where accepted_at is not null`;
  expect(accepted).toMatchObject([{ count: 45 }]);
});

test("judges a kept request by its arrival and not by today", async () => {
  const secret = newSecret();
  await door.send(signedEvent(about("sub_old"), secret));
  await sql`update refused_requests set received_at = now() - interval '301 seconds' - interval '10 minutes'`;
  await addSecret(ada, { gateway: "stripe", mode: "test", label: "later", secret });

  expect(await verifyAgain("stripe")).toBe(0);
  await sql`update refused_requests set received_at = now()`;
  expect(await verifyAgain("stripe")).toBe(1);
});

test("folds deliveries of one refused event into one", async () => {
  const secret = newSecret();
  const json = about("sub_thrice");
  for (let times = 0; times < 3; times++) await door.send(signedEvent(json, secret));
  await addSecret(ada, { gateway: "stripe", mode: "test", label: "thrice", secret });

  expect(await verifyAgain("stripe")).toBe(3);

  expect(await sql`select deliveries from event_keys`).toMatchObject([{ deliveries: 3 }]);
  expect(await sql`select distinct event_id from refused_requests`).toHaveLength(1);
});

test("keeps no body above 256 KiB", async () => {
  await keepRefused(refusal({ body: Buffer.alloc(256 * KIB) }));
  await keepRefused(refusal({ body: Buffer.alloc(256 * KIB + 1) }));

  const rows =
    await sql`select body_size, body is null as is_gone from refused_requests order by id`;
  expect(rows).toMatchObject([
    { body_size: 256 * KIB, is_gone: false },
    { body_size: 256 * KIB + 1, is_gone: true },
  ]);
});

test("keeps no header that is not on the list, nor text that PostgreSQL cannot hold", async () => {
  await keepRefused(
    refusal({
      headers: { cookie: "a=b", "user-agent": "a\u0000b\ud800" },
      diagnosis: "x\u0000\ud800",
    }),
  );

  const [row] = await sql`select headers from refused_requests`;
  expect(row?.headers).toEqual({ "user-agent": "a\ufffdb\ufffd" });
});

test("trims the oldest first, and before them what no secret could mend, and counts what it took", async () => {
  const kinds = [
    "signature_mismatch",
    "signature_missing",
    "signature_mismatch",
    "signature_mismatch",
  ] as const;
  const ids: (string | undefined)[] = [];
  for (const kind of kinds) ids.push(await keepRefused(refusal({ refusal: kind })));

  await trimRefused({ rows: 2, bytes: 1_000_000 });

  const rows = await sql`select id from refused_requests order by id`;
  expect(rows.map((row) => row.id).toSorted()).toEqual([ids[2], ids[3]].toSorted());
  const counts = await sql`select refusal, dropped::int from refused_counts order by refusal`;
  expect(counts).toMatchObject([
    { refusal: "signature_mismatch", dropped: 1 },
    { refusal: "signature_missing", dropped: 1 },
  ]);
});

test("trims to a budget of bytes", async () => {
  for (let times = 0; times < 4; times++) await keepRefused(refusal({ body: Buffer.alloc(100) }));

  await trimRefused({ rows: 1_000, bytes: 250 });

  expect(await sql`select id from refused_requests`).toHaveLength(2);
});

test("only counts what a flood sends beyond its allowance, and still answers each", async () => {
  const body = bodyOf({ a: 1 });
  const replies = await Promise.all(
    Array.from({ length: 600 }, () =>
      door.send({ body, headers: { "stripe-signature": "t=1,v1=x" } }),
    ),
  );
  await drainRefused();

  expect(new Set(replies.map(({ status }) => status))).toEqual(new Set([400]));
  const [kept] = await sql`select count(*)::int as count from refused_requests`;
  const [counted] = await sql`select sum(dropped)::int as count from refused_counts`;
  expect(kept?.count).toBeLessThan(300);
  expect(kept?.count + counted?.count).toBe(600);
});

test("goes on judging genuine events while a flood is refused", async () => {
  const secret = newSecret();
  await addSecret(ada, { gateway: "stripe", mode: "test", label: "flood", secret });
  const forged = signedEvent(about("sub_forged"), testSecret.secret);

  const flood = Array.from({ length: 300 }, () => door.send(forged));
  const reply = await door.send(signedEvent(about("sub_genuine"), secret));
  await Promise.all(flood);

  expect(reply.status).toBe(200);
});
