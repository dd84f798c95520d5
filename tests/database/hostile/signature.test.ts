import { spawnSync } from "node:child_process";
import { setTimeout as pause } from "node:timers/promises";
import { beforeEach, describe, expect, test } from "vitest";
import { drainIntake } from "#lib/inbox/intake-line.ts";
import { drainRefused } from "#lib/inbox/refused.ts";
import { addSecret, retireSecret } from "#lib/settings/commands.ts";
import { useDatabase } from "#tests/support/database.ts";
import type { Door, Reply } from "#tests/support/door.ts";
import { emptyInbox, kept } from "#tests/support/kept.ts";
import { ada, newSecret } from "#tests/support/settings.ts";
import {
  bodyOf,
  event,
  hmac,
  liveSecret,
  signed,
  subscription,
  testSecret,
} from "#tests/support/stripe-objects.ts";
import { openDoor } from "#tests/support/webhooks.ts";
import { converse, statusesIn, whole } from "#tests/support/wire.ts";

/*
 * Signatures and their header, over HTTP. A refused request is answered 400 and leaves nothing but
 * itself: its body, bounded, with a diagnosis.
 */

const database = await useDatabase();
const { sql } = database;
const door = await openDoor(database);
const secret = testSecret.secret;
const wrong = "0".repeat(64);
const body = bodyOf(event("customer.subscription.updated", subscription()));

const now = () => Math.floor(Date.now() / 1_000);
/** A header with the right signature, for whoever wants to spoil it. */
const spoiled = (spoil: (time: number, right: string) => string) => {
  const time = now();
  return spoil(time, hmac(body, secret, String(time)));
};
const by = (offset: number) => signed(body, secret, { at: new Date((now() + offset) * 1_000) });

/** The exact second counts in some cases: it must not turn between signing and judging. */
async function earlyInASecond(): Promise<void> {
  const into = Date.now() % 1_000;
  if (into > 500) await pause(1_005 - into);
}

beforeEach(async () => {
  await drainIntake();
  await emptyInbox(sql);
});

type Request = Parameters<Door["send"]>[0];
const withHeader = (signature: string): Request => ({
  body,
  headers: { "stripe-signature": signature },
});

describe("refused, kept with the reason, and nothing stored:", () => {
  const forged = "signature_mismatch";
  const malformed = "signature_malformed";
  const missing = "signature_missing";
  const cases: [string, string, () => Request[]][] = [
    ["case 2: the header missing or empty", missing, () => [{ body }, withHeader("")]],
    ["case 3: an empty v1", malformed, () => [withHeader(`t=${now()},v1=`)]],
    ["case 4: a v1 without =", malformed, () => [withHeader(`t=${now()},v1`)]],
    ["case 5: 64 times é", malformed, () => [withHeader(`t=${now()},v1=${"é".repeat(64)}`)]],
    [
      "case 6: upper-case hex",
      malformed,
      () => [withHeader(spoiled((t, right) => `t=${t},v1=${right.toUpperCase()}`))],
    ],
    [
      "case 7: a v1 of 63, 65 and 10,000 characters",
      malformed,
      () => [
        withHeader(spoiled((t, right) => `t=${t},v1=${right.slice(1)}`)),
        withHeader(spoiled((t, right) => `t=${t},v1=${right}0`)),
        withHeader(`t=${now()},v1=${"a".repeat(10_000)}`),
      ],
    ],
    [
      "case 10: only v0",
      malformed,
      () => [withHeader(spoiled((t, right) => `t=${t},v0=${right}`))],
    ],
    [
      "case 13: the time abc, signed as NaN",
      malformed,
      () => ["NaN", "abc"].map((as) => withHeader(`t=abc,v1=${hmac(body, secret, as)}`)),
    ],
    [
      "case 14: two times, junk behind it, a negative one, one with an exponent",
      malformed,
      () => [
        withHeader(spoiled((t, right) => `t=1,t=${t},v1=${right}`)),
        withHeader(spoiled((t, right) => `t=${t},t=1,v1=${right}`)),
        withHeader(spoiled((t, right) => `t=${t}junk,v1=${right}`)),
        ...["-1", "1e9"].map((t) => withHeader(`t=${t},v1=${hmac(body, secret, t)}`)),
      ],
    ],
    [
      // One deployment is one tenant; what it keeps apart are its two modes.
      "case 15: the right signature of the other mode's endpoint",
      "mode_mismatch",
      () => [withHeader(signed(body, liveSecret.secret))],
    ],
    [
      "case 19: a byte order mark before the body that was signed without it",
      forged,
      () => [{ ...withHeader(signed(body)), body: Buffer.concat([Buffer.from("\ufeff"), body]) }],
    ],
    [
      "case 24: another gateway's proof on Stripe's address",
      missing,
      () => {
        const standard = { "webhook-id": "msg_1", "webhook-timestamp": String(now()) };
        const proof = hmac(body, secret, `msg_1.${now()}`);
        return [
          { body, headers: { ...standard, "webhook-signature": `v1,${proof}` } },
          { body, headers: { "x-mollie-signature": `sha256=${proof}` } },
          { body, headers: { "paypal-transmission-sig": proof, "paypal-auth-algo": "none" } },
        ];
      },
    ],
  ];
  test.each(cases)("%s", async (_, refusal, requests) => {
    const asked = requests();

    const replies: Reply[] = [];
    for (const each of asked) replies.push(await door.send(each));

    expect(replies.map(({ status, body: said }) => ({ status, said }))).toEqual(
      asked.map(() => ({ status: 400, said: JSON.stringify({ error: refusal }) })),
    );
    await expectOnlyRefused(asked.map(() => refusal));
    const rows = await sql`select diagnosis, body from refused_requests order by id`;
    expect(rows.map((row) => row.body)).toEqual(asked.map((each) => each.body));
    expect(rows.every((row) => row.diagnosis.length > 20)).toBe(true);
  });
});

