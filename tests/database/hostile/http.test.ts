import { connect, type Socket } from "node:net";
import { setTimeout as pause } from "node:timers/promises";
import { gzipSync } from "node:zlib";
import { beforeEach, describe, expect, test } from "vitest";
import { drainIntake } from "#lib/inbox/intake-line.ts";
import { useDatabase } from "#tests/support/database.ts";
import { signedEvent } from "#tests/support/door.ts";
import { emptyInbox, kept } from "#tests/support/kept.ts";
import { event, signed, subscription } from "#tests/support/stripe-objects.ts";
import { listen, openDoor } from "#tests/support/webhooks.ts";
import { type Conversation, converse, head, statusesIn, whole } from "#tests/support/wire.ts";

/* What is wrong before anybody looks at a signature, on bare connections. */

const MIB = 1_048_576;
const database = await useDatabase();
const { sql } = database;
const door = await openDoor(database);

const genuine = () => signedEvent(event("customer.subscription.updated", subscription()));
const lineOf = ({ headers }: ReturnType<typeof genuine>) =>
  `Stripe-Signature: ${headers["stripe-signature"]}`;
const send = (bytes: Buffer | string) => converse(door.port, (socket) => socket.write(bytes));

/** Those that take ten seconds begin here, at a door of their own, and go on beside all other tests. */
const aside = await listen();
const sendAside = (bytes: string) => converse(aside.port, (socket) => socket.write(bytes));
const slow = {
  silent: sendAside(`${head("Content-Length: 100")}{"id"`),
  silentChunks: sendAside(`${head("Transfer-Encoding: chunked")}5\r\n{"id"\r\n`),
  promised: sendAside(head("Expect: 100-continue", "Content-Length: 100")),
};

beforeEach(async () => {
  await drainIntake();
  await emptyInbox(sql);
});

const NOTHING = { events: 0, keys: 0, objects: 0, refused: [] };

describe("case 37: whatever is no POST is answered 405 and keeps nothing:", () => {
  test.each([
    ["GET", "HEAD", "PUT", "PATCH", "DELETE", "OPTIONS", "TRACE"],
    ["PROPFIND", "QUERY", "PURGE", "M-SEARCH", "LINK"],
  ])("%s, %s, %s and others", async (...methods) => {
    for (const method of methods) {
      const { body, headers } = genuine();
      const length = { "content-length": String(body.length) };
      const reply = await door.send({ method, body, headers: { ...headers, ...length } });

      expect(reply, method).toMatchObject({ status: 405, headers: { allow: "POST" } });
      expect(reply.headers["access-control-allow-origin"]).toBeUndefined();
    }
    expect(await kept(sql)).toEqual(NOTHING);
  });
});

describe("case 38: a body above the limit is answered 413, and the connection closed:", () => {
  test("by its length, before a byte of it is read", async () => {
    const body = Buffer.alloc(MIB + 1, " ");

    const { said } = await send(
      head(`Content-Length: ${body.length}`, `Stripe-Signature: ${signed(body)}`),
    );

    expect(said).toMatch(/^HTTP\/1\.1 413 /);
    expect(said).toMatch(/connection: close/i);
    expect(await kept(sql)).toEqual(NOTHING);
  });

  test("without a length, as soon as it is too long", async () => {
    const before = process.memoryUsage().rss;
    const { said, sentBytes } = await converse(door.port, (socket) =>
      flood(socket, `10000\r\n${" ".repeat(0x10000)}\r\n`),
    );

    expect(said).toMatch(/^HTTP\/1\.1 413 /);
    expect(sentBytes).toBeLessThan(16 * MIB);
    expect(process.memoryUsage().rss - before).toBeLessThan(64 * MIB);
    expect(await kept(sql)).toEqual(NOTHING);
  });

  test("and one of exactly 1 MiB is stored", async () => {
    const body = Buffer.alloc(MIB, " ");

    expect((await door.post(body)).status).toBe(200);

    const sizes = await sql`select octet_length(body) as size, status from webhook_events`;
    expect(sizes).toMatchObject([{ size: MIB, status: "parked" }]);
  });
});

function flood(socket: Socket, chunk: string): void {
  socket.write(head("Transfer-Encoding: chunked"));
  const more = () => {
    while (!socket.destroyed && socket.write(chunk));
  };
  socket.on("drain", more);
  more();
}

