import { createServer, connect as dial } from "node:net";
import { afterAll, beforeEach, expect, test } from "vitest";
import { connect } from "#db/client.ts";
import { reloadConfig } from "#lib/config.ts";
import { useDatabase } from "#tests/support/database.ts";

/*
 * What a pooler in transaction mode asks of whoever talks through it. It lends a connection from one
 * statement, or transaction, to its end: PostgreSQL says "ready" then, and nothing may be on its way.
 */

const { url } = await useDatabase();
const target = new URL(url);
const said: ("asked" | "ready")[] = [];
let named = 0;

const wire = createServer((near) => {
  const far = dial(Number(target.port), target.hostname);
  near.on("data", (bytes) => {
    said.push("asked");
    // Parse, with a name: "P", four bytes of length, and then no empty name.
    for (let at = 0; at + 5 < bytes.length; at = at + 1 + bytes.readUInt32BE(at + 1)) {
      if (bytes[at] === 0x50 && bytes[at + 5] !== 0) named += 1;
      if (bytes[at] === 0) break;
    }
    far.write(bytes);
  });
  far.on("data", (bytes) => {
    // Ready for a query, and in no transaction.
    if (bytes.subarray(-6).equals(Buffer.from([0x5a, 0, 0, 0, 5, 0x49]))) said.push("ready");
    near.write(bytes);
  });
  near.on("close", () => far.destroy()).on("error", () => {});
  far.on("close", () => near.destroy()).on("error", () => {});
});
await new Promise<void>((resolve) => wire.listen(0, "127.0.0.1", resolve));
const address = wire.address();
const through = new URL(url);
through.port = String(typeof address === "object" && address?.port);

afterAll(() => {
  reloadConfig({ DATABASE_POOLER: undefined });
  wire.close();
});

beforeEach(() => {
  reloadConfig({ DATABASE_POOLER: "transaction" });
  said.length = 0;
  named = 0;
});

test("sends no statement ahead of an answer, and prepares none by name", async () => {
  const sql = connect(through.href, { max: 1, name: "pooler test" });
  await sql`select 1`;
  said.length = 0;

  const [slow, typed, plain] = await Promise.all([
    sql`select pg_sleep(0.2)`,
    sql`select ${7}::int as number`,
    sql`select 3 as number`,
  ]);
  await sql.end();

  expect([slow.length, typed[0]?.number, plain[0]?.number]).toEqual([1, 7, 3]);
  // The first is asked once, the second describes first: three answers that are each waited for.
  expect(said.slice(0, 6)).toEqual(["asked", "ready", "asked", "asked", "ready", "asked"]);
  expect(named).toBe(0);
});

test("transactions begin, commit and roll back as ever, several at once", async () => {
  const sql = connect(through.href, { max: 3, name: "pooler test" });
  await sql`create table if not exists pooled (n int)`;

  const work = Array.from({ length: 12 }, (_, n) =>
    sql.begin(async (tx) => {
      await Promise.all([tx`insert into pooled values (${n})`, tx`select 1`]);
      if (n % 3 === 0) throw new Error("no");
    }),
  );
  const ends = await Promise.allSettled(work);

  const [row] = await sql`select count(*)::int from pooled`;
  await sql.end();
  expect(ends.filter(({ status }) => status === "fulfilled")).toHaveLength(8);
  expect(row?.count).toBe(8);
});

test("without a pooler, statements go ahead as before", async () => {
  reloadConfig({ DATABASE_POOLER: undefined });
  const sql = connect(through.href, { max: 1, name: "pooler test" });
  await sql`select ${1}::int`;

  await Promise.all([sql`select ${1}::int`, sql`select ${2}::int`]);
  await sql.end();

  expect(named).toBeGreaterThan(0);
});
