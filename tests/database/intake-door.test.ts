import { beforeEach, expect, test } from "vitest";
import { useDatabase } from "#tests/support/database.ts";
import { signedEvent } from "#tests/support/door.ts";
import { emptyInbox, kept } from "#tests/support/kept.ts";
import { event, subscription } from "#tests/support/stripe-objects.ts";
import { openDoor } from "#tests/support/webhooks.ts";

const database = await useDatabase();
const { sql } = database;
const door = await openDoor(database);

const genuine = () => event("customer.subscription.updated", subscription());

beforeEach(() => emptyInbox(sql));

test("stores a genuine event, rings its object and only then says so", async () => {
  const { body, headers } = signedEvent(genuine());

  const reply = await door.send({ body, headers });

  expect(reply).toMatchObject({ status: 200, body: '{"received":true}' });
  expect(await kept(sql)).toEqual({ events: 1, keys: 1, objects: 1, refused: [] });
  const [row] = await sql`select body, status, ring, received_at from webhook_events`;
  expect(row).toMatchObject({ body, status: "received", ring: 1 });
});

test("accepts the address with a slash at its end", async () => {
  const { body, headers } = signedEvent(genuine());

  const reply = await door.send({ path: "/api/webhooks/stripe/", body, headers });

  expect(reply.status).toBe(200);
});

test.each(["nobody", "__proto__", "STRIPE", "%73tripe"])(
  "answers 404 to the unknown gateway %s and stores nothing",
  async (name) => {
    const { body, headers } = signedEvent(genuine());

    const reply = await door.send({ path: `/api/webhooks/${name}`, body, headers });

    expect(reply).toMatchObject({ status: 404, body: '{"error":"unknown_gateway"}' });
    expect(await kept(sql)).toEqual({ events: 0, keys: 0, objects: 0, refused: [] });
  },
);

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