describe("case 40: headers that never end", () => {
  const COUNT = 5_000;

  test("are answered 408, and 5,000 such connections hold up nobody", async () => {
    const before = await timesOf(40);
    const sockets = await openSockets(COUNT);
    const during = await timesOf(40);
    const open = () => sockets.filter(({ socket }) => !socket.closed).length;
    const began = performance.now();
    while (open() > 0 && performance.now() - began < 20_000) await pause(100);
    const left = open();
    for (const { socket } of sockets) socket.destroy();

    expect(sockets.filter(({ said }) => said && !said.startsWith("HTTP/1.1 408 "))).toEqual([]);
    expect(left).toBe(0);
    // Twice as slow would be a fault; the machine's own noise is not.
    expect(worst(during)).toBeLessThan(Math.max(2 * worst(before), 500));
    expect((await kept(sql)).events).toBe(80);
  });

  async function timesOf(count: number): Promise<number[]> {
    const times: number[] = [];
    for (let nth = 0; nth < count; nth++) {
      const began = performance.now();
      expect((await door.send(genuine())).status).toBe(200);
      times.push(performance.now() - began);
    }
    return times;
  }

  const worst = (times: readonly number[]) => times.toSorted((a, b) => a - b).at(-2) ?? 0;

  async function openSockets(count: number) {
    const opened = Array.from({ length: count }, () => {
      const one = { socket: connect(door.port, "127.0.0.1"), said: "" };
      one.socket.on("error", () => {});
      one.socket.on("data", (chunk) => {
        one.said += chunk.toString("latin1");
      });
      one.socket.write("POST /api/webhooks/stripe HTTP/1.1\r\nHost: x\r\nX-Slow: ");
      return one;
    });
    await Promise.all(
      opened.map(({ socket }) => new Promise((resolve) => socket.once("connect", resolve))),
    );
    return opened;
  }
});

describe("case 41: heads that two servers could read differently are refused, and nothing behind them is read:", () => {
  const smuggled = () => {
    const one = genuine();
    return whole(one.body, lineOf(one)).toString("latin1");
  };
  const start = "POST /api/webhooks/stripe HTTP/1.1\r\n";
  test.each<[string, number, string]>([
    ["a length and chunks", 400, head("Content-Length: 4", "Transfer-Encoding: chunked")],
    ["two lengths", 400, head("Content-Length: 0", "Content-Length: 4")],
    ["two lengths in one", 400, head("Content-Length: 0, 4")],
    ["a length of -1", 400, head("Content-Length: -1")],
    ["a length of +1", 400, head("Content-Length: +1")],
    ["a length in hexadecimal", 400, head("Content-Length: 0x1")],
    ["a length beyond all numbers", 400, head(`Content-Length: ${"9".repeat(30)}`)],
    ["a space before the colon", 400, head("Content-Length : 4")],
    ["a folded line", 400, head("X-Folded: a\r\n b", "Content-Length: 4")],
    ["chunked twice", 400, head("Transfer-Encoding: chunked, identity")],
    ["an encoding that is none", 400, head("Transfer-Encoding: xchunked")],
    ["a chunk whose size is none", 400, `${head("Transfer-Encoding: chunked")}zz\r\n`],
    ["a NUL in a header", 400, head("X-Nul: a\u0000b")],
    ["no host", 400, `${start}Content-Length: 0\r\n\r\n`],
    ["another version of HTTP", 400, "POST /api/webhooks/stripe HTTP/3.7\r\nHost: x\r\n\r\n"],
    ["bytes that are no HTTP", 400, "\u0016\u0003\u0001\u0002\u0000\u0001\r\n\r\n"],
    ["17 KB of headers", 431, head(`X-Long: ${"a".repeat(17_000)}`)],
    ["a line of 17 KB", 431, `POST /${"a".repeat(17_000)} HTTP/1.1\r\nHost: x\r\n\r\n`],
  ])("%s: %i", async (_, status, bytes) => {
    // Without a host the frame is clear all the same, so Node goes on reading.
    const behind = /^Host: /m.test(bytes) ? smuggled() : "";
    const { said } = await send(Buffer.from(bytes + behind, "latin1"));

    expect(statusesIn(said)).toEqual([status]);
    expect(await kept(sql)).toEqual(NOTHING);
  });
});

describe("case 42: an encoded body is answered 415 and never inflated:", () => {
  const bomb = gzipSync(Buffer.alloc(200 * MIB), { level: 1 });
  test.each(["gzip", "br", "deflate", "zstd", "gzip, identity", "x-nothing"])("%s", async (how) => {
    const before = process.memoryUsage().rss;

    const reply = await door.post(bomb, {
      "stripe-signature": signed(bomb),
      "content-encoding": how,
    });

    expect(reply.status).toBe(415);
    expect(process.memoryUsage().rss - before).toBeLessThan(64 * MIB);
    expect(await kept(sql)).toEqual(NOTHING);
  });
});