async function expectOnlyRefused(refused: string[]): Promise<void> {
  expect(await kept(sql)).toEqual({ events: 0, keys: 0, objects: 0, refused });
}

test("case 1: a valid signature is answered 200 after the commit, and not before", async () => {
  const waits = sql.begin(async (tx) => {
    await tx`lock table event_keys in share mode`;
    const asked = door.send(withHeader(signed(body)));
    const early = await Promise.race([asked, pause(300, "nothing yet")]);
    return { asked, early };
  });

  const { asked, early } = await waits;

  expect(early).toBe("nothing yet");
  expect((await asked).status).toBe(200);
  expect(await kept(sql)).toEqual({ events: 1, keys: 1, objects: 1, refused: [] });
  expect(await sql`select body from webhook_events`).toMatchObject([{ body }]);
});

test("case 8: of two v1 the second may be the right one", async () => {
  const reply = await door.send(
    withHeader(spoiled((t, right) => `t=${t},v1=${wrong},v1=${right}`)),
  );

  expect(reply.status).toBe(200);
  expect((await kept(sql)).events).toBe(1);
});

test("case 9: eight wrong v1 cost what one costs, and five hundred are not even read", async () => {
  const large = Buffer.alloc(300_000, " ");
  const costOf = async (count: number) => {
    const header = `t=${now()}${`,v1=${wrong}`.repeat(count)}`;
    const times: number[] = [];
    for (let nth = 0; nth < 15; nth++) {
      const began = process.cpuUsage();
      expect((await door.post(large, { "stripe-signature": header })).status).toBe(400);
      const { user, system } = process.cpuUsage(began);
      times.push(user + system);
    }
    return Math.min(...times);
  };
  const one = await costOf(1);
  const eight = await costOf(8);
  await drainRefused();
  await emptyInbox(sql);

  const many = await door.send(withHeader(`t=${now()}${",v1=0123456789abcdef".repeat(500)}`));
  const full = await door.send(withHeader(`t=${now()}${`,v1=${wrong}`.repeat(500)}`));

  // Eight HMACs over 300 KB would cost some two milliseconds more.
  expect(eight).toBeLessThan(one * 1.5 + 1_000);
  expect(many).toMatchObject({ status: 400, body: '{"error":"signature_malformed"}' });
  // So many whole ones are above the limit on headers.
  expect(full.status).toBe(431);
  await expectOnlyRefused(["signature_malformed"]);
});

test("case 11: a signature of 299 s ago is right, one of 301 s ago is too old", async () => {
  await earlyInASecond();
  const inTime = await door.send(withHeader(by(-299)));
  const late = await door.send(withHeader(by(-301)));

  expect([inTime.status, late.status]).toEqual([200, 400]);
  expect(await kept(sql)).toMatchObject({ events: 1, refused: ["timestamp_too_old"] });
});

