import { afterAll, inject } from "vitest";
import { connect, disconnect, type Sql } from "#db/client.ts";
import { reloadConfig } from "#lib/config.ts";
import { cloneDatabase } from "./postgres.ts";

/**
 * Gives a test file a real, empty database of its own, dropped at its end:
 * `const { sql } = await useDatabase();` at the top of the file. Every module that asks
 * `#db/client.ts` for its connection gets this database too.
 */
export async function useDatabase(): Promise<{ url: string; sql: Sql }> {
  const database = await cloneDatabase(inject("testPostgresUrl"));
  reloadConfig({ DATABASE_URL: database.url });
  const sql = connect(database.url, { max: 10, name: "billhook test file" });
  afterAll(async () => {
    await sql.end({ timeout: 5 });
    await disconnect();
    await database.drop();
  });
  return { url: database.url, sql };
}
