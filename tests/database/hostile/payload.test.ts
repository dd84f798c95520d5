import { beforeEach, describe, expect, test } from "vitest";
import { drainIntake } from "#lib/inbox/intake-line.ts";
import { makeOrganization, prepareBilling, settle } from "#tests/support/billing.ts";
import { useDatabase } from "#tests/support/database.ts";
import { signedEvent } from "#tests/support/door.ts";
import { emptyInbox, kept } from "#tests/support/kept.ts";
import {
  bodyOf,
  event,
  liveSecret,
  type StripeObject,
  subscription,
} from "#tests/support/stripe-objects.ts";
import { listen } from "#tests/support/webhooks.ts";

/* What is validly signed and hostile inside. It is stored as it came, and answered 200. */

const database = await useDatabase();
const { sql } = database;
await prepareBilling(database);
const door = await listen();

beforeEach(async () => {
  await drainIntake();
  await emptyInbox(sql);
  await sql`delete from alerts`;
});

const about = (ref: string, changes = {}) =>
  event("customer.subscription.updated", subscription({ id: ref }), changes);

test("case 61: a thousand deliveries of one event at once make one row, one ring and one sync", async () => {
  const one = signedEvent(about("sub_61"));

  const replies = await Promise.all(Array.from({ length: 1_000 }, () => door.send(one)));
  await settle(sql);

  expect(new Set(replies.map(({ status }) => status))).toEqual(new Set([200]));
  expect(await kept(sql)).toMatchObject({ events: 1, keys: 1, refused: [] });
  expect(await sql`select deliveries from event_keys`).toMatchObject([{ deliveries: 1_000 }]);
  const syncs = await sql`
    select o.rung, count(s.id)::int as syncs from gateway_objects o left join syncs s
      on s.object_id = o.id where o.ref = 'sub_61' group by o.id`;
  expect(syncs).toMatchObject([{ rung: 1, syncs: 1 }]);
});

test("case 62: the same id with another body is kept as a conflict, told once, and overwrites nothing", async () => {
  const first = about("sub_62");
  const altered = { ...first, created: 5 };

  const replies = [
    await door.send(signedEvent(first)),
    await door.send(signedEvent(altered)),
    await door.send(signedEvent(altered)),
  ];
  await drainIntake();

  expect(replies.map(({ status }) => status)).toEqual([200, 200, 200]);
  const rows = await sql`
    select status, reason_code, object_id is null as rings_nothing, body
    from webhook_events order by status`;
  expect(rows).toMatchObject([
    { status: "conflict", reason_code: "other_body", rings_nothing: true, body: bodyOf(altered) },
    { status: "received", rings_nothing: false, body: bodyOf(first) },
  ]);
  expect(await sql`select rung from gateway_objects`).toMatchObject([{ rung: 1 }]);
  expect(await sql`select kind from alerts`).toMatchObject([{ kind: "event_conflict" }]);
});

test("case 63: one id in both modes and from two connected accounts makes four rows", async () => {
  const one = about("sub_63");

  const replies = [
    await door.send(signedEvent(one)),
    await door.send(signedEvent({ ...one, livemode: true }, liveSecret.secret)),
    await door.send(signedEvent({ ...one, account: "acct_a" })),
    await door.send(signedEvent({ ...one, account: "acct_b" })),
  ];

  expect(replies.map(({ status }) => status)).toEqual([200, 200, 200, 200]);
  const rows = await sql`
    select mode, account, status from webhook_events order by mode, account collate "C"`;
  expect(rows).toMatchObject([
    { mode: "live", account: "", status: "received" },
    { mode: "test", account: "", status: "received" },
    { mode: "test", account: "acct_a", status: "ignored" },
    { mode: "test", account: "acct_b", status: "ignored" },
  ]);
});

describe("case 65: what nobody knows yet is stored and said to be ignored, or read as far as it goes:", () => {
  const thin: StripeObject = {
    id: "evt_thin",
    object: "v2.core.event",
    type: "v1.billing.meter.error_report_triggered",
    created: "2026-11-02T10:00:00.000Z",
    livemode: false,
    related_object: { id: "mtr_1", type: "billing.meter", url: "/v1/billing/meters/mtr_1" },
  };
  test.each<[string, StripeObject, string, string | null]>([
    [
      "a type that Stripe invents",
      event("sigma.run.created", { object: "sigma_run", id: "sqr_1" }),
      "ignored",
      "not_mirrored",
    ],
    ["a thin event", thin, "ignored", "not_mirrored"],
    [
      "a known kind in an unknown type",
      event("customer.dreamt", { object: "customer", id: "cus_65" }),
      "received",
      null,
    ],
    [
      "a version of the future with unknown values and missing members",
      event(
        "customer.subscription.updated",
        { object: "subscription", id: "sub_65", status: "levitating", items: null },
        { api_version: "2031-01-01.zebra" },
      ),
      "received",
      null,
    ],
  ])("%s", async (_, json, status, reasonCode) => {
    expect((await door.send(signedEvent(json))).status).toBe(200);

    await settle(sql);
    const rows = await sql`select status, reason_code from webhook_events`;
    expect(rows).toHaveLength(1);
    if (status === "ignored") expect(rows).toMatchObject([{ status, reason_code: reasonCode }]);
    else expect(["processed", "unmatched", "failed"]).toContain(rows[0]?.status);
    expect(await sql`select ref from gateway_objects where parked_at is not null`).toEqual([]);
  });
});

type Bytes = [string, Buffer | string];

