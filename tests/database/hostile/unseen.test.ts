import { beforeEach, describe, expect, test } from "vitest";
import { drainIntake } from "#lib/inbox/intake-line.ts";
import { drainRefused } from "#lib/inbox/refused.ts";
import { prepareBilling, settle } from "#tests/support/billing.ts";
import { useDatabase } from "#tests/support/database.ts";
import { emptyInbox, kept } from "#tests/support/kept.ts";
import {
  bodyOf,
  event,
  hmac,
  signed,
  subscription,
  testSecret,
} from "#tests/support/stripe-objects.ts";
import { listen } from "#tests/support/webhooks.ts";
import { converse, head, statusesIn, whole } from "#tests/support/wire.ts";

/* Beside the numbered cases: requests of the same kinds that no list has. */

const database = await useDatabase();
const { sql } = database;
await prepareBilling(database);
const door = await listen();

const ADDRESS = "/api/webhooks/stripe";
const NOTHING = { events: 0, keys: 0, objects: 0, refused: [] };
const body = bodyOf(event("customer.subscription.updated", subscription()));
const line = () => `Stripe-Signature: ${signed(body)}`;

beforeEach(async () => {
  await drainIntake();
  await drainRefused();
  await emptyInbox(sql);
});

/** What is answered to these bytes; whoever sent them then leaves. */
async function answersTo(bytes: Buffer | string): Promise<number[]> {
  const sent = typeof bytes === "string" ? Buffer.from(bytes, "latin1") : bytes;
  const { said } = await converse(door.port, (socket) => {
    socket.write(sent);
    socket.once("data", () => setTimeout(() => socket.destroy(), 30));
  });
  await drainIntake();
  await drainRefused();
  return statusesIn(said);
}

/** A genuine request that begins with this line, and has these lines in its head. */
function asked(first: string, ...lines: string[]): Buffer {
  const told = [first, "Host: here", line(), ...lines, `Content-Length: ${body.length}`];
  return Buffer.concat([Buffer.from(`${told.join("\r\n")}\r\n\r\n`, "latin1"), body]);
}

describe("a genuine event at an address that only looks like ours is stored nowhere:", () => {
  test.each([
    ["two slashes before it", `/${ADDRESS}`, 404],
    ["two slashes behind it", `${ADDRESS}//`, 404],
    ["the name encoded", "/api/webhooks/%73tripe", 404],
    ["dots encoded", "/api/webhooks/%2e%2e/stripe", 404],
    ["dots in the middle", "/api/webhooks/x/../stripe", 404],
    ["a parameter behind it", `${ADDRESS};v=1`, 404],
    ["a NUL behind it", `${ADDRESS}%00`, 404],
    ["capitals", "/API/Webhooks/Stripe", 404],
    ["a gateway called __proto__", "/api/webhooks/__proto__", 404],
    ["a gateway called constructor", "/api/webhooks/constructor", 404],
    ["a name of 65 letters", `/api/webhooks/${"s".repeat(65)}`, 404],
    ["a whole URL", `http://here${ADDRESS}`, 400],
    ["no path", "*", 400],
    ["backslashes", "\\api\\webhooks\\stripe", 400],
    ["bytes that are no text", "/api/webhooks%ff/stripe", 400],
  ])("%s", async (_, address, status) => {
    expect(await answersTo(asked(`POST ${address} HTTP/1.1`))).toEqual([status]);
    expect(await kept(sql)).toEqual(NOTHING);
  });
});

test.each(["TRACE", "PURGE", "PROPFIND", "M-SEARCH"])(
  "%s is answered 405 at every address, not only at ours",
  async (method) => {
    const said = await answersTo(`${method} /admin HTTP/1.1\r\nHost: here\r\n\r\n`);

    expect(said).toEqual([405]);
  },
);

describe("a genuine event is stored whatever else its head says:", () => {
  const first = `POST ${ADDRESS} HTTP/1.1`;
  test.each<[string, () => Buffer]>([
    ["HTTP/1.0", () => asked(`POST ${ADDRESS} HTTP/1.0`)],
    ["a query of odd names", () => asked(`POST ${ADDRESS}?__proto__=1&a[]=b&%ff&%00 HTTP/1.1`)],
    ["a wish for HTTP/2", () => asked(first, "Connection: Upgrade", "Upgrade: h2c")],
    ["trailers that are welcome", () => asked(first, "TE: trailers")],
    ["another method in a header", () => asked(first, "X-HTTP-Method-Override: DELETE")],
    ["a name for it that is no name", () => asked(first, "X-Request-Id: \u00f0\u009f\u0092")],
    ["empty lines before it", () => Buffer.concat([Buffer.from("\r\n\r\n"), asked(first)])],
  ])("%s", async (_, bytes) => {
    expect(await answersTo(bytes())).toEqual([200]);
    expect(await kept(sql)).toEqual({ events: 1, keys: 1, objects: 1, refused: [] });
  });
});

