import { expect, test } from "@playwright/test";
import { connect, type Sql } from "#db/client.ts";
import { type Door, doorAt, signedEvent } from "#tests/support/door.ts";
import {
  type Entrance,
  environmentOver,
  startNextAlone,
  startServer,
} from "#tests/support/entrances.ts";
import { cloneDatabase } from "#tests/support/postgres.ts";
import { bodyOf, event, signed, subscription, testSecret } from "#tests/support/stripe-objects.ts";

const MIB = 1_048_576;
const minutes = (count: number) => new Date(Date.now() + count * 60_000);
const body = bodyOf(event("customer.subscription.updated", subscription(), { id: "evt_both" }));
const signature = (...args: Parameters<typeof signed>) => ({ "stripe-signature": signed(...args) });

type Request = Parameters<Door["send"]>[0];

/** What both are asked, in this order. */
const REQUESTS: [string, () => Request][] = [
  ["a genuine event", () => ({ body, headers: signature(body) })],
  ["the same again", () => ({ body, headers: signature(body) })],
  [
    "a slash at the end of the address",
    () => ({ path: "/api/webhooks/stripe/", body, headers: signature(body) }),
  ],
  ["no signature", () => ({ body })],
  ["a malformed signature", () => ({ body, headers: { "stripe-signature": "t=1,v1=" } })],
  ["another secret", () => ({ body, headers: signature(body, "whsec_another0000000000000000") })],
  [
    "an altered body",
    () => ({ body: Buffer.concat([body, Buffer.from(" ")]), headers: signature(body) }),
  ],
  [
    "an old signature",
    () => ({ body, headers: signature(body, testSecret.secret, { at: minutes(-6) }) }),
  ],
  [
    "a signature from the future",
    () => ({ body, headers: signature(body, testSecret.secret, { at: minutes(6) }) }),
  ],
  [
    "a live event under the test secret",
    () =>
      signedEvent(
        event(
          "customer.created",
          { object: "customer", id: "cus_1" },
          { livemode: true, id: "evt_live" },
        ),
      ),
  ],
  ["a body that is no JSON", () => ({ body: "hello", headers: signature("hello") })],
  [
    "bytes that are no text",
    () => ({ body: Buffer.from([255, 0, 1]), headers: signature(Buffer.from([255, 0, 1])) }),
  ],
  ["an empty body", () => ({ body: "", headers: signature("") })],
  [
    "an unknown type",
    () => signedEvent(event("sigma.run", { object: "sigma", id: "sig_1" }, { id: "evt_sigma" })),
  ],
  [
    "the same id with another body",
    () =>
      signedEvent(
        event("customer.subscription.deleted", subscription({ id: "sub_x" }), { id: "evt_both" }),
      ),
  ],
  [
    "an encoded body",
    () => ({ body, headers: { ...signature(body), "content-encoding": "gzip" } }),
  ],
  ["1 MiB", () => ({ body: Buffer.alloc(MIB, " "), headers: signature(Buffer.alloc(MIB, " ")) })],
  ["1 MiB and a byte", () => ({ announced: MIB + 1 })],
  ["an unknown gateway", () => ({ path: "/api/webhooks/nobody", body, headers: signature(body) })],
  ...["GET", "HEAD", "PUT", "PATCH", "DELETE", "OPTIONS"].map((method): [string, () => Request] => [
    method,
    () => ({ method }),
  ]),
];

test("both entrances answer the same requests alike and keep the same rows", async () => {
  test.setTimeout(180_000);
  const first = await behind(startServer);
  const second = await behind(startNextAlone);
  try {
    for (const [name, request] of REQUESTS) {
      const one = await answerOf(first.app, request());
      const other = await answerOf(second.app, request());
      expect.soft(other, name).toEqual(one);
    }

    expect(await rowsOf(second.sql)).toEqual(await rowsOf(first.sql));
    const { events } = await rowsOf(first.sql);
    expect(events.map((row) => row.status)).toEqual([
      "conflict",
      "ignored",
      "parked",
      "parked",
      "parked",
      "parked",
      "received",
    ]);
  } finally {
    await first.stop();
    await second.stop();
  }
});

/** One deployment with a database of its own, which believes the test secret. */
async function behind(entrance: (env: Record<string, string>) => Promise<Entrance>) {
  const server = process.env.TEST_POSTGRES_URL ?? "";
  const database = await cloneDatabase(server);
  const sql = connect(database.url, { max: 1, name: "billhook entrances" });
  const env = environmentOver(database.url, {
    ROLE: "web",
    STRIPE_WEBHOOK_SECRET: testSecret.secret,
    BILLHOOK_MODE: "test",
  });
  const app = await entrance(env);
  return {
    app,
    sql,
    async stop() {
      await app.stop();
      await sql.end({ timeout: 5 });
      await database.drop();
    },
  };
}

async function answerOf(app: Entrance, request: Request) {
  const { status, headers, body } = await doorAt(app.port).send(request);
  return {
    status,
    body,
    allow: headers.allow,
    type: headers["content-type"],
    cache: headers["cache-control"],
    retry: headers["retry-after"],
  };
}

async function rowsOf(sql: Sql) {
  return {
    events: await sql`
      select event_ref, status, type, mode, reason_code, ring, sha256(body) as hash
      from webhook_events order by status, event_ref`,
    keys: await sql`select event_ref, deliveries from event_keys order by event_ref`,
    objects: await sql`select mode, type, ref, rung from gateway_objects order by ref`,
    refused:
      await sql`select refusal, diagnosis, sha256(body) as hash from refused_requests order by id`,
  };
}
