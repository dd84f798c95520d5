import postgres from "postgres";
import { expect, test } from "vitest";
import { migrate } from "#db/migrate.ts";
import { useDatabase } from "#tests/support/database.ts";

const { url } = await useDatabase();

test("a database in another encoding than UTF-8 is refused, with how to make a right one", async () => {
  const name = "in_latin1";
  const server = postgres(url, { max: 1, onnotice: () => {} });
  await server.unsafe(`create database ${name} encoding 'LATIN1' locale 'C' template template0`);
  const there = new URL(url);
  there.pathname = `/${name}`;

  const migrating = migrate(there.href);

  await expect(migrating).rejects.toMatchObject({
    code: "not_configured",
    message: expect.stringContaining("in LATIN1. Make it with: create database"),
  });
  await server.unsafe(`drop database ${name} with (force)`);
  await server.end();
});
