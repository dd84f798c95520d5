import { connect, type Socket } from "node:net";
import { expect, test } from "vitest";
import { useDatabase } from "#tests/support/database.ts";
import { signedEvent } from "#tests/support/door.ts";
import { event, signed, subscription } from "#tests/support/stripe-objects.ts";
import { openDoor } from "#tests/support/webhooks.ts";

const MIB = 1_048_576;
const database = await useDatabase();
const { sql } = database;
const door = await openDoor(database);

/** Everything that comes back on a raw connection until it is closed, and how long that took. */
function converse(
  say: (socket: Socket) => void,
): Promise<{ said: string; sentBytes: number; ms: number }> {
  const began = performance.now();
  return new Promise((resolve) => {
    let said = "";
    const socket = connect(door.port, "127.0.0.1", () => say(socket));
    socket.on("data", (chunk) => {
      said += chunk.toString("latin1");
    });
    socket.on("error", () => {});
    socket.on("close", () =>
      resolve({ said, sentBytes: socket.bytesWritten, ms: performance.now() - began }),
    );
  });
}

const head = (...lines: string[]) =>
  `${["POST /api/webhooks/stripe HTTP/1.1", "Host: here", ...lines].join("\r\n")}\r\n\r\n`;

async function eventCount() {
  const [row] = await sql`select count(*)::int as count from webhook_events`;
  return row?.count;
}

test("stores a body of exactly 1 MiB", async () => {
  const body = Buffer.alloc(MIB, " ");

  const reply = await door.post(body);

  expect(reply.status).toBe(200);
  const [row] =
    await sql`select octet_length(body) as size from webhook_events where status = 'parked'`;
  expect(row?.size).toBe(MIB);
  await sql`truncate webhook_events, event_keys`;
});

test("answers 413 to 1 MiB and a byte without reading it", async () => {
  const body = Buffer.alloc(MIB + 1, " ");

  const { said } = await converse((socket) =>
    socket.write(head(`Content-Length: ${body.length}`, `Stripe-Signature: ${signed(body)}`)),
  );

  expect(said).toMatch(/^HTTP\/1\.1 413 /);
  expect(said).toMatch(/connection: close/i);
  expect(await eventCount()).toBe(0);
});

test("answers 413 to a body without a length as soon as it is too long, and closes", async () => {
  const chunk = `10000\r\n${" ".repeat(0x10000)}\r\n`;

  const { said, sentBytes } = await converse((socket) => {
    socket.write(head("Transfer-Encoding: chunked"));
    const more = () => {
      while (!socket.destroyed && socket.write(chunk));
    };
    socket.on("drain", more);
    more();
  });

  expect(said).toMatch(/^HTTP\/1\.1 413 /);
  expect(sentBytes).toBeLessThan(16 * MIB);
  expect(await eventCount()).toBe(0);
});

test("says no before the body to a sender that asks first", async () => {
  const { said } = await converse((socket) =>
    socket.write(head("Expect: 100-continue", `Content-Length: ${200 * MIB}`)),
  );

  expect(said).toMatch(/^HTTP\/1\.1 413 /);
});

test("says go on to a sender that asks first and may", async () => {
  const { body, headers } = signedEvent(event("customer.subscription.updated", subscription()));

  const { said } = await converse((socket) => {
    socket.write(
      head(
        "Expect: 100-continue",
        "Connection: close",
        `Content-Length: ${body.length}`,
        `Stripe-Signature: ${headers["stripe-signature"]}`,
      ),
    );
    socket.once("data", () => socket.write(body));
  });

  expect(said).toMatch(/^HTTP\/1\.1 100 Continue\r\n\r\nHTTP\/1\.1 200 OK/);
});

test("answers 408 to a body that never ends, and closes", async () => {
  const { said, ms } = await converse((socket) =>
    socket.write(`${head("Content-Length: 100")}{"id"`),
  );

  expect(said).toMatch(/^HTTP\/1\.1 408 /);
  expect(ms).toBeGreaterThan(9_000);
  expect(ms).toBeLessThan(13_000);
});

test("closes on headers that never end", async () => {
  const { ms, said } = await converse((socket) =>
    socket.write("POST /api/webhooks/stripe HTTP/1.1\r\nHost: x\r\n"),
  );

  expect(said).toMatch(/^HTTP\/1\.1 408 /);
  expect(ms).toBeLessThan(9_000);
});

test.each([
  ["17 KB of headers", 431, [`X-Long: ${"a".repeat(17_000)}`]],
  ["two lengths", 400, ["Content-Length: 1", "Content-Length: 2"]],
  ["a length and chunks", 400, ["Content-Length: 1", "Transfer-Encoding: chunked"]],
  ["a negative length", 400, ["Content-Length: -1"]],
])("refuses %s with %i", async (_, status, lines) => {
  const { said } = await converse((socket) => socket.write(head(...lines)));

  expect(said).toContain(`HTTP/1.1 ${status} `);
});

test("does not let a webhook address be upgraded", async () => {
  const { said } = await converse((socket) =>
    socket.write(
      "GET /api/webhooks/stripe HTTP/1.1\r\nHost: x\r\nConnection: Upgrade, close\r\nUpgrade: websocket\r\n\r\n",
    ),
  );

  expect(said).toMatch(/^HTTP\/1\.1 405 /);
});

test("answers requests that share a connection in their order, without mixing bodies", async () => {
  const wanted = Array.from({ length: 50 }, () =>
    signedEvent(event("customer.subscription.updated", subscription())),
  );

  const { said } = await converse((socket) => {
    for (const [place, { body, headers }] of wanted.entries()) {
      const last = place === wanted.length - 1 ? ["Connection: close"] : [];
      socket.write(
        head(
          `Content-Length: ${body.length}`,
          `Stripe-Signature: ${headers["stripe-signature"]}`,
          `X-Request-Id: request-${place}`,
          ...last,
        ),
      );
      socket.write(body);
    }
  });

  const ids = [...said.matchAll(/x-request-id: request-(\d+)/g)].map((match) => Number(match[1]));
  expect(ids).toEqual(wanted.map((_, place) => place));
  expect(said.match(/HTTP\/1\.1 200 OK/g)).toHaveLength(50);
});

test("stores one row when the sender leaves before the answer and sends again", async () => {
  const sent = event("customer.subscription.updated", subscription());
  const { body, headers } = signedEvent(sent);
  await converse((socket) => {
    socket.write(
      Buffer.concat([
        Buffer.from(
          head(
            `Content-Length: ${body.length}`,
            `Stripe-Signature: ${headers["stripe-signature"]}`,
          ),
        ),
        body,
      ]),
    );
    socket.end();
  });

  const reply = await door.send({ body, headers });

  expect(reply.status).toBe(200);
  const rows = await sql`select deliveries from event_keys where event_ref = ${sent.id}`;
  expect(rows).toHaveLength(1);
});