describe("chunks", () => {
  const chunked = (first: string, extension: string, end: string) =>
    Buffer.concat([
      Buffer.from(head(first, "Transfer-Encoding: chunked")),
      Buffer.from(`${body.length.toString(16)}${extension}\r\n`),
      body,
      Buffer.from(`\r\n0\r\n${end}\r\n`),
    ]);

  test("may be commented, and a second signature behind them counts for nothing", async () => {
    expect(await answersTo(chunked(line(), ';a="b"', "Stripe-Signature: x\r\n"))).toEqual([200]);
    expect(await kept(sql)).toMatchObject({ events: 1, refused: [] });
  });

  test("are not proven by a signature that comes behind them", async () => {
    expect(await answersTo(chunked("X-None: 1", "", `${line()}\r\n`))).toEqual([400]);
    expect(await kept(sql)).toMatchObject({ events: 0, refused: ["signature_missing"] });
  });

  test.each<[string, number, () => Buffer | string]>([
    ["comments of 20 KB", 413, () => chunked(line(), `;${"a".repeat(20_000)}`, "")],
    ["20 KB behind them", 431, () => chunked(line(), "", `X: ${"a".repeat(20_000)}\r\n`)],
    ["a line end in a comment", 400, () => chunked(line(), ";a\nb", "")],
    [
      "a size beyond all numbers",
      400,
      () => `${head("Transfer-Encoding: chunked")}${"f".repeat(17)}\r\nx`,
    ],
  ])("with %s are refused: %i", async (_, status, bytes) => {
    expect(await answersTo(bytes())).toEqual([status]);
    expect(await kept(sql)).toEqual(NOTHING);
  });
});

describe("a head is refused before anything is kept:", () => {
  test.each<[string, number, () => Buffer | string]>([
    ["a CR on its own", 400, () => head("X-Odd: a\rb", line())],
    ["lines that end in LF", 400, () => head(line()).replaceAll("\r\n", "\n")],
    ["the beginning of HTTP/2", 400, () => "PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n"],
    [
      "ten thousand headers",
      431,
      () => head(line(), ...Array.from({ length: 10_000 }, () => "a:")),
    ],
    ["the same length twice", 400, () => head("Content-Length: 2", "Content-Length: 2")],
    ["a method in small letters", 400, () => asked(`post ${ADDRESS} HTTP/1.1`)],
    ["an encoding that is a comma", 415, () => whole(body, line(), "Content-Encoding: ,")],
  ])("%s: %i", async (_, status, bytes) => {
    expect(await answersTo(bytes())).toEqual([status]);
    expect(await kept(sql)).toEqual(NOTHING);
  });
});

describe("a signature's header is read to the letter:", () => {
  const zeros = `,v1=${"0".repeat(64)}`;
  const malformed: [string, (t: string, v: string) => string][] = [
    ["a comma behind it", (t, v) => `t=${t},v1=${v},`],
    ["a comma before it", (t, v) => `,t=${t},v1=${v}`],
    ["quotes", (t, v) => `"t=${t},v1=${v}"`],
    ["a semicolon", (t, v) => `t=${t};v1=${v}`],
    ["the time last", (t, v) => `v1=${v},t=${t}`],
    ["a plus", (t, v) => `t=+${t},v1=${v}`],
    ["a tab", (t, v) => `t=${t},\tv1=${v}`],
    ["capitals", (t, v) => `T=${t},V1=${v}`],
    ["digits of another script", (t, v) => `t=${t.replaceAll("1", "\u00b9")},v1=${v}`],
    ["another version", (t, v) => `t=${t},v2=${v}`],
    ["the version as 01", (t, v) => `t=${t},v01=${v}`],
    ["nine candidates", (t, v) => `t=${t}${zeros.repeat(8)},v1=${v}`],
    ["an empty second header", (t, v) => `t=${t},v1=${v}\r\nSTRIPE-SIGNATURE:`],
  ];
  const header = (spoil: (t: string, v: string) => string) => {
    const time = String(Math.floor(Date.now() / 1_000));
    return `Stripe-Signature: ${spoil(time, hmac(body, testSecret.secret, time))}`;
  };

  test.each(malformed)("%s is refused", async (_, spoil) => {
    expect(await answersTo(whole(body, header(spoil)))).toEqual([400]);
    expect(await kept(sql)).toEqual({ ...NOTHING, refused: ["signature_malformed"] });
  });

  test("a zero before the time was not signed", async () => {
    expect(
      await answersTo(
        whole(
          body,
          header((t, v) => `t=0${t},v1=${v}`),
        ),
      ),
    ).toEqual([400]);
    expect(await kept(sql)).toEqual({ ...NOTHING, refused: ["signature_mismatch"] });
  });

  test("the eighth of eight candidates may be the right one", async () => {
    const eighth = header((t, v) => `t=${t}${zeros.repeat(7)},v1=${v}`);

    expect(await answersTo(whole(body, eighth))).toEqual([200]);
  });
});