test("case 12: a time 301 s or ten years ahead is refused", async () => {
  await earlyInASecond();
  const replies = [
    await door.send(withHeader(by(301))),
    await door.send(withHeader(by(315_360_000))),
  ];

  expect(replies.map(({ status }) => status)).toEqual([400, 400]);
  await expectOnlyRefused(["timestamp_in_future", "timestamp_in_future"]);
});

test("case 16: a secret that was retired proves nothing from then on", async () => {
  const old = newSecret();
  const { id } = await addSecret(ada, {
    gateway: "stripe",
    mode: "test",
    label: "old",
    secret: old,
  });
  const before = await door.send(withHeader(signed(body, old)));

  await retireSecret(ada, { secretId: id });
  const after = await door.send(withHeader(signed(body, old)));

  expect([before.status, after.status]).toEqual([200, 400]);
  expect(await kept(sql)).toMatchObject({ events: 1, refused: ["signature_mismatch"] });
});

// Also tests/unit/stripe-verify.test.ts: an empty secret in a list is no key.
test.each(["", " ", "\n", "undefined", "whsec_"])(
  "case 17: %j is refused as a signing secret, so that no HMAC has an empty key",
  async (empty) => {
    const adding = addSecret(ada, { gateway: "stripe", mode: "test", label: "x", secret: empty });

    await expect(adding).rejects.toMatchObject({ code: "invalid_input" });
    expect((await door.send(withHeader(signed(body, empty || "\0")))).status).toBe(400);
  },
);

test("with an unusable secret in the environment Billhook does not start, and says why", () => {
  const { status, stderr } = spawnSync(process.execPath, ["server.ts"], {
    env: { ...process.env, STRIPE_WEBHOOK_SECRET: "undefined", ROLE: "web" },
    encoding: "utf8",
    timeout: 20_000,
  });

  expect(status).toBe(1);
  expect(stderr).toContain("STRIPE_WEBHOOK_SECRET in the environment cannot be used.");
});

test("case 20: bytes that are no UTF-8 are stored, parked and told of, if the signature over them is right", async () => {
  const bytes = Buffer.from([0x7b, 0x22, 0xff, 0xfe, 0x00, 0x80, 0x7d]);

  const reply = await door.post(bytes);
  await drainIntake();

  expect(reply.status).toBe(200);
  expect(await sql`select status, body from webhook_events`).toMatchObject([
    { status: "parked", body: bytes },
  ]);
  const alerts = await sql`select kind from alerts where kind = 'not_an_event'`;
  expect(alerts.length).toBeGreaterThan(0);
});

test("case 21: the header twice is refused, though both be right", async () => {
  const line = `Stripe-Signature: ${signed(body)}`;

  const { said } = await converse(door.port, (socket) =>
    socket.write(whole(body, line, line, "Connection: close")),
  );

  expect(statusesIn(said)).toEqual([400]);
  await expectOnlyRefused(["signature_malformed"]);
});

test("case 22: the header's name is read in any case, its value only without spaces", async () => {
  const send = (line: string) =>
    converse(door.port, (socket) => socket.write(whole(body, line, "Connection: close")));

  const mixed = await send(`sTRIPE-sIGNATURE:   ${signed(body)}  `);
  const spaced = [
    await send(`Stripe-Signature: ${signed(body).replace(",", ", ")}`),
    await send(`Stripe-Signature: ${signed(body).replace(",", " ,")}`),
    await send(`Stripe-Signature: ${signed(body).replace("v1=", "v1 = ")}`),
  ];

  expect(statusesIn(mixed.said)).toEqual([200]);
  expect(spaced.flatMap(({ said }) => statusesIn(said))).toEqual([400, 400, 400]);
  expect((await kept(sql)).events).toBe(1);
});

// Last, for it uses up how many refusals of one sender are kept as rows.
test("case 18: whichever one byte of the body is altered, it is refused", async () => {
  const small = bodyOf({ id: "evt_18", type: "a.b", data: { object: { id: "x" } } });
  const signature = signed(small);
  const statuses: number[] = [];
  for (let at = 0; at < small.length; at++) {
    const altered = Buffer.from(small);
    altered[at] = (altered[at] ?? 0) ^ (1 << (at % 8));
    statuses.push((await door.post(altered, { "stripe-signature": signature })).status);
  }
  await drainRefused();

  expect(new Set(statuses)).toEqual(new Set([400]));
  expect(await kept(sql)).toMatchObject({ events: 0, keys: 0, objects: 0 });
});