describe("case 44: the content type decides nothing:", () => {
  test.each(["text/html", "multipart/form-data", "application/json; charset=utf-16", "\u00ff", ""])(
    "%j with a valid signature is stored",
    async (type) => {
      const { body, headers } = genuine();

      const reply = await door.send({ body, headers: { ...headers, "content-type": type } });

      expect(reply.status).toBe(200);
      expect((await kept(sql)).events).toBe(1);
    },
  );

  test("none at all with a valid signature is stored", async () => {
    const one = genuine();

    const { said } = await send(whole(one.body, lineOf(one), "Connection: close"));

    expect(statusesIn(said)).toEqual([200]);
    expect((await kept(sql)).events).toBe(1);
  });
});

test("case 45: a sender who leaves before the answer and sends again makes one row", async () => {
  const one = genuine();
  await Promise.all(
    Array.from({ length: 20 }, (_, nth) =>
      converse(door.port, (socket) => {
        socket.write(whole(one.body, lineOf(one)), () => {
          if (nth % 2) socket.destroy();
          else socket.resetAndDestroy();
        });
      }),
    ),
  );

  const reply = await door.send(one);

  expect(reply.status).toBe(200);
  expect(await kept(sql)).toEqual({ events: 1, keys: 1, objects: 1, refused: [] });
});

test("case 46: a thousand requests on one connection are answered in order, none with another's body", async () => {
  const wanted = Array.from({ length: 1_000 }, (_, nth) => ({
    nth,
    ...signedEvent(
      event("customer.subscription.updated", subscription({ id: `sub_${nth}` }), {
        id: `evt_piped_${nth}`,
      }),
    ),
  }));

  const { said } = await converse(door.port, (socket) => {
    for (const each of wanted) {
      // Every tenth is forged: its refusal must not move to a neighbour.
      const line = each.nth % 10 ? lineOf(each) : `Stripe-Signature: ${signed("another")}`;
      const last = each.nth === wanted.length - 1 ? ["Connection: close"] : [];
      socket.write(whole(each.body, line, `X-Request-Id: request-${each.nth}`, ...last));
    }
  });

  expect(statusesIn(said)).toEqual(wanted.map(({ nth }) => (nth % 10 ? 200 : 400)));
  const ids = [...said.matchAll(/x-request-id: request-(\d+)/g)].map((match) => Number(match[1]));
  expect(ids).toEqual(wanted.map(({ nth }) => nth));
  const rows = await sql`select event_ref, body from webhook_events`;
  const stored = new Map(rows.map((row) => [row.event_ref, row.body]));
  const genuineOnes = wanted.filter(({ nth }) => nth % 10);
  expect(stored.size).toBe(900);
  expect(genuineOnes.every(({ nth, body }) => body.equals(stored.get(`evt_piped_${nth}`)))).toBe(
    true,
  );
});

describe("a sender who asks first", () => {
  test("hears no before the body", async () => {
    const { said } = await send(head("Expect: 100-continue", `Content-Length: ${200 * MIB}`));

    expect(said).toMatch(/^HTTP\/1\.1 413 /);
  });

  test("hears go on, and then the answer", async () => {
    const one = genuine();

    const { said } = await converse(door.port, (socket) => {
      const length = `Content-Length: ${one.body.length}`;
      socket.write(head("Expect: 100-continue", "Connection: close", length, lineOf(one)));
      socket.once("data", () => socket.write(one.body));
    });

    expect(statusesIn(said)).toEqual([100, 200]);
  });

  test("for anything else than to go on is answered, and the server lives", async () => {
    const { said } = await send(whole("", "Expect: a-miracle", "Connection: close"));

    expect(statusesIn(said)).toEqual([417]);
  });
});

test("a webhook address cannot be upgraded", async () => {
  const { said } = await send(
    "GET /api/webhooks/stripe HTTP/1.1\r\nHost: x\r\nConnection: Upgrade, close\r\nUpgrade: websocket\r\n\r\n",
  );

  expect(statusesIn(said)).toEqual([405]);
});

test("a tunnel cannot be asked for", async () => {
  const { said } = await send("CONNECT 127.0.0.1:22 HTTP/1.1\r\nHost: x\r\n\r\n");

  expect(statusesIn(said).filter((status) => status < 400)).toEqual([]);
});

describe("a body that stays out is answered 408 after ten seconds, and the connection closed:", () => {
  const expectTooSlow = async (conversation: Promise<Conversation>, first: number[] = []) => {
    const { said, ms } = await conversation;
    expect(statusesIn(said)).toEqual([...first, 408]);
    expect(ms).toBeGreaterThan(9_000);
    expect(ms).toBeLessThan(15_000);
  };

  test("case 39: five bytes of a hundred, then silence", async () => {
    await expectTooSlow(slow.silent);
    await expectTooSlow(slow.silentChunks);
  });

  test("case 43: a sender who asked to go on, and does not", async () => {
    await expectTooSlow(slow.promised, [100]);
  });
});
