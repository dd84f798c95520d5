import { drizzle, type PostgresJsDatabase } from "drizzle-orm/postgres-js";
import postgres from "postgres";
import { config } from "#lib/config.ts";
import { AppError } from "#lib/errors.ts";
import { livelySockets } from "./lively-socket.ts";
import { preparing } from "./prepared.ts";
import * as schema from "./schema/index.ts";

export type Sql = postgres.Sql;
export type Db = PostgresJsDatabase<typeof schema>;
/** A transaction, or the database itself: what stores and views read and write through. */
export type Tx = Db | Parameters<Parameters<Db["transaction"]>[0]>[0];

type Main = { client: Sql; db: Db; listsDb: Db; snapshotDb: Db };
type Pools = { main?: Main; plain?: Sql; intake?: Sql };

/** Next bundles its own copies of modules; pools are shared through the global object. */
const shared = globalThis as { billhookPools?: Pools };
shared.billhookPools ??= {};
const pools: Pools = shared.billhookPools;

/**
 * The database through the query builder: stores, views, transactions of commands and syncs. Each statement is
 * parsed once for each connection, and those that need no answer in between travel together.
 */
export function db(): Db {
  return main().db;
}

/**
 * The same for lists that people filter: each statement is planned for its own values. How far an index is
 * read until a page is full depends on them, and one plan for all values suits none.
 */
export function listsDb(): Db {
  return main().listsDb;
}

/** Reads as of one moment: what commits meanwhile is seen whole or not at all. Nothing can be written. */
export function snapshot<T>(read: (tx: Tx) => Promise<T>): Promise<T> {
  return main().snapshotDb.transaction(read);
}

function main(): Main {
  if (pools.main) return pools.main;
  const client = open("billhook");
  const texts = new Set<string>();
  pools.main = {
    client,
    db: drizzle(preparing(client, { texts }), { schema }),
    listsDb: drizzle(client, { schema }),
    snapshotDb: drizzle(preparing(client, { texts, begin: SNAPSHOT }), { schema }),
  };
  return pools.main;
}

/**
 * The database in plain SQL, for what SQL says better. Its connections are its own, because the query
 * builder changes how its driver reads and writes instants: here they are dates, both ways.
 */
export function sql(): Sql {
  pools.plain ??= open("billhook sql");
  return pools.plain;
}

/** The intake's own connections: nothing else may take them. */
export function intakeSql(): Sql {
  pools.intake ??= connect(databaseUrl(), { max: 2, name: "billhook intake" });
  return pools.intake;
}

/** Drops the intake's connections where they stand: the next statement gets new ones. */
export async function renewIntake(): Promise<void> {
  const { intake } = pools;
  delete pools.intake;
  await intake?.end({ timeout: 0 });
}

function open(name: string): Sql {
  return connect(databaseUrl(), { max: config().poolSize, name, silenceMs: SILENCE_MS });
}

/**
 * Opens a pool. Plain statements without session state, so that a transaction pooler may sit between;
 * one that does would lose statements that were prepared by name.
 */
export function connect(
  url: string,
  options: {
    max: number;
    name: string;
    /**
     * How long a statement may go without a word of PostgreSQL, before its connection is dropped; and how
     * long an idle one is kept.
     */
    silenceMs?: number;
  },
): Sql {
  return postgres(url, {
    max: options.max,
    prepare: !config().isPooled,
    ...(config().isPooled ? NOTHING_AHEAD : {}),
    connect_timeout: 3,
    // The driver's own pause grows to 20 s, long after PostgreSQL is back.
    backoff: (retries: number) => Math.min(2 ** retries / 100, 0.5),
    idle_timeout: options.silenceMs ? options.silenceMs / 1_000 : 60,
    max_lifetime: 1800,
    // Notices of "already exists, skipping" say nothing that anybody needs.
    onnotice: () => {},
    connection: { application_name: options.name },
    ...(options.silenceMs ? { socket: livelySockets(options.silenceMs) } : {}),
  });
}

/** How a transaction begins. The query builder would ask for it in a statement of its own. */
const SNAPSHOT = "isolation level repeatable read read only";

/** Longer than any statement of ours should take, and shorter than a worker's lease. */
const SILENCE_MS = 20_000;

/**
 * A pooler takes its connection back at the end of each statement. What was sent ahead by then is lost
 * with it, and its answer is waited for in vain. Not among the driver's declared options.
 */
const NOTHING_AHEAD: object = { max_pipeline: 0 };

/** Closes every pool, after what is in flight has ended. */
export async function disconnect(): Promise<void> {
  const clients = [pools.main?.client, pools.plain, pools.intake];
  for (const name of ["main", "plain", "intake"] as const) delete pools[name];
  await Promise.all(clients.map((client) => client?.end({ timeout: 5 })));
}

function databaseUrl(): string {
  const url = config().databaseUrl;
  if (!url) throw new AppError("not_configured", "DATABASE_URL is not set.");
  return url;
}
