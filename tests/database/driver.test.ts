import { expect, test } from "vitest";
import { connect } from "#db/client.ts";
import { useDatabase } from "#tests/support/database.ts";
import { weakLinkTo } from "#tests/support/weak-link.ts";

const database = await useDatabase();

test("a transaction whose connection dies is rejected, and the next one passes", async () => {
  const link = await weakLinkTo(database.url);
  const sql = connect(link.url, { max: 1, name: "billhook driver test" });
  await sql`select 1`;

  const cut = sql.begin(async (tx) => {
    await tx`select 1`;
    await link.cut();
    await tx`select 2`;
  });

  await expect(cut).rejects.toThrow();
  await link.mend();
  expect(await sql.begin((tx) => tx`select 3 as three`)).toMatchObject([{ three: 3 }]);
  await sql.end({ timeout: 1 });
  await link.cut();
});

test("a short message that was waiting when the connection died does not spoil the next connection", async () => {
  const link = await weakLinkTo(database.url);
  const sql = connect(link.url, { max: 1, name: "billhook driver test" });

  for (let round = 0; round < 30; round++) {
    await sql`select 1`;
    const asked = Promise.allSettled([sql`select 2`, sql.begin((tx) => tx`select 4`)]);
    if (round % 2 === 0) await new Promise((resolve) => setImmediate(resolve));
    await link.cut();
    await asked;
    await link.mend();
    await sql`select 3`.catch(() => undefined);
  }

  expect(await sql`select 5 as five`).toMatchObject([{ five: 5 }]);
  await sql.end({ timeout: 1 });
  await link.cut();
});

test("a connection that dies while the driver asks it for types ends no process", async () => {
  const unhandled: unknown[] = [];
  const note = (reason: unknown) => unhandled.push(reason);
  process.on("unhandledRejection", note);
  const sql = connect(database.url, { max: 6, name: "billhook driver victim" });
  for (let round = 0; round < 12; round++) {
    const asked = Array.from({ length: 8 }, () => sql.begin((tx) => tx`select 1`));
    const settled = Promise.allSettled(asked);
    for (let time = 0; time < 20; time++) {
      await database.sql`select pg_terminate_backend(pid) from pg_stat_activity
        where application_name = 'billhook driver victim'`;
    }
    await settled;
  }

  expect(await sql`select 6 as six`.catch(() => sql`select 6 as six`)).toMatchObject([{ six: 6 }]);
  expect(unhandled).toEqual([]);
  process.off("unhandledRejection", note);
  await sql.end({ timeout: 1 });
});

test("whoever worked last works next, with all that it has parsed", async () => {
  const sql = connect(database.url, { max: 4, name: "billhook driver pool" });
  const asked = async () => {
    const [row] = await sql<{ pid: number }[]>`select pg_backend_pid() as pid, pg_sleep(0.02)`;
    return row?.pid;
  };
  const all = await Promise.all([asked(), asked(), asked(), asked()]);

  const later: (number | undefined)[] = [];
  for (let turn = 0; turn < 6; turn++) later.push(await asked());

  expect(new Set(all).size).toBe(4);
  expect(new Set(later).size).toBe(1);
  await sql.end({ timeout: 1 });
});
