import { drizzle, type PostgresJsDatabase } from "drizzle-orm/postgres-js";
import postgres from "postgres";
import { config } from "#lib/config.ts";
import { AppError } from "#lib/errors.ts";
import * as schema from "./schema/index.ts";

export type Sql = postgres.Sql;
export type Db = PostgresJsDatabase<typeof schema>;
/** A transaction, or the database itself: what stores and views read and write through. */
export type Tx = Db | Parameters<Parameters<Db["transaction"]>[0]>[0];

type Pools = { main?: { sql: Sql; db: Db }; intake?: Sql };

/** Next bundles its own copies of modules; pools are shared through the global object. */
const pools: Pools = ((globalThis as { billhookPools?: Pools }).billhookPools ??= {});

/** The database, for everything but the intake. */
export function db(): Db {
  return main().db;
}

/** The driver under `db()`, for what SQL says better than a query builder. */
export function sql(): Sql {
  return main().sql;
}

/** The intake's own connections: nothing else may take them. */
export function intakeSql(): Sql {
  pools.intake ??= connect(databaseUrl(), { max: 2, name: "billhook intake" });
  return pools.intake;
}

/** Opens a pool. Plain statements without session state, so that a transaction pooler may sit between. */
export function connect(url: string, options: { max: number; name: string }): Sql {
  return postgres(url, {
    max: options.max,
    connect_timeout: 3,
    idle_timeout: 60,
    max_lifetime: 1800,
    // Notices of "already exists, skipping" say nothing that anybody needs.
    onnotice: () => {},
    connection: { application_name: options.name },
  });
}

/** Closes every pool, after what is in flight has ended. */
export async function disconnect(): Promise<void> {
  const { main, intake } = pools;
  delete pools.main;
  delete pools.intake;
  await Promise.all([main?.sql.end({ timeout: 5 }), intake?.end({ timeout: 5 })]);
}

function main(): { sql: Sql; db: Db } {
  if (!pools.main) {
    const client = connect(databaseUrl(), { max: config().poolSize, name: "billhook" });
    pools.main = { sql: client, db: drizzle(client, { schema }) };
  }
  return pools.main;
}

function databaseUrl(): string {
  const url = config().databaseUrl;
  if (!url) throw new AppError("not_configured", "DATABASE_URL is not set.");
  return url;
}
