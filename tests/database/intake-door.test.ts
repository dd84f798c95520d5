import { beforeEach, describe, expect, test } from "vitest";
import { useDatabase } from "#tests/support/database.ts";
import { signedEvent } from "#tests/support/door.ts";
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

const database = await useDatabase();
const { sql } = database;
const door = await openDoor(database);

const seconds = (count: number) => new Date(Date.now() + count * 1_000);
const genuine = () => event("customer.subscription.updated", subscription());

/** What is in the tables now: stored events, rung objects, refused requests. */
async function kept() {
  const [row] = await sql`
    select (select count(*)::int from webhook_events) as events,
      (select count(*)::int from event_keys) as keys,
      (select count(*)::int from gateway_objects) as objects,
      (select coalesce(array_agg(refusal order by id), '{}') from refused_requests) as refused`;
  return row;
}

beforeEach(async () => {
  await sql`truncate webhook_events, event_keys, refused_requests, refused_counts`;
  await sql`truncate gateway_objects cascade`;
});

test("stores a genuine event, rings its object and only then says so", async () => {
  const { body, headers } = signedEvent(genuine());

  const reply = await door.send({ body, headers });

  expect(reply).toMatchObject({ status: 200, body: '{"received":true}' });
  expect(await kept()).toEqual({ events: 1, keys: 1, objects: 1, refused: [] });
  const [row] = await sql`select body, status, ring, received_at from webhook_events`;
  expect(row).toMatchObject({ body, status: "received", ring: 1 });
});

test("accepts the address with a slash at its end", async () => {
  const { body, headers } = signedEvent(genuine());

  const reply = await door.send({ path: "/api/webhooks/stripe/", body, headers });

  expect(reply.status).toBe(200);
});

describe("refuses with 400, keeps the request with its reason and stores no event:", () => {
  const body = bodyOf(genuine());
  const time = () => String(Math.floor(Date.now() / 1_000));
  const altered = Buffer.from(body);
  altered[40] = (altered[40] ?? 0) ^ 1;
  const cases: [string, string, () => { body?: Buffer; signature?: string }][] = [
    ["no signature", "signature_missing", () => ({})],
    ["an empty signature", "signature_missing", () => ({ signature: "" })],
    ["a malformed header", "signature_malformed", () => ({ signature: "t=1,v1=" })],
    ["a v1 without a value", "signature_malformed", () => ({ signature: `t=${time()},v1` })],
    [
      "sixty-four letters that are no hex",
      "signature_malformed",
      () => ({ signature: `t=${time()},v1=${"é".repeat(64)}` }),
    ],
    [
      "upper-case hex",
      "signature_malformed",
      () => ({ signature: signed(body).replace(/v1=.*/, (v) => v.toUpperCase()) }),
    ],
    [
      "only the v0 scheme",
      "signature_malformed",
      () => ({ signature: signed(body).replace("v1=", "v0=") }),
    ],
    ["two timestamps", "signature_malformed", () => ({ signature: `t=1,${signed(body)}` })],
    [
      "a secret that nobody entered",
      "signature_mismatch",
      () => ({ signature: signed(body, "whsec_somebodyelse0000000000000000") }),
    ],
    [
      "the secret of the other mode",
      "mode_mismatch",
      () => ({ signature: signed(body, liveSecret.secret) }),
    ],
    [
      "a body altered by one byte",
      "signature_mismatch",
      () => ({ body: altered, signature: signed(body) }),
    ],
    [
      "a signature 301 s old",
      "timestamp_too_old",
      () => ({ signature: signed(body, testSecret.secret, { at: seconds(-301) }) }),
    ],
    [
      "a signature 302 s ahead",
      "timestamp_in_future",
      () => ({ signature: signed(body, testSecret.secret, { at: seconds(302) }) }),
    ],
  ];
  test.each(cases)("%s", async (_, refusal, given) => {
    const { body: sent = body, signature } = given();
    const headers: Record<string, string> =
      signature === undefined ? {} : { "stripe-signature": signature };

    const reply = await door.send({ body: sent, headers });

    expect(reply).toMatchObject({ status: 400, body: JSON.stringify({ error: refusal }) });
    expect(await kept()).toEqual({ events: 0, keys: 0, objects: 0, refused: [refusal] });
    const [row] = await sql`select diagnosis, body from refused_requests`;
    expect(row?.diagnosis.length).toBeGreaterThan(20);
    expect(row?.body).toEqual(sent);
  });
});

test("accepts a signature of 299 s ago", async () => {
  const { body, headers } = signedEvent(genuine(), testSecret.secret, seconds(-299));

  expect((await door.send({ body, headers })).status).toBe(200);
});

test("accepts two signatures of which the second is right", async () => {
  const body = bodyOf(genuine());
  const time = String(Math.floor(Date.now() / 1_000));
  const signature = `t=${time},v1=${"0".repeat(64)},v1=${hmac(body, testSecret.secret, time)}`;

  expect((await door.post(body, { "stripe-signature": signature })).status).toBe(200);
});

