import { connect } from "node:net";
import { beforeEach, describe, expect, test } from "vitest";
import { drainIntake } from "#lib/inbox/intake-line.ts";
import { growing } from "#lib/inbox/read-body.ts";
import { drainRefused, keepRefused, trimRefused } from "#lib/inbox/refused.ts";
import { useDatabase } from "#tests/support/database.ts";
import { signedEvent } from "#tests/support/door.ts";
import { emptyInbox, kept } from "#tests/support/kept.ts";
import { event, signed, subscription } from "#tests/support/stripe-objects.ts";
import { listen, openDoor } from "#tests/support/webhooks.ts";
import { converse, head, statusesIn } from "#tests/support/wire.ts";

/*
 * What a flood may take, and that a genuine gateway is answered beside it. How many may be connected:
 * tests/unit/crowd.test.ts.
 */

const MIB = 1_048_576;
const database = await useDatabase();
const { sql } = database;
const door = await openDoor(database);
const behindProxy = await listen({ trustProxy: true });

const genuine = () => signedEvent(event("customer.subscription.updated", subscription()));

beforeEach(async () => {
  await drainIntake();
  await drainRefused();
  await emptyInbox(sql);
});

describe("bodies that are still coming", () => {
  test("take no more room in a million pieces than in one", () => {
    const body = growing();
    let held = 0;
    for (let nth = 0; nth < MIB; nth++) held = body.add(Buffer.of(nth & 255));

    expect(held).toBeLessThanOrEqual(2 * MIB);
    const whole = body.whole();
    expect(whole).toHaveLength(MIB);
    expect([...whole.subarray(65_530, 65_540)]).toEqual(
      Array.from({ length: 10 }, (_, nth) => (65_530 + nth) & 255),
    );
  });

  test("hold nothing once they are given up", () => {
    const body = growing();
    body.add(Buffer.alloc(65_536));
    body.drop();

    expect(body.whole().buffer.byteLength).toBe(0);
  });

  test("are stored byte for byte, in whatever pieces they come", async () => {
    const { body, headers } = genuine();
    const line = `Stripe-Signature: ${headers["stripe-signature"]}`;
    const pieces = [...body].map((byte) => `1\r\n${String.fromCharCode(byte)}\r\n`).join("");

    const { said } = await converse(door.port, (socket) =>
      socket.write(
        `${head(line, "Transfer-Encoding: chunked", "Connection: close")}${pieces}0\r\n\r\n`,
      ),
    );

    expect(statusesIn(said)).toEqual([200]);
    expect(await sql`select body from webhook_events`).toMatchObject([{ body }]);
  });

  test("share 16 MiB: the largest give way with 503, and small ones are taken all the while", async () => {
    const said: string[] = [];
    const sockets = Array.from({ length: 80 }, (_, nth) => {
      const socket = connect(door.port, "127.0.0.1");
      said[nth] = "";
      socket.on("error", () => {});
      socket.on("data", (chunk) => {
        said[nth] += chunk.toString();
      });
      socket.write(head(`Content-Length: ${MIB}`));
      socket.write(Buffer.alloc(MIB - 1, " "));
      return socket;
    });
    const statuses: number[] = [];
    for (let nth = 0; nth < 20; nth++) statuses.push((await door.send(genuine())).status);
    await until(() => said.filter(Boolean).length >= 40);
    statuses.push((await door.send(genuine())).status);

    expect(new Set(statuses)).toEqual(new Set([200]));
    expect(new Set(said.flatMap(statusesIn))).toEqual(new Set([503]));
    for (const socket of sockets) socket.destroy();
    await until(() => sockets.every(({ closed }) => closed));

    // What they held is free again.
    const large = Buffer.alloc(MIB, " ");
    const replies = await Promise.all(Array.from({ length: 12 }, () => door.post(large)));
    expect(new Set(replies.map(({ status }) => status))).toEqual(new Set([200]));
  });
});

async function until(isSo: () => boolean): Promise<void> {
  const deadline = Date.now() + 8_000;
  while (!isSo()) {
    if (Date.now() > deadline) throw new Error("It did not come to that.");
    await new Promise((resolve) => setTimeout(resolve, 20));
  }
}

describe("unproven requests", () => {
  const about = (remoteAddress: string, nth = 0) => ({
    gateway: "stripe",
    refusal: "signature_mismatch" as const,
    diagnosis: "No secret matches.",
    headers: {},
    body: Buffer.from(`{"nth":${nth}}`),
    remoteAddress,
  });

  test("of one address fill half of what is kept at most, so that another's are kept too", async () => {
    await Promise.all(
      Array.from({ length: 400 }, (_, nth) => keepRefused(about("192.0.2.1", nth))),
    );
    const mine = await keepRefused(about("198.51.100.7"));
    await drainRefused();

    expect(mine).toMatch(/^rfd_/);
    const rows = await sql`
      select remote_address, count(*)::int as count from refused_requests group by 1 order by 1`;
    expect(rows[0]?.count).toBeLessThan(150);
    expect(rows[1]).toEqual({ remote_address: "198.51.100.7", count: 1 });
    const [counted] = await sql`select sum(dropped)::int as count from refused_counts`;
    expect(rows[0]?.count + counted?.count).toBe(400);
  });

  test("of whoever has most are trimmed first, though others' be older", async () => {
    await sql`insert into refused_requests
        (id, received_at, gateway, refusal, diagnosis, headers, remote_address, body_size)
      select 'rfd_' || n, now() - n * interval '1 second', 'stripe', 'signature_mismatch', 'x',
        '{}'::jsonb, case when n > 95 then '198.51.100.7' else '192.0.2.1' end, 0
      from generate_series(1, 100) n`;

    await trimRefused({ rows: 20, bytes: MIB });

    const rows = await sql`
      select remote_address, count(*)::int as count from refused_requests group by 1 order by 1`;
    expect(rows).toEqual([
      { remote_address: "192.0.2.1", count: 15 },
      { remote_address: "198.51.100.7", count: 5 },
    ]);
  });
});

describe("X-Forwarded-For", () => {
  const forged = (value: string) => ({
    body: "{}",
    headers: { "stripe-signature": signed("another"), "x-forwarded-for": value },
  });
  const addresses = async () =>
    (await sql`select remote_address from refused_requests order by id`).map(
      (row) => row.remote_address,
    );

  test("is nothing where no proxy is configured", async () => {
    expect((await door.send(forged("203.0.113.9"))).status).toBe(400);

    expect(await addresses()).toEqual(["127.0.0.1"]);
  });

  test("is believed behind a proxy: its last address, and only if it is one", async () => {
    const values = [
      "203.0.113.9",
      "6.6.6.6, 203.0.113.9",
      "2001:db8::1",
      "x".repeat(9_000),
      "",
      "1.2.3.4, ",
    ];
    for (const value of values) expect((await behindProxy.send(forged(value))).status).toBe(400);

    expect(await addresses()).toEqual([
      "203.0.113.9",
      "203.0.113.9",
      "2001:db8::1",
      "127.0.0.1",
      "127.0.0.1",
      "127.0.0.1",
    ]);
  });

  test("makes nothing genuine", async () => {
    const { body } = genuine();

    const reply = await behindProxy.send({ body, headers: { "x-forwarded-for": "3.18.12.63" } });

    expect(reply.status).toBe(400);
    expect((await kept(sql)).events).toBe(0);
  });
});