describe("a signed event", () => {
  const told = (changes: object, object: object = {}) => {
    const base = event("customer.subscription.updated", subscription({ id: "sub_odd", ...object }));
    return JSON.stringify({ ...base, ...changes });
  };

  test.each<[string, string]>([
    ["an id of 10 KB", told({ id: "e".repeat(10_000) })],
    ["a type of 10 KB", told({ type: "t".repeat(10_000) })],
    ...["\u001d", "\u001e", "\u001f", "\u0085"].map((mark): [string, string] => [
      `the mark ${JSON.stringify(mark)} in its id`,
      told({ id: `evt${mark}1` }),
    ]),
    ["an id that is a number", told({ id: 12 })],
    ...[["x"], [[]], [null], [5]].map(([object]): [string, string] => [
      `${JSON.stringify(object)} as its object`,
      told({ data: { object } }),
    ]),
    ["an account that is no name", told({ account: ["acct_1"] })],
    ["an account with a NUL", told({ account: "acct_\u0000" })],
    ["text behind it", `${told({})}x`],
    ["a comment before it", `/**/${told({})}`],
  ])("with %s is parked", async (_, sent) => {
    expect((await door.post(sent)).status).toBe(200);
    await drainIntake();

    const rows = await sql`select status, reason_code, body from webhook_events`;
    expect(rows).toMatchObject([
      { status: "parked", reason_code: "not_an_event", body: Buffer.from(sent) },
    ]);
    expect((await kept(sql)).objects).toBe(0);
  });

  const deep = (open: string, close: string) => `${open.repeat(100_000)}1${close.repeat(100_000)}`;
  const many = Object.fromEntries(Array.from({ length: 60_000 }, (_, nth) => [nth * 1_000, 1]));
  test.each<[string, string]>([
    ["an id of slashes and quotes", told({ id: "../../evt?a=\"b'\\;--" })],
    ["an object's id of the same", told({}, { id: "sub/../x?y='\"" })],
    ["an id that is read from the right", told({ id: "evt_\u202e\u2066" })],
    ...[1.5, -1, 1e300, "1700000000", "2026-13-45", 253_402_300_800, [1], {}].map(
      (created): [string, string] => [`created ${JSON.stringify(created)}`, told({ created })],
    ),
    ["a version that is a list", told({ api_version: ["x"] })],
    ["a mode that is text", told({ livemode: "true" })],
    ["lists 100,000 deep", told({}, { x: 0 }).replace('"x":0', `"x":${deep("[", "]")}`)],
    ["objects 100,000 deep", told({}, { x: 0 }).replace('"x":0', `"x":${deep('{"a":', "}")}`)],
    ["60,000 names", told({}, { metadata: many })],
    ["names of an object's own", told({}, JSON.parse('{"then":{},"toJSON":1,"length":-1}'))],
    [
      "periods of no calendar",
      told({}, { current_period_end: 1e300, trial_end: "x", ended_at: 0.5 }),
    ],
    ["a currency of 10 KB", told({}, { currency: "e".repeat(10_000) })],
    ["20,000 times one item", told({}, { items: { data: Array(20_000).fill({ id: "si_1" }) } })],
  ])("with %s is stored as it came, and settled without a fault of ours", async (_, sent) => {
    expect((await door.post(sent)).status).toBe(200);
    await settle(sql);

    const rows = await sql`select mode, body from webhook_events where status <> 'received'`;
    expect(rows).toMatchObject([{ mode: "test", body: Buffer.from(sent) }]);
    expect(await sql`select last_error from gateway_objects where parked_at is not null`).toEqual(
      [],
    );
  });
});
