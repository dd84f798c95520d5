import { fileURLToPath } from "node:url";
import { drizzle } from "drizzle-orm/postgres-js";
import { migrate as applyMigrations } from "drizzle-orm/postgres-js/migrator";
import { AppError } from "#lib/errors.ts";
import { connect, type Sql } from "./client.ts";

const MIGRATIONS = fileURLToPath(new URL("./migrations", import.meta.url));
/** Any number, as long as it is always the same: two processes must not migrate at once. */
const LOCK = 7_201_141_128;

/**
 * Brings a database to this version's schema. Safe to call from several processes: the lock is held
 * by a transaction of its own, so that it works behind a transaction pooler too.
 */
export async function migrate(url: string): Promise<void> {
  const holder = connect(url, { max: 1, name: "billhook migrate lock" });
  const worker = connect(url, { max: 1, name: "billhook migrate" });
  try {
    await requireDatabase(worker);
    await holder.begin(async (tx) => {
      await tx`set local idle_in_transaction_session_timeout = 0`;
      await tx`select pg_advisory_xact_lock(${LOCK})`;
      await applyMigrations(drizzle(worker), { migrationsFolder: MIGRATIONS });
      await limitIdleTransactions(worker);
    });
  } finally {
    await Promise.all([holder.end({ timeout: 5 }), worker.end({ timeout: 5 })]);
  }
}

/**
 * A process that is stopped in the middle of a transaction must not keep its locks from all others. Set
 * for our role in this database, because nothing set by a session gets past a transaction pooler.
 */
async function limitIdleTransactions(client: Sql): Promise<void> {
  await client.unsafe(
    `do $$ begin execute format(
      'alter role %I in database %I set idle_in_transaction_session_timeout = %L',
      current_user, current_database(), '10s'); end $$`,
  );
}

/** Bodies travel as text, and a body in another encoding than UTF-8 would not be the bytes that came. */
async function requireDatabase(client: Sql): Promise<void> {
  const [row] = await client<{ version: number; encoding: string }[]>`
    select current_setting('server_version_num')::int as version,
      current_setting('server_encoding') as encoding`;
  if ((row?.version ?? 0) < 150_000) {
    throw new AppError("not_configured", "Billhook needs PostgreSQL 15 or newer.");
  }
  if (row?.encoding !== "UTF8") {
    throw new AppError(
      "not_configured",
      `Billhook needs a database in UTF-8; this one is in ${row?.encoding}. Make it with: create database billhook encoding 'UTF8' template template0`,
    );
  }
}
