import { mkdirSync, realpathSync } from "node:fs";
import postgres from "postgres";
import { takeFolder } from "./embedded/owner.ts";
import { findPlace, type Place } from "./embedded/place.ts";
import { initialise, launch, type Postmaster, runningIn, shutDown } from "./embedded/postmaster.ts";

export type Embedded = {
  url: string;
  /** Where the data really lies; elsewhere than asked when PostgreSQL may not enter the folder. */
  folder: string;
  /** A clean, fast shutdown. The second call waits for the first. */
  stop(): Promise<void>;
};

export type EmbeddedOptions = {
  dataDir: string;
  log: (line: string) => void;
  /** Server settings on top of ours, such as `{ fsync: "off" }` for tests that lose nothing. */
  settings?: Record<string, string>;
};

const USER = "billhook";
const DATABASE = "billhook";
const RETRY_FOR_MS = 10_000;

/**
 * Runs a real PostgreSQL for people who brought none: bound to 127.0.0.1, behind a random password,
 * with its data in one folder. A server that outlived a killed Billhook is taken over; a second
 * Billhook on the same folder is refused with a sentence.
 *
 * It drives the binaries of the package and not its class. The class shares our process group (Ctrl-C
 * would stop the database before us), passes the caller's environment on, rejects with `undefined`
 * when a server already runs, and raises an error event that nobody can catch where the system
 * account may not enter the project.
 */
export async function startEmbedded(options: EmbeddedOptions): Promise<Embedded> {
  mkdirSync(options.dataDir, { recursive: true });
  const dataDir = realpathSync(options.dataDir);
  const release = takeFolder(dataDir);
  try {
    const place = findPlace(dataDir);
    const password = await initialise(place, USER, options);
    const server = await adoptOrLaunch(place, password, options);
    const stop = once(async () => {
      await shutDown(server);
      release();
    });
    await createDatabase(urlOf(server.port, password, "postgres")).catch(async (cause) => {
      await stop();
      throw cause;
    });
    return { url: urlOf(server.port, password, DATABASE), folder: place.home, stop };
  } catch (cause) {
    release();
    throw cause;
  }
}

async function adoptOrLaunch(
  place: Place,
  password: string,
  { log, settings }: EmbeddedOptions,
): Promise<Postmaster> {
  const deadline = Date.now() + RETRY_FOR_MS;
  for (;;) {
    const running = await runningIn(place);
    if (running && (await serves(urlOf(running.port, password, "postgres"), place))) {
      log(`PostgreSQL was still running on port ${running.port}; using it.`);
      return running;
    }
    const outcome = await launch(place, settings ?? {}, log);
    if ("pid" in outcome) return outcome;
    if (!outcome.mayPass || Date.now() > deadline) {
      throw new Error(
        `PostgreSQL does not start from ${place.home}. It said:\n${outcome.output}\n` +
          "Alternatively set DATABASE_URL to a PostgreSQL of your own (15 or newer).",
      );
    }
    await new Promise((resolve) => setTimeout(resolve, 500));
  }
}

/**
 * Whether our data is what answers there. The number of a dead server's process may have been given
 * to another program; then nothing answers, and the launch that follows relies on PostgreSQL's lock.
 */
async function serves(url: string, place: Place): Promise<boolean> {
  const sql = postgres(url, { max: 1, connect_timeout: 5 });
  try {
    const [row] = await sql`show data_directory`;
    return row?.data_directory === place.cluster;
  } catch (cause) {
    if (!(cause instanceof postgres.PostgresError)) return false;
    throw new Error(
      `A PostgreSQL runs on ${place.cluster} and refuses Billhook. Stop it, then start again.`,
      { cause },
    );
  } finally {
    await sql.end({ timeout: 1 });
  }
}

async function createDatabase(url: string): Promise<void> {
  const sql = postgres(url, { max: 1, connect_timeout: 10 });
  try {
    const found = await sql`select 1 from pg_database where datname = ${DATABASE}`;
    if (found.length === 0) await sql`create database ${sql(DATABASE)}`;
  } finally {
    await sql.end({ timeout: 1 });
  }
}

function urlOf(port: number, password: string, database: string): string {
  return `postgres://${USER}:${password}@127.0.0.1:${port}/${database}`;
}

function once(work: () => Promise<void>): () => Promise<void> {
  let running: Promise<void> | undefined;
  return () => {
    running ??= work();
    return running;
  };
}