test("refuses a signature header that was sent twice", async () => {
  const body = bodyOf(genuine());
  const signature = signed(body);

  const reply = await door.send({
    body,
    headers: { "stripe-signature": `${signature}, ${signature}` },
  });

  expect(reply.status).toBe(400);
});

describe("stores what is genuine, whatever is inside:", () => {
  const cases: [string, Buffer | string, string, string | null][] = [
    ["bytes that are no JSON", "hello", "parked", "not_an_event"],
    ["bytes that are no text", Buffer.from([0xff, 0xfe, 0x00, 0x80]), "parked", "not_an_event"],
    ["an empty body", "", "parked", "not_an_event"],
    ["JSON that is no event", '{"a":1}', "parked", "not_an_event"],
    ["null", "null", "parked", "not_an_event"],
    ["a list", "[1]", "parked", "not_an_event"],
    ["nesting without end", "[".repeat(100_000), "parked", "not_an_event"],
    [
      "an event with a null object",
      '{"id":"evt_null","type":"invoice.paid","data":{"object":null}}',
      "parked",
      "not_an_event",
    ],
    [
      "an id with a NUL in it",
      '{"id":"evt_\\u0000","type":"a","data":{"object":{}}}',
      "parked",
      "not_an_event",
    ],
    [
      "an unknown type",
      bodyOf(
        event("sigma.scheduled_query_run.created", { object: "scheduled_query_run", id: "sqr_1" }),
      ),
      "ignored",
      "not_mirrored",
    ],
    [
      "a connected account's event",
      bodyOf(event("customer.created", { object: "customer", id: "cus_1" }, { account: "acct_2" })),
      "ignored",
      "connected_account",
    ],
    [
      "an unknown type about a known kind",
      bodyOf(event("customer.dreamt", { object: "customer", id: "cus_2" })),
      "received",
      null,
    ],
    [
      "unknown values and missing members",
      bodyOf(
        event("customer.subscription.updated", {
          object: "subscription",
          id: "sub_odd",
          status: "levitating",
          items: null,
        }),
      ),
      "received",
      null,
    ],
    [
      "NUL and half characters in texts",
      '{"id":"evt_nul","type":"customer.updated","data":{"object":{"object":"customer","id":"cus_3","name":"a\\u0000b\\ud800"}}}',
      "received",
      null,
    ],
  ];
  test.each(cases)("%s", async (_, body, status, reasonCode) => {
    const reply = await door.post(body);

    expect(reply.status).toBe(200);
    const rows =
      await sql`select status, reason_code, body, object_id is null as rings_nothing from webhook_events`;
    expect(rows).toMatchObject([
      {
        status,
        reason_code: reasonCode,
        body: Buffer.from(body),
        rings_nothing: status !== "received",
      },
    ]);
  });
});

test("takes any content type, since the signature decides", async () => {
  const { body, headers } = signedEvent(genuine());

  const reply = await door.send({ body, headers: { ...headers, "content-type": "text/html" } });

  expect(reply.status).toBe(200);
});

test.each(["GET", "HEAD", "PUT", "PATCH", "DELETE", "OPTIONS", "TRACE"])(
  "answers 405 to %s and stores nothing",
  async (method) => {
    const reply = await door.send({ method });

    expect(reply).toMatchObject({ status: 405, headers: { allow: "POST" } });
    expect(await kept()).toEqual({ events: 0, keys: 0, objects: 0, refused: [] });
  },
);

test.each(["nobody", "__proto__", "STRIPE", "%73tripe"])(
  "answers 404 to the unknown gateway %s and stores nothing",
  async (name) => {
    const { body, headers } = signedEvent(genuine());

    const reply = await door.send({ path: `/api/webhooks/${name}`, body, headers });

    expect(reply).toMatchObject({ status: 404, body: '{"error":"unknown_gateway"}' });
    expect(await kept()).toEqual({ events: 0, keys: 0, objects: 0, refused: [] });
  },
);

test("refuses an encoded body with 415", async () => {
  const { body, headers } = signedEvent(genuine());

  const reply = await door.send({ body, headers: { ...headers, "content-encoding": "gzip" } });

  expect(reply.status).toBe(415);
  expect(await kept()).toMatchObject({ events: 0 });
});

test("keeps no header that is not on the list", async () => {
  const { body, headers } = signedEvent(genuine());

  await door.send({
    body,
    headers: { ...headers, cookie: "a=b", authorization: "Bearer x", "user-agent": "Stripe/1.0" },
  });

  const [row] = await sql`select headers from webhook_events`;
  expect(Object.keys(row?.headers).sort()).toEqual([
    "content-length",
    "host",
    "stripe-signature",
    "user-agent",
  ]);
});

test("puts the sender's request id, or one of its own, on what it judged", async () => {
  const { body, headers } = signedEvent(genuine());

  const named = await door.send({
    body,
    headers: { ...headers, "x-request-id": "req_0123456789" },
  });
  const unnamed = await door.send({ body: "unsigned" });

  expect(named.headers["x-request-id"]).toBe("req_0123456789");
  expect(unnamed.headers["x-request-id"]).toMatch(/^[\w-]{36}$/);
});
