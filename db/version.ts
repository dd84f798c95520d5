import postgres from "postgres";
import type { Sql } from "./client.ts";
import journal from "./migrations/meta/_journal.json" with { type: "json" };

/** Whether this version's migrations were applied, so that what it writes fits. */
export async function isMigrated(client: Sql): Promise<boolean> {
  const newest = Math.max(...journal.entries.map((entry) => entry.when));
  try {
    const [row] = await client<{ applied: string | null }[]>`
      select max(created_at)::text as applied from drizzle.__drizzle_migrations`;
    return Number(row?.applied ?? 0) >= newest;
  } catch (error) {
    if (error instanceof postgres.PostgresError && NOT_THERE.has(error.code)) return false;
    throw error;
  }
}

/** Undefined table, undefined schema. */
const NOT_THERE: ReadonlySet<string> = new Set(["42P01", "3F000"]);