describe("case 66: roots that are no event are parked byte for byte, and told of:", () => {
  test.each<Bytes>([
    ["null", "null"],
    ["an empty list", "[]"],
    ["a list", "[1]"],
    ["a number", "1"],
    ["an empty text", '""'],
    ["an empty object", "{}"],
    ["no JSON", "hello"],
    ["an empty body", ""],
    ["10,000 levels of lists", "[".repeat(10_000) + "]".repeat(10_000)],
    ["100,000 lists without an end", "[".repeat(100_000)],
    ["10,000 levels of objects", `${'{"a":'.repeat(10_000)}1${"}".repeat(10_000)}`],
    ["a key of nearly a megabyte", `{"${"k".repeat(1_048_000)}":1}`],
    ["an event with a null object", '{"id":"evt_1","type":"a.b","data":{"object":null}}'],
    ["a byte order mark before an event", `\ufeff${JSON.stringify(about("sub_bom"))}`],
  ])("%s", async (_, body) => {
    await expectParked(body);
  });

  test("an id twice: the id that is used is the one that was kept", async () => {
    const twice = '{"id":"evt_a","id":"evt_b","type":"x.y","data":{"object":{}}}';

    const replies = [await door.post(twice), await door.post(twice)];

    expect(replies.map(({ status }) => status)).toEqual([200, 200]);
    const rows = await sql`
      select e.event_ref, e.body, k.event_ref as key, k.deliveries from webhook_events e
      join event_keys k on k.event_id = e.id`;
    expect(rows).toMatchObject([
      { event_ref: "evt_b", key: "evt_b", deliveries: 2, body: Buffer.from(twice) },
    ]);
  });
});

async function expectParked(body: Buffer | string): Promise<void> {
  const reply = await door.post(body);
  await drainIntake();

  expect(reply.status).toBe(200);
  const rows = await sql`
    select status, reason_code, body, object_id is null as rings_nothing from webhook_events`;
  expect(rows).toMatchObject([
    {
      status: "parked",
      reason_code: "not_an_event",
      body: Buffer.from(body),
      rings_nothing: true,
    },
  ]);
  expect(await sql`select kind from alerts`).toMatchObject([{ kind: "not_an_event" }]);
}

describe("case 67: names and values that break readers", () => {
  test.each<Bytes>([
    ["a NUL in the id", '{"id":"evt_\\u0000","type":"a.b","data":{"object":{}}}'],
    ["half a character in the type", '{"id":"evt_1","type":"\\ud800","data":{"object":{}}}'],
    ["an id of 300 characters", `{"id":"${"e".repeat(300)}","type":"a","data":{"object":{}}}`],
    ["an event whose object is a prototype", '{"id":"e","type":"a","__proto__":{"data":{}}}'],
  ])("park what cannot be named: %s", async (_, body) => {
    await expectParked(body);
  });

  const inCustomer = (members: string) =>
    `{"id":"evt_67","type":"customer.updated","created":1,"livemode":false,` +
    `"data":{"object":{"object":"customer","id":"cus_67",${members}}}}`;
  test.each([
    ["NUL and half characters", '"name":"a\\u0000b\\ud800","email":"x\\u0000@y.z"'],
    ["__proto__ and constructor", '"__proto__":{"polluted":1},"constructor":{"prototype":{"a":1}}'],
    ["an endless number", '"balance":1e400,"delinquent":-1e400'],
    ["a number beyond 2^53", '"balance":9007199254740993'],
    ["a time beyond all calendars", '"created":99999999999999999'],
    ["other types everywhere", '"name":{},"email":[],"metadata":"x","deleted":"yes"'],
  ])("are stored exactly and synced without harm: %s", async (_, members) => {
    const body = inCustomer(members);

    expect((await door.post(body)).status).toBe(200);
    await settle(sql);

    expect(Object.keys({}.constructor.prototype)).toEqual([]);
    expect("polluted" in {}).toBe(false);
    expect(await sql`select body from webhook_events`).toMatchObject([{ body: Buffer.from(body) }]);
    expect(await sql`select ref from gateway_objects where parked_at is not null`).toEqual([]);
  });
});

// In fetch mode: tests/database/any-order-fetch.test.ts and any-order-sandbox.test.ts.
describe("case 64: the order of arrival decides nothing", () => {
  const life = (sub: string) => {
    const at = (created: number, type: string, changes: object) =>
      event(
        `customer.subscription.${type}`,
        subscription({ id: sub, customer: "cus_64", ...changes }),
        { created },
      );
    return [
      at(100, "created", { status: "incomplete" }),
      at(200, "updated", { status: "active" }),
      at(300, "deleted", { status: "canceled", ended_at: 300 }),
      // Later than the end by the gateway's clock, as happens: final is final.
      at(305, "updated", { status: "past_due" }),
    ];
  };
  const orders = [0, 1, 2, 3].flatMap((a) =>
    [0, 1, 2, 3].flatMap((b) => [0, 1, 2, 3].map((c) => [a, b, c, 6 - a - b - c])),
  );
  const permutations = orders.filter((order) => new Set(order).size === 4);

  test("and a subscription that ended stays ended, in all 24 orders", async () => {
    expect(permutations).toHaveLength(24);
    await makeOrganization(sql, "org_64");
    await sql`insert into customers (id, gateway, mode, ref, organization_id, link_source)
      values ('cus_64', 'stripe', 'test', 'cus_64', 'org_64', 'administrator')`;
    for (const [nth, order] of permutations.entries()) {
      const events = life(`sub_64_${nth}`);
      for (const place of order) {
        const next = events[place];
        if (next) await door.send(signedEvent(next));
      }
    }
    await settle(sql);

    const rows = await sql`
      select status, count(*)::int as count from subscriptions where ref like 'sub_64_%'
      group by status`;
    expect(rows).toMatchObject([{ status: "canceled", count: 24 }]);
    expect((await kept(sql)).events).toBe(96);
  });
});
